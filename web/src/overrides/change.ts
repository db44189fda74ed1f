/** What people can do with the lane of a decision. */
import type { LaneInForce, OverrideTold } from "../api/calls";

export type Direction = OverrideTold["direction"];
export type Reason = OverrideTold["reason_code"];

/** Which reasons fit which direction; the server refuses others. */
export const REASONS = {
  raised: ["documents-doubtful", "goods-differ", "tip-received", "seal-or-container", "other-authority", "other"],
  lowered: ["already-controlled", "perishable-or-live", "relief-goods", "control-impossible", "other-authority", "other"],
} as const satisfies Record<Direction, readonly Reason[]>;

/** The lanes to which the lane in force can go that way, the nearest first. */
export function lanesFor(told: LaneInForce, direction: Direction): LaneInForce["lanes"] {
  const at = told.lanes.findIndex((each) => each.code === told.lane);
  if (at < 0) return [];
  return direction === "raised" ? told.lanes.slice(at + 1) : told.lanes.slice(0, at).reverse();
}
