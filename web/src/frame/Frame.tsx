/** What stands around every page: skip link, bar, navigation by rights, keyboard. */
import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { Link, useLocation } from "wouter";

import { signOut } from "../api/calls";
import { useSession, useWho } from "../session/session";
import { useWords } from "../words";
import { Bar } from "./Bar";
import { KeySheet, useShortcuts } from "./keys";
import { PLACES } from "./places";

export function Frame({ children }: { children: ReactNode }) {
  const { t } = useWords();
  const who = useWho();
  const { leave } = useSession();
  const [path] = useLocation();
  const [sheet, setSheet] = useState(false);
  const main = useRef<HTMLElement>(null);
  const places = PLACES.filter((place) => place.needs === null || who.may.includes(place.needs));
  useShortcuts(places, () => { setSheet(true); });
  const leaving = useMutation({ mutationFn: signOut, onSuccess: leave });

  // A new page is read from its top; the first one keeps the focus where the browser put it.
  const last = useRef(path);
  useEffect(() => {
    if (last.current === path) return;
    last.current = path;
    main.current?.focus();
  }, [path]);

  return (
    <div className="frame">
      <a className="skip" href="#main" onClick={(event) => { event.preventDefault(); main.current?.focus(); }}>
        {t("frame.skip")}
      </a>
      <Bar>
        <span className="who">{t("frame.signedInAs", { name: who.name })}</span>
        <button type="button" className="bar-button" onClick={() => { setSheet(true); }}>{t("frame.keys")}</button>
        <button type="button" className="bar-button" onClick={() => { leaving.mutate(); }}>{t("frame.signOut")}</button>
      </Bar>
      <nav className="side" aria-label={t("frame.navigation")}>
        <ul>
          {places.map((place) => (
            <li key={place.path}>
              <Link href={place.path} aria-current={isHere(path, place.path) ? "page" : undefined}>
                <svg viewBox="0 0 24 24" width="18" height="18" aria-hidden="true" fill="none" stroke="currentColor" strokeWidth="1.8">
                  <path d={place.icon} />
                </svg>
                {t(place.word)}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <main className="main" id="main" ref={main} tabIndex={-1}>{children}</main>
      {sheet && <KeySheet places={places} close={() => { setSheet(false); }} />}
    </div>
  );
}

function isHere(path: string, place: string): boolean {
  return place === "/" ? path === "/" : path === place || path.startsWith(`${place}/`);
}
