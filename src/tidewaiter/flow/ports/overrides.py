"""Overrides as a store keeps them, and what it can say of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from tidewaiter.core.override import Override
from tidewaiter.flow.ports.leaves import Leaf

__all__ = ["OverrideRecords", "override_event", "override_leaf"]


class OverrideRecords(Protocol):
    """The part of a unit of work that knows what people did with lanes."""

    def add_override(self, override: Override) -> None:
        """Record an override with its outbox row and its ledger leaf.

        Raises Conflict when the decision has an override of this number already, or none is recorded.
        """
        ...

    def overrides_of(self, decision_id: str) -> Sequence[Override]:
        """Return the overrides of a decision, in order."""
        ...

    def overrides(self, since: datetime, until: datetime) -> Sequence[Override]:
        """Return the overrides from *since* until before *until*, in the order of recording."""
        ...

    def controls_added(self) -> frozenset[tuple[str, str]]:
        """Return (source, declaration id) of what was controlled only because an officer raised its lane."""
        ...

    def found_after_lowering(self, since: datetime, until: datetime) -> Mapping[str, bool]:
        """Return, by identity of the lowerings of a period that have a result since, if one is irregular."""
        ...

    def decisions_by_office(self, since: datetime, until: datetime) -> Mapping[str, int]:
        """Return how many decisions each office got from *since* until before *until*."""
        ...


def override_event(override: Override) -> Mapping[str, Any]:
    """Return what a declaration system is told: the lane that holds now; never why, or who."""
    return {
        "decision_id": override.decision_id,
        "number": override.number,
        "declaration_id": override.declaration_id,
        "version": override.declaration_version,
        "direction": override.direction.value,
        "from_lane": override.from_lane,
        "lane": override.to_lane,
        "at": override.at.isoformat(),
    }


def override_leaf(override: Override, committed: str) -> Leaf:
    """Return the leaf of an override; of the own text, which may name people, it holds a commitment."""
    content = {
        **override_event(override),
        "source": override.source,
        "office": override.office,
        "reason_code": override.reason_code.value,
        "text_commitment": committed,
        "by": override.by,
        "approved_by": list(override.approved_by),
        "proposal_id": override.proposal_id,
    }
    return Leaf(kind="override", subject=override.id, content=content, at=override.at)
