/** Find a decision; what is searched stands in the address. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useSearchParams } from "wouter";

import { findDecisions, type DecisionList } from "../api/calls";
import { Goods } from "../inspections/Goods";
import { Lane } from "../ui/LaneMark";
import { Button, Choice } from "../ui/parts";
import { Empty, Shown } from "../ui/states";
import { useWords, type Key } from "../words";
import { askedOf, FIELDS, fieldsIn, instantOf, type Fields } from "./search";

const DAYS: readonly string[] = ["since", "before"];

export default function SearchPage() {
  const { t, instant } = useWords();
  const [search, setSearch] = useSearchParams();
  const fields = fieldsIn(search);
  const asked = askedOf(fields);
  const query = useInfiniteQuery({
    queryKey: ["decisions", asked],
    queryFn: ({ pageParam }) => findDecisions({ ...asked, ...(pageParam ? { after: pageParam } : {}) }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next,
  });
  const rows = query.data?.pages.flatMap((page) => page.decisions);
  const lanes = query.data?.pages[0]?.lanes ?? [];
  const backTo = query.data?.pages.at(-1)?.back_to;
  return (
    <div className="page">
      <div className="head">
        <div>
          <h1>{t("nav.decisions")}</h1>
          <p>{t("decisions.intro")}</p>
        </div>
      </div>
      <Filter key={search.toString()} lanes={lanes} fields={fields} onAsk={(next) => { setSearch(Object.fromEntries(Object.entries(next).filter(([, value]) => value.trim()))); }} />
      <div className="card">
        <Shown query={{ ...query, data: rows }} lines={8}>
          {(found) => found.length === 0 ? <Empty>{t(query.hasNextPage ? "decisions.notYet" : "decisions.empty")}</Empty> : (
            <div className="scroll" tabIndex={0} role="group" aria-label={t("nav.decisions")}>
              <table aria-label={t("nav.decisions")}>
                <thead>
                  <tr>
                    <th scope="col">{t("queue.declaration")}</th>
                    <th scope="col">{t("queue.goods")}</th>
                    <th scope="col">{t("queue.office")}</th>
                    <th scope="col">{t("queue.lane")}</th>
                    <th scope="col">{t("decisions.at")}</th>
                  </tr>
                </thead>
                <tbody>
                  {found.map((row) => (
                    <tr key={row.decision_id}>
                      <td><Link href={`/decisions/${row.decision_id}`}><bdi>{row.declaration_id}</bdi></Link>{row.declaration_version > 1 && <span className="quiet"> {t("results.version", { version: row.declaration_version })}</span>}</td>
                      <td><Goods row={row} /></td>
                      <td><bdi>{row.office}</bdi></td>
                      <td><LaneOf lanes={lanes} code={row.lane} /></td>
                      <td><time dateTime={row.decided_at}>{instant(row.decided_at)}</time></td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </Shown>
        {query.hasNextPage && (
          <p className="more">
            <Button busy={query.isFetchingNextPage} onClick={() => { void query.fetchNextPage(); }}>{t("more")}</Button>{" "}
            {backTo && <span className="quiet">{t("decisions.backTo")} <time dateTime={backTo}>{instant(backTo)}</time></span>}
          </p>
        )}
      </div>
    </div>
  );
}

function LaneOf({ lanes, code }: { lanes: DecisionList["lanes"]; code: string }) {
  const { pick } = useWords();
  const lane = lanes.find((each) => each.code === code);
  return <Lane colour={lane?.colour ?? null} word={lane ? pick(lane.words, code) : code} />;
}

function Filter({ fields, lanes, onAsk }: { fields: Fields; lanes: DecisionList["lanes"]; onAsk: (fields: Fields) => void }) {
  const { t, pick } = useWords();
  const [draft, setDraft] = useState(fields);
  const [wrong, setWrong] = useState<string[]>([]);
  const ask = () => {
    const bad = DAYS.filter((name) => draft[name as keyof Fields] !== "" && instantOf(draft[name as keyof Fields]) === null);
    setWrong(bad);
    if (bad.length === 0) onAsk(draft);
  };
  return (
    <search>
      <form className="card filter" noValidate onSubmit={(event) => { event.preventDefault(); ask(); }}>
        {FIELDS.map((name) => {
          if (name === "lane") {
            // What the address says is offered too, so that it can be seen and taken away.
            const others = draft.lane && !lanes.some((each) => each.code === draft.lane) ? [{ value: draft.lane, label: draft.lane }] : [];
            const options = [{ value: "", label: t("queue.all") }, ...lanes.map((each) => ({ value: each.code, label: pick(each.words, each.code) })), ...others];
            return <Choice key={name} label={t("queue.lane")} value={draft.lane} options={options} onChange={(lane) => { setDraft({ ...draft, lane }); }} />;
          }
          const bad = wrong.includes(name);
          return (
            <div key={name}>
              <label htmlFor={`f-${name}`}>{t(`search.${name}` as Key)}</label>
              <input
                id={`f-${name}`}
                className="plain-input"
                dir={DAYS.includes(name) ? "ltr" : "auto"}
                autoComplete="off"
                spellCheck={false}
                maxLength={200}
                placeholder={DAYS.includes(name) ? "2026-06-01" : name === "importer" ? t("search.whole") : undefined}
                value={draft[name]}
                aria-invalid={bad || undefined}
                aria-describedby={bad ? `w-${name}` : undefined}
                onChange={(event) => { setDraft({ ...draft, [name]: event.currentTarget.value }); }}
              />
              {bad && <p className="wrong" id={`w-${name}`}><span aria-hidden="true">! </span>{t("decisions.noDay")}</p>}
            </div>
          );
        })}
        <div className="filter-acts"><Button kind="main" submit>{t("decisions.search")}</Button></div>
      </form>
    </search>
  );
}
