/** The operations that the pages use, each as a function that gives its answer or throws a Problem. */
import { client } from "./generated/client.gen";
import {
  accountApiV1DecisionsDecisionIdAccountGet as accountCall,
  approveApiV1ProfilesCodeVersionsNumberApprovalPost as approveVersionCall,
  askRetirementApiV1ProfilesCodeVersionsNumberRetirementRequestPost as askRetirementCall,
  checkApiV1ProfilesCheckPost as checkCall,
  draftApiV1ProfilesPost as draftCall,
  editApiV1ProfilesCodeVersionsNumberPut as editCall,
  emergencyApiV1ProfilesCodeVersionsNumberEmergencyPost as emergencyCall,
  everyApiV1ProfilesGet as profilesCall,
  extendApiV1ProfilesCodeExtensionPost as extendCall,
  goLiveApiV1ProfilesCodeVersionsNumberLivePost as goLiveCall,
  impactApiV1ProfilesImpactPost as impactCall,
  oneApiV1ProfilesCodeGet as profileCall,
  rampApiV1ProfilesCodeVersionsNumberRampPost as rampCall,
  rejectApiV1ProfilesCodeVersionsNumberRejectionPost as rejectVersionCall,
  restoreApiV1ProfilesCodeRestorationPost as restoreCall,
  retireApiV1ProfilesCodeVersionsNumberRetirementPost as retireCall,
  reviewApiV1ProfilesCodeVersionsNumberReviewPost as reviewCall,
  shadowApiV1ProfilesCodeVersionsNumberShadowPost as shadowCall,
  submitApiV1ProfilesCodeVersionsNumberSubmissionPost as submitCall,
  versionApiV1ProfilesCodeVersionsNumberGet as versionCall,
  vocabularyApiV1VocabularyGet as vocabularyCall,
  withdrawApiV1ProfilesCodeVersionsNumberWithdrawalPost as withdrawCall,
  approveApiV1ProposalsProposalIdApprovalsPost as approveCall,
  assignApiV1InspectionsDecisionIdAssignmentPost as assignCall,
  everyApiV1ProposalsGet as everyCall,
  executeApiV1ProposalsProposalIdExecutionPost as executeCall,
  findApiV1DecisionsGet as findCall,
  inclusionApiV1DecisionsDecisionIdProofGet as proofCall,
  ofDecisionApiV1DecisionsDecisionIdOverridesGet as overridesCall,
  oneApiV1DecisionsDecisionIdGet as evidenceCall,
  oneApiV1InspectionsDecisionIdGet as inspectionCall,
  oneApiV1ProposalsProposalIdGet as oneCall,
  proposeApiV1ProposalsPost as proposeCall,
  queueApiV1InspectionsGet as queueCall,
  raiseLaneApiV1DecisionsDecisionIdOverridesPost as raiseLaneCall,
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
  ControlResult, DecisionAccount, DecisionList, Factors, FeatureTold, FindApiV1DecisionsGetData, ImpactTold, InspectionList, InspectionRead, JudgedTold,
  LaneInForce, ProblemFault as Fault, ProfileListed, ProfileRead, VersionRead, VersionTold, VocabularyTold as Vocabulary,
  ListedInspection, OverrideTold, ProposalRead, ProposalTold, QueueApiV1InspectionsGetData, Raise, ReplayTold, ResultTold, SignIn, Ways, WhoAmI,
} from "./generated/types.gen";

