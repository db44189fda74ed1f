/** One of a few, each as wide as its text: radio buttons that look like tokens. */
import { useId } from "react";

interface TokensProps<T extends string> {
  label: string;
  value: T | null;
  options: readonly { value: T; label: string; glyph?: string }[];
  onChange: (value: T) => void;
  /** Large ones, for the first choice of a form. */
  large?: boolean;
  /** What is wrong with the choice; empty: nothing. */
  problem?: string;
}

export function Tokens<T extends string>({ label, value, options, onChange, large = false, problem = "" }: TokensProps<T>) {
  const name = useId();
  return (
    <fieldset className="tokens" data-large={large || undefined} aria-describedby={problem ? `${name}-problem` : undefined}>
      <legend>{label}</legend>
      {problem && <p className="wrong" id={`${name}-problem`}><span aria-hidden="true">! </span>{problem}</p>}
      <div>
        {options.map((option) => (
          <label key={option.value} className="token">
            <input type="radio" name={name} value={option.value} checked={value === option.value} onChange={() => { onChange(option.value); }} />
            <span>{option.glyph && <span aria-hidden="true" className="glyph">{option.glyph}</span>}{option.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

interface NumberFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  problem?: string;
  hint?: string;
  hideLabel?: boolean;
  focused?: boolean;
}

/** A number as people write it; what it means is worked out by whoever asks. */
export function NumberField({ label, value, onChange, problem = "", hint, hideLabel = false, focused = false }: NumberFieldProps) {
  const id = useId();
  return (
    <div className="number">
      <label htmlFor={id} className={hideLabel ? "unseen" : undefined}>{label}</label>
      <input
        id={id}
        className="plain-input"
        autoFocus={focused}
        inputMode="decimal"
        dir="ltr"
        autoComplete="off"
        value={value}
        aria-invalid={problem ? true : undefined}
        aria-describedby={problem || hint ? `${id}-told` : undefined}
        onChange={(event) => { onChange(event.currentTarget.value); }}
      />
      {(problem || hint) && <p id={`${id}-told`} className={problem ? "wrong" : "quiet"}>{problem && <span aria-hidden="true">! </span>}{problem || hint}</p>}
    </div>
  );
}
