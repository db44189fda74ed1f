/** Every language says everything, with the same values in it and all forms of the plural. */
import { compileMessage } from "@lingui/message-utils/compileMessage";
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

import { LANGUAGES } from "../preferences";
import { i18n, isolated, speak } from ".";

const folder = `${import.meta.dirname}/`;
type Catalogue = Record<string, string>;
const read = (language: string) => JSON.parse(readFileSync(`${folder}${language}.json`, "utf8")) as Catalogue;
const english = read("en");
const others = Object.keys(LANGUAGES).filter((language) => language !== "en");

/** Names of the values in a compiled message, and the forms of its plurals. */
function parts(text: string): { names: string[]; forms: string[][] } {
  const names: string[] = [];
  const forms: string[][] = [];
  for (const part of compileMessage(text)) {
    if (!Array.isArray(part)) continue;
    const [name, kind, choices] = part as [string, string?, Record<string, unknown>?];
    names.push(name);
    if (kind === "plural") forms.push(Object.keys(choices ?? {}).filter((form) => !/^\d|offset/.test(form)));
  }
  return { names: names.sort(), forms };
}

describe.each(others)("%s", (language) => {
  const words = read(language);
  it("has every message and no other", () => {
    expect(Object.keys(words).sort()).toEqual(Object.keys(english).sort());
  });
  it("has text in each, with the values of the English one", () => {
    for (const [key, text] of Object.entries(words)) {
      expect(text.trim(), key).not.toBe("");
      expect(parts(text).names, key).toEqual(parts(english[key] ?? "").names);
    }
  });
});

it.each(Object.keys(LANGUAGES))("%s has the forms of the plural that the language has", (language) => {
  // Spanish, French and Portuguese use `many` for round millions only, which no count of ours reaches.
  const wanted = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
  const needed = language === "ar" ? wanted : wanted.filter((form) => form !== "many");
  for (const [key, text] of Object.entries(read(language))) {
    for (const forms of parts(text).forms) expect(forms, key).toEqual(expect.arrayContaining(needed));
  }
});

it("knows no message that no page says", () => {
  const files = readdirSync(`${folder}..`, { recursive: true, encoding: "utf8" }).filter((name) => /\.tsx?$/.test(name) && !/generated|\.test\./.test(name));
  const source = files.map((name) => readFileSync(`${folder}../${name}`, "utf8")).join("\n");
  const spoken = (key: string) => source.includes(`"${key}"`) || source.includes("`" + key.slice(0, key.indexOf(".") + 1) + "${");
  expect(Object.keys(english).filter((key) => !spoken(key))).toEqual([]);
});

it("speaks with Latin digits and keeps foreign text from turning a sentence around", async () => {
  await speak("ar");
  expect(i18n._("today.count", { count: 14 })).toBe("14 مقترحاً");
  expect(i18n._("today.count", { count: 3 })).toBe("3 مقترحات");
  await speak("en");
  expect(i18n._("today.count", { count: 1 })).toBe("1 proposal");
  expect(isolated("P-0147")).toBe("\u2068P-0147\u2069");
});
