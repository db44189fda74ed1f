/** Buttons, fields and dialogues. */
import { Button as KitButton, Modal, NativeSelect, TextInput } from "@mantine/core";
import { useEffect, useId, useState, type ChangeEvent, type MouseEventHandler, type ReactNode } from "react";

import { useWords } from "../words";

interface ButtonProps {
  children: ReactNode;
  onClick?: MouseEventHandler<HTMLButtonElement>;
  kind?: "main" | "other" | "danger";
  submit?: boolean;
  busy?: boolean;
}

/** A button; while *busy* it stays in place and takes no second press. */
export function Button({ children, onClick, kind = "other", submit = false, busy = false }: ButtonProps) {
  return (
    <KitButton
      type={submit ? "submit" : "button"}
      variant={kind === "other" ? "default" : "filled"}
      className={`button-${kind}`}
      aria-disabled={busy || undefined}
      onClick={(event) => {
        if (busy) event.preventDefault();
        else onClick?.(event);
      }}
    >
      {children}
    </KitButton>
  );
}

interface FieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  hint?: string;
  kind?: "text" | "password" | "code";
  complete?: string;
  readOnly?: boolean;
  focused?: boolean;
}

/** One line of text with its label above it. */
export function Field({ label, value, onChange, hint, kind = "text", complete, readOnly, focused }: FieldProps) {
  const code = kind === "code";
  return (
    <TextInput
      label={label}
      description={hint}
      value={value}
      type={kind === "password" ? "password" : "text"}
      {...(code ? { inputMode: "numeric" as const, maxLength: 6, pattern: "[0-9]{6}", dir: "ltr" } : {})}
      autoComplete={complete}
      readOnly={readOnly}
      data-autofocus={focused || undefined}
      autoFocus={focused}
      required
      withAsterisk={false}
      spellCheck={false}
      onChange={(event: ChangeEvent<HTMLInputElement>) => { onChange(event.currentTarget.value); }}
    />
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  options: { value: string; label: string }[];
  onChange: (value: string) => void;
  hideLabel?: boolean;
}

/** One of several, by the system's own list: as wide as its longest option. */
export function Choice({ label, value, options, onChange, hideLabel = false }: ChoiceProps) {
  return (
    <NativeSelect
      className="choice"
      label={hideLabel ? undefined : label}
      aria-label={hideLabel ? label : undefined}
      value={value}
      data={options}
      onChange={(event: ChangeEvent<HTMLSelectElement>) => { onChange(event.currentTarget.value); }}
    />
  );
}

/** On or off. */
export function Switch({ label, on, onChange }: { label: string; on: boolean; onChange: (on: boolean) => void }) {
  return (
    <button type="button" role="switch" aria-checked={on} className="switch" onClick={() => { onChange(!on); }}>
      <span className="switch-track" aria-hidden="true" />
      {label}
    </button>
  );
}

interface DialogProps {
  title: string;
  children: ReactNode;
  /** Without it the dialogue stays until what it asks for is done. */
  onClose?: () => void;
  opaque?: boolean;
}

/** A dialogue: focus stays in it, Escape closes it and goes back to where it came from. */
export function Dialog({ title, children, onClose, opaque = false }: DialogProps) {
  const { t } = useWords();
  const [opener] = useState(() => document.activeElement);
  useEffect(() => () => { if (opener instanceof HTMLElement) opener.focus(); }, [opener]);
  return (
    <Modal.Root
      opened
      returnFocus={false}
      onClose={onClose ?? (() => undefined)}
      closeOnEscape={onClose !== undefined}
      closeOnClickOutside={false}
      lockScroll={false}
      transitionProps={{ duration: 0 }}
      centered
    >
      <Modal.Overlay className={opaque ? "curtain" : "veil"} />
      <Modal.Content>
        {/* Not the kit's header, which a screen reader takes for a second banner of the page. */}
        <div className="dialog-head">
          <Modal.Title>{title}</Modal.Title>
          {onClose && <Modal.CloseButton aria-label={t("close")} />}
        </div>
        <Modal.Body>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

/** A part of a page with its heading. */
export function Card({ title, children }: { title: string; children: ReactNode }) {
  const id = useId();
  return (
    <section className="card" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  );
}
