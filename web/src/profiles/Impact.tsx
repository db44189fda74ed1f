/** What a profile would have found in the newest decisions, as far as it can be told. */
import { useEffect, useState } from "react";
import { Link } from "wouter";

import { impact, type ImpactTold, type Vocabulary, type Written } from "../api/calls";
import { Interval } from "../ui/Interval";
import { useReason } from "../ui/states";
import { useWords, type Key } from "../words";

/** Longer than for the words alone: the figures follow the author, they do not chase every key. */
const PAUSE_MS = 500;

interface Asked {
  told: ImpactTold | null;
  problem: unknown;
  old: boolean;
}

/** Ask what the profile in the form would have found; late answers are dropped. Null: there is nothing to ask yet. */
function useImpact(written: Written | null): Asked {
  const words = written === null ? "" : JSON.stringify(written);
  const [answer, setAnswer] = useState<{ of: string; told: ImpactTold | null; problem: unknown }>({ of: "", told: null, problem: null });
  useEffect(() => {
    if (words === "") return;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      impact(JSON.parse(words) as Written, stop.signal).then(
        (told) => { if (!stop.signal.aborted) setAnswer({ of: words, told, problem: null }); },
        (problem: unknown) => { if (!stop.signal.aborted) setAnswer((before) => ({ ...before, of: words, problem })); },
      );
    }, PAUSE_MS);
    return () => { clearTimeout(timer); stop.abort(); };
  }, [words]);
  return { told: answer.told, problem: answer.problem, old: answer.of !== words };
}

export function Impact({ written, vocabulary }: { written: Written | null; vocabulary: Vocabulary | undefined }) {
  const { t } = useWords();
  const { told, problem, old } = useImpact(written);
  const reason = useReason(problem);
  return (
    <section className="card impact" aria-label={t("impact.title")} aria-busy={old && written !== null} data-old={old || undefined}>
      <h2>{t("impact.title")}</h2>
      {problem !== null && <p className="wrong" role="alert"><span aria-hidden="true">! </span><bdi>{reason}</bdi></p>}
      {told === null && problem === null && <p className="empty">{t("impact.waits")}</p>}
      {told && problem === null && <Figures of={told} vocabulary={vocabulary} />}
    </section>
  );
}

function Figures({ of, vocabulary }: { of: ImpactTold; vocabulary: Vocabulary | undefined }) {
  const { t, number, instant, pick } = useWords();
  if (of.decisions === 0 || of.first === null || of.last === null) return <p className="empty">{t("impact.none")}</p>;
  return (
    <>
      <p className="quiet">{t("impact.asked", { count: of.decisions, from: instant(of.first), to: instant(of.last) })}</p>
      {of.warnings.map((warned) => <p key={warned} className="warned"><span aria-hidden="true">▲ </span>{t(`warned.${warned}` as Key)}</p>)}
      <dl className="tiles">
        <div><dt>{t("impact.matches")}</dt><dd>{number(of.matches)} <span className="quiet">{t("impact.perDay", { number: number(of.per_day, 1) })}</span></dd></div>
        <div><dt>{t("impact.newly")}</dt><dd>{number(of.newly_selected)}</dd></div>
        <div><dt>{t("impact.onlyHere")}</dt><dd>{number(of.only_here)}</dd></div>
        <div><dt>{t("impact.unknown")}</dt><dd>{number(of.undecided)}</dd></div>
        <div><dt>{t("impact.recovered")}</dt><dd>{number(of.recovered, 0)}</dd></div>
      </dl>
      {of.steps.length > 1 && (
        <>
          <h3>{t("impact.steps")}</h3>
          <ol className="funnel">
            {of.steps.map((step, at) => (
              <li key={at}>
                <span>{pick(step.words)}</span>
                <svg viewBox="0 0 100 6" preserveAspectRatio="none" width="100%" height="6" aria-hidden="true"><rect width="100" height="6" className="bar-rest" /><rect width={(100 * step.left) / of.decisions} height="6" className="bar-live" /></svg>
                <b>{t("impact.left", { count: step.left })}</b> <span className="quiet">{t("impact.stepUnknown", { count: step.unknown })}</span>
              </li>
            ))}
          </ol>
        </>
      )}
      <Rates of={of} />
      {of.offices.length > 0 && (
        <>
          <h3>{t("impact.offices")}</h3>
          <dl className="facts">
            {of.offices.map((each) => (
              <div key={each.office} className="pair">
                <dt><bdi>{each.office}</bdi></dt>
                <dd data-over={(each.capacity !== null && each.added > each.capacity) || undefined}>
                  {each.capacity === null ? number(each.added, 1) : t("impact.ofCapacity", { added: number(each.added, 1), capacity: number(each.capacity, 1) })}
                </dd>
              </div>
            ))}
          </dl>
        </>
      )}
      <Weeks of={of.weeks} />
      <Shares of={of} />
      <Samples of={of} vocabulary={vocabulary} />
    </>
  );
}

