"""Overrides: what people did with the lane of a decision, without changing the decision.

One officer may raise a lane, at once; nobody can lower one alone.  The lane in force is that of the
last override.  A new version of the declaration starts at least as strict as the decision before it
and every raise of that: a raise stays, a lowering speaks of one version only.  Every lowered
consignment is on the list for a later check.

Source: WCO COMCEC guidance on targeting (officers do not change inspections at their discretion);
NIST SP 800-53 r5, AC-3(2) dual authorisation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from tidewaiter.core.errors import Conflict, InputError
from tidewaiter.core.selection.lanes import Lanes

__all__ = [
    "TEXT_MAX", "Change", "Direction", "Override", "ReasonCode", "direction_of", "lane_floor",
    "lane_in_force", "require_change",
]  # fmt: skip

#: Characters of the own text.
TEXT_MAX: Final = 2000


class Direction(StrEnum):
    """Which way a lane went."""

    RAISED = "raised"
    LOWERED = "lowered"


class ReasonCode(StrEnum):
    """Why a lane was changed: a closed list, so that reasons can be counted."""

    DOCUMENTS_DOUBTFUL = "documents-doubtful"
    GOODS_DIFFER = "goods-differ"
    TIP_RECEIVED = "tip-received"
    SEAL_OR_CONTAINER = "seal-or-container"
    OTHER_AUTHORITY = "other-authority"
    ALREADY_CONTROLLED = "already-controlled"
    PERISHABLE_OR_LIVE = "perishable-or-live"
    RELIEF_GOODS = "relief-goods"
    CONTROL_IMPOSSIBLE = "control-impossible"
    OTHER = "other"
    #: Never given by a person: the model is back, and says more than was known without it.
    REASSESSED = "reassessed"


_REASONS: Final = {
    Direction.RAISED: (
        ReasonCode.DOCUMENTS_DOUBTFUL, ReasonCode.GOODS_DIFFER, ReasonCode.TIP_RECEIVED,
        ReasonCode.SEAL_OR_CONTAINER, ReasonCode.OTHER_AUTHORITY, ReasonCode.OTHER,
    ),
    Direction.LOWERED: (
        ReasonCode.ALREADY_CONTROLLED, ReasonCode.PERISHABLE_OR_LIVE, ReasonCode.RELIEF_GOODS,
        ReasonCode.CONTROL_IMPOSSIBLE, ReasonCode.OTHER_AUTHORITY, ReasonCode.OTHER,
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What somebody wants done with a lane."""

    decision_id: str
    #: The lane in force that the person saw.
    from_lane: str
    to_lane: str
    reason_code: ReasonCode
    #: In own words, 1 to 2,000 characters.
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """One change of the lane of one decision; never changed itself."""

    decision_id: str
    #: Order among the overrides of the decision, from 1.
    number: int
    source: str
    declaration_id: str
    declaration_version: int
    office: str
    direction: Direction
    from_lane: str
    to_lane: str
    reason_code: ReasonCode
    text: str
    #: Who raised it, or who asked to have it lowered.
    by: str
    #: The other persons, sorted; empty for a raise.
    approved_by: tuple[str, ...] = ()
    #: The proposal that was executed; None for a raise.
    proposal_id: str | None = None
    #: A control that no stage of the selection had chosen: its result stands for no others.
    adds_control: bool
    at: datetime

    @property
    def id(self) -> str:
        """Return the identity: the decision and the number."""
        return f"{self.decision_id} {self.number}"


def direction_of(change: Change, lanes: Lanes) -> Direction:
    """Return which way *change* goes; raises InputError for an unknown lane, or one and the same."""
    for lane in (change.from_lane, change.to_lane):
        if lane not in lanes:
            raise InputError(f"There is no lane {lane!r}; there are {', '.join(lanes.codes)}.")
    if change.from_lane == change.to_lane:
        raise InputError(f"The lane is {change.to_lane!r} already; name another one.")
    higher = lanes.order(change.to_lane) > lanes.order(change.from_lane)
    return Direction.RAISED if higher else Direction.LOWERED


def require_change(
    change: Change, direction: Direction, *, decided: str, overrides: Sequence[Override], lanes: Lanes
) -> None:
    """Raise InputError when *change* is none of this direction, Conflict when the lane is another by now.

    *decided* is the lane of the decision, *overrides* are those of it so far, in order.
    """
    if direction_of(change, lanes) is not direction:
        way = "stricter" if direction is Direction.RAISED else "less strict"
        raise InputError(
            f"From {change.from_lane!r} to {change.to_lane!r} is not {way}. One officer raises a lane; to "
            "lower it takes two persons (propose 'lower-lane')."
        )
    if change.reason_code not in _REASONS[direction]:
        known = ", ".join(_REASONS[direction])
        raise InputError(
            f"The reason {change.reason_code.value!r} does not fit a lane that is {direction.value}; "
            f"use one of {known}."
        )
    if not change.text.strip() or len(change.text) > TEXT_MAX:
        raise InputError(f"Say why in own words, in 1 to {TEXT_MAX} characters.")
    now = lane_in_force(decided, overrides)
    if now != change.from_lane:
        raise Conflict(f"The lane of this decision is {now!r} by now, not {change.from_lane!r}. Look again.")


def lane_in_force(decided: str, overrides: Sequence[Override]) -> str:
    """Return the lane that holds: that of the last of *overrides* (in order), else the decided one."""
    return overrides[-1].to_lane if overrides else decided


def lane_floor(decided: str, overrides: Sequence[Override], lanes: Lanes) -> str:
    """Return the least strict lane that the next version of the declaration may get.

    Lowerings do not count.  A lane that was abolished since does not count either, but the decided
    one, which the caller vouches for.
    """
    raised = [each.to_lane for each in overrides if each.direction is Direction.RAISED]
    return lanes.highest(decided, *(lane for lane in raised if lane in lanes))
