/** A profile: the versions that it had, where each stands, how often it matched, and what can be begun. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useLocation } from "wouter";

import { extend, restore, type ProfileRead } from "../api/calls";
import { useWho } from "../session/session";
import { Button, Card, Dialog, Field } from "../ui/parts";
import { Empty, Shown, useReason } from "../ui/states";
import { useWords } from "../words";
import { useProfile, useVersion } from "./queries";
import { Sentence } from "./Sentence";
import { Stage } from "./Stage";
import { Tallies } from "./Tallies";

export default function ProfilePage({ code }: { code: string }) {
  const { t } = useWords();
  const query = useProfile(code);
  return (
    <div className="page">
      {query.data === undefined && <h1>{t("nav.profiles")}</h1>}
      <Shown query={query} lines={8}>{(read) => <Profile read={read} />}</Shown>
    </div>
  );
}

/** What decides lanes now, as a sentence. */
function InForce({ code, number }: { code: string; number: number }) {
  const { t } = useWords();
  const query = useVersion(code, number);
  return <Card title={t("editor.when")}><Shown query={query} lines={2}>{({ condition }) => <Sentence words={condition.words} />}</Shown></Card>;
}

const OPEN = new Set(["draft", "submitted", "approved", "shadow"]);

function Profile({ read }: { read: ProfileRead }) {
  const { t, day, instant, list } = useWords();
  const who = useWho();
  const queries = useQueryClient();
  const [, go] = useLocation();
  const [until, setUntil] = useState<string | null>(null);
  const beginning = useMutation({
    mutationFn: (from: { until: string } | { number: number }) => ("until" in from ? extend(read.code, from.until) : restore(read.code, from.number)),
    onSuccess: (begun) => { go(`/profiles/${begun.code}/${String(begun.number)}/edit`); },
    onSettled: () => { setUntil(null); void queries.invalidateQueries({ queryKey: ["profiles"] }); },
  });
  const failed = useReason(beginning.error);
  const writes = who.may.includes("profiles:write");
  const open = read.versions.find((each) => OPEN.has(each.stage));
  const unrecorded = read.in_force !== null && !read.versions.some((each) => each.number === read.in_force);
  return (
    <>
      <div className="head">
        <div>
          <nav className="crumbs" aria-label={t("profiles.where")}><Link href="/profiles">{t("nav.profiles")}</Link> / <bdi>{read.code}</bdi></nav>
          <h1><bdi>{read.title}</bdi></h1>
          <p>
            {read.in_force === null
              ? t("profiles.notInForce")
              : t("profiles.inForceUntil", { number: read.in_force, day: read.valid_until === null ? "" : day(read.valid_until) })}
          </p>
        </div>
        <div className="acts">
          {writes && read.in_force !== null && open === undefined && <Button onClick={() => { setUntil(read.valid_until ?? ""); }}>{t("profiles.extend")}</Button>}
          {writes && open && <Button kind="main" onClick={() => { go(`/profiles/${read.code}/${String(open.number)}`); }}>{t("profiles.goOn", { number: open.number })}</Button>}
        </div>
      </div>
      {beginning.error !== null && <div className="notice" data-tone="error" role="alert"><p><span aria-hidden="true">! </span><bdi>{failed}</bdi></p></div>}
      {read.in_force !== null && <InForce code={read.code} number={read.in_force} />}
      <Card title={t("profiles.versions")}>
        {unrecorded && (
          <p>
            <Link href={`/profiles/${read.code}/${String(read.in_force)}`}>{t("profiles.version", { number: read.in_force ?? 0 })}</Link> {t("profiles.asPublished")}{" "}
            {writes && open === undefined && <button type="button" className="link" onClick={() => { beginning.mutate({ number: read.in_force ?? 0 }); }}>{t("profiles.change")}</button>}
          </p>
        )}
        {read.versions.length === 0 && !unrecorded && <Empty>{t("profiles.none")}</Empty>}
        {read.versions.length > 0 && (
          <div className="scroll">
            <table>
              <caption className="unseen">{t("profiles.versions")}</caption>
              <thead><tr>{(["version", "stage", "since", "until", "by", "approved"] as const).map((each) => <th key={each} scope="col">{t(`profiles.col.${each}`)}</th>)}<th scope="col"><span className="unseen">{t("profiles.col.acts")}</span></th></tr></thead>
              <tbody>
                {read.versions.toReversed().map((each) => (
                  <tr key={each.number}>
                    <td><Link href={`/profiles/${read.code}/${String(each.number)}`}>{t("profiles.version", { number: each.number })}</Link></td>
                    <td><Stage stage={each.stage} /></td>
                    <td><time dateTime={each.since}>{instant(each.since)}</time></td>
                    <td><time dateTime={each.valid_until}>{day(each.valid_until)}</time></td>
                    <td><bdi>{list(each.writers)}</bdi></td>
                    <td><bdi>{each.approved_by ?? "–"}</bdi></td>
                    <td>{writes && open === undefined && <button type="button" className="link" onClick={() => { beginning.mutate({ number: each.number }); }}>{t(each.number === read.in_force ? "profiles.change" : "profiles.restore")}</button>}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Card>
      <Card title={t("profiles.matches")}><Tallies of={read.tallies} /></Card>
      {until !== null && (
        <Dialog title={t("profiles.extend")} onClose={() => { setUntil(null); }}>
          <form className="stack" onSubmit={(event) => { event.preventDefault(); beginning.mutate({ until }); }}>
            <Field label={t("field.valid_until")} value={until} onChange={setUntil} hint={t("profiles.extendWhat")} focused />
            <div className="dialog-acts"><Button onClick={() => { setUntil(null); }}>{t("cancel")}</Button><Button kind="main" submit busy={beginning.isPending}>{t("profiles.extend")}</Button></div>
          </form>
        </Dialog>
      )}
    </>
  );
}
