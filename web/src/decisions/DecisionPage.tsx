/** One decision in seven numbered steps: from what was declared to what was found. */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useId, type ReactNode } from "react";
import { Link } from "wouter";

import { account, proof, replay, type DecisionAccount } from "../api/calls";
import { Results } from "../inspections/Results";
import { useWho } from "../session/session";
import { Lane } from "../ui/LaneMark";
import { Button } from "../ui/parts";
import { Empty, Shown, useReason } from "../ui/states";
import { useWords, type Key } from "../words";
import { Declared } from "./Declared";
import { Model } from "./Model";
import { Profiles } from "./Profiles";

export default function DecisionPage({ id }: { id: string }) {
  const { t } = useWords();
  const query = useQuery({ queryKey: ["decisions", id], queryFn: () => account(id), staleTime: Infinity });
  return (
    <div className="page">
      {query.data === undefined && <h1>{t("decision.one")}</h1>}
      <Shown query={query} lines={14}>{(told) => <Account of={told} />}</Shown>
    </div>
  );
}

/** A lane of that day, by its code. */
function LaneOf({ of, code }: { of: DecisionAccount; code: string }) {
  const { pick } = useWords();
  const lane = of.lanes.find((each) => each.code === code);
  return <Lane colour={lane?.colour ?? null} word={lane ? pick(lane.words, code) : code} />;
}

function Account({ of }: { of: DecisionAccount }) {
  const { t, instant, list, known } = useWords();
  return (
    <div className="page">
      <div className="head">
        <div>
          <nav className="crumbs" aria-label={t("decision.one")}><Link href="/decisions">{t("nav.decisions")}</Link> / <bdi>{of.id}</bdi></nav>
          <div className="titled">
            <h1><bdi>{of.declaration_id}</bdi></h1>
            <span className="badge"><LaneOf of={of} code={of.lane} /></span>
          </div>
          <p>{t("decision.decided", { office: of.office, version: of.declaration_version })} <time dateTime={of.at}>{instant(of.at)}</time></p>
        </div>
      </div>
      <Proving of={of} />
      <div className="steps">
        <Step number={1} title={t("step.input")}><Declared of={of} /></Step>
        <Step number={2} title={t("step.rules")}><Profiles of={of} /></Step>
        <Step number={3} title={t("step.draw")}><Draw of={of} /></Step>
        <Step number={4} title={t("step.model")}><Model of={of} /></Step>
        <Step number={5} title={t("step.lane")}>
          <p>{t("lane.by", { arm: known(`stage.${of.arm}`, of.arm) })} <LaneOf of={of} code={of.lane} /></p>
          {of.reasons.length > 0 && <><p className="quiet">{t("lane.told")}</p><ol className="numbered">{of.reasons.map((each) => <li key={each.code}><bdi>{each.text}</bdi></li>)}</ol></>}
          <Capacity of={of} />
          {of.marks.length > 0 && <p>{t("lane.marks", { marks: list(of.marks) })}</p>}
        </Step>
        <Step number={6} title={t("step.override")}><Empty>{t("override.none")}</Empty></Step>
        <Step number={7} title={t("step.result")}>{of.results.length > 0 ? <Results of={of.results} /> : <Empty>{t("results.none")}</Empty>}</Step>
      </div>
    </div>
  );
}

function Step({ number, title, children }: { number: number; title: string; children: ReactNode }) {
  const id = useId();
  return (
    <section className="card step" aria-labelledby={id}>
      <h2 id={id}><span className="step-number">{number}</span> {title}</h2>
      {children}
    </section>
  );
}

