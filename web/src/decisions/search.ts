/** What is searched, between the fields of the page, its address and the server. */
import type { DecisionsAsked } from "../api/calls";

export const FIELDS = ["declaration_id", "importer", "office", "lane", "since", "before"] as const;
export type Fields = Record<(typeof FIELDS)[number], string>;

/** The fields as the address has them. */
export function fieldsIn(search: URLSearchParams): Fields {
  return Object.fromEntries(FIELDS.map((name) => [name, search.get(name) ?? ""])) as Fields;
}

/** A day as people write it here, `2026-06-01`, as its first instant; the last day counts whole. Null: it is no day. */
export function instantOf(day: string, after = 0): string | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return null;
  const at = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(at.getTime()) || at.toISOString().slice(0, 10) !== day) return null;
  at.setUTCDate(at.getUTCDate() + after);
  return at.toISOString();
}

/** What the server is asked; the days are days of universal time, as decisions are recorded. */
export function askedOf(fields: Fields): DecisionsAsked {
  const asked: Record<string, string> = {};
  for (const name of ["declaration_id", "importer", "office", "lane"] as const) {
    const value = fields[name].trim();
    if (value) asked[name] = value;
  }
  const [since, before] = [instantOf(fields.since), instantOf(fields.before, 1)];
  if (since) asked.since = since;
  if (before) asked.before = before;
  return asked;
}
