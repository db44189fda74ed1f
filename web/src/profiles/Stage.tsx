/** Where a version stands: glyph and word, colour last. */
import { useWords, type Key } from "../words";

const GLYPHS: Record<string, string> = {
  draft: "✎", submitted: "○", approved: "✓", shadow: "◐", ramp: "◔", live: "●", emergency: "!", expired: "–", retired: "–",
};

export function Stage({ stage }: { stage: string }) {
  const { t } = useWords();
  return <span className="standing" data-stage={stage}><span aria-hidden="true">{GLYPHS[stage] ?? ""}</span>{t(`stage.${stage}` as Key)}</span>;
}
