/** What was found: a few choices of closed lists, and one number. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useLocation } from "wouter";

import { Problem, recordResult, type InspectionRead } from "../api/calls";
import { useKeys } from "../frame/keys";
import { useWho } from "../session/session";
import { Button, Card, Choice } from "../ui/parts";
import { useReason } from "../ui/states";
import { NumberField, Tokens } from "../ui/Tokens";
import { useWords, type Key } from "../words";
import { useTakeNext } from "./queries";
import { computedEffect, declaredOf, EMPTY, KINDS, measured, missing, OUTCOMES, parsed, resultOf, WHY_NOT, type Draft } from "./result";

const GLYPHS = { compliant: "✓", irregular: "▲", inconclusive: "–" } as const;

export function ResultForm({ read }: { read: InspectionRead }) {
  const words = useWords();
  const { t } = words;
  const who = useWho();
  const queries = useQueryClient();
  const [, go] = useLocation();
  const [draft, setDraft] = useState<Draft>(EMPTY);
  const [asked, setAsked] = useState(false);
  /** When the inspection ended: the same for what is sent again, so that it is the same message. */
  const ended = useRef<{ of: string; at: string } | null>(null);
  const next = useTakeNext(who.name);
  const id = read.inspection.decision_id;
  const saving = useMutation<unknown, Error, { goOn: boolean }>({
    mutationFn: () => {
      const of = JSON.stringify(draft);
      if (ended.current?.of !== of) ended.current = { of, at: new Date().toISOString() };
      return recordResult(resultOf(read, draft, ended.current.at, words.tag));
    },
    onSuccess: async (_, { goOn }) => {
      await queries.invalidateQueries({ queryKey: ["inspections"] });
      if (goOn) next.mutate({ asked: { office: read.inspection.office }, besides: id });
      else go("/inspections");
    },
    onError: (problem) => {
      if (problem instanceof Problem && problem.code === "conflict") void queries.invalidateQueries({ queryKey: ["inspections", id] });
    },
  });
  const lacks = missing(draft, words.tag);
  const change = (more: Partial<Draft>) => { setDraft((now) => ({ ...now, ...more })); };
  const save = (goOn: boolean) => {
    setAsked(true);
    if (lacks === null && !saving.isPending) saving.mutate({ goOn });
  };
  const says = (place: NonNullable<typeof lacks>) => (asked && lacks === place ? t(`lacks.${place}` as Key) : "");
  const reason = useReason(saving.error ?? next.error);

  useKeys((key) => {
    const outcome = OUTCOMES[Number(key) - 1];
    if (outcome === undefined) return false;
    change({ outcome });
    return true;
  });
  const latest = useRef(save);
  useEffect(() => { latest.current = save; });
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      latest.current(true);
    };
    window.addEventListener("keydown", press);
    return () => { window.removeEventListener("keydown", press); };
  }, []);

  return (
    <form className="result" noValidate onSubmit={(event) => { event.preventDefault(); save(true); }}>
      <Card title={t("result.title")}>
        <Tokens
          large
          label={t("result.outcome")}
          value={draft.outcome}
          options={OUTCOMES.map((each) => ({ value: each, label: t(`outcome.${each}` as Key), glyph: GLYPHS[each] }))}
          onChange={(outcome) => { change({ outcome }); }}
          problem={says("outcome")}
        />
        {draft.outcome === "irregular" && <Offence read={read} draft={draft} change={change} says={says} />}
        {draft.outcome === "inconclusive" && (
          <Tokens
            label={t("result.whyNot")}
            value={draft.whyNot}
            options={WHY_NOT.map((each) => ({ value: each, label: t(`whyNot.${each}` as Key) }))}
            onChange={(whyNot) => { change({ whyNot }); }}
            problem={says("whyNot")}
          />
        )}
        {draft.outcome !== null && (
          <label className="note">
            {t("result.note")}
            <textarea className="plain-input" rows={2} maxLength={1500} value={draft.note} onChange={(event) => { change({ note: event.currentTarget.value }); }} />
          </label>
        )}
      </Card>
      {reason && <div className="notice" data-tone="error" role="alert"><p><span aria-hidden="true">! </span><bdi>{reason}</bdi> {saving.isSuccess ? "" : t("result.kept")}</p></div>}
      <div className="save-bar">
        <span role="status">{saving.isSuccess ? `✓ ${t("result.saved")}` : ""}</span>
        <Button busy={saving.isPending} onClick={() => { save(false); }}>{t("result.save")}</Button>
        <Button kind="main" submit busy={saving.isPending || next.isPending}>{t("result.saveNext")}</Button>
      </div>
    </form>
  );
}

interface OffenceProps {
  read: InspectionRead;
  draft: Draft;
  change: (more: Partial<Draft>) => void;
  says: (place: "kind" | "found" | "effect" | "action") => string;
}

function Offence({ read, draft, change, says }: OffenceProps) {
  const { t, tag, number, known } = useWords();
  const what = measured(draft.kind);
  const declared = declaredOf(read, draft);
  const effect = computedEffect(read, draft, tag);
  // Written as it is read back: plain digits with a point.
  const shown = draft.effect ?? (effect === null ? "" : String(effect));
  const typed = parsed(draft.found, tag);
  return (
    <>
      <Tokens
        label={t("result.kind")}
        value={draft.kind}
        options={KINDS.map((each) => ({ value: each, label: t(`kind.${each}` as Key) }))}
        onChange={(kind) => { change({ kind, found: "", effect: null }); }}
        problem={says("kind")}
      />
      {read.goods.length > 1 && (
        <Choice
          label={t("result.item")}
          value={String(draft.item)}
          options={read.goods.map((each) => ({ value: String(each.number), label: `${String(each.number)} · ${each.hs_code} ${each.goods ?? ""}`.slice(0, 60) }))}
          onChange={(item) => { change({ item: Number(item), effect: null }); }}
        />
      )}
      {draft.kind !== null && (
        <div className="measured">
          {what !== null && (
            <>
              <NumberField
                label={t(what === "value" ? "result.valueFound" : "result.quantityFound")}
                value={draft.found}
                onChange={(found) => { change({ found, effect: null }); }}
                problem={says("found")}
                hint={typed === null ? undefined : t("result.readAs", { value: number(typed) })}
              />
              <div><span className="label">{t("result.declared")}</span><b>{declared === null ? "–" : number(declared)}</b></div>
            </>
          )}
          <NumberField
            label={t("result.effect")}
            value={shown}
            onChange={(value) => { change({ effect: value }); }}
            problem={says("effect")}
            hint={draft.effect === null && effect !== null ? t("result.computed") : undefined}
          />
        </div>
      )}
      <Tokens
        label={t("result.action")}
        value={draft.action}
        options={read.actions.map((each) => ({ value: each, label: known(`action.${each}`, each) }))}
        onChange={(action) => { change({ action }); }}
        problem={says("action")}
      />
    </>
  );
}
