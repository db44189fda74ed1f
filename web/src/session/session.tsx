/** Who is signed in; what happens when the session ends in the middle of work. */
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createContext, use, useCallback, useEffect, useMemo, useState, type ReactNode } from "react";

import * as api from "../api/calls";
import { Problem, type WhoAmI } from "../api/calls";

export type Standing =
  | { kind: "unknown" }
  | { kind: "unreachable"; problem: unknown }
  | { kind: "out" }
  | { kind: "in"; who: WhoAmI }
  /** The session ended under an open page: the page stays, with what was typed in it. */
  | { kind: "ended"; who: WhoAmI };

interface Session {
  standing: Standing;
  enter: (who: WhoAmI) => void;
  leave: () => void;
  ask: () => void;
}

const Context = createContext<Session | null>(null);

export function useSession(): Session {
  const session = use(Context);
  if (session === null) throw new Error("BUG: no session above this part");
  return session;
}

/** Who is signed in, for parts that are shown to nobody else. */
export function useWho(): WhoAmI {
  const { standing } = useSession();
  if (standing.kind !== "in" && standing.kind !== "ended") throw new Error("BUG: nobody is signed in here");
  return standing.who;
}

export function SessionProvider({ children }: { children: ReactNode }) {
  const [standing, setStanding] = useState<Standing>({ kind: "unknown" });

  const [queries] = useState(() => {
    const onError = (error: Error) => {
      if (!(error instanceof Problem) || error.status !== 401) return;
      setStanding((now) => (now.kind === "in" ? { kind: "ended", who: now.who } : now));
    };
    return new QueryClient({
      queryCache: new QueryCache({ onError }),
      mutationCache: new MutationCache({ onError }),
      defaultOptions: {
        queries: { retry: (count, error) => error instanceof Problem && error.status === 0 && count < 2, staleTime: 5_000 },
        mutations: { retry: false },
      },
    });
  });

  const ask = useCallback(() => {
    api.who().then(
      (who) => { setStanding({ kind: "in", who }); },
      (problem: unknown) => {
        const out = problem instanceof Problem && (problem.status === 401 || problem.status === 403);
        setStanding(out ? { kind: "out" } : { kind: "unreachable", problem });
      },
    );
  }, []);
  useEffect(ask, [ask]);

  const session = useMemo<Session>(
    () => ({
      standing,
      ask,
      enter: (who) => {
        setStanding({ kind: "in", who });
        void queries.invalidateQueries();
      },
      leave: () => {
        queries.clear();
        setStanding({ kind: "out" });
      },
    }),
    [standing, ask, queries],
  );
  return (
    <Context value={session}>
      <QueryClientProvider client={queries}>{children}</QueryClientProvider>
    </Context>
  );
}
