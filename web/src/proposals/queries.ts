/** What the pages ask about proposals. */
import { useQuery } from "@tanstack/react-query";

import { proposal, proposals, type ProposalTold } from "../api/calls";

export const useProposals = (enabled = true) => useQuery({ queryKey: ["proposals"], queryFn: proposals, enabled });
export const useProposal = (id: string) => useQuery({ queryKey: ["proposals", id], queryFn: () => proposal(id) });

/** Those that a person can approve: open, and not their own. */
export function waitingFor(name: string, all: ProposalTold[]): ProposalTold[] {
  return all.filter((each) => each.state === "open" && each.requester !== name);
}
