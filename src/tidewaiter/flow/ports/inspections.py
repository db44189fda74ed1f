"""Decisions as work: which wait for a control, who has taken them, and how to find one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from tidewaiter.flow.ports.records import StoredResult

__all__ = ["Assignment", "InspectionRecords", "ListedDecision", "Place", "Wanted"]


class Place(NamedTuple):
    """Where a page of a list ends: the instant and the position of its last decision."""

    at: datetime
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedDecision:
    """What lists tell of a decision."""

    seq: int
    id: str
    source: str
    declaration_id: str
    version: int
    office: str
    at: datetime
    #: The lane in force: the one that was decided, or what the last override made of it.
    lane: str
    #: The answer that left: words of the lane, instructions, reasons.
    answer: bytes
    #: The declaration version that was decided on, canonical JSON.
    declaration_body: bytes
    #: Who has taken the inspection; None: nobody.
    assigned_to: str | None
    #: Since when; None: nobody has.
    assigned_at: datetime | None

    @property
    def place(self) -> Place:
        """Return where it stands in a list."""
        return Place(self.at, self.seq)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """One step of who has taken an inspection; the last one counts."""

    decision_id: str
    #: None: it was given back.
    person: str | None
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which decisions are looked for; None: whatever it is."""

    declaration_id: str | None = None
    #: One of these; empty: of no office at all.
    offices: frozenset[str] | None = None
    source: str | None = None
    #: In force.
    lane: str | None = None
    #: Decided from this instant on, and before that one.
    since: datetime | None = None
    before: datetime | None = None


class InspectionRecords(Protocol):
    """The part of a unit of work that is about inspections."""

    def waiting(
        self, office: str, lanes: Sequence[str], *, since: datetime, after: Place | None, limit: int
    ) -> Sequence[ListedDecision]:
        """Return decisions of an office with one of *lanes* in force and no control result, oldest first.

        Only the decision on the newest version of a declaration waits.  A result counts when it became
        known after the decision; for the first version, whenever that was.
        """
        ...

    def count_waiting(self, office: str, lane: str, *, since: datetime) -> int:
        """Return how many decisions :meth:`waiting` gives for one lane."""
        ...

    def listed(self, decision_id: str) -> ListedDecision | None:
        """Return one decision as lists tell it, or None."""
        ...

    def find_decisions(self, wanted: Wanted, *, after: Place | None, limit: int) -> Sequence[ListedDecision]:
        """Return the decisions that are wanted, newest first."""
        ...

    def results_of(self, source: str, declaration_id: str) -> Sequence[StoredResult]:
        """Return all versions of the control results of a declaration, in the order of recording."""
        ...

    def assign(self, step: Assignment) -> None:
        """Record who took an inspection or gave it back, with its ledger leaf."""
        ...
