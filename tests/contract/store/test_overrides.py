"""Overrides in every store: added only, in order, with what was found since."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text

from tests.contract.store.conftest import written
from tests.contract.store.test_transactions import stopped_midway
from tests.fakes.store_values import (
    SOURCE,
    instant,
    new_decision,
    new_declaration,
    new_override,
    new_result,
)
from tidewaiter.adapters.sql import SqlStore
from tidewaiter.core.errors import Conflict
from tidewaiter.core.override import Direction, Override
from tidewaiter.flow.ports import Store


def lowered(number: int, count: int = 1) -> Override:
    return new_override(
        number, count, direction=Direction.LOWERED, from_lane="red", to_lane="green", adds_control=False,
        approved_by=("ben", "carla"), proposal_id=f"W{number}-{count}",
    )  # fmt: skip


@pytest.fixture
def decided(store: Store) -> Store:
    """Return a store with decisions on three declarations."""
    with store.write() as work:
        for number in (1, 2, 3):
            work.add_declaration(new_declaration(number))
            work.add_decision(*new_decision(number))
    return store


def test_overrides_come_back_as_they_were_and_in_order(decided: Store) -> None:
    first, second, other = new_override(1), lowered(1, 2), new_override(2)
    with decided.write() as work:
        for each in (first, other, second):
            work.add_override(each)
    with decided.read() as work:
        assert list(work.overrides_of(first.decision_id)) == [first, second]
        assert list(work.overrides_of(new_override(3).decision_id)) == []
        assert list(work.overrides(instant(0), instant(90))) == [first, other, second]
        assert list(work.overrides(instant(3), instant(4))) == [first, second], "the end is left out"
        assert work.controls_added() == {(SOURCE, "D1"), (SOURCE, "D2")}
        assert work.decisions_by_office(instant(0), instant(3)) == {"040": 1}


def test_an_override_leaves_with_its_event_and_its_leaf(decided: Store) -> None:
    with decided.write() as work:
        work.add_override(lowered(1))
        *_, leaf = work.ledger()
        (event,), _ = work.events(0, source=SOURCE, topics={"override"}, limit=100)
    assert (event.declaration_id, json.loads(event.payload)["lane"]) == ("D1", "green")
    told = json.loads(leaf.body or b"")
    assert (told["approved_by"], told["proposal_id"]) == (["ben", "carla"], "W1-1")
    assert "text" not in told


def test_a_number_is_given_once_and_only_to_a_decision_that_is_there(decided: Store) -> None:
    with decided.write() as work:
        work.add_override(new_override(1))
    before = written(decided)
    for contradicting in (new_override(1, by="ben"), new_override(9)):
        with decided.write() as work, pytest.raises(Conflict):
            work.add_override(contradicting)
    assert written(decided) == before
    with decided.read() as work:
        assert list(work.overrides(instant(0), instant(90))) == [new_override(1)]


def test_a_roll_back_leaves_no_override(decided: Store) -> None:
    before = written(decided)
    assert stopped_midway(decided, lambda work: work.add_override(new_override(1)))
    assert written(decided) == before
    with decided.read() as work:
        assert list(work.overrides(instant(0), instant(90))) == []


def test_what_was_found_after_a_lowering_counts_by_the_newest_version(decided: Store) -> None:
    with decided.write() as work:
        for number in (1, 2, 3):
            work.add_override(lowered(number))
        work.add_override(new_override(1, 2))
        work.add_result(new_result(1, irregular=True))
        work.add_result(new_result(2, irregular=True))
        work.add_result(new_result(2, 2))
    with decided.read() as work:
        found = work.found_after_lowering(instant(0), instant(90))
        assert found == {lowered(1).id: True, lowered(2).id: False}, "of the third there is no result"
        assert work.found_after_lowering(instant(80), instant(90)) == {}


def test_the_database_refuses_to_change_what_is_recorded(decided: Store) -> None:
    with decided.write() as work:
        work.add_override(new_override(1))
    if not isinstance(decided, SqlStore):
        assert not hasattr(decided, "_writer")
        return
    for statement in ("UPDATE lane_override SET to_lane = 'green'", "DELETE FROM lane_override"):
        with (
            decided._writer.connect() as connection,
            pytest.raises(Exception, match="keeps what is recorded"),
        ):
            connection.execute(text(statement))
    with decided.read() as work:
        assert len(work.overrides(instant(0), instant(90))) == 1
