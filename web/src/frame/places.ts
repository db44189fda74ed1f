/** The places of the interface, and the action of the policy that each asks for. */
import type { Key } from "../words";

export interface Place {
  path: string;
  word: Key;
  /** What its shortcut does, on the sheet of the keyboard. */
  goes: Key;
  /** Action that opens it; null: everybody's. */
  needs: string | null;
  /** Second key after G. */
  key: string;
  icon: string;
}

export const PLACES: readonly Place[] = [
  { path: "/", word: "nav.today", goes: "keys.today", needs: null, key: "t", icon: "M3 11 12 4l9 7v9h-6v-6H9v6H3z" },
  { path: "/inspections", word: "nav.inspections", goes: "keys.inspections", needs: "inspections:read", key: "i", icon: "M4 7h16v13H4zM4 7l3-4h10l3 4M9 13l2 2 4-4" },
  { path: "/decisions", word: "nav.decisions", goes: "keys.decisions", needs: "decisions:read", key: "d", icon: "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM15 15l6 6" },
  { path: "/profiles", word: "nav.profiles", goes: "keys.profiles", needs: "profiles:read", key: "r", icon: "M4 5h16M7 12h10M10 19h4" },
  { path: "/proposals", word: "nav.proposals", goes: "keys.proposals", needs: "proposals:read", key: "p", icon: "M5 3h10l4 4v14H5zM8 12h8M8 16h8M8 8h4" },
];

/** Roles that the policy lets read what a place shows, for the words of whoever may not; a test holds them to the policy. */
export const PROPOSAL_READERS = ["administrator", "analyst", "manager", "auditor"] as const;
export const INSPECTION_READERS = ["inspector", "manager", "auditor"] as const;
export const DECISION_READERS = ["analyst", "manager", "auditor"] as const;
export const PROFILE_READERS = ["analyst", "manager", "auditor"] as const;
export const PROFILE_WRITERS = ["analyst", "manager"] as const;