export type {
  ControlResult, DecisionAccount, DecisionList, Fault, FeatureTold, ImpactTold, InspectionList, InspectionRead, JudgedTold, LaneInForce, ListedInspection,
  OverrideTold, ProfileListed, ProfileRead, ProposalRead, VersionRead, VersionTold, Vocabulary,
  ProposalTold, Raise as LaneChange, ReplayTold, ResultTold, WhoAmI,
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
    /** What is wrong where, if the server named places. */
    readonly faults: readonly Fault[] = [],
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
  const told = (outcome.error ?? {}) as { type?: unknown; title?: unknown; faults?: unknown };
  const type = typeof told.type === "string" ? told.type : "";
  const title = typeof told.title === "string" ? told.title : "";
  const faults = Array.isArray(told.faults) ? (told.faults as Fault[]) : [];
  throw new Problem(outcome.response?.status ?? 0, outcome.response ? (type.split(":").pop() ?? "") : "network", title, faults);
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
export const overrides = (id: string): Promise<LaneInForce> => answer(overridesCall({ path: { decision_id: id } }));
export const raiseLane = (id: string, body: Raise): Promise<LaneInForce> => answer(raiseLaneCall({ path: { decision_id: id }, body }));
/** Propose to lower a lane; the reason of the proposal is the one in own words. */
export const lowerLane = (id: string, { lane, ...change }: Raise): Promise<ProposalTold> =>
  answer(proposeCall({ body: { act: "lower-lane", payload: { decision_id: id, to_lane: lane, ...change }, reason: change.text } }));
export const recordResult = (body: ControlResult): Promise<unknown> => answer(recordCall({ body }));
export const findDecisions = (query: DecisionsAsked): Promise<DecisionList> => answer(findCall({ query }));
export const account = (id: string): Promise<DecisionAccount> => answer(accountCall({ path: { decision_id: id } }));
export const replay = (id: string): Promise<ReplayTold> => answer(replayCall({ path: { decision_id: id } }));

/** A profile as plain data, as its author writes it. */
export type Written = Record<string, unknown>;
export const vocabulary = (): Promise<Vocabulary> => answer(vocabularyCall());
export const profiles = async (): Promise<ProfileListed[]> => (await answer(profilesCall())).profiles;
export const profile = (code: string): Promise<ProfileRead> => answer(profileCall({ path: { code } }));
export const version = (code: string, number: number): Promise<VersionRead> => answer(versionCall({ path: { code, number } }));
export const check = (written: Written, signal?: AbortSignal): Promise<JudgedTold> => answer(checkCall({ body: { profile: written }, signal }));
export const impact = (written: Written, signal?: AbortSignal): Promise<ImpactTold> => answer(impactCall({ body: { profile: written }, signal }));
export const draft = (written: Written): Promise<VersionTold> => answer(draftCall({ body: { profile: written } }));
/** Give a version other words; *seen* is the hash of those that were edited, and somebody else may have been quicker. */
export const edit = (code: string, number: number, written: Written, seen: string): Promise<VersionTold> =>
  answer(editCall({ path: { code, number }, body: { profile: written, body_sha256: seen } }));
export const extend = (code: string, until: string): Promise<VersionTold> => answer(extendCall({ path: { code }, body: { valid_until: until } }));
export const restore = (code: string, number: number): Promise<VersionTold> => answer(restoreCall({ path: { code }, body: { number } }));

/** Every step on a version, by its name; some want a reason in own words, a ramp wants a share. */
export const steps = {
  submit: (of: VersionRead, reason: string) => answer(submitCall({ path: at(of), body: { reason } })),
  approve: (of: VersionRead) =>
    answer(approveVersionCall({ path: at(of), body: { body_sha256: of.version.body_sha256, replaces_sha256: of.replaces_sha256 } })),
  reject: (of: VersionRead, reason: string) => answer(rejectVersionCall({ path: at(of), body: { reason } })),
  withdraw: (of: VersionRead, reason: string) => answer(withdrawCall({ path: at(of), body: { reason } })),
  shadow: (of: VersionRead) => answer(shadowCall({ path: at(of) })),
  ramp: (of: VersionRead, share: string) => answer(rampCall({ path: at(of), body: { share } })),
  live: (of: VersionRead) => answer(goLiveCall({ path: at(of) })),
  emergency: (of: VersionRead, reason: string) => answer(emergencyCall({ path: at(of), body: { reason } })),
  review: (of: VersionRead, reason: string) => answer(reviewCall({ path: at(of), body: { reason } })),
  askRetirement: (of: VersionRead, reason: string) => answer(askRetirementCall({ path: at(of), body: { reason } })),
  retire: (of: VersionRead, reason: string) => answer(retireCall({ path: at(of), body: { reason } })),
} satisfies Record<string, (of: VersionRead, told: string) => Promise<VersionTold>>;

const at = ({ version: { code, number } }: VersionRead) => ({ code, number });

/** The evidence of a decision, byte for byte, with the path that leads from it to a signed checkpoint (RFC 9162, 2.1.3). */
export async function proof(id: string): Promise<string> {
  const [evidence, found] = await Promise.all([
    answer(evidenceCall({ path: { decision_id: id }, parseAs: "text" })) as unknown as Promise<string>,
    answer(proofCall({ path: { decision_id: id } })),
  ]);
  return JSON.stringify({ evidence, ...found }, null, 1);
}
