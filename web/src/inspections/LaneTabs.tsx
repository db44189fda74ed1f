/** The lanes of a queue with how many wait in each. */
import { Link } from "wouter";

import type { InspectionList } from "../api/calls";
import { Lane } from "../ui/LaneMark";
import { useWords } from "../words";

interface LaneTabsProps {
  of: InspectionList;
  /** Code of the lane that is shown; null: all; undefined: the queue itself is elsewhere. */
  chosen: string | null | undefined;
}

/** Links, because the lane stands in the address. */
export function LaneTabs({ of, chosen }: LaneTabsProps) {
  const { t, pick, number } = useWords();
  const all = of.lanes.reduce((sum, each) => sum + each.waiting, 0);
  const to = (lane: string) => {
    const asked = new URLSearchParams({ ...(of.office ? { office: of.office } : {}), ...(lane ? { lane } : {}) });
    return `/inspections?${asked.toString()}`;
  };
  return (
    <nav className="tabs" aria-label={t("queue.lanes")}>
      <ul>
        <li><Link href={to("")} replace aria-current={chosen === null ? "true" : undefined}>{t("queue.all")} <b>{number(all)}</b></Link></li>
        {of.lanes.map((lane) => (
          <li key={lane.code}>
            <Link href={to(lane.code)} replace aria-current={chosen === lane.code ? "true" : undefined}>
              <Lane colour={lane.colour} word={pick(lane.words, lane.code)} /> <b>{number(lane.waiting)}</b>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
