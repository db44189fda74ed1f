"""Laws of every store: steps in the lives of profiles stay, words are found by their hash, tallies add up."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from tests.contract.store.conftest import written
from tests.contract.store.test_transactions import stopped_midway
from tests.fakes.store_values import instant, new_step, new_tally, unsalted
from tidewaiter.adapters.sql import SqlStore
from tidewaiter.core.errors import Conflict
from tidewaiter.core.life_cycle import Kind
from tidewaiter.flow.ports import Store
from tidewaiter.flow.ports.profiles import words_sha256

FIRST = new_step()
RAMP = new_step(
    ordinal=2, kind=Kind.RAMP, by="ben", at=instant(2), reason="Slowly.", share=Decimal("0.10"),
    replaces_sha256="1" * 64, evidence=b'{"matches":3}',
)  # fmt: skip


def test_steps_come_back_as_they_were_in_the_order_of_the_versions(store: Store) -> None:
    other, later = new_step(code="drugs"), new_step(number=2, at=instant(9))
    with store.write() as work:
        for step in (FIRST, other, later):
            work.add_profile_step(step, b"{}")
        work.add_profile_step(RAMP)
    with store.read() as work:
        assert list(work.profile_steps("zero_price")) == [FIRST, RAMP, later]
        assert list(work.profile_steps()) == [other, FIRST, RAMP, later]
        assert list(work.profile_steps("nobody")) == []


def test_a_step_has_a_leaf_without_its_reason(store: Store) -> None:
    with store.write() as work:
        work.add_profile_step(RAMP)
        *_, leaf = work.ledger()
    told = json.loads(unsalted(leaf.body))
    assert (told["step"], told["by"], told["share"], told["version"]) == ("ramp", "ben", "0.10", 1)
    assert told["reason_sha256"] == words_sha256(b"Slowly.")
    assert told["evidence_sha256"] == words_sha256(b'{"matches":3}')
    assert "reason" not in told


def test_words_are_found_by_their_hash_and_kept_once(store: Store) -> None:
    edited = replace(FIRST, ordinal=2, kind=Kind.EDIT, body_sha256=words_sha256(b'{"a":1}'))
    back = replace(FIRST, ordinal=3, kind=Kind.EDIT)
    with store.write() as work:
        work.add_profile_step(FIRST, b"{}")
        work.add_profile_step(edited, b'{"a":1}')
        work.add_profile_step(back, b"{}")
    with store.read() as work:
        assert work.profile_words("zero_price", 1, FIRST.body_sha256) == b"{}"
        assert work.profile_words("zero_price", 1, edited.body_sha256) == b'{"a":1}'
        assert work.profile_words("zero_price", 2, FIRST.body_sha256) is None


def test_an_ordinal_is_taken_once(store: Store) -> None:
    with store.write() as work:
        work.add_profile_step(FIRST, b"{}")
    before = written(store)
    with store.write() as work, pytest.raises(Conflict):
        work.add_profile_step(replace(FIRST, by="ben"), b"{}")
    assert written(store) == before
    with store.read() as work:
        assert list(work.profile_steps()) == [FIRST]


def test_a_roll_back_leaves_no_step(store: Store) -> None:
    before = written(store)
    assert stopped_midway(store, lambda work: work.add_profile_step(FIRST, b"{}"))
    assert written(store) == before
    with store.read() as work:
        assert list(work.profile_steps()) == []


def test_tallies_add_up_by_version_day_and_standing(store: Store) -> None:
    with store.read() as work:
        assert work.tallied_upto() == 0
    tomorrow = date(2026, 6, 2)
    with store.write() as work:
        work.add_tallies([new_tally(), new_tally(shadow=True), new_tally(code="drugs")], upto=7)
        work.add_tallies([new_tally(undecided=0), new_tally(number=2, day=tomorrow)], upto=9)
        work.add_tallies([], upto=12)
    with store.read() as work:
        assert work.tallied_upto() == 12
        assert list(work.tallies("zero_price")) == [
            new_tally(matches=4), new_tally(shadow=True), new_tally(number=2, day=tomorrow),
        ]  # fmt: skip
        assert list(work.tallies("drugs")) == [new_tally(code="drugs")]
    assert tomorrow - new_tally().day == timedelta(days=1)


@pytest.mark.parametrize("table", ["profile_step", "profile_words"])
def test_the_database_refuses_to_change_what_is_recorded(store: Store, table: str) -> None:
    with store.write() as work:
        work.add_profile_step(FIRST, b"{}")
    if not isinstance(store, SqlStore):
        assert not hasattr(store, "_writer")
        return
    for statement in (f"UPDATE {table} SET code = 'x'", f"DELETE FROM {table}"):  # noqa: S608 - names of ours
        with store._writer.connect() as connection, pytest.raises(Exception, match="keeps what is recorded"):
            connection.execute(text(statement))
    with store.read() as work:
        assert len(work.profile_steps()) == 1
