/** What the pages ask about profiles. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { check, profile, profiles, Problem, version, vocabulary, type Fault, type JudgedTold, type Written } from "../api/calls";

export const useProfiles = () => useQuery({ queryKey: ["profiles"], queryFn: profiles });
export const useProfile = (code: string) => useQuery({ queryKey: ["profiles", code], queryFn: () => profile(code) });
export const useVersion = (code: string, number: number) =>
  useQuery({ queryKey: ["profiles", code, number], queryFn: () => version(code, number) });
export const useVocabulary = () => useQuery({ queryKey: ["vocabulary"], queryFn: vocabulary, staleTime: 60_000 });

/** How long the form waits after the last key before it asks. */
const PAUSE_MS = 350;

export interface Judgement {
  told: JudgedTold | null;
  faults: readonly Fault[];
  /** Why nothing could be said, other than faults of the words. */
  problem: unknown;
  /** What is shown is about older words than those in the form. */
  old: boolean;
}

/** Ask the server about the words in the form while somebody types; late answers are dropped. */
export function useJudgement(written: Written | null): Judgement {
  const words = written === null ? "" : JSON.stringify(written);
  const [answer, setAnswer] = useState<{ of: string; judgement: Omit<Judgement, "old"> }>({ of: "", judgement: { told: null, faults: [], problem: null } });
  useEffect(() => {
    if (words === "") return;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      check(JSON.parse(words) as Written, stop.signal).then(
        (told) => { if (!stop.signal.aborted) setAnswer({ of: words, judgement: { told, faults: [], problem: null } }); },
        (problem: unknown) => {
          if (stop.signal.aborted) return;
          const faults = problem instanceof Problem ? problem.faults : [];
          setAnswer((before) => ({ of: words, judgement: { told: before.judgement.told, faults, problem: faults.length > 0 ? null : problem } }));
        },
      );
    }, PAUSE_MS);
    return () => { clearTimeout(timer); stop.abort(); };
  }, [words]);
  return { ...answer.judgement, old: answer.of !== words };
}
