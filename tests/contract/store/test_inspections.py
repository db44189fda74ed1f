"""Laws of every store: the queue of an office, who took an inspection, and finding decisions."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from tests.contract.store.conftest import written
from tests.fakes.memory_store import MemoryStore
from tests.fakes.store_values import SOURCE, instant, new_decision, new_declaration, new_override, new_result
from tidewaiter.core.ledger import canonical_json, leaf_hash
from tidewaiter.core.override import Direction
from tidewaiter.flow.ports import Store, UnitOfWork
from tidewaiter.flow.ports.inspections import Assignment, Place, Wanted

LONG_AGO = instant(-9999)


def decide(work: UnitOfWork, number: int, version: int = 1, **how: str) -> str:
    """Record a declaration version with its decision; return the id of that."""
    office, lane, source = how.get("office", "040"), how.get("lane", "red"), how.get("source", SOURCE)
    work.add_declaration(new_declaration(number, version, source=source))
    decision, stored = new_decision(number, version, lane=lane, source=source)
    work.add_decision(replace(decision, office=office), stored)
    return decision.id


def queue(
    store: Store, *lanes: str, office: str = "040", since: datetime = LONG_AGO, after: Place | None = None,
    limit: int = 100,
) -> list[str]:  # fmt: skip
    with store.read() as work:
        found = work.waiting(office, lanes or ("red",), since=since, after=after, limit=limit)
    return [f"{each.declaration_id}/{each.version}" for each in found]


def test_what_waits_is_of_the_office_and_the_lanes_and_oldest_first(store: Store) -> None:
    with store.write() as work:
        for number, lane in ((3, "red"), (1, "red"), (2, "yellow"), (4, "green")):
            decide(work, number, lane=lane)
        decide(work, 5, office="041")
    assert queue(store) == ["D1/1", "D3/1"]
    assert queue(store, "red", "yellow") == ["D1/1", "D2/1", "D3/1"]
    assert queue(store, office="041") == ["D5/1"]
    assert queue(store, since=instant(3.5)) == ["D3/1"]  # a decision is a minute after its declaration
    with store.read() as work:
        assert work.waiting("040", [], since=LONG_AGO, after=None, limit=9) == []
        counts = [work.count_waiting("040", lane, since=LONG_AGO) for lane in ("red", "yellow", "blue")]
        assert counts == [2, 1, 0]
        assert work.count_waiting("040", "red", since=instant(3.5)) == 1


def test_the_lane_in_force_decides_where_a_decision_waits(store: Store) -> None:
    with store.write() as work:
        raised = [decide(work, number, lane="green") for number in (1, 3, 5)]
        lowered = decide(work, 4, lane="red")
        decide(work, 2, lane="red")
        for number in (1, 3, 5):
            work.add_override(new_override(number))
        work.add_override(new_override(5, 2, direction=Direction.LOWERED, from_lane="red", to_lane="yellow"))
        change = {"direction": Direction.LOWERED, "from_lane": "red", "to_lane": "green"}
        work.add_override(new_override(4, **change))
    assert queue(store) == ["D1/1", "D2/1", "D3/1"]
    assert queue(store, "red", "yellow") == ["D1/1", "D2/1", "D3/1", "D5/1"]
    with store.read() as work:
        counts = [work.count_waiting("040", lane, since=LONG_AGO) for lane in ("red", "yellow", "green")]
        assert counts == [3, 1, 1]
        (first, second) = work.waiting("040", ["red"], since=LONG_AGO, after=None, limit=2)
        assert [first.id, first.lane] == [raised[0], "red"]
        (third,) = work.waiting("040", ["red"], since=LONG_AGO, after=second.place, limit=2)
        assert third.id == raised[1]
        told = work.listed(lowered)
        assert told is not None
        assert told.lane == "green"
        found = work.find_decisions(Wanted(lane="green"), after=None, limit=9)
        assert [each.id for each in found] == [lowered]


def test_pages_follow_each_other_without_a_gap_also_within_one_instant(store: Store) -> None:
    with store.write() as work:
        for number in range(1, 6):
            work.add_declaration(new_declaration(number))
            decision, stored = new_decision(number, lane="red")
            work.add_decision(replace(decision, at=instant(0)), stored)
    seen: list[str] = []
    after: Place | None = None
    for _ in range(3):
        with store.read() as work:
            page = work.waiting("040", ["red"], since=LONG_AGO, after=after, limit=2)
            assert work.find_decisions(Wanted(), after=page[0].place, limit=9) == [
                work.listed(each) for each in reversed(seen)
            ]
        seen += [each.id for each in page]
        after = page[-1].place
    assert len(seen) == len(set(seen)) == 5


def test_a_control_result_ends_the_wait_and_an_amendment_begins_it_anew(store: Store) -> None:
    with store.write() as work:
        decide(work, 1)
        decide(work, 2)
        work.add_result(new_result(1))
    assert queue(store) == ["D2/1"]
    with store.write() as work:
        work.add_declaration(new_declaration(1, 2))
        decision, stored = new_decision(1, 2, lane="red")
        work.add_decision(replace(decision, at=instant(1000)), stored)
        decide(work, 2, 2, lane="green")
    assert queue(store) == ["D1/2"]  # the older version of D2 waits no more
    with store.write() as work:
        work.add_result(replace(new_result(1, 2), known_at=instant(1000)))
    assert queue(store) == []


def test_a_result_that_came_before_its_declaration_counts(store: Store) -> None:
    with store.write() as work:
        work.add_result(replace(new_result(1), known_at=instant(-5)))
        decide(work, 1)
    assert queue(store) == []


def test_a_result_of_another_source_or_declaration_changes_nothing(store: Store) -> None:
    with store.write() as work:
        decide(work, 1)
        decide(work, 1, source="other")
        work.add_result(new_result(1, source="other"))
    with store.read() as work:
        (waiting,) = work.waiting("040", ["red"], since=LONG_AGO, after=None, limit=9)
        assert waiting.source == SOURCE
        assert [each.control_id for each in work.results_of("other", "D1")] == ["C1"]
        assert work.results_of(SOURCE, "D1") == []


def test_a_listed_decision_tells_what_is_recorded(store: Store) -> None:
    with store.write() as work:
        identity = decide(work, 1)
    decision, stored = new_decision(1, lane="red")
    with store.read() as work:
        assert work.listed("D0") is None
        found = work.listed(identity)
    assert found is not None
    assert (found.id, found.at, found.lane, found.office) == (decision.id, decision.at, "red", "040")
    assert (found.answer, found.declaration_body) == (stored.answer, stored.declaration_body)
    assert (found.assigned_to, found.assigned_at) == (None, None)


def test_the_last_step_says_who_has_an_inspection_and_each_is_in_the_ledger(store: Store) -> None:
    with store.write() as work:
        one, other = decide(work, 1), decide(work, 2)
    steps = [("anna", "anna"), (None, "anna"), ("ben", "ben")]
    for minute, (person, by) in enumerate(steps):
        with store.write() as work:
            work.assign(Assignment(decision_id=one, person=person, by=by, at=instant(minute)))
        with store.read() as work:
            found, untouched = work.listed(one), work.listed(other)
        assert found is not None
        assert untouched is not None
        assert (found.assigned_to, found.assigned_at) == (person, instant(minute))
        assert untouched.assigned_to is None
    leaf = {"kind": "assignment", "decision": one, "person": "ben", "by": "ben", "at": instant(2).isoformat()}
    assert written(store).leaves[-1] == ("assignment", one, leaf_hash(canonical_json(leaf)))


def test_a_step_is_never_changed_or_deleted(store: Store) -> None:
    if isinstance(store, MemoryStore):
        return
    with store.write() as work:
        work.assign(Assignment(decision_id="D1", person="anna", by="anna", at=instant(0)))
    for attempt in ("UPDATE assignment SET person = 'eve'", "DELETE FROM assignment"):
        connection = store._writer.connect()  # type: ignore[attr-defined]
        with connection, pytest.raises(Exception, match="keeps what is recorded"), connection.begin():
            connection.exec_driver_sql(attempt)


def test_decisions_are_found_by_each_condition_newest_first(store: Store) -> None:
    with store.write() as work:
        for number in (1, 2, 3):
            decide(work, number)
        decide(work, 2, 2, lane="green")
        decide(work, 4, office="041", source="other")

    def found(**wanted: object) -> list[str]:
        with store.read() as work:
            rows = work.find_decisions(Wanted(**wanted), after=None, limit=9)  # type: ignore[arg-type]
        return [f"{each.declaration_id}/{each.version}" for each in rows]

    assert found() == ["D4/1", "D3/1", "D2/2", "D2/1", "D1/1"]
    assert found(declaration_id="D2") == ["D2/2", "D2/1"]
    assert found(lane="green") == ["D2/2"]
    assert found(source="other") == ["D4/1"]
    assert found(offices=frozenset({"041", "042"})) == ["D4/1"]
    assert found(offices=frozenset()) == []
    assert found(since=instant(3), before=instant(4)) == ["D2/2", "D2/1"]
    with store.read() as work:
        first = work.find_decisions(Wanted(), after=None, limit=2)
        rest = work.find_decisions(Wanted(), after=first[-1].place, limit=9)
    assert [each.declaration_id for each in (*first, *rest)] == ["D4", "D3", "D2", "D2", "D1"]
