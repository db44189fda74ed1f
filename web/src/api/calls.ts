/** The operations that the pages use, each as a function that gives its answer or throws a Problem. */
import { client } from "./generated/client.gen";
import {
  accountApiV1DecisionsDecisionIdAccountGet as accountCall,
  approveApiV1ProposalsProposalIdApprovalsPost as approveCall,
  assignApiV1InspectionsDecisionIdAssignmentPost as assignCall,
  everyApiV1ProposalsGet as everyCall,
  executeApiV1ProposalsProposalIdExecutionPost as executeCall,
  findApiV1DecisionsGet as findCall,
  inclusionApiV1DecisionsDecisionIdProofGet as proofCall,
  oneApiV1DecisionsDecisionIdGet as evidenceCall,
  oneApiV1InspectionsDecisionIdGet as inspectionCall,
  oneApiV1ProposalsProposalIdGet as oneCall,
  queueApiV1InspectionsGet as queueCall,
  recordApiV1ControlResultsPost as recordCall,
  rejectApiV1ProposalsProposalIdRejectionPost as rejectCall,
  renewApiV1SessionPut as renewCall,
  replayApiV1DecisionsDecisionIdReplayPost as replayCall,
  signInApiV1SessionPost as signInCall,
  signOutApiV1SessionDelete as signOutCall,
  waysApiV1SessionWaysGet as waysCall,
  whoApiV1SessionGet as whoCall,
} from "./generated/sdk.gen";
import type {
  ControlResult, DecisionAccount, DecisionList, Factors, FindApiV1DecisionsGetData, InspectionList, InspectionRead, ListedInspection,
  ProposalRead, ProposalTold, QueueApiV1InspectionsGetData, ReplayTold, ResultTold, SignIn, Ways, WhoAmI,
} from "./generated/types.gen";

export type {
  ControlResult, DecisionAccount, DecisionList, InspectionList, InspectionRead, ListedInspection, ProposalRead, ProposalTold, ReplayTold,
  ResultTold, WhoAmI,
};
export type QueueAsked = NonNullable<QueueApiV1InspectionsGetData["query"]>;
export type DecisionsAsked = NonNullable<FindApiV1DecisionsGetData["query"]>;

/** Why an operation gave no answer: the server's problem details, or that it could not be reached. */
export class Problem extends Error {
  override readonly name = "Problem";
  constructor(
    /** Status of the answer; 0: there was none. */
    readonly status: number,
    /** Last part of the type: `step-up-needed`, `conflict`, … */
    readonly code: string,
    title: string,
  ) {
    super(title);
  }
}

interface Outcome<T> {
  data?: T;
  error?: unknown;
  response?: Response;
}

/** Speak to the server that this document came from, wherever it stands. */
export function connect(): void {
  client.setConfig({ baseUrl: new URL(".", document.baseURI).href.replace(/\/$/, ""), credentials: "same-origin" });
}

async function answer<T>(asked: Promise<Outcome<T>>): Promise<T> {
  let outcome: Outcome<T>;
  try {
    outcome = await asked;
  } catch {
    throw new Problem(0, "network", "");
  }
  if (outcome.response?.ok && outcome.data !== undefined) return outcome.data;
  const told = (outcome.error ?? {}) as { type?: unknown; title?: unknown };
  const type = typeof told.type === "string" ? told.type : "";
  const title = typeof told.title === "string" ? told.title : "";
  throw new Problem(outcome.response?.status ?? 0, outcome.response ? (type.split(":").pop() ?? "") : "network", title);
}

export const ways = (): Promise<Ways> => answer(waysCall());
export const who = (): Promise<WhoAmI> => answer(whoCall());
export const signIn = (body: SignIn): Promise<WhoAmI> => answer(signInCall({ body }));
export const renew = (body: Factors): Promise<WhoAmI> => answer(renewCall({ body }));
export const signOut = (): Promise<unknown> => answer(signOutCall());
export const proposals = async (): Promise<ProposalTold[]> => (await answer(everyCall())).proposals;
export const proposal = (id: string): Promise<ProposalRead> => answer(oneCall({ path: { proposal_id: id } }));
export const approve = (seen: ProposalTold): Promise<unknown> =>
  answer(approveCall({ path: { proposal_id: seen.id }, body: { payload_sha256: seen.payload_sha256 } }));
export const reject = (seen: ProposalTold): Promise<unknown> => answer(rejectCall({ path: { proposal_id: seen.id } }));
export const execute = (seen: ProposalTold): Promise<unknown> =>
  answer(executeCall({ path: { proposal_id: seen.id }, body: { payload_sha256: seen.payload_sha256 } }));

export const queue = (query: QueueAsked): Promise<InspectionList> => answer(queueCall({ query }));
export const inspection = (id: string): Promise<InspectionRead> => answer(inspectionCall({ path: { decision_id: id } }));
export const assign = (id: string, take: boolean, insteadOf: string | null): Promise<InspectionRead> =>
  answer(assignCall({ path: { decision_id: id }, body: { take, instead_of: insteadOf } }));
export const recordResult = (body: ControlResult): Promise<unknown> => answer(recordCall({ body }));
export const findDecisions = (query: DecisionsAsked): Promise<DecisionList> => answer(findCall({ query }));
export const account = (id: string): Promise<DecisionAccount> => answer(accountCall({ path: { decision_id: id } }));
export const replay = (id: string): Promise<ReplayTold> => answer(replayCall({ path: { decision_id: id } }));

/** The evidence of a decision, byte for byte, with the path that leads from it to a signed checkpoint (RFC 9162, 2.1.3). */
export async function proof(id: string): Promise<string> {
  const [evidence, found] = await Promise.all([
    answer(evidenceCall({ path: { decision_id: id }, parseAs: "text" })) as unknown as Promise<string>,
    answer(proofCall({ path: { decision_id: id } })),
  ]);
  return JSON.stringify({ evidence, ...found }, null, 1);
}
