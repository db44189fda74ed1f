"""Change the lane of a decision: raise it at once, lower it as two persons, and keep the register."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from tidewaiter.core.access import Action, Matter, may
from tidewaiter.core.errors import Conflict, Forbidden, InputError, NotFound
from tidewaiter.core.override import (
    Change,
    Direction,
    Override,
    ReasonCode,
    lane_in_force,
    require_change,
)
from tidewaiter.core.retention import ERASED_BY
from tidewaiter.core.selection.lanes import Lanes
from tidewaiter.flow.content import lanes_in_force
from tidewaiter.flow.people import subject_of
from tidewaiter.flow.ports import Clock, Person, Store, UnitOfWork
from tidewaiter.flow.two_persons import Mandate

__all__ = ["LowerLane", "Overridden", "Overrides", "Register"]

#: The members of the payload of a proposal to lower a lane.
_MEMBERS: Final = ("decision_id", "from_lane", "to_lane", "reason_code", "text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Overridden:
    """The lane of a decision as it is now, and how it came to it."""

    decision_id: str
    #: The lane that was decided.
    decided: str
    in_force: str
    overrides: Sequence[Override]
    #: Those that a lane can be changed to.
    lanes: Lanes


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """The overrides of a period, with what there is to compare them with."""

    overrides: Sequence[Override]
    #: Decisions of the period (of the office, if one was asked for).
    decisions: int
    #: By people; what the model raised when it came back is among the overrides, and no judgement of theirs.
    raised: int
    lowered: int
    #: Lowerings with a control result since, and those of them where one was irregular.
    lowered_checked: int
    lowered_irregular: int
    #: Lowering -> whether a result since then is irregular; every lowering that is missing waits for a check.
    found: Mapping[str, bool]


class Overrides:
    """The use cases of one person; whoever calls has asked the policy for the action first."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def raise_lane(self, change: Change, *, by: Person) -> Overridden:
        """Raise the lane of a decision of an own office, with effect at once.

        Raises NotFound also for a decision that the person may not read, Forbidden for one that they
        may only read, InputError, and Conflict when the lane or the declaration is another one by now.
        """
        with self._store.write() as uow:
            evidence = _readable(uow, change.decision_id, by)
            ruling = may(subject_of(by), Action.LANES_RAISE, Matter(office=evidence["office"]))
            if not ruling.allowed:
                raise Forbidden(ruling.reason)
            override = _override(uow, change, Direction.RAISED, evidence, by=by.name, at=self._clock.now())
            uow.add_override(override)
            return _overridden(uow, evidence)

    def of_decision(self, decision_id: str, *, by: Person) -> Overridden:
        """Return the lane in force of a decision; raises NotFound, also when the person may not read it."""
        with self._store.read() as uow:
            return _overridden(uow, _readable(uow, decision_id, by))

    def register(
        self, since: datetime, until: datetime, *, office: str | None = None, person: str | None = None
    ) -> Register:
        """Return the overrides from *since* until before *until*, of an office or a person if asked for.

        A person is looked for among those who asked, raised and approved.
        """
        with self._store.read() as uow:
            every = uow.overrides(since, until)
            found = uow.found_after_lowering(since, until)
            decisions = uow.decisions_by_office(since, until)
        chosen = [
            each
            for each in every
            if office in {None, each.office} and (person is None or person in {each.by, *each.approved_by})
        ]
        lowered = [each.id for each in chosen if each.direction is Direction.LOWERED]
        return Register(
            overrides=chosen,
            decisions=sum(decisions.values()) if office is None else decisions.get(office, 0),
            raised=sum(
                each.direction is Direction.RAISED and each.reason_code is not ReasonCode.REASSESSED
                for each in chosen
            ),
            lowered=len(lowered),
            lowered_checked=sum(identity in found for identity in lowered),
            lowered_irregular=sum(found.get(identity, False) for identity in lowered),
            found={identity: found[identity] for identity in lowered if identity in found},
        )


