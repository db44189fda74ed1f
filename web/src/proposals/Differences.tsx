/** What changes, as sentences. */
import type { ProposalRead } from "../api/calls";
import { useWords, type Key } from "../words";
import type { Change, Difference } from "./differences";

type Condition = ProposalRead["conditions"][number];

export function Differences({ of, conditions }: { of: Difference[]; conditions: Condition[] }) {
  const { t } = useWords();
  // A condition reads as a sentence; its form is for machines.
  const worded = (thing: Difference, change: Change): Change => {
    const found = thing.kind === "profile" && change.path[0] === "when" ? conditions.find(({ profile }) => profile === thing.code) : undefined;
    const words = (of: Record<string, string> | null) => (of === null ? undefined : new Words(of));
    return found ? { ...change, before: words(found.in_force), after: words(found.proposed) } : change;
  };
  return (
    <ul className="differences">
      {of.map((each) => (
        <li key={`${each.kind} ${each.code}`}>
          <h3>
            {t(`diff.${each.how}` as Key)} · {t(`diff.${each.kind}` as Key)}
            {each.title && <> · <bdi>{each.title}</bdi></>} {each.code && <span><bdi>{each.code}</bdi></span>}
          </h3>
          {each.changes.length > 0 && <ul>{each.changes.map((change) => <Sentence key={change.path.join(" ")} change={worded(each, change)} />)}</ul>}
        </li>
      ))}
    </ul>
  );
}

function Sentence({ change }: { change: Change }) {
  const { t, known, pick } = useWords();
  const told = (value: unknown) => (value instanceof Words ? pick(value.of, "") : written(value));
  const field = change.path.map((name) => known(`field.${name}`, name)).join(" › ");
  const [before, after] = [told(change.before), told(change.after)];
  if (change.before === undefined) return <li>{t("diff.set", { field, after })}</li>;
  if (change.after === undefined) return <li>{t("diff.unset", { field, before })}</li>;
  return <li>{t("diff.fromTo", { field, before, after })}</li>;
}

/** A sentence by language. */
class Words {
  constructor(readonly of: Record<string, string>) {}
}

/** Return a value as it would be written by hand. */
function written(value: unknown): string {
  if (value === undefined) return "";
  if (typeof value === "string") return `“${value}”`;
  if (Array.isArray(value) && value.every((entry) => typeof entry === "string")) return value.join(", ");
  return JSON.stringify(value).replaceAll(/([:,])(?=\S)/g, "$1 ");
}