/** Rates on one axis, each with what it rests on; where the results are too few there is none. */
function Rates({ of }: { of: ImpactTold }) {
  const { t, percent, number } = useWords();
  const baseline = of.everything.inspected > 0 ? of.everything.irregular / of.everything.inspected : null;
  const rows = [["hitRate", of.hit_rate], ["random", of.random_only], ["everything", of.everything]] as const;
  return (
    <>
      <h3>{t("impact.rates")}</h3>
      <dl className="rates">
        {rows.map(([name, rate]) => (
          <div key={name}>
            <dt>{t(`impact.${name}`)}</dt>
            <dd>
              {rate.low === null || rate.high === null
                ? <span className="quiet">{t("impact.of", { irregular: rate.irregular, inspected: rate.inspected })}, {t("impact.few")}</span>
                : <>
                    <b>{percent(rate.irregular / rate.inspected)}</b> <span className="quiet">{t("impact.of", { irregular: rate.irregular, inspected: rate.inspected })}</span>
                    <Interval low={rate.low} high={rate.high} value={rate.irregular / rate.inspected} baseline={name === "everything" ? null : baseline} />
                  </>}
            </dd>
          </div>
        ))}
        <div>
          <dt>{t("impact.weighted")}</dt>
          <dd>
            {of.weighted === null
              ? <span className="quiet">{t("impact.few")}</span>
              : <>
                  <b>{percent(of.weighted.value)}</b> <span className="quiet">{t("impact.worth", { effective: number(of.weighted.effective, 0) })}</span>
                  <Interval low={of.weighted.low} high={of.weighted.high} value={of.weighted.value} baseline={baseline} />
                </>}
          </dd>
        </div>
      </dl>
    </>
  );
}

function Weeks({ of }: { of: ImpactTold["weeks"] }) {
  const { t, day, number } = useWords();
  const most = Math.max(1, ...of.map((week) => week.matches));
  if (of.length < 2) return null;
  return (
    <details>
      <summary>{t("impact.weeks")}</summary>
      <dl className="facts">
        {of.map((week) => (
          <div key={week.first} className="pair">
            <dt><time dateTime={week.first}>{day(week.first)}</time></dt>
            <dd>{number(week.matches)} <svg viewBox="0 0 100 6" preserveAspectRatio="none" width="80" height="8" aria-hidden="true"><rect width={(100 * week.matches) / most} height="6" className="bar-live" /></svg></dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

function Shares({ of }: { of: ImpactTold }) {
  const { t, percent, number } = useWords();
  return (
    <>
      {of.overlap.length > 0 && (
        <details>
          <summary>{t("impact.overlap")}</summary>
          <dl className="facts">{of.overlap.map((each) => <div key={each.profile} className="pair"><dt><Link href={`/profiles/${each.profile}`}>{each.profile}</Link></dt><dd>{percent(each.share)}</dd></div>)}</dl>
        </details>
      )}
      {of.traders.length > 0 && (
        <details>
          <summary>{t("impact.traders")}</summary>
          <dl className="facts">{of.traders.map((each) => <div key={each.importer} className="pair"><dt><bdi>{each.importer}</bdi></dt><dd>{number(each.matches)}</dd></div>)}</dl>
        </details>
      )}
    </>
  );
}

function Samples({ of, vocabulary }: { of: ImpactTold; vocabulary: Vocabulary | undefined }) {
  const { t, instant, pick } = useWords();
  if (of.samples.length === 0) return null;
  const words = (name: string) => pick(vocabulary?.features.find((each) => each.name === name)?.words ?? {}, name);
  const found = (irregular: boolean | null) => (irregular === null ? t("impact.notControlled") : irregular ? `▲ ${t("impact.irregular")}` : `✓ ${t("impact.compliant")}`);
  return (
    <details>
      <summary>{t("impact.samples")}</summary>
      <ul className="samples">
        {of.samples.map((each) => (
          <li key={each.decision_id}>
            <Link href={`/decisions/${each.decision_id}`}><bdi>{each.declaration_id}</bdi></Link> <bdi>{each.office}</bdi> <time dateTime={each.at}>{instant(each.at)}</time> · {found(each.irregular)}
            <ul>{each.values.map((value, at) => <li key={at} className="quiet">{words(value.feature)}: <bdi>{value.value}</bdi></li>)}</ul>
          </li>
        ))}
      </ul>
    </details>
  );
}
