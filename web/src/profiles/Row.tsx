/** One condition: a feature, an operator and a value, each an editor of its own kind. */
import { useMemo, useState, type KeyboardEvent } from "react";

import type { FeatureTold, Vocabulary } from "../api/calls";
import { NumberField } from "../ui/Tokens";
import { Choice } from "../ui/parts";
import { Picker, TokenList, type Option } from "../ui/Suggest";
import { isolated, useWords, type Key } from "../words";
import { decimal, typedDecimal } from "./numbers";
import { operatorsOf, shapeOf, treeOf, withOperator, type Literal, type Tree } from "./tree";

interface RowProps {
  row: Literal;
  vocabulary: Vocabulary;
  onChange: (tree: Tree) => void;
  /** Enter where nothing is left to say: the next row. */
  onDone: () => void;
  problem: string;
  focused: boolean;
}

/** The features as somebody finds them: by their words, their name and their family. */
export function useFeatureOptions(vocabulary: Vocabulary, kind?: FeatureTold): Option[] {
  const { pick, tag } = useWords();
  return useMemo(() => {
    const comparable = vocabulary.features.filter(
      (each) => kind === undefined || (each.name !== kind.name && each.kind === kind.kind && each.form === kind.form && each.unit === kind.unit),
    );
    return comparable.map((each) => ({ value: each.name, label: pick(each.words, each.name), hint: each.name }));
  }, [vocabulary, kind, tag]);
}

export function Row({ row, vocabulary, onChange, onDone, problem, focused }: RowProps) {
  const { t, known } = useWords();
  const options = useFeatureOptions(vocabulary);
  // Whoever has chosen what is looked at says the value next; the usual operator stands already.
  const [chosen, setChosen] = useState(false);
  const feature = vocabulary.features.find((each) => each.name === row.feature);
  const choose = (name: string) => {
    const next = vocabulary.features.find((each) => each.name === name);
    const operator = next && operatorsOf(next)[0];
    setChosen(true);
    if (next && operator !== undefined) onChange(treeOf(withOperator({ feature: name, operator: "", value: "" }, operator, next)));
  };
  const offered = feature ? operatorsOf(feature) : [];
  // A condition from elsewhere may use what this form does not offer.
  const operators = feature && !offered.includes(row.operator) ? [row.operator, ...offered] : offered;
  return (
    <div className="row-parts">
      <Picker label={t("builder.feature")} value={row.feature} options={options} onChange={choose} placeholder={t("builder.choose")} focused={focused && !feature} />
      {feature && (
        <>
          <Choice
            label={t("builder.operator")}
            hideLabel
            value={row.operator}
            options={operators.map((each) => ({ value: each, label: known(`op.${each}`, each) }))}
            onChange={(operator) => { onChange(treeOf(withOperator(row, operator, feature))); }}
          />
          <Value key={shapeOf(row.operator, feature)} row={row} feature={feature} vocabulary={vocabulary} focused={chosen} onDone={onDone} onChange={(value) => { onChange(treeOf({ ...row, value })); }} />
        </>
      )}
      {problem && <p className="wrong" role="alert"><span aria-hidden="true">! </span><bdi>{problem}</bdi></p>}
    </div>
  );
}

interface ValueProps {
  row: Literal;
  feature: FeatureTold;
  vocabulary: Vocabulary;
  focused: boolean;
  onDone: () => void;
  onChange: (value: unknown) => void;
}

function Value({ row, feature, vocabulary, focused, onDone, onChange }: ValueProps) {
  const { t } = useWords();
  const label = t("builder.value");
  const others = useFeatureOptions(vocabulary, feature);
  const several = Array.isArray(row.value) ? row.value.map(String) : [];
  switch (shapeOf(row.operator, feature)) {
    case "none":
      return null;
    case "flag":
      return (
        <Choice
          label={label}
          hideLabel
          value={String(row.value)}
          options={["true", "false"].map((each) => ({ value: each, label: t(`value.${each}` as Key) }))}
          onChange={(value) => { onChange(value === "true"); }}
        />
      );
    case "list": {
      const lists = vocabulary.lists.filter((each) => each.kind === feature.form).map((each) => ({ value: each.code, label: each.code, hint: each.source }));
      return <Picker label={t("builder.list")} value={String(row.value)} options={lists} onChange={onChange} placeholder={t("builder.list")} focused={focused} />;
    }
    case "feature":
      return <Picker label={t("builder.other")} value={String(row.value)} options={others} onChange={onChange} placeholder={t("builder.choose")} focused={focused} />;
    case "several":
      return isNumber(feature)
        ? <Numbers feature={feature} values={several} focused={focused} onDone={onDone} onChange={onChange} />
        : <Codes feature={feature} values={several} focused={focused} onDone={onDone} onChange={onChange} />;
    case "two":
      return (
        <>
          <One feature={feature} label={t("builder.low")} value={several[0] ?? ""} focused={focused} onChange={(low) => { onChange([low, several[1] ?? ""]); }} />
          <span>{t("builder.and")}</span>
          <One feature={feature} label={t("builder.high")} value={several[1] ?? ""} onDone={onDone} onChange={(high) => { onChange([several[0] ?? "", high]); }} />
        </>
      );
    case "one":
      return <One feature={feature} label={label} value={String(row.value)} focused={focused} onDone={onDone} onChange={onChange} />;
  }
}

