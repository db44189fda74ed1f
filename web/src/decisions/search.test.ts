import { expect, it } from "vitest";

import { elements } from "./Declared";
import { askedOf, fieldsIn, instantOf } from "./search";

it.each([
  ["2026-06-01", 0, "2026-06-01T00:00:00.000Z"], ["2026-02-28", 1, "2026-03-01T00:00:00.000Z"],
  ["2026-02-30", 0, null], ["01/06/2026", 0, null], ["", 0, null],
])("the day %s and %d more is %s", (day, after, wanted) => {
  expect(instantOf(day, after)).toBe(wanted);
});

it("asks for what is filled in, and counts the last day whole", () => {
  const fields = fieldsIn(new URLSearchParams("importer=%20Baobab%20&since=2026-06-01&before=2026-06-01&other=1"));
  expect(askedOf(fields)).toEqual({ importer: "Baobab", since: "2026-06-01T00:00:00.000Z", before: "2026-06-02T00:00:00.000Z" });
  expect(askedOf(fieldsIn(new URLSearchParams("since=nonsense")))).toEqual({});
});

it("names every element of a message with its place, and none that was not declared", () => {
  expect(elements({ id: "A", none: null, items: [{ hs_code: "0901", mass: 5 }] })).toEqual([
    { place: "id", value: "A" }, { place: "items / 1 / hs_code", value: "0901" }, { place: "items / 1 / mass", value: "5" },
  ]);
});
