import { expect, it } from "vitest";

import type { LaneInForce } from "../api/calls";
import { lanesFor } from "./change";

const told = (lane: string) => ({ lane, lanes: [{ code: "green" }, { code: "yellow" }, { code: "red" }] }) as unknown as LaneInForce;

it("leads from a lane to the stricter or to the more lenient ones, the nearest first", () => {
  const codes = (lane: string, direction: "raised" | "lowered") => lanesFor(told(lane), direction).map((each) => each.code);
  expect(codes("green", "raised")).toEqual(["yellow", "red"]);
  expect(codes("red", "lowered")).toEqual(["yellow", "green"]);
  expect([codes("red", "raised"), codes("green", "lowered"), codes("gone", "raised"), codes("gone", "lowered")]).toEqual([[], [], [], []]);
});
