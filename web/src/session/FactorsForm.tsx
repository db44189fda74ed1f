/** Both factors, for signing in, coming back and confirming. */
import { useState, type ReactNode } from "react";

import { Problem, type WhoAmI } from "../api/calls";
import { Button, Field } from "../ui/parts";
import { useReason } from "../ui/states";
import { useWords, type Key } from "../words";

interface Props {
  /** The name; null: it is not asked for. */
  name: string | null;
  fixedName?: boolean;
  submit: Key;
  show: (factors: { name: string; password: string; code: string }) => Promise<WhoAmI>;
  done: (who: WhoAmI) => void;
  children?: ReactNode;
}

export function FactorsForm({ name: known, fixedName = false, submit, show, done, children }: Props) {
  const { t } = useWords();
  const [name, setName] = useState(known ?? "");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const reason = useReason(problem);

  const send = async () => {
    if (busy) return;
    setBusy(true);
    setProblem(null);
    try {
      const who = await show({ name, password, code: code.trim() });
      done(who);
    } catch (error) {
      // A code is good once, right or wrong; the password need not be typed again.
      setCode("");
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };

  const refused = problem instanceof Problem ? problem.status : null;
  return (
    <form className="stack" onSubmit={(event) => { event.preventDefault(); void send(); }}>
      {problem !== null && (
        <div className="notice" data-tone="error" role="alert">
          <p>
            <span aria-hidden="true">! </span>
            {refused === 401 ? t("signIn.wrong") : refused === 429 ? t("signIn.tooMany") : reason}
          </p>
        </div>
      )}
      {known !== null && (
        <Field label={t("signIn.name")} value={name} onChange={setName} complete="username" readOnly={fixedName} focused={!fixedName} />
      )}
      <Field label={t("signIn.password")} value={password} onChange={setPassword} kind="password" complete="current-password" focused={known === null || fixedName} />
      <Field label={t("signIn.code")} hint={t("signIn.codeHint")} value={code} onChange={setCode} kind="code" complete="one-time-code" />
      <div className="dialog-acts">
        {children}
        <Button kind="main" submit busy={busy}>{t(submit)}</Button>
      </div>
    </form>
  );
}
