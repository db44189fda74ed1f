/** What was declared: the header in a few facts, every element as received on demand. */
import type { DecisionAccount } from "../api/calls";
import { useWords, type Key } from "../words";

/** An element as received: its place in the message, and its value. */
export interface Element {
  place: string;
  value: string;
}

/** Every element of a message, with its place; what is null was not declared. */
export function elements(data: unknown, place = ""): Element[] {
  if (data === null || data === undefined) return [];
  if (typeof data !== "object") return [{ place, value: typeof data === "string" ? data : JSON.stringify(data) }];
  const members = Array.isArray(data) ? data.map((each, at) => [String(at + 1), each] as const) : Object.entries(data);
  return members.flatMap(([name, value]) => elements(value, place === "" ? name : `${place} / ${name}`));
}

interface Party { role?: string; id?: string; name?: string }
const ROLES = ["importer", "exporter", "declarant"] as const;

export function Declared({ of }: { of: DecisionAccount }) {
  const { t, number } = useWords();
  const all = elements(of.declaration);
  const parties = (of.declaration.parties ?? []) as Party[];
  return (
    <>
      <dl className="tiles">
        {ROLES.map((role) => {
          const party = parties.find((each) => each.role === role);
          return <div key={role}><dt>{t(`inspection.${role}` as Key)}</dt><dd><bdi>{[party?.name, party?.id].filter(Boolean).join(" · ") || "–"}</bdi></dd></div>;
        })}
        <div><dt>{t("input.system")}</dt><dd><bdi>{of.source}</bdi></dd></div>
      </dl>
      <p>{t("input.history", { position: number(of.journal) })}</p>
      <details>
        <summary>{t("input.elements", { count: all.length })}</summary>
        <div className="scroll tall" tabIndex={0} role="group" aria-label={t("step.input")}>
          <table aria-label={t("step.input")} dir="ltr">
            <tbody>{all.map((each) => <tr key={each.place}><th scope="row">{each.place}</th><td><bdi>{each.value}</bdi></td></tr>)}</tbody>
          </table>
        </div>
      </details>
      <details>
        <summary>{t("input.versions")}</summary>
        <ul className="values">{Object.entries(of.versions).map(([name, version]) => <li key={name}>{name}: <code dir="ltr">{version ?? "–"}</code></li>)}</ul>
      </details>
    </>
  );
}
