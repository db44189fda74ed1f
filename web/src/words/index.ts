/** Words of the interface: one ICU message per sentence and language, compiled by the build. */
import { setupI18n, type Messages } from "@lingui/core";
import { useLingui } from "@lingui/react";
import { useMemo } from "react";

import type { Language } from "../preferences";
import type english from "./en.json";

export type Key = keyof typeof english;
type Values = Record<string, string | number>;

const CATALOGUES: Record<Language, () => Promise<{ default: unknown }>> = {
  en: () => import("./en.json"),
  fr: () => import("./fr.json"),
  es: () => import("./es.json"),
  pt: () => import("./pt.json"),
  ar: () => import("./ar.json"),
};

export const i18n = setupI18n();

/** Load a language and speak it. */
export async function speak(language: Language): Promise<void> {
  const catalogue = await CATALOGUES[language]();
  i18n.load(language, catalogue.default as Messages);
  // Latin digits in every language, as on the declarations.
  i18n.activate(language, [`${language}-u-nu-latn`]);
  document.title = "Tidewaiter";
}

/** A value in a sentence of the other direction must not turn the sentence around (Unicode UAX 9, isolates). */
export function isolated(text: string): string {
  return `\u2068${text}\u2069`;
}

export interface Words {
  t: (key: Key, values?: Values) => string;
  /** The message if there is one: for codes that a later server may know and this page does not. */
  known: (key: string, otherwise: string) => string;
  list: (parts: string[]) => string;
  instant: (iso: string) => string;
  time: (iso: string) => string;
  /** A day without a time, such as 2026-12-31. */
  day: (iso: string) => string;
  /** A number with at most two decimals, or as many as are asked. */
  number: (value: number | string, decimals?: number) => string;
  percent: (share: number) => string;
  /** The name of a country; its code when it has none. */
  country: (code: string) => string;
  /** What an administration wrote, in the language of the page; English, or whatever there is, otherwise. */
  pick: (words: Record<string, string>, otherwise?: string) => string;
  tag: string;
}

export function useWords(): Words {
  const { i18n: spoken } = useLingui();
  const locale = spoken.locale;
  return useMemo(() => {
    // Day before month, as everywhere but in one country.
    const tag = `${locale === "en" ? "en-GB" : locale}-u-nu-latn`;
    const lists = new Intl.ListFormat(tag, { type: "conjunction" });
    const instants = new Intl.DateTimeFormat(tag, {
      day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
    });
    const times = new Intl.DateTimeFormat(tag, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    const days = new Intl.DateTimeFormat(tag, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
    const places = new Intl.DisplayNames(tag, { type: "region", fallback: "code" });
    const shares = new Intl.NumberFormat(tag, { style: "percent", maximumFractionDigits: 1 });
    const messages = spoken.messages;
    return {
      tag,
      number: (value, decimals = 2) => new Intl.NumberFormat(tag, { maximumFractionDigits: decimals }).format(Number(value)),
      // The mark keeps the sign behind the digits in a sentence from right to left.
      percent: (share) => `\u200e${shares.format(share)}`,
      country: (code) => (/^[A-Z]{2}$/.test(code) ? (places.of(code) ?? code) : code),
      pick: (words, otherwise = "") => words[locale] ?? words.en ?? Object.values(words)[0] ?? otherwise,
      t: (key, values = {}) => {
        const safe = Object.entries(values).map(([name, value]) => [
          name, typeof value === "string" ? isolated(value) : value,
        ]);
        return i18n._(key, Object.fromEntries(safe) as Values);
      },
      known: (key, otherwise) => (key in messages ? i18n._(key) : otherwise),
      list: (parts) => lists.format(parts),
      instant: (iso) => instants.format(new Date(iso)),
      time: (iso) => times.format(new Date(iso)),
      day: (iso) => (/^\d{4}-\d\d-\d\d$/.test(iso) ? days.format(new Date(`${iso}T00:00:00Z`)) : iso),
    };
  }, [locale, spoken.messages]);
}
