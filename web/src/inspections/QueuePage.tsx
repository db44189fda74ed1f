/** What waits at one office: lanes with counts, oldest first, take the next. */
import { useRef, useState } from "react";
import { Link, useSearchParams } from "wouter";

import type { InspectionList, ListedInspection } from "../api/calls";
import { useKeys } from "../frame/keys";
import { useWho } from "../session/session";
import { Lane } from "../ui/LaneMark";
import { Button, Choice } from "../ui/parts";
import { Empty, Shown, useReason } from "../ui/states";
import { useWords } from "../words";
import { Goods } from "./Goods";
import { LaneTabs } from "./LaneTabs";
import { useAssign, useQueue, useTakeNext } from "./queries";

export default function QueuePage() {
  const { t } = useWords();
  const who = useWho();
  const [search, setSearch] = useSearchParams();
  const [office, lane] = [search.get("office"), search.get("lane")];
  const asked = { ...(office ? { office } : {}), ...(lane ? { lane } : {}) };
  const query = useQueue(asked);
  const first = query.data?.pages[0];
  const taking = useTakeNext(who.name);
  const assigning = useAssign();
  const takes = who.may.includes("inspections:assign");
  const reason = useReason(taking.error ?? assigning.error);
  const take = () => { if (!taking.isPending) taking.mutate({ asked }); };
  const choose = (change: Record<string, string>) => {
    const next = Object.entries({ office: office ?? "", lane: lane ?? "", ...change }).filter(([, value]) => value);
    setSearch(Object.fromEntries(next), { replace: true });
  };
  const rows = query.data?.pages.flatMap((page) => page.inspections) ?? [];
  const open = first?.lanes.reduce((sum, each) => sum + each.waiting, 0) ?? 0;
  return (
    <div className="page">
      <div className="head">
        <div>
          <h1>{first?.office ? t("queue.title", { office: first.office }) : t("nav.inspections")}</h1>
          <p>{t("queue.open", { count: open })}</p>
        </div>
        <div className="acts">
          {first && first.offices.length > 1 && (
            <Choice
              label={t("queue.office")}
              value={first.office ?? ""}
              options={first.offices.map((each) => ({ value: each, label: each }))}
              onChange={(value) => { choose({ office: value, lane: "" }); }}
            />
          )}
          {takes && <Button kind="main" busy={taking.isPending} onClick={take}>{t("queue.next")}</Button>}
        </div>
      </div>
      <div role="status">
        {taking.isSuccess && taking.data === null && <div className="notice" data-tone="plain"><p>{t("queue.none")}</p></div>}
      </div>
      {reason && <div className="notice" data-tone="error" role="alert"><p><span aria-hidden="true">! </span><bdi>{reason}</bdi></p></div>}
      {first && first.lanes.length > 0 && <LaneTabs of={first} chosen={lane} />}
      <div className="card">
        <Shown query={{ ...query, data: first }} lines={8}>
          {(page) => {
            if (page.office === null) return <Empty>{t("queue.noOffice")}</Empty>;
            if (rows.length === 0) return <Empty>{t("queue.empty")}</Empty>;
            return (
              <Rows
                of={rows}
                lanes={page.lanes}
                takeNext={takes ? take : undefined}
                assign={takes ? (row) => { assigning.mutate({ id: row.decision_id, take: row.assigned_to !== who.name, from: row.assigned_to }); } : undefined}
              />
            );
          }}
        </Shown>
        {query.hasNextPage && (
          <p className="more"><Button busy={query.isFetchingNextPage} onClick={() => { void query.fetchNextPage(); }}>{t("more")}</Button></p>
        )}
      </div>
    </div>
  );
}

interface RowsProps {
  of: ListedInspection[];
  lanes: InspectionList["lanes"];
  takeNext?: () => void;
  assign?: (row: ListedInspection) => void;
}

function Rows({ of, lanes, takeNext, assign }: RowsProps) {
  const { t, pick, instant } = useWords();
  const who = useWho();
  const body = useRef<HTMLTableSectionElement>(null);
  const [at, setAt] = useState(-1);
  useKeys((key) => {
    if (key === "n" && takeNext) takeNext();
    else if (key === "j" || key === "k") {
      const next = Math.min(of.length - 1, Math.max(0, at + (key === "j" ? 1 : -1)));
      body.current?.rows[next]?.querySelector("a")?.focus();
    } else if (key === "a" && assign && of[at]) assign(of[at]);
    else return false;
    return true;
  });
  return (
    <div className="scroll" tabIndex={-1}>
      <table className="queue" aria-label={t("nav.inspections")}>
        <thead>
          <tr>
            <th scope="col">{t("queue.since")}</th>
            <th scope="col">{t("queue.lane")}</th>
            <th scope="col">{t("queue.declaration")}</th>
            <th scope="col">{t("queue.goods")}</th>
            <th scope="col">{t("queue.reason")}</th>
            <th scope="col">{t("queue.place")}</th>
            <th scope="col">{t("queue.who")}</th>
          </tr>
        </thead>
        <tbody ref={body}>
          {of.map((row, index) => {
            const lane = lanes.find((each) => each.code === row.lane);
            const mine = row.assigned_to === who.name;
            return (
              <tr key={row.decision_id} data-mine={mine || undefined} onFocus={() => { setAt(index); }}>
                <td><time dateTime={row.decided_at}>{instant(row.decided_at)}</time></td>
                <td><Lane colour={lane?.colour ?? null} word={lane ? pick(lane.words, row.lane) : row.lane} /></td>
                <td><Link href={`/inspections/${row.decision_id}`}><bdi>{row.declaration_id}</bdi></Link></td>
                <td><Goods row={row} /></td>
                <td><bdi>{row.first_reason}</bdi></td>
                <td><bdi>{row.place ?? "–"}</bdi></td>
                <td>
                  {mine ? <b>{t("queue.me")}</b> : <bdi>{row.assigned_to ?? "–"}</bdi>}{" "}
                  {assign && (mine || row.assigned_to === null) && (
                    <button type="button" className="link" onClick={() => { assign(row); }}>
                      {t(mine ? "queue.giveBack" : "queue.take")}<span className="unseen"> {row.declaration_id}</span>
                    </button>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
