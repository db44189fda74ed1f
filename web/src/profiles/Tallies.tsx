/** How often a profile matched by week: bars for the eye, a table for everybody. */
import type { ProfileRead } from "../api/calls";
import { Empty } from "../ui/states";
import { useWords } from "../words";

type Tally = ProfileRead["tallies"][number];
const WEEKS = 12;

interface Week { first: string; matches: number; undecided: number; shadow: number }

/** Return the last weeks with their sums, oldest first; a week begins on Monday (ISO 8601). */
export function byWeek(tallies: readonly Tally[]): Week[] {
  const weeks = new Map<string, Week>();
  for (const tally of tallies) {
    const day = new Date(`${tally.day}T00:00:00Z`);
    day.setUTCDate(day.getUTCDate() - ((day.getUTCDay() + 6) % 7));
    const first = day.toISOString().slice(0, 10);
    const week = weeks.get(first) ?? { first, matches: 0, undecided: 0, shadow: 0 };
    weeks.set(first, {
      first,
      matches: week.matches + (tally.shadow ? 0 : tally.matches),
      undecided: week.undecided + (tally.shadow ? 0 : tally.undecided),
      shadow: week.shadow + (tally.shadow ? tally.matches : 0),
    });
  }
  return [...weeks.values()].sort((one, other) => one.first.localeCompare(other.first)).slice(-WEEKS);
}

export function Tallies({ of }: { of: readonly Tally[] }) {
  const { t, day, number } = useWords();
  const weeks = byWeek(of);
  if (weeks.length === 0) return <Empty>{t("profiles.noMatches")}</Empty>;
  const most = Math.max(1, ...weeks.map((week) => Math.max(week.matches, week.shadow)));
  return (
    <div className="scroll">
      <table className="tallies">
        <caption className="unseen">{t("profiles.matches")}</caption>
        <thead><tr><th scope="col">{t("profiles.col.week")}</th><th scope="col" className="amount">{t("profiles.col.matches")}</th><th scope="col" className="amount">{t("profiles.col.undecided")}</th><th scope="col" className="amount">{t("profiles.col.shadow")}</th><td /></tr></thead>
        <tbody>
          {weeks.map((week) => (
            <tr key={week.first}>
              <th scope="row"><time dateTime={week.first}>{day(week.first)}</time></th>
              <td className="amount">{number(week.matches)}</td>
              <td className="amount">{number(week.undecided)}</td>
              <td className="amount">{number(week.shadow)}</td>
              <td className="bar-cell" aria-hidden="true"><svg viewBox="0 0 100 12" preserveAspectRatio="none" width="100%" height="12"><rect width={(100 * week.matches) / most} height="12" className="bar-live" /><rect width={(100 * week.shadow) / most} y="9" height="3" className="bar-shadow" /></svg></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