class LowerLane:
    """Lower the lane of a decision: the payload holds the members of a change.

    Each of the two persons must have the right in the office of the decision.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def check(self, payload: Mapping[str, Any]) -> None:
        """Raise InputError or Conflict when the lane could not be lowered so now."""
        change = _change(payload)
        with self._store.read() as uow:
            evidence = _evidence(uow, change.decision_id)
            _override(uow, change, Direction.LOWERED, evidence, by="", at=self._clock.now())

    def right(self, uow: UnitOfWork, payload: Mapping[str, Any]) -> tuple[Action, Matter]:
        """Return the right to lower lanes in the office of the decision."""
        evidence = _evidence(uow, _change(payload).decision_id)
        return Action.LANES_LOWER, Matter(office=evidence["office"])

    def in_force(self, uow: UnitOfWork, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the decision with the lane that it has now as the one to change."""
        overridden = _overridden(uow, _evidence(uow, _change(payload).decision_id))
        return {"decision_id": overridden.decision_id, "to_lane": overridden.in_force}

    def do(self, uow: UnitOfWork, payload: Mapping[str, Any], mandate: Mandate) -> Mapping[str, Any]:
        """Lower it; raises Conflict when the lane or the declaration is another one by now."""
        change = _change(payload)
        evidence = _evidence(uow, change.decision_id)
        override = _override(
            uow, change, Direction.LOWERED, evidence, by=mandate.requester, at=self._clock.now(),
            approved_by=mandate.approvers, proposal_id=mandate.proposal_id,
        )  # fmt: skip
        uow.add_override(override)
        return {"decision_id": change.decision_id, "lane": change.to_lane, "later_check": True}


def _change(payload: Mapping[str, Any]) -> Change:
    """Return the change that a payload holds; raises InputError."""
    if set(payload) != set(_MEMBERS) or not all(isinstance(value, str) for value in payload.values()):
        raise InputError(f"To lower a lane the payload needs exactly these texts: {', '.join(_MEMBERS)}.")
    if "\x00" in "".join(payload.values()):
        raise InputError("A text of the payload holds the character U+0000, which cannot be recorded.")
    try:
        reason = ReasonCode(payload["reason_code"])
    except ValueError as error:
        raise InputError(
            f"There is no reason {payload['reason_code']!r}; there are {', '.join(ReasonCode)}."
        ) from error
    return Change(**{**payload, "reason_code": reason})


def _override(
    uow: UnitOfWork, change: Change, direction: Direction, evidence: Mapping[str, Any], *, by: str,
    at: datetime, approved_by: tuple[str, ...] = (), proposal_id: str | None = None,
) -> Override:  # fmt: skip
    """Return the override that *change* makes; raises InputError, or Conflict when it comes too late."""
    latest = uow.latest_decision(evidence["source"], evidence["declaration_id"])
    if latest is None or json.loads(latest.evidence)["id"] != change.decision_id:
        raise Conflict(
            f"Decision {change.decision_id!r} was made on version {evidence['declaration_version']} of the "
            "declaration; there is a decision on a newer one. Change that."
        )
    if ERASED_BY in evidence:
        raise Conflict(f"What was recorded of decision {change.decision_id!r} is erased; its lane stays.")
    lanes, before = lanes_in_force(uow), uow.overrides_of(change.decision_id)
    require_change(change, direction, decided=evidence["lane"], overrides=before, lanes=lanes)
    return Override(
        decision_id=change.decision_id,
        number=len(before) + 1,
        source=evidence["source"],
        declaration_id=evidence["declaration_id"],
        declaration_version=evidence["declaration_version"],
        office=evidence["office"],
        direction=direction,
        from_lane=change.from_lane,
        to_lane=change.to_lane,
        reason_code=change.reason_code,
        text=change.text,
        by=by,
        approved_by=approved_by,
        proposal_id=proposal_id,
        adds_control=lanes[change.to_lane].control and not _controls(lanes, evidence["lane"]),
        at=at,
    )


def _controls(lanes: Lanes, lane: str) -> bool:
    """Tell whether a decided lane ends in a control; one that was abolished since is taken for none."""
    return lane in lanes and lanes[lane].control


def _overridden(uow: UnitOfWork, evidence: Mapping[str, Any]) -> Overridden:
    overrides = uow.overrides_of(evidence["id"])
    return Overridden(
        decision_id=evidence["id"],
        decided=evidence["lane"],
        in_force=lane_in_force(evidence["lane"], overrides),
        overrides=overrides,
        lanes=lanes_in_force(uow),
    )


def _evidence(uow: UnitOfWork, decision_id: str) -> Mapping[str, Any]:
    """Return what is recorded of a decision; raises NotFound."""
    stored = uow.decision(decision_id)
    if stored is None:
        raise NotFound(f"There is no decision {decision_id!r}.")
    evidence: dict[str, Any] = json.loads(stored.evidence)
    return evidence


def _readable(uow: UnitOfWork, decision_id: str, by: Person) -> Mapping[str, Any]:
    """Return what is recorded of a decision that *by* may read; raises NotFound."""
    evidence = _evidence(uow, decision_id)
    if not may(subject_of(by), Action.LANES_READ, Matter(office=evidence["office"])).allowed:
        raise NotFound(f"There is no decision {decision_id!r}.")
    return evidence
