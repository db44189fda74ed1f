"""Replay a decision: make it again from what is recorded, and compare.

Two depths.  *As decided* starts from the stored feature values and pacing and must give the same
evidence and the same answer.  *From history* also folds the journal up to the decision again and
must find the same feature values: live and replay have one meaning.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tidewaiter.core.decision import Decision
from tidewaiter.core.draw import DrawKey
from tidewaiter.core.errors import Conflict, NotFound
from tidewaiter.core.features import REGISTRY, compute
from tidewaiter.core.ledger import canonical_json
from tidewaiter.core.ledger.canonical import SALT
from tidewaiter.core.retention import ERASED_BY
from tidewaiter.core.scoring.contract import Scorer
from tidewaiter.flow.assessor import Assessor, Case, EarlierDecision, inputs_of
from tidewaiter.flow.content import content_in_force
from tidewaiter.flow.epochs import tickets_in
from tidewaiter.flow.ports import MessageFormat, Store, StoredDecision, UnitOfWork
from tidewaiter.flow.present import fold
from tidewaiter.flow.telling import answer_bytes

__all__ = ["Difference", "Replay", "Replayed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One element that came out otherwise."""

    place: str
    recorded: Any
    replayed: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """The outcome of a replay."""

    decision_id: str
    #: The recorded evidence.
    evidence: dict[str, Any]
    #: Empty: the same answer.
    differences: tuple[Difference, ...]
    #: Whether feature values were computed anew from history.
    from_history: bool


class Replay:
    """The use case; it writes nothing."""

    def __init__(
        self,
        *,
        store: Store,
        messages: MessageFormat,
        draw_key: Callable[[str], DrawKey],
        load_model: Callable[[str], Scorer],
    ) -> None:
        self._store = store
        self._messages = messages
        self._draw_key = draw_key
        self._load_model = load_model

    def __call__(self, decision_id: str, *, from_history: bool = False) -> Replayed:
        """Replay a decision; raises NotFound, or Conflict when a version it names is gone."""
        with self._store.read() as uow:
            stored = uow.decision(decision_id)
            if stored is None:
                raise NotFound(f"There is no decision {decision_id!r}.")
            evidence = json.loads(stored.evidence)
            if ERASED_BY in evidence:
                raise Conflict(
                    f"What decision {decision_id} was made from was erased by act {evidence[ERASED_BY]}: it "
                    "cannot be made again."
                )
            again, answer = self._again(uow, stored, evidence)
            made = json.loads(canonical_json(again.evidence()))
            differences = list(_differences("", _decided(evidence), made))
            differences += _differences("/answer", json.loads(stored.answer), json.loads(answer))
            differences += _misplaced(uow, stored, evidence)
            if from_history:
                differences += self._features_again(uow, stored, evidence)
        return Replayed(
            decision_id=decision_id,
            evidence=evidence,
            differences=tuple(differences),
            from_history=from_history,
        )

    def with_model(
        self, uow: UnitOfWork, stored: StoredDecision, evidence: dict[str, Any], model: str
    ) -> Decision:
        """Return a decision as it would be with another model, all else being what it was.

        Raises Conflict when it was made with other features.
        """
        versions = {**evidence["versions"], "model": model}
        return self._again(uow, stored, {**evidence, "versions": versions})[0]

    def _again(
        self, uow: UnitOfWork, stored: StoredDecision, evidence: dict[str, Any]
    ) -> tuple[Decision, bytes]:
        """Return the decision and the answer, made once more from what is recorded."""
        versions = evidence["versions"]
        if versions["features"] != REGISTRY.version:
            raise Conflict(
                f"Decision {evidence['id']} was made with feature set {versions['features']}; this program "
                f"has {REGISTRY.version}. Replay it with the release that made it."
            )
        vector, before, earlier, epochs = inputs_of(stored.inputs)
        assessor = Assessor(
            content=content_in_force(uow, versions),
            draw_key=self._draw_key(versions["draw_key"]),
            scorer=None if versions["model"] is None else self._load_model(versions["model"]),
            load_key=self._draw_key,
        )
        case = Case(
            source=evidence["source"],
            declaration=self._messages.read_declaration(stored.declaration_body),
            at=datetime.fromisoformat(evidence["at"]),
            earlier=self._earlier(uow, evidence, earlier, epochs.get("held")),
            seen=epochs.get("seen"),
            revealed=tuple(epochs.get("revealed", ())),
            marks=("stale",) if "stale" in evidence["marks"] else (),
        )
        decision = assessor.again(case, evidence["journal"], vector, before).decision
        return decision, answer_bytes(decision, assessor.content)

    def _earlier(
        self,
        uow: UnitOfWork,
        evidence: dict[str, Any],
        earlier: dict[str, Any] | None,
        held: list[str] | None,
    ) -> EarlierDecision | None:
        if earlier is None:
            return None
        stored = uow.declaration(evidence["source"], evidence["declaration_id"], earlier["version"])
        if stored is None:
            raise NotFound(f"Version {earlier['version']} of the declaration is not recorded.")
        return EarlierDecision(
            declaration=self._messages.read_declaration(stored.body),
            lane=earlier["lane"],
            arm=earlier["arm"],
            inclusion_probability=earlier["inclusion_probability"],
            tickets=tickets_in(earlier["consignment_keys"], held, evidence["versions"]["draw_key"]),
        )

    def _features_again(
        self, uow: UnitOfWork, stored: StoredDecision, evidence: dict[str, Any]
    ) -> list[Difference]:
        """Fold history up to the decision and compare every feature value."""
        position = evidence["journal"]
        key = self._draw_key(evidence["versions"]["draw_key"])
        assessor = Assessor(content=content_in_force(uow), draw_key=key, scorer=None)
        fold(assessor, uow.journal(until=position - 1), self._messages, position)
        declaration = self._messages.read_declaration(stored.declaration_body)
        at, source = datetime.fromisoformat(evidence["at"]), evidence["source"]
        vector = compute(declaration, assessor.history, at, source=source)
        recorded = REGISTRY.as_mapping(inputs_of(stored.inputs)[0])
        return list(_differences("/features", recorded, REGISTRY.as_mapping(vector)))


def _decided(evidence: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was decided, of what is recorded: the answer is compared as a whole."""
    return {name: value for name, value in evidence.items() if name not in {SALT, "answer_sha256"}}


def _misplaced(uow: UnitOfWork, stored: StoredDecision, evidence: dict[str, Any]) -> list[Difference]:
    """Return a difference when the journal has not this declaration at the position that is recorded."""
    position = evidence["journal"]
    entry = next(uow.journal(after=position - 1, until=position), None)
    if entry is not None and (entry.source, entry.body) == (evidence["source"], stored.declaration_body):
        return []
    return [Difference(place="/journal", recorded=position, replayed=None)]


def _differences(place: str, recorded: Any, replayed: Any) -> list[Difference]:
    """Return the places at which two values of plain data differ."""
    if isinstance(recorded, dict) and isinstance(replayed, dict):
        return [
            difference
            for key in sorted({*recorded, *replayed})
            for difference in _differences(f"{place}/{key}", recorded.get(key), replayed.get(key))
        ]
    if isinstance(recorded, list) and isinstance(replayed, list) and len(recorded) == len(replayed):
        return [
            difference
            for position, pair in enumerate(zip(recorded, replayed, strict=True))
            for difference in _differences(f"{place}/{position}", *pair)
        ]
    return [] if recorded == replayed else [Difference(place=place, recorded=recorded, replayed=replayed)]
