/** The condition of a profile as its rows show it: the tree of the API, without any loss. */
import type { FeatureTold } from "../api/calls";

/** A condition as plain data, as the API takes it. */
export type Tree = Readonly<Record<string, unknown>>;

export const MODES = ["all_of", "any_of", "none_of"] as const;
export type Mode = (typeof MODES)[number];

/** An operator as a row offers it; behind a `not`, or against another feature, it is one of its own. */
export type Operator = string;

export interface Literal {
  /** Name of the feature; empty: not chosen yet. */
  feature: string;
  operator: Operator;
  value: unknown;
}

export interface Group {
  mode: Mode;
  nodes: readonly Tree[];
  /** Stands behind a `not`. */
  negated: boolean;
}

const NEGATED = new Set(["in", "in_list", "prefix", "contains_any", "is_missing"]);
const NOT = "not ";
const FEATURE = " feature";

/** Where nothing is chosen yet. */
export const BLANK: Tree = { feature: "" };

/** Return what a row shows of *tree*; null: it is a group. */
export function literalOf(tree: Tree): Literal | null {
  if ("not" in tree) {
    const inner = literalOf(tree.not as Tree);
    return inner !== null && NEGATED.has(inner.operator) ? { ...inner, operator: NOT + inner.operator } : null;
  }
  if (typeof tree.feature !== "string") return null;
  const operator = Object.keys(tree).find((key) => key !== "feature") ?? "";
  const value = tree[operator];
  const other = typeof value === "object" && value !== null && !Array.isArray(value);
  return { feature: tree.feature, operator: other ? operator + FEATURE : operator, value: other ? (value as Tree).feature : value };
}

/** Return the tree that a row writes. */
export function treeOf({ feature, operator, value }: Literal): Tree {
  if (operator.startsWith(NOT)) return { not: treeOf({ feature, operator: operator.slice(NOT.length), value }) };
  if (operator.endsWith(FEATURE)) return { feature, [operator.slice(0, -FEATURE.length)]: { feature: value } };
  return operator === "" ? { feature } : { feature, [operator]: value };
}

/** Return the group that *tree* is; what is neither row nor group known here is kept as it is: null. */
export function groupOf(tree: Tree): Group | null {
  if ("not" in tree) {
    const inner = groupOf(tree.not as Tree);
    return inner === null || inner.negated ? null : { ...inner, negated: true };
  }
  const mode = MODES.find((each) => each in tree);
  return mode === undefined ? null : { mode, nodes: tree[mode] as Tree[], negated: false };
}

/** Return the tree of a group. */
export function treeOfGroup({ mode, nodes, negated }: Group): Tree {
  return negated ? { not: { [mode]: nodes } } : { [mode]: nodes };
}

/** Return the whole condition as a group, for the form always shows one. */
export function rootOf(tree: Tree): Group {
  const group = groupOf(tree);
  return group === null || group.negated ? { mode: "all_of", nodes: [tree], negated: false } : group;
}

/** Return the condition that a root group writes: a single row needs no group around it. */
export function whole(root: Group): Tree {
  return root.nodes.length === 1 && root.mode !== "none_of" ? (root.nodes[0] ?? BLANK) : treeOfGroup(root);
}

const ORDER = { codes: ["in", "prefix", "contains_any", "in_list", "=", "!="], numbers: [">=", "<=", "<", ">", "between", "=", "!=", "in"] };

/** Return the operators that a row offers for *feature*, the usual one first. */
export function operatorsOf(feature: FeatureTold): Operator[] {
  const missing = ["is_missing", `${NOT}is_missing`];
  // A flag is true or false: "differs from true" would be the same row said twice.
  if (feature.kind === "flag") return ["=", ...missing];
  const has = new Set(feature.operators);
  const plain = (has.has("<") ? ORDER.numbers : ORDER.codes).filter((each) => has.has(each));
  const negated = plain.filter((each) => NEGATED.has(each)).map((each) => NOT + each);
  const against = ["=", "!=", "<", "<=", ">", ">="].filter((each) => has.has(each)).map((each) => each + FEATURE);
  return [...plain, ...negated, ...against, ...missing];
}

export type Shape = "none" | "list" | "feature" | "two" | "several" | "flag" | "one";

/** Return what kind of value an operator wants. */
export function shapeOf(operator: Operator, feature: FeatureTold): Shape {
  const plain = operator.startsWith(NOT) ? operator.slice(NOT.length) : operator;
  if (plain.endsWith(FEATURE)) return "feature";
  if (plain === "is_missing" || plain === "") return "none";
  if (plain === "in_list") return "list";
  if (plain === "between") return "two";
  if (plain === "in" || plain === "prefix" || plain === "contains_any") return "several";
  return feature.kind === "flag" ? "flag" : "one";
}

/** Return the row with another operator; its value stays where it still has the right shape. */
export function withOperator(row: Literal, operator: Operator, feature: FeatureTold): Literal {
  const shape = shapeOf(operator, feature);
  const same = row.operator !== "" && shapeOf(row.operator, feature) === shape;
  const empty: Record<Shape, unknown> = { none: true, list: "", feature: "", two: ["", ""], several: [], flag: true, one: "" };
  return { ...row, operator, value: same ? row.value : empty[shape] };
}

/** Whether a row says enough to be judged. */
export function isComplete(tree: Tree): boolean {
  const group = groupOf(tree);
  if (group !== null) return group.nodes.length > 0 && group.nodes.every(isComplete);
  const row = literalOf(tree);
  if (row === null) return true;
  if (row.feature === "" || row.operator === "") return false;
  return Array.isArray(row.value) ? row.value.length > 0 && row.value.every((each) => each !== "") : row.value !== "";
}

/** Return the condition without rows at the end of a group in which nothing is chosen yet: they say nothing. */
export function said(tree: Tree): Tree {
  const group = groupOf(tree);
  if (group === null) return tree;
  const nodes = group.nodes.map(said);
  while (nodes.length > 1 && saysNothing(nodes[nodes.length - 1] ?? BLANK)) nodes.pop();
  return treeOfGroup({ ...group, nodes });
}

function saysNothing(tree: Tree): boolean {
  const group = groupOf(tree);
  return group === null ? literalOf(tree)?.feature === "" : group.nodes.every(saysNothing);
}
