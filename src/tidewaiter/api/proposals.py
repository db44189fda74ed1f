"""Acts that need two persons: propose, change, approve, reject, execute; and break the glass."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Final

import structlog
from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from tidewaiter.api import description
from tidewaiter.api.auth import Allowed, PersonCaller
from tidewaiter.api.session import no_store
from tidewaiter.core import two_persons
from tidewaiter.core.access import Action
from tidewaiter.core.errors import NotFound
from tidewaiter.core.two_persons import Act, State, state_of
from tidewaiter.flow.two_persons import may_act
from tidewaiter.flow.wording import reworded

__all__ = ["router"]

_log = structlog.get_logger(__name__)

router = APIRouter(tags=["proposals"], dependencies=[Depends(no_store)])

_PROBLEMS: Final = (401, 403, 404, 422, 503)
_ONE: Final = "/proposals/{proposal_id}"

ProposalId = Annotated[str, Path(pattern=r"^W[0-9a-f]{24}$")]
#: A sentence for the person who approves and for the auditor; PostgreSQL's texts hold no NUL.
Reason = Annotated[str, Field(min_length=1, max_length=2000, pattern=r"^[^\x00]*\S[^\x00]*$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewProposal(_Asked):
    """What somebody wants done."""

    act: Act
    payload: dict[str, Any] = Field(
        description="`publish-content`: lanes, checks, rules, plan. `promote-model`: version. "
        "`change-lists`: lists (each with code, kind, source, expires, added, removed, replaces), ended "
        "(each with code, replaces). `change-parameters`: some of lanes, checks, plan; replaces. "
        "`publish-standin`: otherwise, random_floor, rules. "
        "`lower-lane`: decision_id, from_lane, to_lane, reason_code, text. "
        "`set-retention`: declaration_days, person_days. `erase`: declarations (pairs of system and "
        "identity), persons, ground. `release-hold`: number. `rotate-key`: old_key. "
        "`set-rights`: name, roles, offices, compartments."
    )
    reason: Reason


class NewPayload(_Asked):
    """Another payload for one's own proposal."""

    payload: dict[str, Any]


class Seen(_Asked):
    """The payload that a person saw and means."""

    payload_sha256: Sha256


class Alone(Seen):
    """The payload that is to be executed without a second person, and why."""

    reason: Reason


class ApprovalTold(BaseModel):
    """One person's consent."""

    person: str
    at: datetime


class ProposalTold(BaseModel):
    """A proposal, and where it stands."""

    id: str
    act: Act
    state: State
    payload_sha256: str = Field(description="What an approval and an execution must name.")
    requester: str
    reason: str
    requested_at: datetime
    expires_at: datetime
    approvals: list[ApprovalTold]
    rejected_by: str | None
    executed_by: str | None
    executed_at: datetime | None
    broken_glass: str | None = Field(description="Why it was done without a second person, if it was.")


class ConditionTold(BaseModel):
    """The condition of a profile that would change, as a sentence by language."""

    profile: str
    in_force: dict[str, str] | None = Field(description="None: the profile is new.")
    proposed: dict[str, str] | None = Field(description="None: the profile would be gone.")


class ProposalRead(BaseModel):
    """A proposal with what it wants done."""

    proposal: ProposalTold
    payload: dict[str, Any]
    in_force: dict[str, Any] = Field(
        description="What is in force now of that which it replaces, in the form of the payload."
    )
    conditions: list[ConditionTold] = Field(description="Of the profiles whose condition would change.")


class ProposalList(BaseModel):
    """Proposals, oldest first."""

    proposals: list[ProposalTold]


class Executed(BaseModel):
    """What came of an act."""

    proposal_id: str
    outcome: dict[str, Any]


@router.get(
    "/proposals",
    summary="Proposals and where they stand",
    responses=description.answers("The proposals", 401, 403, 422, 503, name="ProposalList"),
)
def every(
    caller: Annotated[PersonCaller, Depends(Allowed(Action.PROPOSALS_READ))],
    state: Annotated[State | None, Query(description="Only those in this state.")] = None,
) -> ProposalList:
    """Return all proposals of acts that are this person's business, without their payloads."""
    told = [
        _told(proposal, caller)
        for proposal in caller.services.two_persons.all()
        if may_act(caller.subject, Action.PROPOSALS_READ, proposal.act)
    ]
    return ProposalList(proposals=[each for each in told if state in {None, each.state}])


@router.post(
    "/proposals",
    summary="Propose an act that needs two persons",
    responses=description.answers("The proposal", *_PROBLEMS, name="ProposalTold"),
)
def propose(
    asked: NewProposal, caller: Annotated[PersonCaller, Depends(Allowed(Action.PROPOSALS_WRITE))]
) -> ProposalTold:
    """Record what is wanted, once it was checked that it can be done; nothing is done yet."""
    proposal = caller.services.two_persons.propose(
        asked.act, asked.payload, reason=asked.reason, by=caller.signed_in.person,
        proved=caller.signed_in.proved,
    )  # fmt: skip
    return _told(proposal, caller)


