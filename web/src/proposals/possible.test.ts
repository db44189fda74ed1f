import { expect, it } from "vitest";

import type { ProposalTold } from "../api/calls";
import { possible } from "./DetailPage";
import { waitingFor } from "./queries";

const MANAGER = ["proposals:approve", "proposals:execute", "proposals:reject"];
const proposal = (state: ProposalTold["state"], requester = "ada") => ({ state, requester }) as ProposalTold;

it.each([
  ["open", "max", MANAGER, ["approve", "reject"]],
  ["open", "ada", MANAGER, ["withdraw"]],
  ["approved", "ada", MANAGER, ["execute", "withdraw"]],
  ["approved", "max", MANAGER, ["execute", "reject"]],
  ["executed", "max", MANAGER, []],
  ["expired", "max", MANAGER, []],
  ["rejected", "max", MANAGER, []],
  ["open", "otto", [], []],
] as const)("%s, %s: offers what the policy and the state allow", (state, name, may, wanted) => {
  expect(possible(proposal(state), name, [...may])).toEqual(wanted);
});

it("waits for a person only what is open and of somebody else", () => {
  const all = [proposal("open"), proposal("open", "max"), proposal("approved")];
  expect(waitingFor("max", all)).toEqual([all[0]]);
});
