/** What the pages ask about profiles. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { check, profile, profiles, version, vocabulary, type JudgedTold, type Written } from "../api/calls";

export const useProfiles = () => useQuery({ queryKey: ["profiles"], queryFn: profiles });
export const useProfile = (code: string) => useQuery({ queryKey: ["profiles", code], queryFn: () => profile(code) });
export const useVersion = (code: string, number: number) =>
  useQuery({ queryKey: ["profiles", code, number], queryFn: () => version(code, number) });
export const useVocabulary = () => useQuery({ queryKey: ["vocabulary"], queryFn: vocabulary, staleTime: 60_000 });

/** How long the form waits after the last key before it asks. */
const PAUSE_MS = 350;

export interface Judgement {
  /** The last answer; null: there was none yet. */
  told: JudgedTold | null;
  /** Why there is no newer one. */
  problem: unknown;
  /** What is told is about older words than those in the form. */
  old: boolean;
}

/** Ask the server about the words in the form while somebody types; late answers are dropped. */
export function useJudgement(written: Written): Judgement {
  const words = JSON.stringify(written);
  const [answer, setAnswer] = useState<{ of: string; told: JudgedTold | null; problem: unknown }>({ of: "", told: null, problem: null });
  useEffect(() => {
    const stop = new AbortController();
    const timer = setTimeout(() => {
      check(JSON.parse(words) as Written, stop.signal).then(
        (told) => { if (!stop.signal.aborted) setAnswer({ of: words, told, problem: null }); },
        (problem: unknown) => { if (!stop.signal.aborted) setAnswer((before) => ({ ...before, of: words, problem })); },
      );
    }, PAUSE_MS);
    return () => { clearTimeout(timer); stop.abort(); };
  }, [words]);
  return { told: answer.told, problem: answer.problem, old: answer.of !== words };
}
