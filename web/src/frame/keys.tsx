/** Single-key shortcuts: off while typing, and off altogether for whoever wants so (WCAG 2.1.4). */
import { Fragment, useEffect, useRef } from "react";
import { useLocation } from "wouter";

import { prefer, usePreferences } from "../preferences";
import { Dialog, Switch } from "../ui/parts";
import { useWords, type Key } from "../words";
import type { Place } from "./places";

/** How long G waits for its second key. */
const WAIT_MS = 1500;

/** Keys of the queue and of an inspection, for the sheet. */
const QUEUE_KEYS: readonly [readonly string[], Key][] = [
  [["J", "K"], "keys.move"],
  [["A"], "keys.assign"],
  [["N"], "keys.next"],
  [["1", "2", "3"], "keys.outcome"],
  [["Ctrl", "Enter"], "keys.save"],
];

/** Keys of the form of a profile. */
const PROFILE_KEYS: readonly [readonly string[], Key][] = [
  [["N"], "keys.addCondition"],
  [["Alt", "↑", "↓"], "keys.moveCondition"],
  [["Ctrl", "Z"], "keys.undo"],
  [["Ctrl", "Enter"], "step.submit"],
];

/** Does what belongs to a key of a page, where a key alone may do something. */
export function useKeys(doing: (key: string) => boolean): void {
  const { singleKeys } = usePreferences();
  const last = useRef(doing);
  useEffect(() => { last.current = doing; });
  useEffect(() => {
    if (!singleKeys) return;
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target)) return;
      if (last.current(event.key.toLowerCase())) event.preventDefault();
    };
    window.addEventListener("keydown", press);
    return () => { window.removeEventListener("keydown", press); };
  }, [singleKeys]);
}

export function useShortcuts(places: readonly Place[], showSheet: () => void): void {
  const { singleKeys } = usePreferences();
  const [, go] = useLocation();
  const since = useRef(0);
  useEffect(() => {
    if (!singleKeys) return;
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const second = Date.now() - since.current < WAIT_MS;
      since.current = 0;
      if (event.key === "?") showSheet();
      else if (event.key.toLowerCase() === "g") since.current = Date.now();
      else if (second) {
        const place = places.find((each) => each.key === event.key.toLowerCase());
        if (place) go(place.path);
      } else return;
      event.preventDefault();
    };
    window.addEventListener("keydown", press);
    return () => { window.removeEventListener("keydown", press); };
  }, [singleKeys, places, go, showSheet]);
}

/** Whether a key belongs to what has the focus, or to a dialogue over the page. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable], [role=dialog]") !== null;
}

export function KeySheet({ places, close }: { places: readonly Place[]; close: () => void }) {
  const { t } = useWords();
  const { singleKeys } = usePreferences();
  return (
    <Dialog title={t("keys.title")} onClose={close}>
      <dl className="keys">
        {places.map((place) => (
          <Fragment key={place.path}>
            <dt><kbd>G</kbd> {t("keys.then")} <kbd>{place.key.toUpperCase()}</kbd></dt>
            <dd>{t(place.goes)}</dd>
          </Fragment>
        ))}
        {[
          ...(places.some((place) => place.path === "/inspections") ? QUEUE_KEYS : []),
          ...(places.some((place) => place.path === "/profiles") ? PROFILE_KEYS : []),
        ].map(([keys, what]) => (
          <Fragment key={what}>
            <dt>{keys.map((key) => <Fragment key={key}><kbd>{key}</kbd> </Fragment>)}</dt>
            <dd>{t(what)}</dd>
          </Fragment>
        ))}
        <dt><kbd>?</kbd></dt>
        <dd>{t("keys.help")}</dd>
        <dt><kbd>Esc</kbd></dt>
        <dd>{t("keys.escape")}</dd>
      </dl>
      <Switch label={t("keys.single")} on={singleKeys} onChange={(on) => { prefer({ singleKeys: on }); }} />
      <p className="quiet">{t("keys.off")}</p>
    </Dialog>
  );
}
