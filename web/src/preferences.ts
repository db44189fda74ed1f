/** What a person chose for this browser: language, theme, single-key shortcuts. */
import { useSyncExternalStore } from "react";

export const LANGUAGES = { en: "English", fr: "Français", es: "Español", pt: "Português", ar: "العربية" } as const;
export type Language = keyof typeof LANGUAGES;
export type Theme = "light" | "dark";

export interface Preferences {
  language: Language;
  theme: Theme;
  singleKeys: boolean;
}

/** The same name stands in the script of index.html, which runs before the first paint. */
const PLACE = "tidewaiter.preferences";
const listeners = new Set<() => void>();
let current: Preferences | undefined;

/** Return what was chosen; the document tells what the first-paint script found. */
export function preferences(): Preferences {
  current ??= { ...fromDocument(), ...kept() };
  return current;
}

/** Choose, for this browser; where nothing can be kept the choice lasts as long as the page. */
export function prefer(change: Partial<Preferences>): void {
  current = { ...preferences(), ...change };
  const root = document.documentElement;
  root.lang = current.language;
  root.dir = current.language === "ar" ? "rtl" : "ltr";
  root.setAttribute("data-mantine-color-scheme", current.theme);
  try {
    localStorage.setItem(PLACE, JSON.stringify(current));
  } catch {
    // Storage is full or forbidden.
  }
  listeners.forEach((tell) => { tell(); });
}

export function usePreferences(): Preferences {
  return useSyncExternalStore((tell) => {
    listeners.add(tell);
    return () => listeners.delete(tell);
  }, preferences);
}

function fromDocument(): Preferences {
  const root = document.documentElement;
  const language = root.lang in LANGUAGES ? (root.lang as Language) : "en";
  return { language, theme: root.getAttribute("data-mantine-color-scheme") === "dark" ? "dark" : "light", singleKeys: true };
}

function kept(): Partial<Preferences> {
  try {
    const found = JSON.parse(localStorage.getItem(PLACE) ?? "{}") as Partial<Preferences>;
    return typeof found.singleKeys === "boolean" ? { singleKeys: found.singleKeys } : {};
  } catch {
    return {};
  }
}
