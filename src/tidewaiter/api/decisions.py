"""Decisions, for auditors and analysts: find them, the whole record of one, its account, its replay."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import AwareDatetime, BaseModel, Field

from tidewaiter.api import description
from tidewaiter.api.account import DecisionAccount, ReplayTold, account_told, replay_told
from tidewaiter.api.auth import Allowed, Caller, PersonCaller, SystemCaller
from tidewaiter.api.inspections import LaneTold, ListedInspection, lane_told, listed
from tidewaiter.api.paging import After, place_in, word_of
from tidewaiter.api.session import no_store
from tidewaiter.core.access import Action
from tidewaiter.flow.ports import StoredDecision
from tidewaiter.flow.ports.inspections import Wanted

__all__ = ["router"]

router = APIRouter(tags=["decisions"])

_PROBLEMS: Final = (401, 403, 404, 422, 503)

DecisionId = Annotated[str, Path(pattern=r"^D[0-9a-f]{24}$")]
#: PostgreSQL's texts hold no NUL.
_Text = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]


class DecisionList(BaseModel):
    """Decisions, newest first."""

    decisions: list[ListedInspection]
    lanes: list[LaneTold] = Field(description="Those in force, most lenient first.")
    next: str | None = Field(description="A search for an importer may have a next after an empty page.")
    back_to: datetime | None = Field(description="Back to when it was looked; null: to the beginning.")


@router.get(
    "/decisions",
    summary="Find decisions",
    responses=description.answers("The decisions", 401, 403, 422, 503, name="DecisionList"),
)
def find(
    response: Response,
    caller: Annotated[Caller, Depends(Allowed(Action.DECISIONS_READ))],
    declaration_id: Annotated[_Text | None, Query()] = None,
    importer: Annotated[_Text | None, Query(description="The whole identity, or a part of the name.")] = None,
    office: Annotated[_Text | None, Query()] = None,
    lane: Annotated[_Text | None, Query()] = None,
    since: Annotated[AwareDatetime | None, Query(description="Decided from this instant on.")] = None,
    before: Annotated[AwareDatetime | None, Query(description="Decided before this instant.")] = None,
    after: After = None,
) -> DecisionList:
    """Return decisions for which every condition holds that is given, newest first."""
    no_store(response)
    wanted = Wanted(
        declaration_id=declaration_id,
        offices=None if office is None else frozenset({office}),
        source=caller.client.source if isinstance(caller, SystemCaller) else None,
        lane=lane,
        since=since,
        before=before,
    )
    search = caller.services.find_decisions
    if isinstance(caller, SystemCaller):
        found = search(wanted, importer=importer, after=place_in(after))
    else:
        found = search.for_person(caller.subject, wanted, importer=importer, after=place_in(after))
    return DecisionList(
        decisions=[listed(each, declaration) for each, declaration in found.decisions],
        lanes=[lane_told(lane) for lane in found.lanes],
        next=word_of(found.next),
        back_to=found.back_to,
    )


@router.get(
    "/decisions/{decision_id}",
    summary="One decision with its evidence",
    responses=description.answers("The record", *_PROBLEMS, name="Evidence"),
    response_class=Response,
)
def one(
    decision_id: DecisionId, caller: Annotated[Caller, Depends(Allowed(Action.DECISIONS_READ))]
) -> Response:
    """Return the evidence of the decision: stages with probabilities, hits with values, versions.

    A system is told of its own declarations, a person of what the own offices may know; of all
    else nobody learns that it is there.
    """
    return Response(_readable(caller, decision_id).evidence, media_type="application/json")


@router.get(
    "/decisions/{decision_id}/account",
    summary="One decision, explained step by step",
    responses=description.answers("The account", *_PROBLEMS, name="DecisionAccount"),
)
def account(
    decision_id: DecisionId,
    response: Response,
    caller: Annotated[Caller, Depends(Allowed(Action.DECISIONS_READ))],
) -> DecisionAccount:
    """Return what it was made from: input, profiles with values, draw, model, lane, results.

    That a person read it is in the ledger before the answer leaves.
    """
    no_store(response)
    _readable(caller, decision_id)
    found = caller.services.accounts.of(decision_id)
    if isinstance(caller, PersonCaller):
        caller.services.accesses.record("decision", by=caller.signed_in.person.name, decision=decision_id)
    return account_told(found)


@router.post(
    "/decisions/{decision_id}/replay",
    summary="Make a decision again from what is recorded",
    responses=description.answers("What came of it", *_PROBLEMS, name="ReplayTold"),
)
def replay(
    decision_id: DecisionId, caller: Annotated[Caller, Depends(Allowed(Action.DECISIONS_READ))]
) -> ReplayTold:
    """Decide once more with the recorded inputs and versions, and tell every difference; nothing is kept."""
    _readable(caller, decision_id)
    return replay_told(caller.services.replay(decision_id))


def _readable(caller: Caller, decision_id: str) -> StoredDecision:
    """Return a decision that the caller may read; raises NotFound."""
    look_up = caller.services.look_up
    if isinstance(caller, SystemCaller):
        return look_up.decision(caller.client.source, decision_id)
    return look_up.decision_for(caller.subject, decision_id)
