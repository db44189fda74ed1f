/** What stands around a condition: what follows from a match, for whom, until when, and who answers for it. */
import { useId } from "react";

import type { Fault, Vocabulary, Written } from "../api/calls";
import { Choice } from "../ui/parts";
import { TokenList } from "../ui/Suggest";
import { useWords, type Key } from "../words";
import { decimal, typedDecimal } from "./numbers";

interface PapersProps {
  data: Written;
  vocabulary: Vocabulary;
  faults: readonly Fault[];
  onChange: (changed: Written) => void;
}

type Field = "title" | "description" | "owner" | "reference" | "officer_text" | "valid_from" | "valid_until";

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);

function Line({ data, faults, onChange, field, long = false, hint }: PapersProps & { field: Field; long?: boolean; hint?: string }) {
  const { t } = useWords();
  const id = useId();
  const problem = faults.find((fault) => fault.place === `/${field}`)?.message ?? "";
  const props = {
    id,
    className: "plain-input",
    value: text(data[field]),
    dir: "auto" as const,
    "aria-invalid": problem ? true : undefined,
    "aria-describedby": problem || hint ? `${id}-told` : undefined,
    onChange: (event: { currentTarget: { value: string } }) => { onChange({ [field]: event.currentTarget.value }); },
  };
  return (
    <div className="note">
      <label htmlFor={id}>{t(`field.${field}` as Key)}</label>
      {long ? <textarea rows={2} {...props} /> : <input autoComplete="off" {...props} />}
      {(problem || hint) && <p id={`${id}-told`} className={problem ? "wrong" : "quiet"}>{problem && <span aria-hidden="true">! </span>}<bdi>{problem || hint}</bdi></p>}
    </div>
  );
}

/** What a match leads to: lane, share, checks, what the officer reads, what missing data mean, when it ends. */
export function Then(props: PapersProps) {
  const { data, vocabulary, faults, onChange } = props;
  const { t, pick, known, tag } = useWords();
  const checks = vocabulary.checks.map((each) => ({ value: each.code, label: pick(each.words, each.code) }));
  const problem = (field: string) => faults.find((fault) => fault.place === `/${field}` || fault.place.startsWith(`/${field}/`))?.message;
  return (
    <div className="papers">
      <div className="papers-line">
        <Choice
          label={t("field.lane")} value={text(data.lane)}
          options={vocabulary.lanes.toReversed().map((each) => ({ value: each.code, label: pick(each.words, each.code) }))}
          onChange={(lane) => { onChange({ lane }); }}
        />
        <Share value={text(data.share)} problem={problem("share")} tag={tag} onChange={(share) => { onChange({ share }); }} />
        <Choice
          label={t("field.unknown")} value={text(data.unknown)}
          options={vocabulary.unknown.map((each) => ({ value: each, label: known(`unknown.${each}`, each) }))}
          onChange={(unknown) => { onChange({ unknown }); }}
        />
      </div>
      <div className="note">
        <span className="label">{t("field.checks")}</span>
        <TokenList
          closed label={t("field.checks")} values={texts(data.checks)} options={checks} problem={problem("checks")}
          told={(code) => checks.find((each) => each.value === code)?.label ?? code}
          remove={(what) => t("builder.remove", { what })} placeholder={t("editor.addCheck")}
          onChange={(chosen) => { onChange({ checks: chosen }); }}
        />
      </div>
      <Line {...props} field="officer_text" long hint={t("editor.officerHint")} />
    </div>
  );
}

function Share({ value, problem, tag, onChange }: { value: string; problem: string | undefined; tag: string; onChange: (share: string) => void }) {
  const { t } = useWords();
  const id = useId();
  // People think of a share in per cent, the profile holds a part of one.
  const percent = /^\d(\.\d+)?$/.test(value) ? decimal(String(Math.round(Number(value) * 1e8) / 1e6), tag) : value;
  const typed = (written: string) => {
    const number = typedDecimal(written, tag);
    onChange(number === null ? written : String(Math.round(Number(number) * 1e6) / 1e8));
  };
  return (
    <div className="number share">
      <label htmlFor={id}>{t("field.share")}, %</label>
      <input id={id} className="plain-input" inputMode="decimal" dir="ltr" autoComplete="off" value={percent} aria-invalid={problem ? true : undefined} aria-describedby={problem ? `${id}-told` : undefined} onChange={(event) => { typed(event.currentTarget.value); }} />
      {problem && <p id={`${id}-told`} className="wrong"><span aria-hidden="true">! </span><bdi>{problem}</bdi></p>}
    </div>
  );
}

/** What it is, who answers for it, where and when it is in force. */
export function Papers(props: PapersProps & { described: string }) {
  const { data, vocabulary, onChange, described, faults } = props;
  const { t, known } = useWords();
  const flows = texts(data.flows);
  const offices = faults.find((fault) => fault.place.startsWith("/offices"))?.message;
  return (
    <div className="papers">
      <div className="papers-line">
        <Choice
          label={t("field.risk_area")} value={text(data.risk_area)}
          options={vocabulary.risk_areas.map((each) => ({ value: each, label: known(`risk.${each}`, each) }))}
          onChange={(risk_area) => { onChange({ risk_area }); }}
        />
        <Choice
          label={t("field.level")} value={text(data.level)}
          options={vocabulary.levels.map((each) => ({ value: each, label: known(`level.${each}`, each) }))}
          onChange={(level) => { onChange(level === "national" ? { level, offices: [] } : { level }); }}
        />
      </div>
      {data.level !== "national" && (
        <div className="note">
          <span className="label">{t("field.offices")}</span>
          <TokenList label={t("field.offices")} values={texts(data.offices)} problem={offices} remove={(what) => t("builder.remove", { what })} onChange={(chosen) => { onChange({ offices: chosen }); }} />
        </div>
      )}
      <fieldset className="tokens">
        <legend>{t("field.flows")}</legend>
        <div>
          {vocabulary.flows.map((flow) => (
            <label key={flow} className="token">
              <input type="checkbox" checked={flows.includes(flow)} onChange={(event) => { onChange({ flows: event.currentTarget.checked ? [...flows, flow] : flows.filter((each) => each !== flow) }); }} />
              <span>{known(`flow.${flow}`, flow)}</span>
            </label>
          ))}
        </div>
      </fieldset>
      <div className="papers-line">
        <Line {...props} field="valid_from" />
        <Line {...props} field="valid_until" hint={t("editor.untilHint")} />
      </div>
      <Line {...props} field="owner" />
      <Line {...props} field="reference" hint={t("editor.referenceHint")} />
      <Line {...props} field="description" long hint={text(data.description) === "" ? described : undefined} />
    </div>
  );
}
