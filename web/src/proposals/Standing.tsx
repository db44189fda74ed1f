/** Where a proposal stands: mark and word, colour last. */
import type { ProposalTold } from "../api/calls";
import { useWords, type Key } from "../words";

const MARKS: Record<ProposalTold["state"], string> = { open: "○", approved: "✓", rejected: "✕", expired: "–", executed: "●" };

export function Standing({ state }: { state: ProposalTold["state"] }) {
  const { t } = useWords();
  return (
    <span className="standing" data-state={state}>
      <span aria-hidden="true">{MARKS[state]}</span>
      {t(`proposal.${state}` as Key)}
    </span>
  );
}
