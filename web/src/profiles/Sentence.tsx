/** A condition as a sentence, in the language of the page or another one. */
import { useState } from "react";

import { LANGUAGES } from "../preferences";
import { Choice } from "../ui/parts";
import { useWords } from "../words";

export function Sentence({ words, old = false }: { words: Readonly<Record<string, string>> | null; old?: boolean }) {
  const { t, tag } = useWords();
  const [language, setLanguage] = useState<string | null>(null);
  if (words === null) return null;
  const own = tag.split("-")[0] ?? "en";
  const shown = language ?? (own in words ? own : "en");
  return (
    <div className="sentence" data-old={old || undefined}>
      <p lang={shown} dir={shown === "ar" ? "rtl" : "ltr"}>{words[shown]}</p>
      <Choice
        label={t("editor.readIn")}
        hideLabel
        value={shown}
        options={Object.entries(LANGUAGES).filter(([code]) => code in words).map(([value, label]) => ({ value, label }))}
        onChange={setLanguage}
      />
    </div>
  );
}
