/** Raise the lane of an inspection, or propose to lower it. */
import { useState } from "react";
import { Link } from "wouter";

import type { InspectionRead, LaneInForce } from "../api/calls";
import { useWho } from "../session/session";
import { Declined } from "../session/stepUp";
import { Button, Card, Choice, Dialog } from "../ui/parts";
import { useReason } from "../ui/states";
import { useWords, type Key } from "../words";
import { lanesFor, REASONS, type Direction, type Reason } from "./change";
import { Overrides } from "./Overrides";
import { useChange, useOverrides } from "./queries";

/** What the lane is by now, and the ways that it can go; nothing for whoever may neither see nor do it. */
export function ChangeLane({ read }: { read: InspectionRead }) {
  const { t } = useWords();
  const { may } = useWho();
  const [open, setOpen] = useState<Direction | null>(null);
  const [proposal, setProposal] = useState<string | null>(null);
  const id = read.inspection.decision_id;
  const { data: told, error } = useOverrides(id, may.includes("lanes:read"));
  const why = useReason(error);
  if (why && told === undefined) return <Card title={t("override.title")}><p className="wrong" role="alert"><span aria-hidden="true">! </span><bdi>{why}</bdi></p></Card>;
  if (told === undefined) return null;
  const can = (direction: Direction) => lanesFor(told, direction).length > 0;
  const raise = may.includes("lanes:raise") && can("raised");
  const lower = may.includes("lanes:lower") && may.includes("proposals:write") && can("lowered");
  if (told.overrides.length === 0 && !raise && !lower) return null;
  return (
    <Card title={t("override.title")}>
      {told.overrides.length > 0 && <Overrides of={told} />}
      <div className="acts">
        {raise && <Button onClick={() => { setOpen("raised"); }}>{t("override.raise")}</Button>}
        {lower && <Button onClick={() => { setOpen("lowered"); }}>{t("override.lower")}</Button>}
      </div>
      <p role="status">{proposal && <>✓ {t("override.proposed")} <Link href={`/proposals/${proposal}`}>{t("override.toProposal")}</Link></>}</p>
      {open && <ChangeForm told={told} direction={open} onDone={(made) => { setOpen(null); setProposal(made); }} onClose={() => { setOpen(null); }} />}
    </Card>
  );
}

interface FormProps {
  told: LaneInForce;
  direction: Direction;
  /** Gives the proposal that was made, if one was. */
  onDone: (proposal: string | null) => void;
  onClose: () => void;
}

function ChangeForm({ told, direction, onDone, onClose }: FormProps) {
  const { t, pick } = useWords();
  // What the person saw when the form opened: a lane that somebody changed meanwhile is refused.
  const [seen] = useState(told);
  const lanes = lanesFor(seen, direction);
  const [lane, setLane] = useState(lanes[0]?.code ?? "");
  const [reasonCode, setReasonCode] = useState<Reason>(REASONS[direction][0]);
  const [text, setText] = useState("");
  const [asked, setAsked] = useState(false);
  const changing = useChange(seen.decision_id, direction);
  const why = useReason(changing.error);
  const lacks = asked && text.trim() === "";
  const send = () => {
    setAsked(true);
    if (text.trim() === "" || changing.isPending) return;
    changing.mutate(
      { from_lane: seen.lane, lane, reason_code: reasonCode, text: text.trim() },
      { onSuccess: (proposal) => { onDone(proposal?.id ?? null); } },
    );
  };
  const title = t(direction === "raised" ? "override.raise" : "override.lower");
  return (
    <Dialog title={title} onClose={onClose}>
      <form className="result" noValidate onSubmit={(event) => { event.preventDefault(); send(); }}>
        <p>{t(direction === "raised" ? "override.atOnce" : "override.asTwo")}</p>
        <Choice label={t("override.to")} value={lane} options={lanes.map((each) => ({ value: each.code, label: pick(each.words, each.code) }))} onChange={setLane} />
        <Choice label={t("override.reason")} value={reasonCode} options={REASONS[direction].map((each) => ({ value: each, label: t(`reason.${each}` as Key) }))} onChange={(code) => { setReasonCode(code as Reason); }} />
        <label className="note">
          {t("override.text")}
          <textarea className="plain-input" rows={3} maxLength={2000} value={text} aria-invalid={lacks || undefined} onChange={(event) => { setText(event.currentTarget.value); }} />
        </label>
        {lacks && <p className="wrong" role="alert"><span aria-hidden="true">! </span>{t("override.lacks")}</p>}
        {why && !(changing.error instanceof Declined) && <p className="wrong" role="alert"><span aria-hidden="true">! </span><bdi>{why}</bdi></p>}
        <div className="dialog-acts">
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button kind="main" submit busy={changing.isPending}>{title}</Button>
        </div>
      </form>
    </Dialog>
  );
}
