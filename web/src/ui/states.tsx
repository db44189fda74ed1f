/** What a page shows when it has nothing to show: loading, empty, failed, stale, not allowed. */
import { useEffect, useState, type ReactNode } from "react";

import { Problem } from "../api/calls";
import { useWords } from "../words";
import { Button } from "./parts";

/** Lines of the height of what comes, after 300 ms: what comes at once does not flicker. */
export function Loading({ lines = 4 }: { lines?: number }) {
  const { t } = useWords();
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => { setLate(true); }, 300);
    return () => { clearTimeout(timer); };
  }, []);
  return (
    <div className="skeleton" role="status" data-late={late || undefined}>
      <span className="unseen">{late ? t("state.loading") : ""}</span>
      {Array.from({ length: lines }, (_, line) => <span key={line} aria-hidden="true" />)}
    </div>
  );
}

export function Empty({ children }: { children: ReactNode }) {
  return <p className="empty">{children}</p>;
}

/** What failed, what is safe, and the way to try again. */
export function Failed({ problem, again }: { problem: unknown; again: () => void }) {
  const { t } = useWords();
  return (
    <div className="notice" data-tone="error" role="alert">
      <p><span aria-hidden="true">! </span><strong>{t("state.error")}</strong></p>
      <p><bdi>{useReason(problem)}</bdi> {t("state.safe")}</p>
      <Button onClick={again}>{t("retry")}</Button>
    </div>
  );
}

/** Why something failed, as a sentence. */
export function useReason(problem: unknown): string {
  const { t } = useWords();
  if (!(problem instanceof Problem)) return problem ? String(problem) : "";
  return problem.status === 0 ? t("state.network") : problem.message;
}

/** What is shown is old, and newer could not be had. */
export function Stale({ since, again }: { since: number; again: () => void }) {
  const words = useWords();
  return (
    <div className="notice" data-tone="warning" role="status">
      <p><span aria-hidden="true">! </span>{words.t("state.stale", { time: words.time(new Date(since).toISOString()) })}</p>
      <Button onClick={again}>{words.t("retry")}</Button>
    </div>
  );
}

/** Which roles may see it, and who gives them. */
export function NoRight({ roles }: { roles: readonly string[] }) {
  const { t, list, known } = useWords();
  const named = list(roles.map((role) => known(`role.${role}`, role)));
  return (
    <div className="notice" data-tone="plain">
      <h1>{t("state.noRight")}</h1>
      <p>{t("state.noRightWho", { roles: named })}</p>
    </div>
  );
}

interface Query<T> {
  data: T | undefined;
  error: unknown;
  dataUpdatedAt: number;
  refetch: () => unknown;
}

/** Shows what a query gave, or why it gave nothing. */
export function Shown<T>({ query, children, lines }: { query: Query<T>; children: (data: T) => ReactNode; lines?: number }) {
  const again = () => { void query.refetch(); };
  if (query.data === undefined) return query.error ? <Failed problem={query.error} again={again} /> : <Loading lines={lines} />;
  return (
    <>
      {query.error ? <Stale since={query.dataUpdatedAt} again={again} /> : null}
      {children(query.data)}
    </>
  );
}