/** Make it again, and take its proof away. */
function Proving({ of }: { of: DecisionAccount }) {
  const { t, number } = useWords();
  const who = useWho();
  const replaying = useMutation({ mutationFn: () => replay(of.id) });
  const exporting = useMutation({ mutationFn: async () => { save(`${of.id}.proof.json`, await proof(of.id)); } });
  const reason = useReason(replaying.error ?? exporting.error);
  const told = replaying.data;
  return (
    <div className="proving">
      <div className="acts">
        <Button busy={replaying.isPending} onClick={() => { replaying.mutate(); }}>{t("decision.replay")}</Button>
        {who.may.includes("ledger:read") && <Button busy={exporting.isPending} onClick={() => { exporting.mutate(); }}>{t("decision.proof")}</Button>}
      </div>
      <div role="status">
        {told?.same && <div className="notice" data-tone="good"><p>✓ {t("replay.same")}</p></div>}
        {exporting.isSuccess && <div className="notice" data-tone="good"><p>✓ {t("decision.proofSaved")}</p></div>}
      </div>
      {told && !told.same && (
        <div className="notice" data-tone="error" role="alert">
          <p><span aria-hidden="true">! </span><strong>{t("replay.differs", { count: told.differences.length })}</strong></p>
          <p>{t("replay.whatNow")}</p>
          <ul>
            {told.differences.slice(0, 20).map((each) => (
              <li key={each.place}><code dir="ltr">{each.place}</code>: <code dir="ltr">{JSON.stringify(each.recorded)}</code> → <code dir="ltr">{JSON.stringify(each.replayed)}</code></li>
            ))}
          </ul>
          {told.differences.length > 20 && <p>{t("replay.more", { count: number(told.differences.length - 20) })}</p>}
        </div>
      )}
      {reason && <div className="notice" data-tone="error" role="alert"><p><span aria-hidden="true">! </span><bdi>{reason}</bdi></p></div>}
    </div>
  );
}

/** Hand a text over as a file. */
function save(name: string, text: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

function Draw({ of }: { of: DecisionAccount }) {
  const { t, percent, known, list } = useWords();
  return (
    <>
      {of.stages.length === 0 ? <Empty>{t("draw.none")}</Empty> : (
        <div className="scroll" tabIndex={0} role="group" aria-label={t("step.draw")}>
          <table aria-label={t("step.draw")}>
            <thead>
              <tr>
                <th scope="col">{t("draw.stage")}</th>
                <th scope="col">{t("draw.of")}</th>
                <th scope="col">{t("queue.lane")}</th>
                <th scope="col" className="amount">{t("draw.probability")}</th>
                <th scope="col">{t("draw.outcome")}</th>
              </tr>
            </thead>
            <tbody>
              {of.stages.map((each, at) => (
                <tr key={at}>
                  <td>{known(`stage.${each.stage}`, each.stage)}</td>
                  <td><bdi>{each.detail || "–"}</bdi></td>
                  <td><LaneOf of={of} code={each.lane} /></td>
                  <td className="amount">{percent(each.probability)}</td>
                  <td>{each.selected ? <b>✓ {t("draw.selected")}</b> : t("draw.not")}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <p>{t("draw.inclusion", { share: percent(of.inclusion_probability) })}</p>
      <p className="quiet">{t("draw.keys", { keys: list(of.draw_keys) })}</p>
    </>
  );
}

function Capacity({ of }: { of: DecisionAccount }) {
  const { t, number, known } = useWords();
  return (
    <>
      <p>{t("capacity.arrivals", { count: of.arrivals })} {of.pools.some((each) => each.pool === "controls") ? t("capacity.control") : t("capacity.cost", { hours: number(of.hours) })} {of.value_of_hour !== null && t("capacity.price", { value: number(of.value_of_hour, 0) })}</p>
      <ul className="pools">
        {of.pools.map((each) => (
          <li key={each.pool}>
            {t("capacity.pool", { pool: known(`pool.${each.pool}` as Key, each.pool), used: number(each.used, 1), capacity: number(each.capacity, 1) })}
            {each.used > each.capacity && <b> ! {t("capacity.over")}</b>}
          </li>
        ))}
      </ul>
    </>
  );
}
