/** A version of a profile: what it says, what it changes, who did what, and what this person can do about it. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useLocation } from "wouter";

import { Problem, steps, type VersionRead, type VersionTold } from "../api/calls";
import { Differences } from "../proposals/Differences";
import { useWho } from "../session/session";
import { Declined, useGuarded } from "../session/stepUp";
import { Lane } from "../ui/LaneMark";
import { Button, Card, Dialog, Field } from "../ui/parts";
import { Shown, useReason } from "../ui/states";
import { useWords, type Key } from "../words";
import { useVersion, useVocabulary } from "./queries";
import { Impact } from "./Impact";
import { Sentence } from "./Sentence";
import { Stage } from "./Stage";

export type Step = keyof typeof steps;
/** What wants a reason in own words. */
const REASONED = new Set<Step>(["submit", "reject", "withdraw", "emergency", "review", "askRetirement", "retire"]);
const MAIN = new Set<Step>(["submit", "approve", "live"]);
const OPEN = new Set(["draft", "submitted", "approved", "shadow"]);

/** Return what a person can do about a version, the likeliest first; the server has the last word. */
export function possibleSteps(version: VersionTold, name: string, may: readonly string[]): Step[] {
  const { stage } = version;
  const [writes, approves, publishes] = ["write", "approve", "publish"].map((each) => may.includes(`profiles:${each}`));
  const wrote = version.writers.includes(name);
  const found: (Step | false | undefined)[] = [
    writes && stage === "draft" && "submit",
    approves && !wrote && (stage === "submitted" || (version.approved_by === null && (stage === "approved" || stage === "shadow"))) && "approve",
    publishes && ["approved", "shadow", "ramp"].includes(stage) && "live",
    publishes && stage === "approved" && "shadow",
    publishes && ["approved", "shadow", "ramp"].includes(stage) && "ramp",
    approves && version.review_due && name !== version.emergency_by && !wrote && "review",
    publishes && (stage === "emergency" || (["ramp", "live"].includes(stage) && version.retirement_asked_by !== null && version.retirement_asked_by !== name)) && "retire",
    writes && ["ramp", "live"].includes(stage) && version.retirement_asked_by === null && "askRetirement",
    writes && ["submitted", "approved", "shadow"].includes(stage) && "reject",
    writes && OPEN.has(stage) && "withdraw",
    may.includes("profiles:emergency") && (stage === "draft" || stage === "submitted") && "emergency",
  ];
  return found.filter((step): step is Step => typeof step === "string");
}

export default function VersionPage({ code, number }: { code: string; number: number }) {
  const { t } = useWords();
  const query = useVersion(code, number);
  return (
    <div className="page">
      {query.data === undefined && <h1>{t("nav.profiles")}</h1>}
      <Shown query={query} lines={12}>{(read) => <Version read={read} />}</Shown>
    </div>
  );
}

function Version({ read }: { read: VersionRead }) {
  const { t, day } = useWords();
  const who = useWho();
  const guarded = useGuarded();
  const queries = useQueryClient();
  const [, go] = useLocation();
  const [asking, setAsking] = useState<Step | null>(null);
  const [told, setTold] = useState("");
  const { version, profile } = read;
  const acting = useMutation({
    mutationFn: ({ step, words }: { step: Step; words: string }) => guarded(() => steps[step](read, words)),
    onSettled: () => { setAsking(null); setTold(""); void queries.invalidateQueries({ queryKey: ["profiles"] }); },
  });
  const failed = useReason(acting.error);
  const shown = acting.error !== null && !(acting.error instanceof Declined);
  const lost = acting.error instanceof Problem && acting.error.status === 0;
  const can = possibleSteps(version, who.name, who.may);
  const choose = (step: Step) => {
    if (REASONED.has(step) || step === "ramp") setAsking(step);
    else acting.mutate({ step, words: "" });
  };
  const edits = who.may.includes("profiles:write") && OPEN.has(version.stage);
  const words = useVocabulary();
  const own = version.stage === "submitted" && version.writers.includes(who.name);
  return (
    <>
      <div className="head">
        <div>
          <nav className="crumbs" aria-label={t("profiles.where")}>
            <Link href="/profiles">{t("nav.profiles")}</Link> / <Link href={`/profiles/${version.code}`}><bdi>{version.code}</bdi></Link> / {t("profiles.version", { number: version.number })}
          </nav>
          <div className="titled"><h1><bdi>{String(profile.title)}</bdi></h1><span className="badge"><Stage stage={version.stage} /></span></div>
          <p>{t("profiles.until", { day: day(version.valid_until) })}{version.expiring && <span className="flag"><span aria-hidden="true"> ▲ </span>{t("profiles.endsSoon")}</span>}</p>
        </div>
        <div className="acts">
          {can.map((step) => <Button key={step} kind={MAIN.has(step) ? "main" : "other"} busy={acting.isPending} onClick={() => { choose(step); }}>{t(`step.${step}` as Key)}</Button>)}
          {edits && <Button onClick={() => { go(`/profiles/${version.code}/${String(version.number)}/edit`); }}>{t("step.edit")}</Button>}
        </div>
      </div>
      <div role="status">
        {acting.isSuccess && <div className="notice" data-tone="good"><p>✓ {t("detail.done", { what: t(`step.${acting.variables.step}` as Key) })}</p></div>}
      </div>
      {shown && <div className="notice" data-tone="error" role="alert"><p><span aria-hidden="true">! </span><bdi>{failed}</bdi> {t(lost ? "state.unknown" : "state.safe")}</p></div>}
      {own && <div className="notice" data-tone="plain"><p>{t("profiles.own")}</p></div>}
      {version.retirement_asked_by && version.stage !== "retired" && <div className="notice" data-tone="warning"><p>{t("profiles.endAsked", { name: version.retirement_asked_by })}</p></div>}
      <div className="columns wide-side">
        <div className="page">
          <Card title={t("editor.when")}>
            <Sentence words={read.condition.words} />
            <details><summary>{t("editor.asText")}</summary><pre dir="ltr"><code>{read.condition.text}</code></pre></details>
          </Card>
          <Card title={t("editor.then")}><Facts read={read} /></Card>
          {read.replaces_sha256 !== null && (
            <Card title={t("profiles.changes")}>
              {read.changes.length === 0 ? <p className="empty">{t("detail.same")}</p> : <Changes read={read} />}
            </Card>
          )}
        </div>
        <div className="page">
          <Card title={t("detail.record")}><Record read={read} /></Card>
          {OPEN.has(version.stage) && <Impact written={profile} vocabulary={words.data} />}
        </div>
      </div>
      {asking && (
        <Dialog title={t(`step.${asking}` as Key)} onClose={() => { setAsking(null); }}>
          <form className="stack" onSubmit={(event) => { event.preventDefault(); acting.mutate({ step: asking, words: told }); }}>
            <Field label={t(asking === "ramp" ? "step.share" : "step.reason")} value={told} onChange={setTold} hint={t(`step.${asking}What` as Key)} focused />
            <div className="dialog-acts"><Button onClick={() => { setAsking(null); }}>{t("cancel")}</Button><Button kind="main" submit busy={acting.isPending}>{t(`step.${asking}` as Key)}</Button></div>
          </form>
        </Dialog>
      )}
    </>
  );
}

