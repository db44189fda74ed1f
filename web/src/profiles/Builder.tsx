/** A condition as rows and groups that read as a sentence; everything by keyboard, nothing by dragging alone. */
import { useId, useRef, useState, type KeyboardEvent } from "react";

import type { Fault, Vocabulary } from "../api/calls";
import { Button, Choice } from "../ui/parts";
import { useWords, type Key } from "../words";
import { Row } from "./Row";
import { BLANK, groupOf, literalOf, MODES, treeOfGroup, type Group, type Mode, type Tree } from "./tree";

interface BuilderProps {
  group: Group;
  vocabulary: Vocabulary;
  onChange: (group: Group) => void;
  /** JSON pointer of the group, for the faults that the server names. */
  place: string;
  faults: readonly Fault[];
  /** Takes a group of groups out; the outermost one stays. */
  onRemove?: () => void;
  /** The row that gets the focus when it appears. */
  focusedAt?: number;
}

export function Builder({ group, vocabulary, onChange, place, faults, onRemove, focusedAt = -1 }: BuilderProps) {
  const { t } = useWords();
  const id = useId();
  const box = useRef<HTMLFieldSetElement>(null);
  const [fresh, setFresh] = useState(focusedAt);
  const inside = `${place}${group.negated ? "/not" : ""}/${group.mode}`;
  const set = (nodes: readonly Tree[]) => { onChange({ ...group, nodes }); };
  const add = (tree: Tree) => { setFresh(group.nodes.length); set([...group.nodes, tree]); };
  const remove = (at: number) => {
    set(group.nodes.filter((_, index) => index !== at));
    // The next row has the focus then, or the button that adds one.
    requestAnimationFrame(() => {
      const rows = box.current?.querySelectorAll<HTMLElement>(":scope > ol > li");
      const next = rows?.[Math.min(at, rows.length - 1)];
      (next?.querySelector<HTMLElement>("input, select, button") ?? box.current?.querySelector<HTMLElement>(":scope > .builder-acts button"))?.focus();
    });
  };
  const move = (at: number, step: number) => {
    const to = at + step;
    if (to < 0 || to >= group.nodes.length) return;
    const nodes = [...group.nodes];
    [nodes[at], nodes[to]] = [nodes[to] ?? BLANK, nodes[at] ?? BLANK];
    set(nodes);
    requestAnimationFrame(() => { box.current?.querySelectorAll<HTMLElement>(":scope > ol > li")[to]?.querySelector<HTMLElement>("input, select")?.focus(); });
  };
  const press = (event: KeyboardEvent, at: number) => {
    if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    event.preventDefault();
    event.stopPropagation();
    move(at, event.key === "ArrowUp" ? -1 : 1);
  };
  const modes = MODES.flatMap((mode) => [{ value: mode as string, label: t(`builder.${mode}` as Key) }]);
  // A group behind a `not` keeps it until another way to join is chosen.
  const options = group.negated ? [{ value: "not", label: t("builder.notThese", { how: t(`builder.${group.mode}` as Key) }) }, ...modes] : modes;
  const own = faultsAt(faults, `${place}${group.negated ? "/not" : ""}`, [inside]);
  return (
    <fieldset className="builder" ref={box}>
      <legend className="unseen" id={id}>{t("builder.group")}</legend>
      <div className="builder-head">
        <Choice
          label={t("builder.join")}
          hideLabel
          value={group.negated ? "not" : group.mode}
          options={options}
          onChange={(mode) => { if (mode !== "not") onChange({ ...group, mode: mode as Mode, negated: false }); }}
        />
        {onRemove && <button type="button" className="link" onClick={onRemove}>{t("builder.removeGroup")}</button>}
      </div>
      <ol>
        {group.nodes.map((tree, at) => (
          <li key={at} onKeyDown={(event) => { press(event, at); }}>
            <Node
              tree={tree} vocabulary={vocabulary} place={`${inside}/${String(at)}`} faults={faults} focused={fresh === at}
              onChange={(changed) => { set(group.nodes.map((each, index) => (index === at ? changed : each))); }}
              onRemove={() => { remove(at); }}
              onDone={() => { if (at === group.nodes.length - 1) add(BLANK); }}
            />
            {groupOf(tree) === null && (
              <button type="button" className="remove-row" aria-label={t("builder.removeRow", { at: at + 1 })} title={t("builder.removeRow", { at: at + 1 })} onClick={() => { remove(at); }}>×</button>
            )}
          </li>
        ))}
      </ol>
      {own.map((fault) => <p key={fault.code} className="wrong" role="alert"><span aria-hidden="true">! </span><bdi>{fault.message}</bdi></p>)}
      <div className="builder-acts">
        <Button onClick={() => { add(BLANK); }}>{t("builder.add")}</Button>
        <Button onClick={() => { add({ any_of: [BLANK] }); }}>{t("builder.addGroup")}</Button>
      </div>
    </fieldset>
  );
}

interface NodeProps {
  tree: Tree;
  vocabulary: Vocabulary;
  place: string;
  faults: readonly Fault[];
  focused: boolean;
  onChange: (tree: Tree) => void;
  onRemove: () => void;
  onDone: () => void;
}

function Node({ tree, vocabulary, place, faults, focused, onChange, onRemove, onDone }: NodeProps) {
  const { t } = useWords();
  const row = literalOf(tree);
  if (row !== null) {
    const problem = faultsAt(faults, place).map((fault) => fault.message).join(" ");
    return <Row row={row} vocabulary={vocabulary} onChange={onChange} onDone={onDone} problem={problem} focused={focused} />;
  }
  const group = groupOf(tree);
  // Written by hand in a way that no row shows: it stays as it is, and the text below tells it.
  if (group === null) return <div className="row-parts"><code dir="ltr">{JSON.stringify(tree)}</code> <span className="quiet">{t("builder.asText")}</span></div>;
  return (
    <Builder group={group} vocabulary={vocabulary} place={place} faults={faults} onChange={(changed) => { onChange(treeOfGroup(changed)); }} onRemove={onRemove} focusedAt={focused ? 0 : -1} />
  );
}

/** Return the faults of a place and of what is below it, but not of what is below *others*. */
function faultsAt(faults: readonly Fault[], place: string, others: readonly string[] = []): Fault[] {
  return faults.filter((fault) => (fault.place === place || fault.place.startsWith(`${place}/`)) && !others.some((other) => fault.place.startsWith(`${other}/`)));
}
