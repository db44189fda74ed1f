/** A profile being written: rows that read as a sentence, what follows from a match, and what is wrong, as it is typed. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { Link, useLocation, useSearchParams } from "wouter";

import { check, draft as begin, edit, steps, version as read, type Fault, type VersionTold, type Vocabulary, type Written } from "../api/calls";
import { useKeys } from "../frame/keys";
import { useWho } from "../session/session";
import { Button, Card, Dialog, Field } from "../ui/parts";
import { Shown, useReason } from "../ui/states";
import { useWords } from "../words";
import { Builder } from "./Builder";
import { useDraft } from "./draft";
import { Impact } from "./Impact";
import { Papers, Then } from "./Papers";
import { Sentence } from "./Sentence";
import { useJudgement, useVersion, useVocabulary } from "./queries";
import { BLANK, isComplete, rootOf, said, whole, type Tree } from "./tree";

export default function EditPage({ code, number }: { code?: string; number?: number }) {
  return code === undefined || number === undefined ? <New /> : <Existing code={code} number={number} />;
}

function New() {
  const words = useVocabulary();
  const who = useWho();
  const [search] = useSearchParams();
  const when = search.get("when");
  const first = useMemo(() => blank(who.name, when), [who.name, when]);
  return <div className="page"><Shown query={words} lines={12}>{(vocabulary) => <Editor first={first} vocabulary={vocabulary} />}</Shown></div>;
}

function Existing({ code, number }: { code: string; number: number }) {
  const words = useVocabulary();
  const query = useVersion(code, number);
  return (
    <div className="page">
      <Shown query={words} lines={12}>
        {(vocabulary) => <Shown query={query} lines={12}>{({ profile, version }) => <Editor first={profile} vocabulary={vocabulary} of={version} />}</Shown>}
      </Shown>
    </div>
  );
}

/** What a new profile begins with; one year is the longest that most are reviewed after. */
function blank(name: string, when: string | null): Written {
  const today = new Date();
  const until = new Date(Date.UTC(today.getUTCFullYear() + 1, today.getUTCMonth(), today.getUTCDate() - 1));
  return {
    title: "", code: "", description: "", owner: name, risk_area: "valuation", reference: "", flows: ["import"], level: "national", offices: [],
    valid_from: today.toISOString().slice(0, 10), valid_until: until.toISOString().slice(0, 10), lane: "documents", share: "1", checks: [],
    officer_text: "", unknown: "undecided", when: when ?? BLANK,
  };
}

/** The code that a title suggests; empty where no Latin letter begins it. */
export function codeOf(title: string): string {
  const plain = title.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replace(/[^a-z0-9]+/g, "_").replace(/^[_0-9]+|_+$/g, "");
  return plain.length < 2 ? "" : plain.slice(0, 60).replace(/_+$/, "");
}

interface EditorProps {
  first: Written;
  vocabulary: Vocabulary;
  /** The version that is edited; without it, a new profile. */
  of?: VersionTold;
}

