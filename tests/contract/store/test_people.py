"""Laws of every store: people, sessions, failed attempts, proposals, notices."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.contract.store.conftest import written
from tests.fakes.store_values import instant, person, stored_proposal, unsalted
from tidewaiter.core.errors import Conflict
from tidewaiter.core.ledger import canonical_json, leaf_hash
from tidewaiter.flow.ports import Failures, Session, Store

SESSION = Session(token_sha256="1" * 64, person="anna", proved_at=instant(0), seen_at=instant(0))
FAILURES = Failures(name_sha256="2" * 64, count=1, last_at=instant(0), blocked_until=instant(0))


def test_nobody_is_there_at_first(store: Store) -> None:
    with store.read() as work:
        assert (work.person("anna"), work.people()) == (None, [])
        assert (work.session("1" * 64), work.failures("2" * 64), work.proposal("P1")) == (None, None, None)
        assert work.proposals() == []


def test_a_person_comes_back_as_recorded_and_can_change(store: Store) -> None:
    with store.write() as work:
        work.put_person(person("ben"))
        work.put_person(person("anna"))
    changed = replace(person("anna"), roles=frozenset(), disabled_at=instant(3), totp_step=2**40)
    with store.write() as work:
        work.put_person(changed)
    with store.read() as work:
        assert work.person("anna") == changed
        assert work.people() == [changed, person("ben")]


def test_two_accounts_of_one_person_are_refused(store: Store) -> None:
    with store.write() as work:
        work.put_person(person("anna", number="7"))
    with pytest.raises(Conflict), store.write() as work:
        work.put_person(person("annabel", number="7"))
    with store.read() as work:
        assert [each.name for each in work.people()] == ["anna"]


def test_a_session_lasts_until_it_is_ended(store: Store) -> None:
    other = replace(SESSION, token_sha256="3" * 64, person="ben", proved_at=instant(9))
    seen = replace(SESSION, seen_at=instant(5))
    with store.write() as work:
        work.put_session(SESSION)
        work.put_session(seen)
        work.put_session(other)
        assert work.session(SESSION.token_sha256) == seen
        work.end_session(SESSION.token_sha256)
        work.end_session("no such session")
        assert work.session(SESSION.token_sha256) is None
        assert work.session(other.token_sha256) == other


@pytest.mark.parametrize("how", ["of a person", "by age"])
def test_sessions_are_ended_together(store: Store, how: str) -> None:
    young = replace(SESSION, token_sha256="3" * 64, person="ben", proved_at=instant(9))
    with store.write() as work:
        work.put_session(SESSION)
        work.put_session(replace(SESSION, token_sha256="4" * 64))
        work.put_session(young)
        if how == "of a person":
            work.end_sessions_of("anna")
        else:
            work.end_sessions_before(instant(9))
        left = [work.session(token * 64) for token in "134"]
    assert left == [None, young, None]


def test_failures_are_kept_until_they_are_forgotten(store: Store) -> None:
    more = replace(FAILURES, count=4, last_at=instant(2), blocked_until=instant(5))
    old = replace(FAILURES, name_sha256="5" * 64)
    young = replace(FAILURES, name_sha256="6" * 64, last_at=instant(3))
    with store.write() as work:
        for failures in (FAILURES, more, old, young):
            work.put_failures(failures)
        assert work.failures(FAILURES.name_sha256) == more
        work.forget_failures(FAILURES.name_sha256)
        assert [work.failures(n * 64) for n in "256"] == [None, old, young]
        work.forget_failures_before(young.last_at)
        assert [work.failures(n * 64) for n in "256"] == [None, None, young]


def test_a_proposal_comes_back_as_recorded_and_can_change(store: Store) -> None:
    first, second = stored_proposal(1), stored_proposal(2)
    done = replace(
        first,
        proposal=replace(
            first.proposal, executed_by="anna", executed_at=instant(2), broken_glass="storm", approvals=()
        ),
        payload=b'{"version":"' + b"m" * 5000 + b'"}',
    )
    with store.write() as work:
        work.put_proposal(second)
        work.put_proposal(first)
        work.put_proposal(done)
    with store.read() as work:
        assert work.proposal("P1") == done
        assert work.proposal("P2") == second
        assert work.proposals() == [done.proposal, second.proposal]


def test_a_notice_leaves_and_is_in_the_ledger(store: Store) -> None:
    with store.write() as work:
        work.add_notice("person", "anna", {"by": "root", "roles": ["manager"]}, instant(1))
    told = {"subject": "anna", "at": instant(1).isoformat(), "by": "root", "roles": ["manager"]}
    leaf = canonical_json({"kind": "person", **told})
    assert written(store).outbox == [("person", "anna", canonical_json(told))]
    assert written(store).leaves == [("person", "anna", leaf_hash(leaf))]
    with store.read() as work:
        assert [unsalted(entry.body) for entry in work.ledger()] == [leaf]


def write_and_fail(store: Store) -> None:
    with store.write() as work:
        work.put_person(person())
        work.put_session(SESSION)
        work.put_failures(FAILURES)
        work.put_proposal(stored_proposal())
        work.end_sessions_of("ben")
        raise RuntimeError("stop")


def test_what_failed_leaves_nothing(store: Store) -> None:
    with pytest.raises(RuntimeError):
        write_and_fail(store)
    with store.read() as work:
        assert (work.people(), work.session("1" * 64), work.proposals()) == ([], None, [])
        assert work.failures("2" * 64) is None
