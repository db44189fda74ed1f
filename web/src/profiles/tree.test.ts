/** Whatever the API holds is shown and written back without loss. */
import { describe, expect, it } from "vitest";

import type { FeatureTold } from "../api/calls";
import { BLANK, groupOf, isComplete, literalOf, operatorsOf, rootOf, said, shapeOf, treeOf, treeOfGroup, whole, withOperator, type Tree } from "./tree";

const ROWS: Tree[] = [
  { feature: "hs2", in: ["22", "24"] },
  { feature: "unit_value_ratio", "<": "0.5" },
  { feature: "customs_value", between: ["1000", "5000.50"] },
  { feature: "importer", in_list: "watched" },
  { feature: "hs_code", prefix: ["8517"] },
  { feature: "description", contains_any: ["USED "] },
  { feature: "origin", is_missing: true },
  { feature: "importer_aeo", "=": false },
  { feature: "origin", "!=": { feature: "departure_country" } },
  { not: { feature: "hs2", in: ["22"] } },
  { not: { feature: "origin", is_missing: true } },
  { feature: "importer_declared_all", ">=": 3 },
];
const feature = (kind: FeatureTold["kind"], operators: string[]): FeatureTold => ({
  name: "f", family: "x", kind, scope: "item", form: null, expected: "", unit: "-", operators, words: {}, sentence: "", missing: "",
});
const CODE = feature("code", ["!=", "=", "in", "in_list", "is_missing", "prefix"]);
const FLAG = feature("flag", ["!=", "=", "is_missing"]);
const AMOUNT = feature("amount", ["!=", "<", "<=", "=", ">", ">=", "between", "in", "is_missing"]);

describe("rows", () => {
  it.each(ROWS)("%o comes back", (tree) => {
    const row = literalOf(tree);
    expect(row).not.toBeNull();
    expect(row && treeOf(row)).toEqual(tree);
    expect(isComplete(tree)).toBe(true);
  });
  it("leaves a negated comparison whole", () => {
    expect(literalOf({ not: { feature: "hs2", "=": "22" } })).toBeNull();
    expect(groupOf({ not: { feature: "hs2", "=": "22" } })).toBeNull();
  });
});

describe("groups", () => {
  it("come back, also behind a not", () => {
    const tree = { not: { any_of: ROWS.slice(0, 2) } };
    const group = groupOf(tree);
    expect(group).toEqual({ mode: "any_of", nodes: ROWS.slice(0, 2), negated: true });
    expect(group && treeOfGroup(group)).toEqual(tree);
  });
  it("stand around a single row only where it is written", () => {
    const row = ROWS[0] as Tree;
    expect(whole(rootOf(row))).toEqual(row);
    expect(whole(rootOf({ none_of: [row] }))).toEqual({ none_of: [row] });
  });
});

describe("operators", () => {
  it("begin with the usual one", () => {
    expect(operatorsOf(CODE)[0]).toBe("in");
    expect(operatorsOf(CODE)).toContain("not prefix");
    expect(operatorsOf(AMOUNT)[0]).toBe(">=");
    expect(operatorsOf(FLAG)).toEqual(["=", "is_missing", "not is_missing"]);
  });
  it("keep a value of the right shape and no other", () => {
    const row = { feature: "f", operator: "in", value: ["22"] };
    expect(withOperator(row, "not in", CODE).value).toEqual(["22"]);
    expect(withOperator(row, "=", CODE).value).toBe("");
    expect(shapeOf("= feature", CODE)).toBe("feature");
  });
  it("say when something is missing", () => {
    expect(isComplete({ feature: "" })).toBe(false);
    expect(isComplete({ all_of: [] })).toBe(false);
    expect(isComplete({ feature: "f", between: ["1", ""] })).toBe(false);
  });
});

describe("what is said", () => {
  const [one = BLANK, other = BLANK] = ROWS;
  it("leaves out rows at the end in which nothing is chosen", () => {
    expect(said({ all_of: [one, { any_of: [other, BLANK] }, { any_of: [BLANK] }, BLANK] })).toEqual({ all_of: [one, { any_of: [other] }] });
    expect(said({ not: { any_of: [one, BLANK] } })).toEqual({ not: { any_of: [one] } });
    expect(said({ not: { any_of: [one, other, BLANK] } })).toEqual({ not: { any_of: [one, other] } });
  });
  it("keeps those between others, so that faults stay where they belong", () => {
    expect(said({ all_of: [BLANK, one] })).toEqual({ all_of: [BLANK, one] });
    expect(isComplete(said({ all_of: [BLANK, one] }))).toBe(false);
  });
});
