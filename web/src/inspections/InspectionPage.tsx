/** One inspection: what is declared, why it was selected, what to check, what was found. */
import { useState } from "react";
import { Link } from "wouter";

import type { InspectionRead } from "../api/calls";
import { useWho } from "../session/session";
import { Lane } from "../ui/LaneMark";
import { Button, Card } from "../ui/parts";
import { Empty, Shown, useReason } from "../ui/states";
import { useWords, type Key } from "../words";
import { useAssign, useInspection } from "./queries";
import { ResultForm } from "./ResultForm";
import { Results } from "./Results";

export default function InspectionPage({ id }: { id: string }) {
  const { t } = useWords();
  const query = useInspection(id);
  return (
    <div className="page">
      {query.data === undefined && <h1>{t("inspection.one")}</h1>}
      <Shown query={query} lines={12}>{(read) => <Inspection read={read} />}</Shown>
    </div>
  );
}

function Inspection({ read }: { read: InspectionRead }) {
  const { t, pick, instant } = useWords();
  const who = useWho();
  const { inspection } = read;
  const importer = inspection.importer?.name ?? inspection.importer?.id;
  return (
    <div className="page">
      <div className="head">
        <div>
          <nav className="crumbs" aria-label={t("inspection.one")}>
            <Link href={`/inspections?office=${encodeURIComponent(inspection.office)}`}>{t("nav.inspections")}</Link> / <bdi>{inspection.declaration_id}</bdi>
          </nav>
          <div className="titled">
            <h1>{importer ? <bdi>{importer}</bdi> : <bdi>{inspection.declaration_id}</bdi>}</h1>
            <span className="badge"><Lane colour={read.lane_colour} word={pick(read.lane_words, inspection.lane)} /></span>
          </div>
          <p>{t("inspection.since", { office: inspection.office })} <time dateTime={inspection.decided_at}>{instant(inspection.decided_at)}</time></p>
        </div>
        <Assigned read={read} />
      </div>
      <Facts read={read} />
      <div className="halves">
        <div className="page">
          <Card title={t("inspection.why")}>
            <ol className="numbered">{read.reasons.map((each) => <li key={each}><bdi>{each}</bdi></li>)}</ol>
          </Card>
          <Checks read={read} />
        </div>
        <div className="page">
          {read.results.length > 0 && <Card title={t("results.title")}><Results of={read.results} /></Card>}
          {read.waiting && who.may.includes("results:write") && <ResultForm read={read} />}
          {read.waiting && !who.may.includes("results:write") && <Card title={t("result.title")}><Empty>{t("inspection.readOnly")}</Empty></Card>}
          {!read.waiting && read.results.length === 0 && <Card title={t("result.title")}><Empty>{t("inspection.superseded")}</Empty></Card>}
        </div>
      </div>
      <Goods read={read} />
    </div>
  );
}

/** Who has it, and to take it or give it back; a change of lane finds its place beside it. */
function Assigned({ read }: { read: InspectionRead }) {
  const { t } = useWords();
  const who = useWho();
  const assigning = useAssign();
  const reason = useReason(assigning.error);
  const has = read.inspection.assigned_to;
  const mine = has === who.name;
  const act = (take: boolean) => { assigning.mutate({ id: read.inspection.decision_id, take, from: has }); };
  return (
    <div className="acts assigned">
      <span className="quiet">{mine ? t("inspection.mine") : has === null ? t("inspection.nobody") : t("inspection.with", { name: has })}</span>
      {read.waiting && who.may.includes("inspections:assign") && (
        <Button busy={assigning.isPending} onClick={() => { act(!mine); }}>{t(mine ? "queue.giveBack" : has === null ? "queue.take" : "inspection.takeOver")}</Button>
      )}
      {reason && <p className="wrong" role="alert"><span aria-hidden="true">! </span><bdi>{reason}</bdi></p>}
    </div>
  );
}

function Facts({ read }: { read: InspectionRead }) {
  const { t, country, list } = useWords();
  const { inspection } = read;
  const party = (one: InspectionRead["declarant"]) => (one ? [one.name, one.id].filter(Boolean).join(" · ") : "–");
  const facts: [Key, string][] = [
    ["inspection.importer", party(inspection.importer)],
    ["inspection.declarant", party(read.declarant)],
    ["inspection.exporter", party(read.exporter)],
    ["inspection.from", read.departure_country ? country(read.departure_country) : "–"],
    ["inspection.containers", read.containers.length > 0 ? list(read.containers) : (read.means ?? "–")],
    ["inspection.transport", read.transport_document ?? "–"],
    ["inspection.place", inspection.place ?? "–"],
    ["inspection.seals", read.seals.length > 0 ? list(read.seals) : "–"],
  ];
  return (
    <section className="card" aria-label={t("inspection.facts")}>
      <dl className="tiles">
        {facts.map(([name, value]) => <div key={name}><dt>{t(name)}</dt><dd><bdi>{value}</bdi></dd></div>)}
      </dl>
    </section>
  );
}

function Checks({ read }: { read: InspectionRead }) {
  const { t, pick } = useWords();
  const [done, setDone] = useState<ReadonlySet<string>>(new Set());
  const turn = (code: string) => { setDone((now) => (now.has(code) ? new Set([...now].filter((each) => each !== code)) : new Set([...now, code]))); };
  return (
    <Card title={t("inspection.checks")}>
      {read.instructions.length === 0 ? <Empty>{t("inspection.usual")}</Empty> : (
        <>
          <ul className="checks">
            {read.instructions.map((each) => (
              <li key={each.code}>
                <label><input type="checkbox" checked={done.has(each.code)} onChange={() => { turn(each.code); }} />{pick(each.words, each.code)}</label>
              </li>
            ))}
          </ul>
          <p className="quiet">{t("inspection.ticks")}</p>
        </>
      )}
    </Card>
  );
}

function Goods({ read }: { read: InspectionRead }) {
  const { t, number, country } = useWords();
  return (
    <Card title={t("inspection.goods", { count: read.goods.length })}>
      <div className="scroll" tabIndex={0} role="group" aria-label={t("queue.goods")}>
        <table aria-label={t("queue.goods")}>
          <thead>
            <tr>
              <th scope="col">{t("goods.number")}</th>
              <th scope="col">{t("goods.what")}</th>
              <th scope="col">{t("goods.origin")}</th>
              <th scope="col" className="amount">{t("goods.quantity")}</th>
              <th scope="col" className="amount">{t("goods.value")}</th>
              <th scope="col" className="amount">{t("goods.duty")}</th>
            </tr>
          </thead>
          <tbody>
            {read.goods.map((each) => (
              <tr key={each.number}>
                <td>{each.number}</td>
                <td><bdi>{each.hs_code}</bdi> {each.goods && <bdi>{each.goods}</bdi>}</td>
                <td>{each.origin ? country(each.origin) : "–"}</td>
                <td className="amount"><Quantity of={each} /></td>
                <td className="amount">{each.customs_value === null ? "–" : number(each.customs_value)}</td>
                <td className="amount">{each.duty_amount === null ? "–" : number(each.duty_amount)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="quiet">{t("goods.currency")}</p>
    </Card>
  );
}

function Quantity({ of }: { of: InspectionRead["goods"][number] }) {
  const { number } = useWords();
  if (of.quantity !== null) return <bdi>{number(of.quantity)} {of.unit ?? ""}</bdi>;
  return <bdi>{of.net_mass_kg === null ? "–" : `${number(of.net_mass_kg)} kg`}</bdi>;
}
