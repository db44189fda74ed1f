/** The places of the interface, and the action of the policy that each asks for. */
import type { Key } from "../words";

export interface Place {
  path: string;
  word: Key;
  /** Action that opens it; null: everybody's. */
  needs: string | null;
  /** Second key after G. */
  key: string;
  icon: string;
}

export const PLACES: readonly Place[] = [
  { path: "/", word: "nav.today", needs: null, key: "t", icon: "M3 11 12 4l9 7v9h-6v-6H9v6H3z" },
  { path: "/proposals", word: "nav.proposals", needs: "proposals:read", key: "p", icon: "M5 3h10l4 4v14H5zM8 12h8M8 16h8M8 8h4" },
];

/** Roles that the policy lets read proposals, for the words of whoever may not; a test holds it to the policy. */
export const PROPOSAL_READERS = ["administrator", "analyst", "manager", "auditor"] as const;