@router.get(
    _ONE,
    summary="One proposal with its payload",
    responses=description.answers("The proposal", *_PROBLEMS, name="ProposalRead"),
)
def one(
    proposal_id: ProposalId, caller: Annotated[PersonCaller, Depends(Allowed(Action.PROPOSALS_READ))]
) -> ProposalRead:
    """Return what would be done, which an approval must name by its hash."""
    proposal, payload = caller.services.two_persons.one(proposal_id)
    if not may_act(caller.subject, Action.PROPOSALS_READ, proposal.act):
        raise NotFound(f"There is no proposal {proposal_id!r}.")
    in_force = caller.services.two_persons.in_force(proposal.act, payload)
    return ProposalRead(
        proposal=_told(proposal, caller),
        payload=dict(payload),
        in_force=dict(in_force),
        conditions=[ConditionTold(**asdict(each)) for each in reworded(in_force, payload)],
    )


@router.put(
    _ONE,
    summary="Change the payload of one's own proposal",
    responses=description.answers("The proposal", *_PROBLEMS, name="ProposalTold"),
)
def amend(
    proposal_id: ProposalId,
    asked: NewPayload,
    caller: Annotated[PersonCaller, Depends(Allowed(Action.PROPOSALS_WRITE))],
) -> ProposalTold:
    """Replace the payload; whatever was approved is approved no more."""
    by, proved = caller.signed_in.person, caller.signed_in.proved
    amended = caller.services.two_persons.amend(proposal_id, asked.payload, by=by, proved=proved)
    return _told(amended, caller)


@router.post(
    f"{_ONE}/approvals",
    summary="Approve another person's proposal",
    responses=description.answers("The proposal", *_PROBLEMS, name="ProposalTold"),
)
def approve(
    proposal_id: ProposalId,
    asked: Seen,
    caller: Annotated[PersonCaller, Depends(Allowed(Action.PROPOSALS_APPROVE))],
) -> ProposalTold:
    """Approve the payload that was seen; whoever made the proposal cannot."""
    by = caller.signed_in.person
    return _told(caller.services.two_persons.approve(proposal_id, asked.payload_sha256, by=by), caller)


@router.post(
    f"{_ONE}/rejection",
    summary="Reject a proposal, or withdraw one's own",
    responses=description.answers("The proposal", *_PROBLEMS, name="ProposalTold"),
)
def reject(
    proposal_id: ProposalId,
    caller: Annotated[PersonCaller, Depends(Allowed(Action.PROPOSALS_REJECT))],
) -> ProposalTold:
    """Close it without doing anything."""
    return _told(caller.services.two_persons.reject(proposal_id, by=caller.signed_in.person), caller)


@router.post(
    f"{_ONE}/execution",
    summary="Execute what was approved, once",
    responses=description.answers("What came of it", *_PROBLEMS, name="Executed"),
)
def execute(
    proposal_id: ProposalId,
    asked: Seen,
    caller: Annotated[PersonCaller, Depends(Allowed(Action.PROPOSALS_EXECUTE))],
) -> Executed:
    """Do it in one transaction with its evidence, if enough approvals count at this moment."""
    outcome = caller.services.two_persons.execute(
        proposal_id, asked.payload_sha256, by=caller.signed_in.person
    )
    return Executed(proposal_id=proposal_id, outcome=dict(outcome))


@router.post(
    f"{_ONE}/break-glass",
    summary="Execute without a second person",
    responses=description.answers("What came of it", *_PROBLEMS, name="Executed"),
)
def break_glass(
    proposal_id: ProposalId,
    asked: Alone,
    caller: Annotated[PersonCaller, Depends(Allowed(Action.BREAK_GLASS))],
) -> Executed:
    """Do it at once and alone; a notice to whoever audits leaves with it, and the ledger keeps the reason."""
    by = caller.signed_in.person
    outcome = caller.services.two_persons.break_glass(
        proposal_id, asked.payload_sha256, reason=asked.reason, by=by
    )
    _log.warning("Somebody broke the glass.", action="break_glass", person=by.name, proposal=proposal_id)
    return Executed(proposal_id=proposal_id, outcome=dict(outcome))


def _told(proposal: two_persons.Proposal, caller: PersonCaller) -> ProposalTold:
    return ProposalTold(
        id=proposal.id,
        act=proposal.act,
        state=state_of(proposal, caller.services.clock.now()),
        payload_sha256=proposal.payload_sha256,
        requester=proposal.requester,
        reason=proposal.reason,
        requested_at=proposal.requested_at,
        expires_at=proposal.expires_at,
        approvals=[ApprovalTold(person=each.person, at=each.at) for each in proposal.approvals],
        rejected_by=proposal.rejected_by,
        executed_by=proposal.executed_by,
        executed_at=proposal.executed_at,
        broken_glass=proposal.broken_glass,
    )
