"""Assess again what was decided without a score, once the model is back.

Such a decision was made by rules and draws, is marked ``DEGRADED_MODEL`` and is never changed.  It is made
once more from what is recorded of it (values, pacing, content, draws), this time with the model.  What
comes out is an entry of the ledger; where the lane is stricter, the lane in force is raised to it and a
recall alert leaves in the same transaction, as for a stand-in.  A milder lane changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tidewaiter.core.errors import ConfigurationError, Conflict
from tidewaiter.core.override import Direction, Override, ReasonCode, lane_in_force
from tidewaiter.core.retention import ERASED_BY
from tidewaiter.core.scoring.contract import Scorer
from tidewaiter.core.selection.lanes import Lanes
from tidewaiter.core.selection.stages import Mark
from tidewaiter.flow.content import lanes_in_force
from tidewaiter.flow.ports import Clock, Store, StoredDecision, UnitOfWork
from tidewaiter.flow.ports.standin import Reassessment
from tidewaiter.flow.present import MODEL
from tidewaiter.flow.replay import Replay

__all__ = ["ReassessWithModel"]

#: Decisions that share a commit; few, because others wait for their answer meanwhile.
_TOGETHER: Final = 16
#: Older ones are left: their goods are gone, and before the first model every decision was made without.
_REACH: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Again:
    """A decision that was made once more."""

    evidence: dict[str, Any]
    #: The lane with the model.
    lane: str
    #: The model that it was made with.
    model: str


class ReassessWithModel:
    """The use case: one step of the worker."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        replay: Replay,
        load_model: Callable[[str], Scorer],
        back: Callable[[], None],
    ) -> None:
        self._store, self._clock, self._replay, self._load_model = store, clock, replay, load_model
        #: Called when the model in force can be used: whoever decides shall look again.
        self._back = back
        #: Up to which decision this process has looked: when it was made, and its place.
        self._after = (datetime.min.replace(tzinfo=UTC), 0)

    def step(self) -> bool:
        """Assess some again if a model is in force that can be used; return whether more may wait.

        Raises Unavailable when the store does not answer: then all of it goes on waiting.
        """
        with self._store.read() as uow:
            after = max(self._after, (self._clock.now() - _REACH, 0))
            waiting = uow.decided_without_score(*after, limit=_TOGETHER)
            model = self._model(uow) if waiting else None
            if model is None:
                return False
            again = [made for _, stored in waiting if (made := self._made_again(uow, stored, model))]
        if again:
            with self._store.write() as uow:
                for made in again:
                    self._record(uow, made)
        place, last = waiting[-1]
        self._after = datetime.fromisoformat(json.loads(last.evidence)["at"]), place
        return len(waiting) == _TOGETHER

    def _model(self, uow: UnitOfWork) -> str | None:
        """Return the model in force, None when there is none or it cannot be used."""
        published = uow.published(MODEL)
        if published is None or not published.version:
            return None
        try:
            self._load_model(published.version)
        except ConfigurationError:
            return None
        self._back()
        return published.version

    def _made_again(self, uow: UnitOfWork, stored: StoredDecision, model: str) -> _Again | None:
        """Return the decision with the model; None when it cannot be made, or was."""
        evidence = json.loads(stored.evidence)
        latest = uow.latest_decision(evidence["source"], evidence["declaration_id"])
        if ERASED_BY in evidence or latest is None or json.loads(latest.evidence)["id"] != evidence["id"]:
            return None  # of a declaration that was amended since, the last decision counts
        if uow.leaf_hash("standin", _subject(evidence)) is not None:
            return None
        try:
            decision = self._replay.with_model(uow, stored, evidence, model)
        except Conflict:
            return None  # made by a release with other features
        if Mark.DEGRADED_MODEL.value in decision.marks:
            return None  # the model has no score for it
        return _Again(evidence=evidence, lane=decision.lane, model=model)

    def _record(self, uow: UnitOfWork, made: _Again) -> None:
        """Record what came of it, once, and raise the lane if it is stricter than the one in force."""
        evidence, now = made.evidence, self._clock.now()
        if uow.leaf_hash("standin", _subject(evidence)) is not None:
            return  # another process was faster
        lanes, before = lanes_in_force(uow), uow.overrides_of(evidence["id"])
        in_force = lane_in_force(evidence["lane"], before)
        stricter = _stricter(lanes, made.lane, in_force)
        # Two persons who lowered the lane, and officers who looked, knew more than a model.
        settled = any(each.direction is Direction.LOWERED for each in before) or bool(
            uow.results_of(evidence["source"], evidence["declaration_id"])
        )
        recalled = stricter and not settled
        if recalled:
            uow.add_override(_raise(made, lanes, in_force, len(before) + 1, now))
        uow.add_reassessment(
            Reassessment(
                decision_id=evidence["id"],
                source=evidence["source"],
                declaration_id=evidence["declaration_id"],
                declaration_version=evidence["declaration_version"],
                given_at=datetime.fromisoformat(evidence["at"]),
                given_lane=in_force,
                rule=Mark.DEGRADED_MODEL.value,
                policy=None,
                lane=made.lane,
                recalled=recalled,
                at=now,
            )
        )


def _raise(made: _Again, lanes: Lanes, in_force: str, number: int, at: datetime) -> Override:
    """Return the override that raises the lane in force; no account can have the name that it bears."""
    evidence = made.evidence
    decided = evidence["lane"]
    return Override(
        decision_id=evidence["id"],
        number=number,
        source=evidence["source"],
        declaration_id=evidence["declaration_id"],
        declaration_version=evidence["declaration_version"],
        office=evidence["office"],
        direction=Direction.RAISED,
        from_lane=in_force,
        to_lane=made.lane,
        reason_code=ReasonCode.REASSESSED,
        text=f"Decided without a model; assessed again with model {made.model}.",
        by=f"model {made.model}",
        adds_control=lanes[made.lane].control and not (decided in lanes and lanes[decided].control),
        at=at,
    )


def _stricter(lanes: Lanes, lane: str, than: str) -> bool:
    """Tell whether *lane* is stricter; a lane that was taken out of use compares with none."""
    return lane in lanes and than in lanes and lanes.order(lane) > lanes.order(than)


def _subject(evidence: dict[str, Any]) -> str:
    """Return the identity of the reassessment, as :attr:`Reassessment.subject` has it."""
    return f"{evidence['id']} {datetime.fromisoformat(evidence['at']).isoformat()}"
