/** A share with its interval on an axis from 0 to 1: a line, a dot, and the baseline dashed. */
import { useWords } from "../words";

export function Interval({ low, high, value, baseline }: { low: number; high: number; value: number; baseline: number | null }) {
  const { percent, tag } = useWords();
  const range = new Intl.NumberFormat(tag, { style: "percent", maximumFractionDigits: 1 }).formatRange(low, high);
  const at = (share: number) => 2 + 96 * share;
  return (
    <span className="interval">
      <svg viewBox="0 0 100 12" preserveAspectRatio="none" width="100%" height="14" role="img" aria-label={`${percent(value)}, ${range}`}>
        <line x1="2" x2="98" y1="6" y2="6" className="interval-axis" />
        {baseline !== null && <line x1={at(baseline)} x2={at(baseline)} y1="0" y2="12" className="interval-baseline" vectorEffect="non-scaling-stroke" />}
        <line x1={at(low)} x2={at(high)} y1="6" y2="6" className="interval-line" vectorEffect="non-scaling-stroke" />
        <line x1={at(value)} x2={at(value)} y1="2" y2="10" className="interval-value" vectorEffect="non-scaling-stroke" />
      </svg>
      <bdi className="quiet">{range}</bdi>
    </span>
  );
}
