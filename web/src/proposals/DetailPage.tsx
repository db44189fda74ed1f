/** One proposal: what changes, who did what, and what this person can do about it. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";

import { approve, execute, Problem, reject, type ProposalRead, type ProposalTold } from "../api/calls";
import { useWho } from "../session/session";
import { Declined, useGuarded } from "../session/stepUp";
import { Button, Card, Dialog } from "../ui/parts";
import { Shown, useReason } from "../ui/states";
import { useWords, type Key } from "../words";
import { differences } from "./differences";
import { Differences } from "./Differences";
import { useProposal } from "./queries";
import { Standing } from "./Standing";

type Doing = "approve" | "reject" | "withdraw" | "execute";
const ACTS = { approve, reject, withdraw: reject, execute };
/** What cannot be undone is named before it is done. */
const ASKED: Partial<Record<Doing, Key>> = { reject: "detail.rejectWhat", withdraw: "detail.rejectWhat", execute: "detail.executeWhat" };

export function DetailPage({ id }: { id: string }) {
  const { t } = useWords();
  const query = useProposal(id);
  return (
    <div className="page">
      {query.data === undefined && <h1>{t("proposals.id")}</h1>}
      <Shown query={query} lines={10}>{(read) => <Detail read={read} />}</Shown>
    </div>
  );
}

/** Return what a person can do about a proposal. */
export function possible(proposal: ProposalTold, name: string, may: string[]): Doing[] {
  const own = proposal.requester === name;
  const done: Doing[] = [];
  if (proposal.state === "open" && !own && may.includes("proposals:approve")) done.push("approve");
  if (proposal.state === "approved" && may.includes("proposals:execute")) done.push("execute");
  if ((proposal.state === "open" || proposal.state === "approved") && may.includes("proposals:reject")) done.push(own ? "withdraw" : "reject");
  return done;
}

function Detail({ read }: { read: ProposalRead }) {
  const { t, instant } = useWords();
  const who = useWho();
  const guarded = useGuarded();
  const queries = useQueryClient();
  const [asking, setAsking] = useState<Doing | null>(null);
  const proposal = read.proposal;
  const acting = useMutation({
    mutationFn: (doing: Doing) => guarded(() => ACTS[doing](proposal)),
    onSettled: () => queries.invalidateQueries({ queryKey: ["proposals"] }),
  });
  const reason = useReason(acting.error);
  const failed = acting.error !== null && !(acting.error instanceof Declined);
  const lost = acting.error instanceof Problem && acting.error.status === 0;
  const choose = (doing: Doing) => { if (ASKED[doing]) setAsking(doing); else acting.mutate(doing); };
  const found = differences(read.in_force, read.payload);
  const can = possible(proposal, who.name, who.may);
  const waits = proposal.state === "open" && proposal.requester === who.name;
  return (
    <div className="page">
      <div className="head">
        <div>
          <nav className="crumbs" aria-label={t("proposals.id")}>
            <Link href="/proposals">{t("nav.proposals")}</Link> / <bdi>{proposal.id}</bdi>
          </nav>
          <div className="titled">
            <h1>{t(`act.${proposal.act}` as Key)}</h1>
            <span className="badge"><Standing state={proposal.state} /></span>
          </div>
          <p><bdi>{proposal.reason}</bdi></p>
        </div>
        <div className="acts">
          {can.map((doing) => (
            <Button key={doing} kind={doing === "approve" || doing === "execute" ? "main" : "other"} busy={acting.isPending} onClick={() => { choose(doing); }}>
              {t(`detail.${doing}`)}
            </Button>
          ))}
        </div>
      </div>
      <div role="status">
        {acting.isSuccess && <div className="notice" data-tone="good"><p>✓ {t("detail.done", { what: t(`detail.${acting.variables}`) })}</p></div>}
      </div>
      {failed && <div className="notice" data-tone="error" role="alert"><p><span aria-hidden="true">! </span>{reason} {t(lost ? "state.unknown" : "state.safe")}</p></div>}
      {waits && <div className="notice" data-tone="plain"><p>{t("detail.own")}</p></div>}
      <div className="columns">
        <Card title={t("detail.changes")}>
          {proposal.state === "executed" && <p className="quiet">{t("detail.executed")}</p>}
          {found.length === 0 ? <p className="empty">{t("detail.same")}</p> : <Differences of={found} conditions={read.conditions} />}
        </Card>
        <Card title={t("detail.record")}>
          <ol className="record">
            <li>{t("detail.proposedBy", { name: proposal.requester })} <time dateTime={proposal.requested_at}>{instant(proposal.requested_at)}</time></li>
            {proposal.approvals.map((each) => (
              <li key={each.person}>{t("detail.approvedBy", { name: each.person })} <time dateTime={each.at}>{instant(each.at)}</time></li>
            ))}
            {proposal.rejected_by && <li>{t("detail.rejectedBy", { name: proposal.rejected_by })}</li>}
            {proposal.executed_by && (
              <li>
                {t("detail.executedBy", { name: proposal.executed_by })}{" "}
                {proposal.executed_at && <time dateTime={proposal.executed_at}>{instant(proposal.executed_at)}</time>}
              </li>
            )}
            {proposal.broken_glass && <li>{t("detail.alone", { reason: proposal.broken_glass })}</li>}
          </ol>
          <p className="quiet print-gap">{t("proposals.expires")} <time dateTime={proposal.expires_at}>{instant(proposal.expires_at)}</time></p>
          <p className="quiet">{t("detail.hash")}: <code dir="ltr">{proposal.payload_sha256}</code></p>
        </Card>
      </div>
      {asking && (
        <Dialog title={t(`detail.${asking}`)} onClose={() => { setAsking(null); }}>
          <p>{t(ASKED[asking] ?? "detail.rejectWhat")}</p>
          <div className="dialog-acts">
            <Button onClick={() => { setAsking(null); }}>{t("cancel")}</Button>
            <Button kind={asking === "execute" ? "main" : "danger"} onClick={() => { setAsking(null); acting.mutate(asking); }}>
              {t(`detail.${asking}`)}
            </Button>
          </div>
        </Dialog>
      )}
    </div>
  );
}
