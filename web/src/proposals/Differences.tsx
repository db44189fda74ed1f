/** What changes, as sentences. */
import { useWords, type Key } from "../words";
import type { Change, Difference } from "./differences";

export function Differences({ of }: { of: Difference[] }) {
  const { t } = useWords();
  return (
    <ul className="differences">
      {of.map((each) => (
        <li key={`${each.kind} ${each.code}`}>
          <h3>
            {t(`diff.${each.how}` as Key)} · {t(`diff.${each.kind}` as Key)}
            {each.title && <> · <bdi>{each.title}</bdi></>} {each.code && <span><bdi>{each.code}</bdi></span>}
          </h3>
          {each.changes.length > 0 && <ul>{each.changes.map((change) => <Sentence key={change.path.join(" ")} change={change} />)}</ul>}
        </li>
      ))}
    </ul>
  );
}

function Sentence({ change }: { change: Change }) {
  const { t, known } = useWords();
  const field = change.path.map((name) => known(`field.${name}`, name)).join(" › ");
  const [before, after] = [told(change.before), told(change.after)];
  if (change.before === undefined) return <li>{t("diff.set", { field, after })}</li>;
  if (change.after === undefined) return <li>{t("diff.unset", { field, before })}</li>;
  return <li>{t("diff.fromTo", { field, before, after })}</li>;
}

/** Return a value as it would be written by hand. */
function told(value: unknown): string {
  if (value === undefined) return "";
  if (typeof value === "string") return `“${value}”`;
  if (Array.isArray(value) && value.every((entry) => typeof entry === "string")) return value.join(", ");
  return JSON.stringify(value).replaceAll(/([:,])(?=\S)/g, "$1 ");
}
