"""Decisions as work: the queue of an office, who took what, and finding decisions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, or_, select, tuple_

from tidewaiter.adapters.sql import tables as t
from tidewaiter.adapters.sql.work import Work
from tidewaiter.flow.ports import StoredResult
from tidewaiter.flow.ports.inspections import Assignment, ListedDecision, Place, Wanted
from tidewaiter.flow.ports.leaves import assignment_leaf

__all__ = ["Inspections"]

_d, _v, _r, _a = t.decision.c, t.declaration_version.c, t.control_result.c, t.assignment.c
_o = t.lane_override.c
_newer, _step = t.decision.alias("newer"), t.assignment.alias("step")

#: The lane that the last override made; null: nobody changed it.
_OVERRIDDEN: Final = (
    select(_o.to_lane)
    .where(_o.decision_seq == _d.seq)
    .order_by(_o.number.desc())
    .limit(1)
    .correlate(t.decision)
    .scalar_subquery()
)
_LANE: Final = func.coalesce(_OVERRIDDEN, _d.lane)

_LAST_STEP: Final = (
    select(func.max(_step.c.seq)).where(_step.c.decision_id == _d.id).correlate(t.decision).scalar_subquery()
)
_LISTED: Final = select(
    _d.seq, _d.id, _d.source, _d.declaration_id, _d.version, _d.office, _d.at, _LANE.label("lane"), _d.answer,
    _v.body.label("declaration_body"), _a.person.label("assigned_to"), _a.at.label("assigned_at"),
).select_from(
    t.decision.join(t.declaration_version, _v.seq == _d.declaration_seq)
    .outerjoin(t.assignment, _a.seq == _LAST_STEP)
)  # fmt: skip
_BY_ID: Final = _LISTED.where(_d.id == bindparam("id"))
_RESULTS_OF: Final = (
    select(
        _r.seq,
        _r.source,
        _r.control_id,
        _r.version,
        _r.declaration_id,
        _r.body,
        _r.body_sha256,
        _r.known_at,
        _r.recorded_at,
    )
    .where(_r.source == bindparam("source"), _r.declaration_id == bindparam("id"))
    .order_by(_r.seq)
)

#: It is the decision on the newest version, and no control result has answered it.
_OPEN: Final = and_(
    _d.at >= bindparam("since"),
    ~exists().where(
        _newer.c.source == _d.source,
        _newer.c.declaration_id == _d.declaration_id,
        _newer.c.version > _d.version,
    ),
    ~exists().where(
        _r.source == _d.source,
        _r.declaration_id == _d.declaration_id,
        or_(_r.known_at >= _d.at, _d.version == 1),
    ),
)
#: Overrides are few: the queues are read by the index of what was decided, and theirs apart from it.
_UNCHANGED: Final = ~exists().where(_o.decision_seq == _d.seq)
_CHANGED: Final = _d.seq.in_(select(_o.decision_seq).where(_o.at >= bindparam("since")))


def _in_lanes(lanes: Sequence[ColumnElement[str]], *, changed: bool) -> ColumnElement[bool]:
    """Return the condition that one of *lanes* is in force: by an override, or as it was decided."""
    of, how = (_OVERRIDDEN, _CHANGED) if changed else (_d.lane, _UNCHANGED)
    return and_(or_(*(of == lane for lane in lanes)), how)


_COUNTS: Final = [
    select(func.count().label("count"))
    .select_from(t.decision)
    .where(
        _d.office == bindparam("office"),
        _in_lanes([bindparam("lane", type_=_d.lane.type)], changed=changed),
        _OPEN,
    )
    for changed in (False, True)
]
_AFTER: Final = tuple_(bindparam("after_at", type_=_d.at.type), bindparam("after_seq", type_=_d.seq.type))


@cache
def _waiting(lanes: int, *, after: bool, changed: bool) -> Select[Any]:
    """Return the query of a page of the queue, for so many lanes, *changed* by overrides or as decided."""
    of_lanes = [bindparam(f"lane_{number}", type_=_d.lane.type) for number in range(lanes)]
    query = _LISTED.where(_d.office == bindparam("office"), _in_lanes(of_lanes, changed=changed), _OPEN)
    if after:
        query = query.where(tuple_(_d.at, _d.seq) > _AFTER)
    return query.order_by(_d.at, _d.seq).limit(bindparam("limit"))


@cache
def _found(asked: frozenset[str], offices: int, *, after: bool) -> Select[Any]:
    """Return the query of a page of decisions, newest first, with the conditions that are asked."""
    conditions = {
        "declaration_id": _d.declaration_id == bindparam("declaration_id"),
        "source": _d.source == bindparam("source"),
        "lane": bindparam("lane", type_=_d.lane.type) == _LANE,
        "since": _d.at >= bindparam("since"),
        "before": _d.at < bindparam("before"),
    }
    query = _LISTED.where(*(conditions[name] for name in sorted(asked)))
    if offices:
        named = [bindparam(f"office_{number}", type_=_d.office.type) for number in range(offices)]
        query = query.where(or_(*(_d.office == office for office in named)))
    if after:
        query = query.where(tuple_(_d.at, _d.seq) < _AFTER)
    return query.order_by(_d.at.desc(), _d.seq.desc()).limit(bindparam("limit"))


class Inspections(Work):
    """The part of a unit of work that is about inspections."""

    def waiting(
        self, office: str, lanes: Sequence[str], *, since: datetime, after: Place | None, limit: int
    ) -> Sequence[ListedDecision]:
        """Return decisions of an office with one of *lanes* in force and no control result, oldest first.

        Only the decision on the newest version of a declaration waits.  A result counts when it became
        known after the decision; for the first version, whenever that was.
        """
        if not lanes:
            return []
        values = {"office": office, "since": since, "limit": limit, **_place(after)}
        values |= {f"lane_{number}": lane for number, lane in enumerate(lanes)}
        found = [
            _listed(row)
            for changed in (False, True)
            for row in self._rows(_waiting(len(lanes), after=after is not None, changed=changed), values)
        ]
        return sorted(found, key=lambda each: each.place)[:limit]

    def count_waiting(self, office: str, lane: str, *, since: datetime) -> int:
        """Return how many decisions :meth:`waiting` gives for one lane."""
        values = {"office": office, "lane": lane, "since": since}
        return sum(int(self._first(count, values).count) for count in _COUNTS)

    def listed(self, decision_id: str) -> ListedDecision | None:
        """Return one decision as lists tell it, or None."""
        row = self._first(_BY_ID, {"id": decision_id})
        return None if row is None else _listed(row)

    def find_decisions(self, wanted: Wanted, *, after: Place | None, limit: int) -> Sequence[ListedDecision]:
        """Return the decisions that are wanted, newest first."""
        if wanted.offices is not None and not wanted.offices:
            return []
        offices = sorted(wanted.offices or ())
        names = ("declaration_id", "source", "lane", "since", "before")
        asked = {name: value for name in names if (value := getattr(wanted, name)) is not None}
        values = {**asked, "limit": limit, **_place(after)}
        values |= {f"office_{number}": office for number, office in enumerate(offices)}
        query = _found(frozenset(asked), len(offices), after=after is not None)
        return [_listed(row) for row in self._rows(query, values)]

    def results_of(self, source: str, declaration_id: str) -> Sequence[StoredResult]:
        """Return all versions of the control results of a declaration, in the order of recording."""
        rows = self._rows(_RESULTS_OF, {"source": source, "id": declaration_id})
        return [StoredResult(**row._asdict()) for row in rows]

    def assign(self, step: Assignment) -> None:
        """Record who took an inspection or gave it back, with its ledger leaf."""
        row = {"decision_id": step.decision_id, "person": step.person, "set_by": step.by, "at": step.at}
        self._insert(t.assignment, {"seq": self._next_seq(t.assignment), **row})
        self._add_leaf_told(assignment_leaf(step))


def _place(after: Place | None) -> dict[str, Any]:
    """Return the values of the place after which a page begins."""
    return {} if after is None else {"after_at": after.at, "after_seq": after.seq}


def _listed(row: Any) -> ListedDecision:
    """Return a row as a decision of a list."""
    return ListedDecision(**row._asdict())
