/** What a proposal changes, thing by thing, against what is in force. */

export type Kind = "profile" | "list" | "lane" | "check" | "plan" | "model" | "other";

export interface Change {
  /** Path of the member within its thing: `share`, `random_floor`, `strata`. */
  path: string[];
  /** undefined: it was not there. */
  before: unknown;
  /** undefined: it is not there any more. */
  after: unknown;
}

export interface Difference {
  kind: Kind;
  /** Code of the thing, empty for a thing that there is one of. */
  code: string;
  /** What it is called, in the words of whoever wrote it. */
  title: string;
  how: "added" | "removed" | "changed";
  changes: Change[];
}

type Plain = Record<string, unknown>;

/** Members of a payload that hold things with codes. */
const THINGS: readonly { path: string[]; kind: Kind }[] = [
  { path: ["rules", "profiles"], kind: "profile" },
  { path: ["rules", "lists"], kind: "list" },
  // The act that changes lists says what comes and goes, and nothing of the entries that stay.
  { path: ["lists"], kind: "list" },
  { path: ["lanes", "lanes"], kind: "lane" },
  { path: ["checks", "checks"], kind: "check" },
];

/** Return the differences between what is in force and what is proposed; none are left out. */
export function differences(inForce: Plain, proposed: Plain): Difference[] {
  const found: Difference[] = [];
  for (const { path, kind } of THINGS) {
    const [before, after] = [byCode(at(inForce, path)), byCode(at(proposed, path))];
    for (const code of new Set([...before.keys(), ...after.keys()])) {
      const difference = compared(kind, code, before.get(code), after.get(code));
      if (difference) found.push(difference);
    }
  }
  const rests: [Kind, Plain, Plain][] = [
    ["plan", asPlain(inForce["plan"]), asPlain(proposed["plan"])],
    ["model", only(inForce, "version"), only(proposed, "version")],
    ["other", without(inForce), without(proposed)],
  ];
  for (const [kind, before, after] of rests) {
    const changes = changed(before, after, []);
    if (changes.length > 0) found.push({ kind, code: "", title: "", how: "changed", changes });
  }
  return found;
}

function compared(kind: Kind, code: string, before?: Plain, after?: Plain): Difference | null {
  const how = before === undefined ? "added" : after === undefined ? "removed" : "changed";
  const changes = how === "removed" ? [] : changed(before ?? {}, after ?? {}, []).filter(({ path }) => path[0] !== "code");
  if (how === "changed" && changes.length === 0) return null;
  changes.sort((one, other) => rank(one) - rank(other));
  return { kind, code, title: titleOf(after ?? before ?? {}), how, changes };
}

/** What is read first: what it is, when it fires, and what follows from it. */
const FIRST: readonly string[] = ["title", "description", "when", "unknown", "lane", "share", "checks", "officer_text"];

function rank(change: Change): number {
  const found = FIRST.indexOf(change.path[0] ?? "");
  return found < 0 ? FIRST.length : found;
}

/** Return what differs between two things; members are compared by name, whatever their order. */
function changed(before: unknown, after: unknown, path: string[]): Change[] {
  if (same(before, after)) return [];
  // A condition reads as a whole: half of one says nothing.
  if (!isPlain(before) || !isPlain(after) || path.at(-1) === "when") return [{ path, before, after }];
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => changed(before[name], after[name], [...path, name]));
}

function same(left: unknown, right: unknown): boolean {
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((entry, index) => same(entry, right[index]));
  }
  if (isPlain(left) && isPlain(right)) {
    const names = new Set([...Object.keys(left), ...Object.keys(right)]);
    return [...names].every((name) => same(left[name], right[name]));
  }
  return Object.is(left, right);
}

function isPlain(value: unknown): value is Plain {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function asPlain(value: unknown): Plain {
  return isPlain(value) ? value : {};
}

function at(value: unknown, path: string[]): unknown {
  return path.reduce<unknown>((inner, name) => asPlain(inner)[name], value);
}

function byCode(value: unknown): Map<string, Plain> {
  const things = Array.isArray(value) ? value.filter(isPlain) : [];
  return new Map(things.map((thing) => [String(thing["code"] ?? thing["id"] ?? thing["name"]), thing]));
}

function titleOf(thing: Plain): string {
  const named = thing["title"] ?? thing["what"] ?? asPlain(thing["words"])["en"];
  return typeof named === "string" ? named : "";
}

function only(value: Plain, name: string): Plain {
  return name in value ? { [name]: value[name] } : {};
}

/** Return a payload without what is compared thing by thing. */
function without(payload: Plain): Plain {
  const isThing = (path: string[], value: unknown) =>
    Array.isArray(value) && THINGS.some((thing) => thing.path.join("/") === path.join("/"));
  const kept = Object.entries(payload).filter(
    ([name, value]) => name !== "plan" && name !== "version" && !isThing([name], value),
  );
  return Object.fromEntries(
    kept.map(([name, value]) => {
      if (!isPlain(value)) return [name, value];
      return [name, Object.fromEntries(Object.entries(value).filter(([inner, held]) => !isThing([name, inner], held)))];
    }),
  );
}
