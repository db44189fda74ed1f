/** All profiles: what is in force, what is being worked on, what ends soon; what is looked for stands in the address. */
import { useRef } from "react";
import { Link, useLocation, useSearchParams } from "wouter";

import type { ProfileListed, Vocabulary } from "../api/calls";
import { useKeys } from "../frame/keys";
import { useWho } from "../session/session";
import { Lane } from "../ui/LaneMark";
import { Button, Choice } from "../ui/parts";
import { Empty, Shown } from "../ui/states";
import { useWords, type Key } from "../words";
import { useProfiles, useVocabulary } from "./queries";
import { Stage } from "./Stage";

const SHOWN = ["in-force", "worked-on", "waiting", "expiring", "ended"] as const;
type Which = (typeof SHOWN)[number];
const OPEN = new Set(["draft", "submitted", "approved", "shadow"]);

/** Whether a profile belongs to what is shown. */
export function belongs(profile: ProfileListed, which: Which): boolean {
  const stage = profile.newest?.stage;
  if (which === "in-force") return profile.in_force !== null;
  if (which === "worked-on") return stage !== undefined && OPEN.has(stage);
  if (which === "waiting") return stage === "submitted" || profile.review_due;
  if (which === "expiring") return profile.newest?.expiring === true || endsSoon(profile);
  return profile.in_force === null && (stage === "expired" || stage === "retired");
}

const DAY_MS = 86_400_000;
const SOON_DAYS = 30;

function endsSoon({ in_force, valid_until }: ProfileListed): boolean {
  return in_force !== null && valid_until !== null && Date.parse(valid_until) - Date.now() <= SOON_DAYS * DAY_MS;
}

export default function ListPage() {
  const { t } = useWords();
  const who = useWho();
  const query = useProfiles();
  const words = useVocabulary();
  const [, go] = useLocation();
  const [search, setSearch] = useSearchParams();
  const which = SHOWN.find((each) => each === search.get("show")) ?? null;
  const typed = search.get("q") ?? "";
  const table = useRef<HTMLTableElement>(null);
  const set = (changed: Record<string, string>) => {
    const all = { show: which ?? "", q: typed, ...changed };
    setSearch(Object.fromEntries(Object.entries(all).filter(([, value]) => value !== "")), { replace: true });
  };
  useKeys((key) => {
    if (key !== "j" && key !== "k") return false;
    const links = [...(table.current?.querySelectorAll("a") ?? [])];
    const at = links.findIndex((link) => link === document.activeElement);
    links[Math.max(0, Math.min(links.length - 1, at + (key === "j" ? 1 : -1)))]?.focus();
    return links.length > 0;
  });
  return (
    <div className="page">
      <div className="head">
        <div>
          <h1>{t("nav.profiles")}</h1>
          <p>{t("profiles.intro")}</p>
        </div>
        <div className="acts">{who.may.includes("profiles:write") && <Button kind="main" onClick={() => { go("/profiles/new"); }}>{t("editor.new")}</Button>}</div>
      </div>
      <div className="card">
        <div className="papers-line filter-line">
          <div className="note">
            <label htmlFor="profiles-q">{t("profiles.find")}</label>
            <input id="profiles-q" type="search" className="plain-input" value={typed} autoComplete="off" onChange={(event) => { set({ q: event.currentTarget.value }); }} />
          </div>
          <Choice
            label={t("profiles.show")} value={which ?? ""}
            options={[{ value: "", label: t("profiles.all") }, ...SHOWN.map((each) => ({ value: each, label: t(`profiles.${each}` as Key) }))]}
            onChange={(value) => { set({ show: value }); }}
          />
        </div>
        <Shown query={query} lines={10}>
          {(all) => {
            const parts = typed.toLocaleLowerCase().split(/\s+/).filter(Boolean);
            const shown = all.filter((each) => (which === null || belongs(each, which)) && parts.every((word) => `${each.code} ${each.title} ${each.owner}`.toLocaleLowerCase().includes(word)));
            if (shown.length === 0) return <Empty>{t("profiles.empty")}</Empty>;
            return (
              <>
                <p className="quiet" role="status">{t("profiles.count", { count: shown.length })}</p>
                <div className="scroll">
                  <table ref={table} className="profiles">
                    <caption className="unseen">{t("nav.profiles")}</caption>
                    <thead><tr>{(["profile", "lane", "inForce", "until", "newest"] as const).map((each) => <th key={each} scope="col">{each === "lane" ? t("field.lane") : t(`profiles.col.${each}` as Key)}</th>)}</tr></thead>
                    <tbody>{shown.map((each) => <Line key={each.code} of={each} lane={words.data?.lanes.find((lane) => lane.code === each.lane)} />)}</tbody>
                  </table>
                </div>
              </>
            );
          }}
        </Shown>
      </div>
    </div>
  );
}

function Line({ of, lane }: { of: ProfileListed; lane: Vocabulary["lanes"][number] | undefined }) {
  const { t, day, pick } = useWords();
  const newest = of.newest;
  return (
    <tr>
      <td><Link href={`/profiles/${of.code}`}><bdi>{of.title}</bdi></Link><br /><code dir="ltr">{of.code}</code> <span className="quiet"><bdi>{of.owner}</bdi></span></td>
      <td><Lane colour={lane?.colour ?? null} word={pick(lane?.words ?? {}, of.lane)} /></td>
      <td>{of.in_force === null ? <span className="quiet">{t("profiles.notInForce")}</span> : t("profiles.version", { number: of.in_force })}</td>
      <td>
        {of.valid_until && <time dateTime={of.valid_until}>{day(of.valid_until)}</time>}
        {endsSoon(of) && <span className="flag"><span aria-hidden="true">▲ </span>{t("profiles.endsSoon")}</span>}
      </td>
      <td>
        {newest && (newest.number !== of.in_force) && <><Link href={`/profiles/${of.code}/${String(newest.number)}`}>{t("profiles.version", { number: newest.number })}</Link> <Stage stage={newest.stage} /></>}
        {of.review_due && <span className="flag"><span aria-hidden="true">! </span>{t("profiles.reviewDue")}</span>}
      </td>
    </tr>
  );
}
