import { expect, it } from "vitest";

import type { InspectionRead, ListedInspection } from "../api/calls";
import { nextOf } from "./queries";
import { reasonIn } from "./Results";
import { computedEffect, EMPTY, measured, missing, parsed, resultOf, type Draft } from "./result";

const READ = {
  inspection: { decision_id: "D1", declaration_id: "26TW1", declaration_version: 2, office: "PORT" },
  kind: "examination",
  result_id: "I-D1",
  actions: ["released", "seized"],
  goods: [
    { number: 1, customs_value: "5000.00", duty_amount: "600", quantity: null, net_mass_kg: "100.5" },
    { number: 2, customs_value: null, duty_amount: null, quantity: "12", net_mass_kg: null },
  ],
} as unknown as InspectionRead;
const draft = (more: Partial<Draft>): Draft => ({ ...EMPTY, ...more });
const offence = (more: Partial<Draft> = {}) => draft({ outcome: "irregular", kind: "undervaluation", found: "6000", action: "seized", ...more });

it.each([
  ["1.000,5", "en-GB", 1000.5], ["1,000.5", "de-DE", 1000.5], ["1,000.5", "en-GB", 1000.5], ["1.000.000", "en-GB", 1_000_000],
  ["1,5", "en-GB", 1.5], ["1.5", "fr-FR", 1.5], ["1,500", "en-GB", 1500], ["1,500", "fr-FR", 1.5], ["1.500", "es-ES", 1500], ["1.500", "en-GB", 1.5],
  ["12 345,6", "fr-FR", 12345.6], ["262", "ar", 262], ["0", "en-GB", 0],
  ["", "en-GB", null], ["-5", "en-GB", null], ["1,0.0,0", "en-GB", null], ["1.0.0,0,0", "en-GB", null], ["ten", "en-GB", null], ["1e5", "en-GB", null],
] as const)("reads %s in %s as %s", (text, tag, value) => {
  expect(parsed(text, tag)).toBe(value);
});

it("computes duty and tax in proportion to the value, never below zero", () => {
  expect(computedEffect(READ, offence(), "en-GB")).toBe(120);
  expect(computedEffect(READ, offence({ found: "5,555.55" }), "en-GB")).toBe(66.67);
  expect(computedEffect(READ, offence({ found: "4000" }), "en-GB")).toBe(0);
  expect(computedEffect(READ, offence({ item: 2 }), "en-GB")).toBeNull();
  expect(computedEffect(READ, offence({ kind: "false_origin" }), "en-GB")).toBeNull();
});

it("asks a number where there is one to compare", () => {
  expect([measured("undervaluation"), measured("quantity"), measured("documents"), measured(null)]).toEqual(["value", "quantity", null, null]);
});

it.each([
  [{}, "outcome"], [{ outcome: "compliant" }, null], [{ outcome: "inconclusive" }, "whyNot"], [{ outcome: "inconclusive", whyNot: "laboratory" }, null],
  [{ outcome: "irregular" }, "kind"], [{ outcome: "irregular", kind: "undervaluation" }, "found"],
  [{ outcome: "irregular", kind: "documents" }, "action"], [{ outcome: "irregular", kind: "documents", action: "seized" }, null],
  [{ outcome: "irregular", kind: "documents", action: "seized", effect: "many" }, "effect"],
] as [Partial<Draft>, string | null][])("%o lacks %s", (more, wanted) => {
  expect(missing(draft(more), "en-GB")).toBe(wanted);
});

it("sends what was found, as the closed lists have it", () => {
  const sent = resultOf(READ, offence({ note: " torn " }), "2026-06-01T09:00:00Z", "en-GB");
  expect(sent).toEqual({
    id: "I-D1", version: 1, declaration_id: "26TW1", declaration_version: 2, kind: "examination", office: "PORT", ended_at: "2026-06-01T09:00:00Z",
    findings: [{
      outcome: "irregular", irregularity: "undervaluation", item_number: 1, element: "customs_value", declared: "5000", found: "6000",
      duty_effect: "120", note: "torn",
    }],
    action_code: "seized",
  });
  expect(resultOf(READ, offence({ effect: "99,5" }), "", "fr-FR").findings[0]?.duty_effect).toBe("99.5");
  expect(resultOf(READ, offence({ kind: "quantity", item: 2, found: "15" }), "", "en-GB").findings[0]).toMatchObject({ element: "quantity", declared: "12", found: "15" });
});

it("sends nothing of an offence that was taken back", () => {
  const sent = resultOf(READ, offence({ outcome: "compliant" }), "", "en-GB");
  expect([sent.findings, sent.action_code]).toEqual([[{ outcome: "compliant", note: null }], "released"]);
  const not = resultOf(READ, offence({ outcome: "inconclusive", whyNot: "laboratory", note: "two vials" }), "", "en-GB");
  expect([not.findings, not.action_code]).toEqual([[{ outcome: "inconclusive", note: "laboratory: two vials" }], null]);
});

it("takes next what one has already, then what nobody has, and never what others have", () => {
  const row = (decision_id: string, assigned_to: string | null) => ({ decision_id, assigned_to }) as ListedInspection;
  const [theirs, free, mine] = [row("1", "max"), row("2", null), row("3", "ines")];
  expect(nextOf([theirs, free, mine], "ines")).toBe(mine);
  expect(nextOf([theirs, free, mine], "ines", "3")).toBe(free);
  expect(nextOf([theirs], "ines")).toBeUndefined();
});

it("says why goods were not inspected in words, and keeps what else was noted", () => {
  const known = (key: string, otherwise: string) => (key === "whyNot.laboratory" ? "Waiting for the laboratory" : otherwise);
  expect(reasonIn("laboratory: two vials: sealed", known)).toBe("Waiting for the laboratory: two vials: sealed");
  expect(reasonIn("the road was closed", known)).toBe("the road was closed");
});