function isNumber({ kind }: FeatureTold): boolean {
  return kind === "amount" || kind === "ratio" || kind === "count";
}

interface OneProps {
  feature: FeatureTold;
  label: string;
  value: string;
  focused?: boolean;
  onDone?: () => void;
  onChange: (value: unknown) => void;
}

/** A value that was typed, as the API takes it: counts are whole numbers, other numbers exact decimals. */
function One({ feature, label, value, focused = false, onDone, onChange }: OneProps) {
  const { tag } = useWords();
  const done = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || onDone === undefined) return;
    event.preventDefault();
    onDone();
  };
  if (!isNumber(feature)) {
    return (
      <input
        className="plain-input short" aria-label={label} dir="auto" spellCheck={false} autoComplete="off" autoFocus={focused} value={value}
        placeholder={feature.kind === "day" ? "2026-12-31" : undefined}
        size={Math.max(6, value.length)}
        onKeyDown={done}
        onChange={(event) => { onChange(feature.kind === "day" ? event.currentTarget.value : capitals(event.currentTarget.value)); }}
      />
    );
  }
  const unit = feature.unit === "-" ? "" : feature.unit;
  return (
    <span className="one-number" onKeyDown={done}>
      <NumberField key={tag} label={label} hideLabel focused={focused} value={decimal(value, tag)} onChange={(text) => { onChange(numbered(feature, typedDecimal(text, tag) ?? text)); }} />
      {unit && <span className="quiet"><bdi>{unit}</bdi></span>}
    </span>
  );
}

/** A count is a number to the API, any other number a text, so that no digit of it is lost. */
function numbered({ kind }: FeatureTold, text: string): string | number {
  return kind === "count" && /^\d{1,15}$/.test(text) ? Number(text) : text;
}

interface SeveralProps {
  feature: FeatureTold;
  values: readonly string[];
  focused: boolean;
  onDone: () => void;
  onChange: (values: unknown[]) => void;
}

function Numbers({ feature, values, focused, onDone, onChange }: SeveralProps) {
  const { t, tag } = useWords();
  return (
    <TokenList
      label={t("builder.value")} values={values} focused={focused} onDone={onDone}
      told={(value) => decimal(value, tag)}
      clean={(text) => typedDecimal(text, tag) ?? text.trim()}
      remove={(value) => t("builder.remove", { what: value })}
      onChange={(changed) => { onChange(changed.map((each) => numbered(feature, each))); }}
    />
  );
}

function Codes({ feature, values, focused, onDone, onChange }: SeveralProps) {
  const { t, country, tag } = useWords();
  const countries = feature.form === "country";
  const options = useMemo(() => (countries ? codesOfCountries(tag).map((code) => ({ value: code, label: country(code), hint: code })) : []), [countries, country, tag]);
  return (
    <TokenList
      label={t("builder.value")} values={values} focused={focused} onDone={onDone} onChange={onChange} options={options}
      told={(value) => (countries && country(value) !== value ? `${country(value)} ${isolated(value)}` : value)}
      clean={feature.kind === "text" ? capitals : (text) => text.trim().toLocaleUpperCase("en")}
      remove={(value) => t("builder.remove", { what: value })}
      placeholder={feature.expected}
    />
  );
}

/** Texts are compared in capitals with single blanks; those at the ends count, for they end a word. */
function capitals(text: string): string {
  return text.trim() === "" ? "" : text.toLocaleUpperCase("en").replace(/\s+/g, " ");
}

/** Every code of two capitals that the browser knows as a country. */
function codesOfCountries(tag: string): string[] {
  const names = new Intl.DisplayNames(tag, { type: "region", fallback: "none" });
  const letters = Array.from({ length: 26 }, (_, at) => String.fromCharCode(65 + at));
  const outside = new Set(["EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"]);
  return letters.flatMap((one) => letters.map((two) => one + two)).filter((code) => !outside.has(code) && names.of(code) !== undefined);
}
