"""Look up what is recorded: one decision, what is in force, the newest decisions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tidewaiter.core.access import Action, Matter, Subject, may
from tidewaiter.core.errors import NotFound
from tidewaiter.flow.ports import Store, StoredDecision
from tidewaiter.flow.present import MODEL, Present

__all__ = ["LookUp", "State"]


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What is in force and how much is known."""

    rules: str
    plan: str
    model: str | None
    #: Why there is no model although one is in force.
    model_fault: str | None
    journal: int


class LookUp:
    """The use cases that change nothing."""

    def __init__(self, *, store: Store, present: Present) -> None:
        self._store = store
        self._present = present

    def decision(self, source: str, decision_id: str) -> StoredDecision:
        """Return a decision of *source*; raises NotFound, also for a decision of another source."""
        with self._store.read() as uow:
            stored = uow.decision(decision_id)
        if stored is None or json.loads(stored.evidence)["source"] != source:
            raise NotFound(f"There is no decision {decision_id!r}.")
        return stored

    def decision_for(self, subject: Subject, decision_id: str) -> StoredDecision:
        """Return a decision that *subject* may read; raises NotFound, also when they may not."""
        with self._store.read() as uow:
            stored = uow.decision(decision_id)
        if stored is not None:
            matter = Matter(office=json.loads(stored.evidence)["office"])
            if may(subject, Action.DECISIONS_READ, matter).allowed:
                return stored
        raise NotFound(f"There is no decision {decision_id!r}.")

    def evidence(self, source: str, decision_ids: Sequence[str]) -> list[dict[str, Any]]:
        """Return the evidence of many decisions, in order; raises NotFound as :meth:`decision` does."""
        with self._store.read() as uow:
            stored = [uow.decision(decision_id) for decision_id in decision_ids]
        found: list[dict[str, Any]] = [{} if each is None else json.loads(each.evidence) for each in stored]
        for decision_id, evidence in zip(decision_ids, found, strict=True):
            if evidence.get("source") != source:
                raise NotFound(f"There is no decision {decision_id!r}.")
        return found

    def state(self) -> State:
        """Return what is in force; raises Unavailable when the store does not answer."""
        with self._store.read() as uow:
            rules, plan, model = uow.published("rules"), uow.published("plan"), uow.published(MODEL)
            journal = uow.journal_end()
        fault = self._present.model_fault
        return State(
            rules="" if rules is None else rules.version,
            plan="" if plan is None else plan.version,
            model=None if model is None or not model.version or fault is not None else model.version,
            model_fault=fault,
            journal=journal,
        )
