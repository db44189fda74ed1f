/** The top of every page: whose service it is, language, theme. */
import type { ReactNode } from "react";
import { Link } from "wouter";

import { LANGUAGES, prefer, usePreferences, type Language } from "../preferences";
import { Choice, Switch } from "../ui/parts";
import { useWords } from "../words";

export function Bar({ children }: { children?: ReactNode }) {
  const { t } = useWords();
  const { language, theme } = usePreferences();
  const options = Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }));
  return (
    <header className="bar">
      <Link href="/" className="brand">
        <img src="mark.svg" width="26" height="26" alt="" />
        Tidewaiter
      </Link>
      <span className="push" />
      <Choice
        label={t("frame.language")}
        hideLabel
        value={language}
        options={options}
        onChange={(value) => { prefer({ language: value as Language }); }}
      />
      <Switch label={t("frame.dark")} on={theme === "dark"} onChange={(on) => { prefer({ theme: on ? "dark" : "light" }); }} />
      {children}
    </header>
  );
}