function Facts({ read: { profile } }: { read: VersionRead }) {
  const { t, known, list, percent, day, pick } = useWords();
  const { data } = useVocabulary();
  const lane = data?.lanes.find((each) => each.code === profile.lane);
  const texts = (value: unknown) => (Array.isArray(value) ? value.map(String) : []);
  const check = (code: string) => pick(data?.checks.find((each) => each.code === code)?.words ?? {}, code);
  return (
    <dl className="facts">
      <dt>{t("field.lane")}</dt><dd><Lane colour={lane?.colour ?? null} word={pick(lane?.words ?? {}, String(profile.lane))} /></dd>
      <dt>{t("field.share")}</dt><dd>{percent(Number(profile.share))}</dd>
      <dt>{t("field.checks")}</dt><dd><ul className="lines">{texts(profile.checks).map((each) => <li key={each}><bdi>{check(each)}</bdi></li>)}</ul></dd>
      <dt>{t("field.officer_text")}</dt><dd><bdi>{String(profile.officer_text)}</bdi></dd>
      <dt>{t("field.unknown")}</dt><dd>{known(`unknown.${String(profile.unknown)}`, String(profile.unknown))}</dd>
      <dt>{t("field.flows")}</dt><dd>{list(texts(profile.flows).map((each) => known(`flow.${each}`, each)))}</dd>
      <dt>{t("field.level")}</dt><dd>{known(`level.${String(profile.level)}`, String(profile.level))} {texts(profile.offices).length > 0 && <bdi>{list(texts(profile.offices))}</bdi>}</dd>
      <dt>{t("field.valid_from")}</dt><dd>{day(String(profile.valid_from))} – {day(String(profile.valid_until))}</dd>
      <dt>{t("field.risk_area")}</dt><dd>{known(`risk.${String(profile.risk_area)}`, String(profile.risk_area))}</dd>
      <dt>{t("field.owner")}</dt><dd><bdi>{String(profile.owner)}</bdi></dd>
      <dt>{t("field.reference")}</dt><dd><bdi>{String(profile.reference)}</bdi></dd>
      <dt>{t("field.description")}</dt><dd><bdi>{String(profile.description)}</bdi></dd>
    </dl>
  );
}

function Changes({ read }: { read: VersionRead }) {
  const { code } = read.version;
  const changes = read.changes.filter(({ member }) => member !== "code").map((each) => ({ path: [each.member], before: each.in_force ?? undefined, after: each.proposed ?? undefined }));
  const when = read.changes.find((each) => each.member === "when");
  const conditions = when ? [{ profile: code, in_force: when.in_force_words ?? null, proposed: when.proposed_words ?? null }] : [];
  return <Differences of={[{ kind: "profile", code, title: String(read.profile.title), how: "changed", changes }]} conditions={conditions} />;
}

function Record({ read }: { read: VersionRead }) {
  const { t, instant, known, percent } = useWords();
  return (
    <>
      {read.steps.length === 0 && <p className="empty">{t("profiles.asPublished")}</p>}
      <ol className="record">
        {read.steps.map((step) => (
          <li key={step.ordinal}>
            <strong>{known(`kind.${step.kind}`, step.kind)}</strong>{step.share !== null && <> {percent(Number(step.share))}</>} · <bdi>{step.by}</bdi>
            {step.reason && <> · <bdi>{step.reason}</bdi></>}
            {step.evidence && <Evidence of={step.evidence} />}
            <time dateTime={step.at}>{instant(step.at)}</time>
          </li>
        ))}
      </ol>
      <p className="quiet">{t("detail.hash")}: <code dir="ltr">{read.version.body_sha256}</code></p>
    </>
  );
}

/** What the submission found in the newest decisions. */
function Evidence({ of }: { of: Record<string, unknown> }) {
  const { t } = useWords();
  const count = (name: string) => Number(of[name] ?? 0);
  return <span className="quiet"> {t("profiles.evidence", { decisions: count("decisions"), matches: count("matches"), undecided: count("undecided"), stricter: count("stricter") })}</span>;
}
