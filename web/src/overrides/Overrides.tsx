/** What people did with the lane of a decision, in order. */
import type { LaneInForce } from "../api/calls";
import { useWords, type Key } from "../words";

export function Overrides({ of }: { of: LaneInForce }) {
  const { t, instant, list, pick } = useWords();
  const name = (code: string) => pick(of.lanes.find((each) => each.code === code)?.words ?? {}, code);
  return (
    <ol className="record">
      {of.overrides.map((each) => (
        <li key={each.number}>
          <div>{t(each.direction === "raised" ? "override.raised" : "override.lowered", { from: name(each.from_lane), to: name(each.lane) })}</div>
          <div>{t(`reason.${each.reason_code}` as Key)}: <bdi>{each.text}</bdi></div>
          <div className="quiet">{t("override.by", { names: list([each.by, ...each.approved_by]) })} <time dateTime={each.at}>{instant(each.at)}</time></div>
        </li>
      ))}
    </ol>
  );
}
