/** What an officer found, as the form holds it and as it is sent. */
import type { ControlResult, InspectionRead } from "../api/calls";

export const OUTCOMES = ["compliant", "irregular", "inconclusive"] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** The kinds of irregularity, the most frequent first; the type holds them to the closed list. */
export const KINDS = [
  "undervaluation", "misclassification", "misdescription", "false_origin", "quantity", "undeclared_goods", "prohibited_goods", "documents",
  "procedure_abuse", "splitting", "overvaluation", "other",
] as const satisfies readonly NonNullable<ControlResult["findings"][number]["irregularity"]>[];
export type Kind = (typeof KINDS)[number];

/** Why goods were not inspected. */
export const WHY_NOT = ["not_presented", "no_means", "laboratory", "documents_missing", "other"] as const;
export type WhyNot = (typeof WHY_NOT)[number];

export interface Draft {
  outcome: Outcome | null;
  kind: Kind | null;
  item: number;
  found: string;
  /** What the officer typed over the computed effect; null: nothing. */
  effect: string | null;
  whyNot: WhyNot | null;
  action: string | null;
  note: string;
}

export const EMPTY: Draft = { outcome: null, kind: null, item: 1, found: "", effect: null, whyNot: null, action: null, note: "" };

/** What the number that is asked for is about, by the kind of irregularity; null: no number is asked. */
export function measured(kind: Kind | null): "value" | "quantity" | null {
  if (kind === "undervaluation" || kind === "overvaluation") return "value";
  return kind === "quantity" || kind === "undeclared_goods" ? "quantity" : null;
}

export function declaredOf(read: InspectionRead, draft: Draft): number | null {
  const item = read.goods.find((each) => each.number === draft.item);
  const what = measured(draft.kind);
  const value = what === "value" ? item?.customs_value : what === "quantity" ? (item?.quantity ?? item?.net_mass_kg) : null;
  return value == null ? null : Number(value);
}

/** Duty and tax that follow from another value: in proportion to those declared, never below zero; null: they cannot be computed. */
export function computedEffect(read: InspectionRead, draft: Draft, tag: string): number | null {
  const item = read.goods.find((each) => each.number === draft.item);
  const [declared, found] = [declaredOf(read, draft), parsed(draft.found, tag)];
  if (declared === null || declared <= 0 || found === null || item?.duty_amount == null) return null;
  return Math.max(0, Math.round((Number(item.duty_amount) * (found - declared) * 100) / declared) / 100);
}

/** A number as people write it, in the language *tag* or the other way round; null: it is none. */
export function parsed(text: string, tag: string): number | null {
  const plain = text.replace(/[\s\u00a0\u202f'’]/g, "");
  if (!/^\d[\d.,]*$/.test(plain)) return null;
  const marks = [...plain.matchAll(/[.,]/g)];
  const last = marks.at(-1);
  if (last === undefined) return Number(plain);
  const [mark, at] = [last[0], last.index];
  const several = marks.filter((each) => each[0] === mark).length > 1;
  const both = marks.some((each) => each[0] !== mark);
  if (several && both) return null;
  const group = new Intl.NumberFormat(tag).formatToParts(12345).find((part) => part.type === "group")?.value;
  const grouping = several || (!both && mark === group && plain.length - at === 4);
  const whole = (grouping ? plain : plain.slice(0, at)).replace(/[.,]/g, "");
  return Number(grouping ? whole : `${whole}.${plain.slice(at + 1)}`);
}

/** What is missing before it can be sent; null: nothing. */
export function missing(draft: Draft, tag: string): "outcome" | "kind" | "found" | "effect" | "action" | "whyNot" | null {
  if (draft.outcome === null) return "outcome";
  if (draft.outcome === "inconclusive") return draft.whyNot === null ? "whyNot" : null;
  if (draft.outcome === "compliant") return null;
  if (draft.kind === null) return "kind";
  if (measured(draft.kind) !== null && parsed(draft.found, tag) === null) return "found";
  if (draft.effect !== null && draft.effect !== "" && parsed(draft.effect, tag) === null) return "effect";
  return draft.action === null ? "action" : null;
}

/** The result as it is sent; *endedAt* is an instant in ISO 8601. */
export function resultOf(read: InspectionRead, draft: Draft, endedAt: string, tag: string): ControlResult {
  const { inspection } = read;
  const note = [draft.outcome === "inconclusive" ? draft.whyNot : null, draft.note.trim() || null].filter((part) => part !== null).join(": ") || null;
  const finding: ControlResult["findings"][number] = { outcome: draft.outcome ?? "inconclusive", note };
  if (draft.outcome === "irregular" && draft.kind !== null) {
    const [declared, found] = [declaredOf(read, draft), parsed(draft.found, tag)];
    const effect = draft.effect === null ? computedEffect(read, draft, tag) : parsed(draft.effect, tag);
    const what = measured(draft.kind);
    finding.irregularity = draft.kind;
    finding.item_number = draft.item;
    if (what !== null && found !== null) {
      finding.element = what === "value" ? "customs_value" : "quantity";
      finding.found = String(found);
      if (declared !== null) finding.declared = String(declared);
    }
    if (effect !== null) finding.duty_effect = String(effect);
  }
  const action = draft.outcome === "compliant" ? "released" : draft.outcome === "irregular" ? draft.action : null;
  return {
    id: read.result_id,
    version: 1,
    declaration_id: inspection.declaration_id,
    declaration_version: inspection.declaration_version,
    kind: read.kind,
    office: inspection.office,
    ended_at: endedAt,
    findings: [finding],
    action_code: action,
  };
}
