/** What the model said, and what moved it: bars from the middle, with the same as a table. */
import type { DecisionAccount } from "../api/calls";
import { Empty } from "../ui/states";
import { useWords } from "../words";

/** The strongest that are drawn; the rest is summed up. */
const SHOWN = 8;

export function Model({ of }: { of: DecisionAccount }) {
  const { t, percent, number } = useWords();
  if (of.model === null || of.probability === null) return <Empty>{t("model.none")}</Empty>;
  const told = of.contributions?.filter((each) => each.log_odds !== 0) ?? [];
  const [shown, rest] = [told.slice(0, SHOWN), told.slice(SHOWN)];
  const most = Math.max(...shown.map((each) => Math.abs(each.log_odds)), 1e-9);
  return (
    <>
      <p>
        {t("model.said", { probability: percent(of.probability) })}{" "}
        {of.expected_revenue !== null && t("model.revenue", { value: number(of.expected_revenue, 0) })}
      </p>
      {of.contributions === null && <Empty>{t("model.gone")}</Empty>}
      {of.contributions !== null && told.length === 0 && <Empty>{t("model.nothing")}</Empty>}
      {shown.length > 0 && (
        <div className="scroll" tabIndex={0} role="group" aria-label={t("model.what")}>
          <table aria-label={t("model.what")} className="waterfall">
            <thead>
              <tr>
                <th scope="col">{t("model.feature")}</th>
                <th scope="col">{t("goods.number")}</th>
                <th scope="col" className="amount">{t("model.odds")}</th>
                <th scope="col"><span className="unseen">{t("model.bar")}</span></th>
              </tr>
            </thead>
            <tbody>
              {shown.map((each) => <Row key={`${each.feature}/${String(each.item)}`} words={each.words} item={each.item} value={each.log_odds} most={most} />)}
              {rest.length > 0 && <Row words={null} item={null} value={rest.reduce((sum, each) => sum + each.log_odds, 0)} most={most} count={rest.length} />}
            </tbody>
          </table>
        </div>
      )}
      <p className="quiet">{t("model.version")} <code dir="ltr">{of.model}</code></p>
    </>
  );
}

function Row({ words, item, value, most, count = 0 }: { words: string | null; item: number | null; value: number; most: number; count?: number }) {
  const { t, tag } = useWords();
  const width = Math.min(1, Math.abs(value) / most) * 50;
  return (
    <tr>
      <td>{words === null ? t("model.rest", { count }) : <span dir="ltr" lang="en">{words}</span>}</td>
      <td>{item ?? ""}</td>
      <td className="amount"><bdi>{new Intl.NumberFormat(tag, { maximumFractionDigits: 2, signDisplay: "exceptZero" }).format(value)}</bdi></td>
      <td>
        <svg viewBox="0 0 100 12" className="bar-chart" aria-hidden="true" preserveAspectRatio="none">
          <rect className={value > 0 ? "more-suspicious" : "less-suspicious"} x={value > 0 ? 50 : 50 - width} y="1" width={width} height="10" />
          <path d="M50 0v12" className="axis" />
        </svg>
      </td>
    </tr>
  );
}
