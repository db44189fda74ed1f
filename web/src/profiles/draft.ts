/** What is being written: kept in this browser until it is sent, with steps back. */
import { useCallback, useEffect, useRef, useState } from "react";

import type { Written } from "../api/calls";

/** Changes that follow each other this quickly are one step back. */
const ONE_STEP_MS = 700;
const KEEP_MS = 2_000;
const STEPS_MAX = 200;

export interface Draft {
  data: Written;
  /** What it was edited from. */
  base: string;
  change: (changed: Written) => void;
  undo: () => void;
  redo: () => void;
  /** It was found in this browser, from before. */
  restored: boolean;
  /** Forget what this browser keeps. */
  forget: () => void;
  /** Go back to what the server has. */
  discard: () => void;
}

interface Kept {
  /** What the words were edited from, as the server names it. */
  base: string;
  data: Written;
}

function kept(key: string): Kept | null {
  try {
    const found = JSON.parse(localStorage.getItem(key) ?? "null") as Partial<Kept> | null;
    return typeof found?.base === "string" && typeof found.data === "object" ? (found as Kept) : null;
  } catch {
    return null; // it is not ours, or storage is closed: there is nothing to restore
  }
}

function keep(key: string, data: Kept | null): void {
  try {
    if (data === null) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(data));
  } catch {
    // Full or closed: what is typed stays on the page.
  }
}

function isText(where: Element | null): boolean {
  return where instanceof HTMLInputElement || where instanceof HTMLTextAreaElement;
}

export function useDraft(key: string, first: Written, current: string): Draft {
  const [found] = useState(() => kept(key));
  const [data, setData] = useState(found?.data ?? first);
  const [base, setBase] = useState(found?.base ?? current);
  const [restored, setRestored] = useState(found !== null);
  const past = useRef<Written[]>([]);
  const future = useRef<Written[]>([]);
  const last = useRef<{ at: number; where: Element | null }>({ at: 0, where: null });
  const changed = useRef(false);

  const change = useCallback((members: Written) => {
    // Letters that follow each other in one field are one step back; each press of a button is one of its own.
    const [at, where] = [Date.now(), document.activeElement];
    const goesOn = where === last.current.where && isText(where) && at - last.current.at <= ONE_STEP_MS;
    last.current = { at, where };
    setData((before) => {
      if (!goesOn) past.current = [...past.current.slice(-STEPS_MAX), before];
      return { ...before, ...members };
    });
    future.current = [];
    changed.current = true;
  }, []);
  const step = useCallback((from: { current: Written[] }, to: { current: Written[] }) => {
    const next = from.current.at(-1);
    if (next === undefined) return;
    from.current = from.current.slice(0, -1);
    last.current = { at: 0, where: null };
    setData((before) => { to.current = [...to.current, before]; return next; });
  }, []);
  const undo = useCallback(() => { step(past, future); }, [step]);
  const redo = useCallback(() => { step(future, past); }, [step]);

  useEffect(() => {
    if (!changed.current) return;
    const timer = setTimeout(() => { keep(key, { base, data }); }, KEEP_MS);
    // Leaving the page keeps it at once.
    const leave = () => { keep(key, { base, data }); };
    window.addEventListener("pagehide", leave);
    return () => { clearTimeout(timer); window.removeEventListener("pagehide", leave); };
  }, [key, base, data]);

  const forget = useCallback(() => { changed.current = false; keep(key, null); }, [key]);
  const discard = useCallback(() => {
    forget();
    past.current = [];
    setRestored(false);
    setData(first);
    setBase(current);
  }, [forget, first, current]);
  return { data, base, change, undo, redo, restored, forget, discard };
}
