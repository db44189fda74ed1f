"""Overrides: raise the lane of a decision, see what holds, and read the register."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from typing import Annotated, Any, Final

import structlog
from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from tidewaiter.api import description
from tidewaiter.api.auth import Allowed, PersonCaller
from tidewaiter.api.session import no_store
from tidewaiter.core.access import Action
from tidewaiter.core.errors import InputError
from tidewaiter.core.override import TEXT_MAX, Change, Direction, Override, ReasonCode
from tidewaiter.flow.override import Overridden

__all__ = ["router"]

_log = structlog.get_logger(__name__)

router = APIRouter(tags=["overrides"], dependencies=[Depends(no_store)])

_ONE: Final = "/decisions/{decision_id}/overrides"
#: Days of the register that one request may ask for.
_DAYS_MAX: Final = 366
_UTC: Final = timezone(timedelta(0))

DecisionId = Annotated[str, Path(pattern=r"^D[0-9a-f]{24}$")]
#: PostgreSQL's texts hold no NUL.
Words = Annotated[str, Field(min_length=1, max_length=TEXT_MAX, pattern=r"^[^\x00]*\S[^\x00]*$")]
Code = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00]*$")]
Name = Annotated[str | None, Query(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]


class Raise(BaseModel):
    """A stricter lane, and why."""

    model_config = ConfigDict(extra="forbid")

    from_lane: Code = Field(description="The lane in force that was seen; another one is refused.")
    lane: Code = Field(description="A lane that is stricter.")
    reason_code: ReasonCode
    text: Words


class OverrideTold(BaseModel):
    """One override."""

    decision_id: str
    number: int
    declaration_id: str
    version: int
    office: str
    direction: Direction
    from_lane: str
    lane: str
    reason_code: ReasonCode
    text: str
    by: str
    approved_by: list[str]
    proposal_id: str | None
    at: datetime


class LaneInForce(BaseModel):
    """The lane of a decision as it is now, and how it came to it."""

    decision_id: str
    decided: str = Field(description="The lane that was decided; the decision is never changed.")
    lane: str = Field(description="The lane in force.")
    overrides: list[OverrideTold]


class Rate(BaseModel):
    """A count, of how many."""

    count: int
    of: int
    share: float | None = Field(description="From 0 to 1; null when there are none to count among.")


class RegisterTold(BaseModel):
    """The overrides of a period with their rates."""

    overrides: list[OverrideTold]
    raised: Rate = Field(description="Overrides that raised a lane, of the decisions of the period.")
    lowered: Rate = Field(description="Overrides that lowered a lane, of the decisions of the period.")
    lowered_irregular: Rate = Field(
        description="Lowerings after which a control found something irregular, of those with a result."
    )
    waiting_for_check: list[str] = Field(
        description="Decisions with a lowering that has no control result since, oldest first: check them."
    )


@router.post(
    _ONE,
    summary="Raise the lane of a decision",
    responses=description.answers("The lane in force", 401, 403, 404, 422, 503, name="LaneInForce"),
)
def raise_lane(
    decision_id: DecisionId,
    asked: Raise,
    caller: Annotated[PersonCaller, Depends(Allowed(Action.LANES_RAISE))],
) -> LaneInForce:
    """Raise the lane, with effect at once; a lower one takes two persons (POST /proposals, `lower-lane`)."""
    change = Change(
        decision_id=decision_id, from_lane=asked.from_lane, to_lane=asked.lane,
        reason_code=asked.reason_code, text=asked.text,
    )  # fmt: skip
    by = caller.signed_in.person
    overridden = caller.services.overrides.raise_lane(change, by=by)
    _log.info("Somebody raised a lane.", action="raise_lane", person=by.name, decision=decision_id)
    return _lane(overridden)


@router.get(
    _ONE,
    summary="The lane in force of a decision, and its overrides",
    responses=description.answers("The lane in force", 401, 403, 404, 422, 503, name="LaneInForce"),
)
def of_decision(
    decision_id: DecisionId, caller: Annotated[PersonCaller, Depends(Allowed(Action.LANES_READ))]
) -> LaneInForce:
    """Return the lane that holds now, for whoever may read the decision."""
    return _lane(caller.services.overrides.of_decision(decision_id, by=caller.signed_in.person))


@router.get(
    "/overrides",
    summary="The register of overrides",
    responses=description.answers("The register", 401, 403, 422, 503, name="RegisterTold"),
)
def register(
    caller: Annotated[PersonCaller, Depends(Allowed(Action.OVERRIDES_READ))],
    since: Annotated[date, Query(description="First day, UTC.")],
    until: Annotated[date, Query(description="Last day, UTC; at most a year after the first.")],
    office: Name = None,
    person: Name = None,
) -> RegisterTold:
    """Return the overrides of the days, of one office or person if asked for.

    A person is found as the one who asked or raised, and as the one who approved.
    """
    if not 0 <= (until - since).days < _DAYS_MAX or until == date.max:
        raise InputError(f"The register goes over 1 to {_DAYS_MAX} days, from {since} on: not until {until}.")
    found = caller.services.overrides.register(
        datetime.combine(since, time.min, _UTC),
        datetime.combine(until + timedelta(days=1), time.min, _UTC),
        office=office,
        person=person,
    )
    waiting = [
        each.decision_id
        for each in found.overrides
        if each.direction is Direction.LOWERED and each.id not in found.found
    ]
    return RegisterTold(
        overrides=[_told(each) for each in found.overrides],
        raised=_rate(found.raised, found.decisions),
        lowered=_rate(found.lowered, found.decisions),
        lowered_irregular=_rate(found.lowered_irregular, found.lowered_checked),
        waiting_for_check=list(dict.fromkeys(waiting)),
    )


def _lane(overridden: Overridden) -> LaneInForce:
    return LaneInForce(
        decision_id=overridden.decision_id,
        decided=overridden.decided,
        lane=overridden.in_force,
        overrides=[_told(each) for each in overridden.overrides],
    )


def _rate(count: int, of: int) -> Rate:
    return Rate(count=count, of=of, share=count / of if of else None)


def _told(override: Override) -> OverrideTold:
    told: dict[str, Any] = {
        name: getattr(override, name) for name in OverrideTold.model_fields if name not in {"lane", "version"}
    }
    return OverrideTold(lane=override.to_lane, version=override.declaration_version, **told)
