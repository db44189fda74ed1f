import { expect, it } from "vitest";

import { decimal, typedDecimal } from "./numbers";

it.each([
  ["1,000.5", "en-GB", "1000.5"],
  ["1.000,5", "es", "1000.5"],
  ["1000.50", "en-GB", "1000.50"],
  ["0,6", "fr", "0.6"],
  ["0.6", "fr", "0.6"],
  ["0,6", "en-GB", "0.6"],
  ["1 000", "fr", "1000"],
  ["12.5", "ar-u-nu-latn", "12.5"],
  ["-4", "en-GB", "-4"],
])("%s in %s is %s", (text, tag, value) => {
  expect(typedDecimal(text, tag)).toBe(value);
});

it.each([["1,00,5", "en-GB"], ["abc", "en-GB"], ["1.2.3", "en-GB"], ["", "en-GB"], ["5.", "en-GB"]])("%s in %s is no number", (text, tag) => {
  expect(typedDecimal(text, tag)).toBeNull();
});

it("keeps every digit", () => {
  expect(decimal("123456789012.345678", "fr")).toBe("123456789012,345678");
  expect(decimal("?", "fr")).toBe("?");
});