function Editor({ first, vocabulary, of }: EditorProps) {
  const { t, pick, list, known } = useWords();
  const who = useWho();
  const [, go] = useLocation();
  const queries = useQueryClient();
  const { data, base, change, undo, redo, restored, forget, discard } = useDraft(`tidewaiter.profile.${who.name}.${of ? `${of.code}.${String(of.number)}` : "new"}`, first, of?.body_sha256 ?? "");
  const [sending, setSending] = useState(false);
  const [reason, setReason] = useState("");
  const asText = typeof data.when === "string";
  const tree = asText ? BLANK : (data.when as Tree);
  const when = asText ? data.when : said(tree);
  const title = String(data.title ?? "");
  const code = of?.code ?? (data.code === "" ? codeOf(title) : String(data.code));
  // A description that nobody wrote is the sentence of the condition.
  const judged = useJudgement({ ...data, when, code, description: data.description === "" ? "-" : data.description });
  const condition = judged.told?.condition ?? null;
  const described = condition ? pick(condition.words) : "";
  const incomplete = !asText && !isComplete(said(tree));
  const told = judged.old || !judged.told ? [] : judged.told.faults.filter((fault) => !(incomplete && fault.place.startsWith("/when")));
  // What is not written yet is no mistake.
  const isEmpty = (fault: Fault) => { const value = data[fault.place.slice(1)]; return value === "" || (Array.isArray(value) && value.length === 0) || (fault.place === "/code" && code === ""); };
  const faults = told.filter((fault) => !isEmpty(fault));
  const empty = [...new Set([...told.filter(isEmpty).map((fault) => fault.place.slice(1)), ...(incomplete ? ["when"] : [])])];

  const saving = useMutation({
    mutationFn: async ({ why }: { why: string | null }) => {
      const full: Written = { ...data, when: asText ? data.when : whole(rootOf(said(tree))), code };
      if (full.description === "") full.description = pick((await check({ ...full, description: "-" })).condition?.words ?? {}).slice(0, 1000);
      delete full.version;
      const kept = of ? await edit(of.code, of.number, full, base) : await begin(full);
      forget();
      if (why !== null) await steps.submit(await read(kept.code, kept.number), why);
      return kept;
    },
    onSuccess: (kept) => { go(`/profiles/${kept.code}/${String(kept.number)}`); },
    onSettled: () => { setSending(false); void queries.invalidateQueries({ queryKey: ["profiles"] }); },
  });
  const failed = useReason(saving.error);
  const unasked = useReason(judged.problem);
  const failures = saving.error instanceof Error && "faults" in saving.error ? (saving.error.faults as { place: string; message: string }[]) : [];

  useKeys((key) => {
    if (key !== "n" || asText) return false;
    const add = document.querySelector<HTMLButtonElement>(".builder > .builder-acts button");
    add?.click();
    return add !== null;
  });
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const key = event.key.toLowerCase();
      if (!(event.ctrlKey || event.metaKey) || (key !== "z" && key !== "enter")) return;
      event.preventDefault();
      if (key === "enter") setSending(true);
      else if (event.shiftKey) redo();
      else undo();
    };
    window.addEventListener("keydown", press);
    return () => { window.removeEventListener("keydown", press); };
  }, [undo, redo]);

  const inRows = () => {
    const tree = judged.told?.condition?.tree;
    if (tree && !judged.old) change({ when: tree });
  };
  return (
    <>
      <div className="head">
        <div>
          <nav className="crumbs" aria-label={t("profiles.where")}><Link href="/profiles">{t("nav.profiles")}</Link> / <bdi>{code}</bdi></nav>
          <h1>{of ? <bdi>{title}</bdi> : t("editor.new")}</h1>
        </div>
        <div className="acts">
          <Button busy={saving.isPending} onClick={() => { saving.mutate({ why: null }); }}>{t("editor.save")}</Button>
          <Button kind="main" busy={saving.isPending} onClick={() => { setSending(true); }}>{t("step.submit")}</Button>
        </div>
      </div>
      {restored && <div className="notice" data-tone="plain"><p>{t("editor.restored")}</p><Button onClick={discard}>{t("editor.discard")}</Button></div>}
      {saving.error !== null && (
        <div className="notice" data-tone="error" role="alert">
          <p><span aria-hidden="true">! </span><strong>{t("editor.notSaved")}</strong> <bdi>{failed}</bdi></p>
          {failures.length > 0 && <ul>{failures.map((fault) => <li key={fault.place + fault.message}><code dir="ltr">{fault.place}</code> <bdi>{fault.message}</bdi></li>)}</ul>}
        </div>
      )}
      <div className="columns wide-side">
        <div className="page">
          <Card title={t("editor.what")}>
            <Field label={t("field.title")} value={title} focused={!of} onChange={(value) => { change({ title: value }); }} />
            {!of && <Field label={t("field.code")} value={code} hint={t("editor.codeHint")} onChange={(value) => { change({ code: value }); }} />}
          </Card>
          <Card title={t("editor.when")}>
            {asText ? (
              <div className="note">
                <label htmlFor="condition-text">{t("field.when")}</label>
                <textarea id="condition-text" className="plain-input code" dir="ltr" rows={6} spellCheck={false} value={String(data.when)} onChange={(event) => { change({ when: event.currentTarget.value }); }} />
                {faults.filter((fault) => fault.place.startsWith("/when")).map((fault) => <p key={fault.message} className="wrong" role="alert"><span aria-hidden="true">! </span><bdi>{fault.message}</bdi></p>)}
              </div>
            ) : (
              <Builder
                group={rootOf(tree)} vocabulary={vocabulary} place="/when" faults={rootedFaults(faults, tree)}
                onChange={(group) => { change({ when: whole(group) }); }}
              />
            )}
            <Sentence words={condition?.words ?? null} old={judged.old} />
            {condition && <button type="button" className="link" onClick={asText ? inRows : () => { change({ when: condition.text }); }}>{t(asText ? "editor.asRows" : "editor.asText")}</button>}
          </Card>
          <Card title={t("editor.then")}><Then data={data} vocabulary={vocabulary} faults={faults} onChange={change} /></Card>
          <Card title={t("editor.papers")}><Papers data={data} vocabulary={vocabulary} faults={faults} onChange={change} described={described} /></Card>
        </div>
        <div className="page beside-column" role="group" aria-label={t("editor.beside")} tabIndex={0}>
        <aside className="card" aria-label={t("editor.judged")}>
          <h2>{t("editor.judged")}</h2>
          {judged.problem !== null && <p className="wrong" role="alert"><span aria-hidden="true">! </span>{unasked}</p>}
          <div role="status">
            {judged.told === null && judged.problem === null && <p className="empty">{t("editor.notYet")}</p>}
            {empty.length > 0 && <p>{t("editor.missing", { what: list(empty.map((each) => known(`field.${each}`, each))) })}</p>}
            {faults.length > 0 && <p>{t("editor.faults", { count: faults.length })}</p>}
            {judged.told?.profile && empty.length === 0 && <p>✓ {t("editor.fine")}</p>}
          </div>
          {faults.length > 0 && <ul className="faults">{faults.map((fault) => <li key={fault.place + fault.message}>{known(`field.${fault.place.split("/")[1] ?? ""}`, fault.place)}: <bdi>{fault.message}</bdi>{fault.hint && <span className="quiet"> <bdi>{fault.hint}</bdi></span>}</li>)}</ul>}
          {judged.told?.remarks.map((remark) => <p key={remark.place + remark.message}><span aria-hidden="true">▲ </span><bdi>{remark.message}</bdi></p>)}
        </aside>
        <Impact written={condition === null ? null : { ...data, when, code }} vocabulary={vocabulary} />
        </div>
      </div>
      {sending && (
        <Dialog title={t("step.submit")} onClose={() => { setSending(false); }}>
          <form className="stack" onSubmit={(event) => { event.preventDefault(); saving.mutate({ why: reason }); }}>
            <Field label={t("step.reason")} value={reason} onChange={setReason} hint={t("step.submitWhat")} focused />
            <div className="dialog-acts">
              <Button onClick={() => { setSending(false); }}>{t("cancel")}</Button>
              <Button kind="main" submit busy={saving.isPending}>{t("step.submit")}</Button>
            </div>
          </form>
        </Dialog>
      )}
    </>
  );
}

/** The form always shows a group; where the words have a single row, its faults belong to the first row. */
function rootedFaults<T extends { place: string }>(faults: readonly T[], tree: Tree): T[] {
  const root = rootOf(tree);
  const single = root.nodes.length === 1 && root.nodes[0] === tree;
  return faults.map((fault) => (single && fault.place.startsWith("/when") ? { ...fault, place: fault.place.replace("/when", "/when/all_of/0") } : fault));
}
