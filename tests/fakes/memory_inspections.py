"""Decisions as work, in memory: part of the naive twin of the SQL store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tidewaiter.core.override import Override, lane_in_force
from tidewaiter.flow.ports import StoredResult
from tidewaiter.flow.ports.inspections import Assignment, ListedDecision, Place, Wanted
from tidewaiter.flow.ports.leaves import assignment_leaf


@dataclass(kw_only=True)
class InspectionState:
    """Everything that is recorded about inspections."""

    assignments: list[Assignment] = field(default_factory=list)


class MemoryInspections:
    """The part of a unit of work that is about inspections."""

    _state: Any
    _changing: Any
    _tell: Any

    def waiting(
        self, office: str, lanes: Sequence[str], *, since: datetime, after: Place | None, limit: int
    ) -> Sequence[ListedDecision]:
        found = [
            each
            for each in self._all()
            if each.office == office and each.lane in lanes and each.at >= since and self._open(each)
        ]
        return sorted((e for e in found if after is None or e.place > after), key=lambda e: e.place)[:limit]

    def count_waiting(self, office: str, lane: str, *, since: datetime) -> int:
        return len(self.waiting(office, [lane], since=since, after=None, limit=10**9))

    def listed(self, decision_id: str) -> ListedDecision | None:
        return next((each for each in self._all() if each.id == decision_id), None)

    def find_decisions(self, wanted: Wanted, *, after: Place | None, limit: int) -> Sequence[ListedDecision]:
        found = [
            each
            for each in self._all()
            if wanted.declaration_id in {None, each.declaration_id}
            and (wanted.offices is None or each.office in wanted.offices)
            and wanted.source in {None, each.source}
            and wanted.lane in {None, each.lane}
            and (wanted.since is None or each.at >= wanted.since)
            and (wanted.before is None or each.at < wanted.before)
            and (after is None or each.place < after)
        ]
        return sorted(found, key=lambda each: each.place, reverse=True)[:limit]

    def results_of(self, source: str, declaration_id: str) -> Sequence[StoredResult]:
        return [e for e in self._state.results if (e.source, e.declaration_id) == (source, declaration_id)]

    def assign(self, step: Assignment) -> None:
        self._changing.assignments.append(step)
        self._tell(assignment_leaf(step))

    def _all(self) -> Sequence[ListedDecision]:
        return [self._as_listed(number) for number in range(1, len(self._state.decisions) + 1)]

    def _as_listed(self, seq: int) -> ListedDecision:
        decision, stored = self._state.decisions[seq - 1]
        steps = [step for step in self._state.assignments if step.decision_id == decision.id]
        return ListedDecision(
            seq=seq,
            id=decision.id,
            source=decision.source,
            declaration_id=str(decision.declaration_id),
            version=decision.declaration_version,
            office=decision.office,
            at=decision.at,
            lane=lane_in_force(decision.lane, self._overrides_of(decision.id)),
            answer=stored.answer,
            declaration_body=stored.declaration_body,
            assigned_to=steps[-1].person if steps else None,
            assigned_at=steps[-1].at if steps else None,
        )

    def _overrides_of(self, decision_id: str) -> list[Override]:
        return [each for each in self._state.overrides if each.decision_id == decision_id]

    def _open(self, listed: ListedDecision) -> bool:
        versions = self._state.decided[listed.source, listed.declaration_id]
        results = self.results_of(listed.source, listed.declaration_id)
        answered = any(result.known_at >= listed.at or listed.version == 1 for result in results)
        return listed.version == max(versions) and not answered
