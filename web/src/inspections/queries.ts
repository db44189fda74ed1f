/** What the pages ask about inspections. */
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useLocation } from "wouter";

import { assign, inspection, Problem, queue, type ListedInspection, type QueueAsked } from "../api/calls";

/** How often the queue is asked again: others take from it, too. */
const AGAIN_MS = 30_000;

export function useQueue(asked: QueueAsked) {
  return useInfiniteQuery({
    queryKey: ["inspections", "queue", asked],
    queryFn: ({ pageParam }) => queue({ ...asked, ...(pageParam ? { after: pageParam } : {}) }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next,
    refetchInterval: AGAIN_MS,
  });
}

export const useInspection = (id: string) => useQuery({ queryKey: ["inspections", id], queryFn: () => inspection(id) });

/** The one to do next: what one has taken already, then what nobody has. */
export function nextOf(waiting: readonly ListedInspection[], name: string, besides?: string): ListedInspection | undefined {
  const others = waiting.filter((each) => each.decision_id !== besides);
  return others.find((each) => each.assigned_to === name) ?? others.find((each) => each.assigned_to === null);
}

/** Takes the next inspection and opens it; another person may be quicker, so it is tried again. */
export function useTakeNext(name: string) {
  const queries = useQueryClient();
  const [, go] = useLocation();
  return useMutation({
    mutationFn: async ({ asked, besides }: { asked: QueueAsked; besides?: string }): Promise<string | null> => {
      for (let attempt = 0; ; attempt += 1) {
        const next = nextOf((await queue(asked)).inspections, name, besides);
        if (next === undefined) return null;
        if (next.assigned_to === name) return next.decision_id;
        try {
          await assign(next.decision_id, true, null);
          return next.decision_id;
        } catch (problem) {
          if (!(problem instanceof Problem) || problem.code !== "conflict" || attempt === 3) throw problem;
        }
      }
    },
    onSuccess: (id) => {
      void queries.invalidateQueries({ queryKey: ["inspections"] });
      go(id === null ? "/inspections" : `/inspections/${id}`);
    },
  });
}

/** Takes one inspection or gives it back; *from* is who has it, as the page shows. */
export function useAssign() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, take, from }: { id: string; take: boolean; from: string | null }) => assign(id, take, from),
    onSettled: () => queries.invalidateQueries({ queryKey: ["inspections"] }),
  });
}
