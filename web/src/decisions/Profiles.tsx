/** The profiles that fired, each with its condition and the values that decided. */
import type { DecisionAccount } from "../api/calls";
import { Empty } from "../ui/states";
import { useWords } from "../words";

export function Profiles({ of }: { of: DecisionAccount }) {
  const { t, percent } = useWords();
  const others = of.profiles - of.fired.length - of.undecided.length;
  return (
    <>
      {of.fired.length === 0 && <Empty>{t("rules.none")}</Empty>}
      <ul className="fired">
        {of.fired.map((each) => (
          <li key={each.code}>
            <h3><bdi>{each.title}</bdi></h3>
            <p className="quiet">
              <code dir="ltr">{each.code}</code> · {t("results.version", { version: each.version })} · <bdi>{each.owner}</bdi> · {t("rules.share", { share: percent(each.share) })}
            </p>
            <p dir="ltr" lang="en" className="condition">{each.condition}</p>
            <ul className="values">
              {each.values.map((value, at) => (
                <li key={at}>
                  <span dir="ltr" lang="en">{value.words}</span>: <b><bdi>{value.value}</bdi></b>{" "}
                  <span className="quiet">{value.item === 0 ? t("rules.header") : t("rules.item", { number: value.item })}</span>
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
      {of.undecided.length > 0 && (
        <details>
          <summary>{t("rules.undecided", { count: of.undecided.length })}</summary>
          <ul className="values">
            {of.undecided.map((each) => <li key={each.code}><bdi>{each.title}</bdi>: <span dir="ltr" lang="en">{each.missing.join(", ")}</span></li>)}
          </ul>
        </details>
      )}
      <p className="quiet">{t("rules.others", { count: others })}</p>
    </>
  );
}
