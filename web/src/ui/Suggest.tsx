/** A line of text with suggestions below it (ARIA 1.2 combobox with a list): the one part under choices and token lists. */
import { useEffect, useId, useRef, useState, type KeyboardEvent } from "react";

export interface Option {
  value: string;
  label: string;
  /** What else it is found by, and what stands small beside it. */
  hint?: string;
}

/** As many as somebody reads; whoever wants another one types on. */
const SHOWN = 40;

/** Return the options that hold every word that was typed, those that begin with it first. */
export function matching(options: readonly Option[], typed: string): Option[] {
  const words = typed.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const holds = ({ value, label, hint }: Option) => {
    const text = `${value} ${label} ${hint ?? ""}`.toLocaleLowerCase();
    return words.every((word) => text.includes(word));
  };
  const first = words[0] ?? "";
  const begins = ({ value, label }: Option) => first !== "" && [value, label].some((text) => text.toLocaleLowerCase().startsWith(first));
  const found = options.filter(holds);
  return [...found.filter(begins), ...found.filter((each) => !begins(each))].slice(0, SHOWN);
}

interface SuggestProps {
  label: string;
  text: string;
  /** What the suggestions are found by; without it, the text. */
  query?: string;
  options: readonly Option[];
  onText: (text: string) => void;
  onPick: (option: Option) => void;
  /** Enter on what is no suggestion. */
  onEnter?: (text: string) => void;
  onKey?: (event: KeyboardEvent<HTMLInputElement>) => void;
  onLeave?: () => void;
  onPaste?: (text: string) => boolean;
  problem?: string;
  placeholder?: string;
  focused?: boolean;
  /** Opens with all options when it gets the focus. */
  browse?: boolean;
}

export function Suggest(props: SuggestProps) {
  const { label, text, query = text, options, onText, onPick, onEnter, onKey, onLeave, onPaste, problem = "", placeholder, focused = false, browse = false } = props;
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  useEffect(() => { if (focused) input.current?.focus(); }, [focused]);
  const shown = open ? matching(options, query) : [];
  const at = Math.min(active, shown.length - 1);
  const pick = (option: Option) => {
    setOpen(false);
    setActive(-1);
    onPick(option);
  };
  const press = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (event.altKey) return;
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      setOpen(true);
      setActive(shown.length === 0 ? 0 : (at + step + shown.length) % shown.length);
    } else if (event.key === "Enter" && !event.ctrlKey) {
      const chosen = shown[at];
      event.preventDefault();
      if (chosen) pick(chosen);
      else onEnter?.(text);
    } else if (event.key === "Escape" && open) {
      event.stopPropagation();
      setOpen(false);
    } else onKey?.(event);
  };
  return (
    <span className="suggest">
      <input
        ref={input}
        role="combobox"
        className="suggest-input"
        aria-label={label}
        aria-expanded={shown.length > 0}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={shown.length > 0 && at >= 0 ? `${id}-${String(at)}` : undefined}
        aria-invalid={problem ? true : undefined}
        aria-describedby={problem ? `${id}-problem` : undefined}
        autoComplete="off"
        spellCheck={false}
        placeholder={placeholder}
        size={Math.max(3, text.length || (placeholder?.length ?? 0))}
        value={text}
        onChange={(event) => { onText(event.currentTarget.value); setOpen(true); setActive(event.currentTarget.value ? 0 : -1); }}
        onFocus={() => { if (browse) setOpen(true); }}
        onClick={() => { if (browse) setOpen(true); }}
        onBlur={() => { setOpen(false); setActive(-1); onLeave?.(); }}
        onKeyDown={press}
        onPaste={(event) => { if (onPaste?.(event.clipboardData.getData("text"))) event.preventDefault(); }}
      />
      <ul role="listbox" id={`${id}-list`} aria-label={label} hidden={shown.length === 0}>
        {shown.map((option, index) => (
          <li
            key={option.value}
            id={`${id}-${String(index)}`}
            role="option"
            aria-selected={index === at}
            // Before the input loses the focus.
            onMouseDown={(event) => { event.preventDefault(); pick(option); }}
          >
            {option.label}{option.hint && <small>{option.hint}</small>}
          </li>
        ))}
      </ul>
      {problem && <span className="wrong" id={`${id}-problem`}><span aria-hidden="true">! </span>{problem}</span>}
    </span>
  );
}

interface PickerProps {
  label: string;
  value: string;
  options: readonly Option[];
  onChange: (value: string) => void;
  problem?: string;
  placeholder?: string;
  focused?: boolean;
}

/** One of many, found by typing a part of its words: a token as wide as its text. */
export function Picker({ label, value, options, onChange, problem, placeholder, focused }: PickerProps) {
  const chosen = options.find((option) => option.value === value);
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <Suggest
      label={label}
      text={typed ?? chosen?.label ?? value}
      query={typed ?? ""}
      options={options}
      onText={setTyped}
      onPick={(option) => { setTyped(null); onChange(option.value); }}
      onLeave={() => { setTyped(null); }}
      onKey={(event) => { if (event.key.length === 1 && typed === null && !event.ctrlKey && !event.metaKey && !event.altKey) { event.preventDefault(); setTyped(event.key); } }}
      problem={problem}
      placeholder={placeholder}
      focused={focused}
    />
  );
}

interface TokenListProps {
  label: string;
  values: readonly string[];
  onChange: (values: string[]) => void;
  /** A value in words; without it, the value itself. */
  told?: (value: string) => string;
  options?: readonly Option[];
  /** How a typed value is written: capitals for codes. */
  clean?: (text: string) => string;
  /** The name of the button that takes a value out. */
  remove: (value: string) => string;
  /** Enter where nothing is typed. */
  onDone?: () => void;
  problem?: string;
  placeholder?: string;
  focused?: boolean;
  /** Only the options, nothing else. */
  closed?: boolean;
}

/** Several values: each a token with a named button that takes it out, and a line that adds more. */
export function TokenList(props: TokenListProps) {
  const { label, values, onChange, told = (value) => value, options = [], clean = (text) => text.trim(), remove, onDone, problem, placeholder, focused, closed = false } = props;
  const [typed, setTyped] = useState("");
  const add = (texts: readonly string[]) => {
    const known = new Set(options.map((option) => option.value));
    const fresh = texts.map(clean).filter((text) => text !== "" && (!closed || known.has(text)));
    if (fresh.length > 0) onChange([...new Set([...values, ...fresh])]);
    setTyped("");
  };
  return (
    <span className="token-list" role="group" aria-label={label}>
      {values.map((value) => (
        <span key={value} className="chosen">
          <bdi>{told(value)}</bdi>
          <button type="button" aria-label={remove(told(value))} onClick={() => { onChange(values.filter((each) => each !== value)); }}>×</button>
        </span>
      ))}
      <Suggest
        label={label}
        text={typed}
        options={options.filter((option) => !values.includes(option.value))}
        onText={setTyped}
        onPick={(option) => { add([option.value]); }}
        onEnter={(text) => { if (text.trim() === "") onDone?.(); else add([text]); }}
        onLeave={() => { add([typed]); }}
        onKey={(event) => {
          if (event.key === "Backspace" && typed === "" && values.length > 0) onChange(values.slice(0, -1));
          if (event.key === "," && !closed) { event.preventDefault(); add([typed]); }
        }}
        onPaste={(text) => {
          const parts = text.split(/[\n\t,;]+/);
          if (parts.length < 2) return false;
          add(parts);
          return true;
        }}
        problem={problem}
        placeholder={placeholder}
        focused={focused}
        browse={closed}
      />
    </span>
  );
}
