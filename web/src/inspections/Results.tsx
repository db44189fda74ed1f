/** Results that are recorded, each with what was found. */
import type { ResultTold } from "../api/calls";
import { useWords, type Key } from "../words";

export function Results({ of }: { of: ResultTold[] }) {
  const { t, instant, number, known } = useWords();
  return (
    <ul className="record">
        {of.map((each) => (
          <li key={`${each.id}/${String(each.version)}`}>
            {each.findings.map((finding, at) => (
              <div key={at}>
                <b>{t(`outcome.${finding.outcome}` as Key)}</b>
                {finding.irregularity && <>: {t(`kind.${finding.irregularity}` as Key)}</>}
                {finding.found !== null && <> · {t("results.found", { declared: finding.declared ?? "–", found: finding.found })}</>}
                {finding.duty_effect !== null && <> · {t("results.effect", { value: number(finding.duty_effect) })}</>}
                {finding.note && <div className="quiet"><bdi>{finding.outcome === "inconclusive" ? reasonIn(finding.note, known) : finding.note}</bdi></div>}
              </div>
            ))}
            {each.action_code && <div>{known(`action.${each.action_code}`, each.action_code)}</div>}
            <div className="quiet">
              {each.officer ? t("results.by", { name: each.officer }) : t("results.bySystem")} <time dateTime={each.ended_at}>{instant(each.ended_at)}</time>
              {each.version > 1 && <> · {t("results.version", { version: each.version })}</>}
            </div>
          </li>
        ))}
    </ul>
  );
}

/** The note of goods that were not inspected begins with the code of the reason. */
export function reasonIn(note: string, known: (key: string, otherwise: string) => string): string {
  const [code = "", ...more] = note.split(": ");
  return [known(`whyNot.${code}`, code), ...more].join(": ");
}
