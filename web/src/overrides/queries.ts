/** What the pages ask about the lane in force. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { lowerLane, overrides, raiseLane, type LaneChange, type ProposalTold } from "../api/calls";
import { useGuarded } from "../session/stepUp";
import type { Direction } from "./change";

export const useOverrides = (id: string, enabled: boolean) => useQuery({ queryKey: ["overrides", id], queryFn: () => overrides(id), enabled });

/** Raises the lane of a decision, or proposes to lower it, which gives the proposal. */
export function useChange(id: string, direction: Direction) {
  const queries = useQueryClient();
  const guarded = useGuarded();
  return useMutation({
    mutationFn: async (change: LaneChange): Promise<ProposalTold | null> => {
      if (direction === "lowered") return guarded(() => lowerLane(id, change));
      await raiseLane(id, change);
      return null;
    },
    onSettled: () => Promise.all([["overrides", id], ["inspections"], ["proposals"]].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
}
