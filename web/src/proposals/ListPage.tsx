/** All proposals; the state that is shown stands in the address. */
import { useSearchParams } from "wouter";

import { Choice } from "../ui/parts";
import { Empty, Shown } from "../ui/states";
import { useWords, type Key } from "../words";
import { ProposalTable } from "./ProposalTable";
import { useProposals } from "./queries";

const STATES = ["open", "approved", "executed", "rejected", "expired"] as const;

export function ListPage() {
  const { t } = useWords();
  const query = useProposals();
  const [search, setSearch] = useSearchParams();
  const state = STATES.find((each) => each === search.get("state")) ?? "";
  const options = [{ value: "", label: t("proposals.all") }, ...STATES.map((each) => ({ value: each, label: t(`proposal.${each}` as Key) }))];
  return (
    <div className="page">
      <div className="head">
        <div>
          <h1>{t("nav.proposals")}</h1>
          <p>{t("proposals.intro")}</p>
        </div>
        <Choice
          label={t("proposals.filter")}
          value={state}
          options={options}
          onChange={(value) => { setSearch(value ? { state: value } : {}, { replace: true }); }}
        />
      </div>
      <div className="card">
        <Shown query={query}>
          {(all) => {
            // Newest first: what is old is done.
            const shown = all.filter((each) => state === "" || each.state === state).toReversed();
            if (shown.length === 0) return <Empty>{t("proposals.empty")}</Empty>;
            return <ProposalTable of={shown} label={t("nav.proposals")} states />;
          }}
        </Shown>
      </div>
    </div>
  );
}
