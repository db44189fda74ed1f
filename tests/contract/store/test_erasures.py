"""Erasures: what may stay stays, what must go is nowhere, and nothing changes in any other way."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from tests.fakes.sql_stores import DATABASES
from tests.fakes.store_values import (
    SOURCE,
    instant,
    new_decision,
    new_declaration,
    new_override,
    new_result,
    person,
    stored_proposal,
)
from tidewaiter.adapters.sql import SqlStore, tables
from tidewaiter.core.errors import NotFound
from tidewaiter.core.ledger import commitment, leaf_hash
from tidewaiter.core.two_persons import Act
from tidewaiter.flow.ports import Store, StoredProposal, UnitOfWork
from tidewaiter.flow.ports.erasures import Hold, Remains, Trace

SECRET = "Wachsfigurenkabinett GmbH"
NEW_BODY, NEW_RESULT, NEW_EVIDENCE, NEW_ANSWER = b'{"a":1}', b'{"b":1}', b'{"c":1}', b'{"d":1}'


def fill(work: UnitOfWork) -> None:
    """Record two declarations that differ only by number; what is secret is in the first."""
    for number in (1, 2):
        words = SECRET if number == 1 else "another"
        declared = new_declaration(number, text=words)
        work.add_declaration(declared)
        decision, stored = new_decision(number, text=words)
        stored = replace(
            stored, evidence=stored.evidence[:-1] + b',"z":"%s"}' % words.encode(),
            inputs=json.dumps([words] * 200).encode(), answer=json.dumps({"for": words}).encode(),
        )  # fmt: skip
        work.add_decision(decision, stored)
        work.keep_answer(
            "port", f"m{number}", declared.body_sha256, stored.answer, declared.received_at
        )  # fmt: skip
        result = replace(new_result(number), body=json.dumps({"note": words}).encode())
        result = replace(result, body_sha256=hashlib.sha256(result.body).hexdigest())
        work.add_result(result)
        work.keep_answer("port", f"r{number}", result.body_sha256, b"{}", result.recorded_at)


def fill_words(work: UnitOfWork) -> None:
    """Record what officers wrote about the two declarations."""
    for number in (1, 2):
        words = SECRET if number == 1 else "another"
        work.add_override(new_override(number, text=f"Seen at {words}."))
        work.add_hold(
            Hold(number=number, source=SOURCE, declaration_id=f"D{number}", reason=f"a claim of {words}",
                 placed_by="anna", placed_at=instant(number))
        )  # fmt: skip
        propose(work, number, words)


def propose(work: UnitOfWork, number: int, words: str) -> None:
    """Record a proposal to lower the lane of a decision, as the flow does."""
    stored = stored_proposal(number)
    proposal = replace(stored.proposal, act=Act.LOWER_LANE, reason=f"Because of {words}.")
    work.put_proposal(StoredProposal(proposal=proposal, payload=json.dumps({"text": words}).encode()))
    work.add_notice("proposal", proposal.id, {"reason": proposal.reason}, instant(number))


def remains_of(trace: Trace) -> Remains:
    return Remains(
        trace=trace,
        versions={each.seq: NEW_BODY for each in trace.versions},
        results={each.seq: NEW_RESULT for each in trace.results},
        decisions=dict.fromkeys(trace.decisions, (NEW_EVIDENCE, NEW_ANSWER)),
    )


def traced(work: UnitOfWork, identity: str = "D1") -> Trace:
    trace = work.trace(SOURCE, identity)
    assert trace is not None
    return trace


def erase(store: Store, identity: str = "D1") -> tuple[Trace, int]:
    with store.write() as work:
        trace, act = traced(work, identity), work.ledger_end() + 1
        work.add_leaf("erasure", str(act), {"entries": []}, instant(9))
        work.erase([remains_of(trace)], [], act, [f"P{identity[1:]}"])
        work.put_proposal(stored_proposal(int(identity[1:])))  # the flow says what takes its place
    return trace, act


def test_a_trace_is_all_that_is_recorded_of_a_declaration(store: Store) -> None:
    with store.write() as work:
        fill(work)
        work.add_declaration(new_declaration(1, 2))
        trace = traced(work)
        assert work.trace("other", "D1") is None
        assert [each.version for each in trace.versions] == [1, 2]
        assert list(trace.decisions) == [new_decision(1)[0].id]
        assert [each.control_id for each in trace.results] == ["C1"]
        assert trace.leaves == [1, 2]
        assert trace.last_at == new_result(1).recorded_at
        assert trace.erased_by is None


def test_what_is_erased_is_replaced_and_its_hash_stays(store: Store) -> None:
    with store.write() as work:
        fill(work)
        before = list(work.ledger())
    _, act = erase(store)
    with store.read() as work:
        after, trace = list(work.ledger()), traced(work)
        declaration, decision, result = (
            work.declaration(SOURCE, "D1"), work.decision(new_decision(1)[0].id), work.result(SOURCE, "C1"),
        )  # fmt: skip
        assert [each.leaf_hash for each in after][:4] == [each.leaf_hash for each in before]
        assert [each.body is None for each in after] == [True, True, False, False, False]
        assert act == 5
        assert trace.erased_by == act
        assert declaration is not None
        assert (declaration.body, declaration.body_sha256) == (NEW_BODY, hashlib.sha256(NEW_BODY).hexdigest())
        assert decision is not None
        assert (decision.evidence, decision.answer, decision.inputs) == (NEW_EVIDENCE, NEW_ANSWER, b"{}")
        assert result is not None
        assert result.body == NEW_RESULT
        assert [each.body for each in work.journal()][:2] == [NEW_BODY, NEW_RESULT]
        assert work.first_drawn("key-1") is None
        assert next(iter(work.labels()))[2:] == (0.1, "random"), "what was learned from stays"
        assert list(work.received_before(instant(100))) == [(SOURCE, "D2")]


def test_the_other_declaration_is_as_it_was(store: Store) -> None:
    with store.write() as work:
        fill(work)
        before = traced(work, "D2")
    erase(store)
    with store.read() as work:
        assert traced(work, "D2") == before
        assert work.kept_answer("port", "m2") is not None


def test_the_message_of_what_was_erased_gets_no_answer_that_tells_it(store: Store) -> None:
    with store.write() as work:
        fill(work)
    erase(store)
    with store.read() as work:
        kept, of_result = work.kept_answer("port", "m1"), work.kept_answer("port", "r1")
        assert kept is not None
        assert (kept.body_sha256, kept.answer) == ("", NEW_ANSWER)
        assert of_result is not None
        assert (of_result.body_sha256, of_result.answer) == ("", b"{}")


def test_events_of_what_was_erased_tell_nothing_more(store: Store) -> None:
    with store.write() as work:
        fill(work)
    erase(store)
    with store.read() as work:
        events, _ = work.events(0, source=SOURCE, topics={"decision", "result"}, limit=9)
    assert [event.payload for event in events][:2] == [NEW_ANSWER, NEW_RESULT]
    assert all(SECRET.encode() not in event.payload for event in events)


@pytest.mark.parametrize("database", DATABASES)
def test_nothing_in_any_table_holds_what_was_erased(database: str, request: pytest.FixtureRequest) -> None:
    store: SqlStore = request.getfixturevalue(f"make_{database}_store")()
    with store.write() as work:
        fill(work)
        fill_words(work)
        digests = [traced(work).versions[0].body_sha256, traced(work).results[0].body_sha256]
    words = (SECRET, *digests)
    filled = {"declaration_version", "decision", "control_result", "message", "outbox", "ledger_leaf",
              "lane_override", "hold", "proposal"}  # fmt: skip
    assert set(_found(store, SECRET)) == filled, "each table that may hold own words is filled with some"
    assert all(_found(store, word) for word in words), "the search finds what is there"
    erase(store)
    assert [(word, table) for word in words for table in _found(store, word)] == []


def _found(store: SqlStore, word: str) -> list[str]:
    """Return the tables that hold *word* anywhere."""
    with store._reader.connect() as connection:
        return [
            table.name
            for table in tables.metadata.tables.values()
            if any(_holds(value, word) for row in connection.execute(select(table)) for value in row)
        ]


def _holds(value: Any, word: str) -> bool:
    return word.encode() in value if isinstance(value, bytes) else word in str(value)


def test_the_file_of_sqlite_holds_nothing_of_what_was_erased(
    make_sqlite_store: Callable[[], SqlStore], tmp_path: Path
) -> None:
    store = make_sqlite_store()
    with store.write() as work:
        fill(work)
        fill_words(work)
    store.close()
    held = [path for path in tmp_path.rglob("tidewaiter.db*") if SECRET.encode() in path.read_bytes()]
    assert held, "the search finds what is there"
    store = SqlStore(str(store.url))
    erase(store)
    store.close()
    held = [path for path in tmp_path.rglob("tidewaiter.db*") if SECRET.encode() in path.read_bytes()]
    assert held == []


@pytest.mark.parametrize("database", DATABASES)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE declaration_version SET body = 'x'",
        "UPDATE declaration_version SET erased_by = 1, declaration_id = 'D9'",
        "UPDATE decision SET lane = 'green', erased_by = 1 WHERE lane <> 'green' OR lane = 'green'",
        "UPDATE decision SET erased_by = 1, at = 0",
        "UPDATE control_result SET salt = NULL",
        "UPDATE control_result SET erased_by = 1, irregular = NOT irregular",
        "UPDATE ledger_leaf SET body = NULL",
        "UPDATE ledger_leaf SET erased_by = 1, subject = 'x'",
        "UPDATE lane_override SET text = ''",
        "UPDATE lane_override SET erased_by = 1, to_lane = 'x'",
        "UPDATE lane_override SET erased_by = 1, approved_by = '[1]'",
        "UPDATE lane_override SET erased_by = 1, proposal_id = 'x'",
        "UPDATE lane_override SET erased_by = NULL WHERE erased_by IS NOT NULL",
        "UPDATE message SET answer = 'x'",
        "UPDATE message SET erased_by = 1, message_id = 'x'",
        "UPDATE declaration_version SET erased_by = NULL WHERE erased_by IS NOT NULL",
        "UPDATE ledger_leaf SET erased_by = 7, body = 'x' WHERE erased_by IS NOT NULL",
    ],
)
def test_nothing_changes_but_by_an_erasure_and_once(
    database: str, statement: str, request: pytest.FixtureRequest
) -> None:
    store: SqlStore = request.getfixturevalue(f"make_{database}_store")()
    with store.write() as work:
        fill(work)
        fill_words(work)
    erase(store)
    if "lane" in statement:  # the same lane is no change, so let it be another one
        statement = "UPDATE decision SET lane = 'red', erased_by = 1"
    with closing(store._writer.connect()) as connection:
        before = [connection.execute(select(each)).all() for each in tables.metadata.tables.values()]
        with pytest.raises(DBAPIError, match="refused"):
            connection.execute(text(statement))
        connection.rollback()
        after = [connection.execute(select(each)).all() for each in tables.metadata.tables.values()]
    assert after == before


def test_a_commitment_is_to_the_body_with_its_salt(make_sqlite_store: Callable[[], SqlStore]) -> None:
    store = make_sqlite_store()
    with store.write() as work:
        fill(work)
    with store._reader.connect() as connection:
        row = connection.execute(select(tables.control_result).limit(1)).one()
    with store.read() as work:
        entry = next(leaf for leaf in work.ledger() if b'"kind":"result"' in (leaf.body or b""))
    told = json.loads(entry.body or b"")
    assert told["commitment"] == commitment(row.body, row.salt)
    assert "body_sha256" not in told
    assert leaf_hash(entry.body or b"") == entry.leaf_hash


@pytest.mark.parametrize("database", DATABASES)
def test_an_import_of_an_older_release_goes_with_the_first_of_its_results(
    database: str, request: pytest.FixtureRequest
) -> None:
    store: SqlStore = request.getfixturevalue(f"make_{database}_store")()
    with store.write() as work:
        work.add_declarations([new_declaration(1), new_declaration(2)])
        work.add_results([new_result(1), new_result(2)])
        assert traced(work).leaves == [], "commitments tell nothing: the entry stays"
    with closing(store._writer.connect()) as connection:
        with suppress(DBAPIError):  # on SQLite the trigger is dropped alone, on PostgreSQL with its table
            connection.execute(text("DROP TRIGGER control_result_refuse_update"))
        connection.rollback()
        where = "" if database == "sqlite" else " ON control_result"
        connection.execute(text(f"DROP TRIGGER control_result_refuse_update{where}"))
        connection.execute(text("UPDATE control_result SET salt = NULL"))
        connection.commit()
    with store.read() as work:
        assert traced(work).leaves == [1], "bare hashes can be guessed: the entry goes"


def test_the_own_words_of_an_override_go_and_what_was_done_stays(store: Store) -> None:
    with store.write() as work:
        fill(work)
        fill_words(work)
        entry = next(each for each in work.ledger() if b'"kind":"override"' in (each.body or b""))
        before = traced(work)
    assert before.overrides == [new_override(1).id]
    assert SECRET.encode() not in (entry.body or b"")
    assert hashlib.sha256(f"Seen at {SECRET}.".encode()).hexdigest().encode() not in (entry.body or b"")
    erase(store)
    with store.read() as work:
        (mine,) = work.overrides_of(new_override(1).decision_id)
        (other,) = work.overrides_of(new_override(2).decision_id)
        kept = next(each for each in work.ledger() if each.leaf_hash == entry.leaf_hash)
        told = [each for each in work.ledger() if each.body is None]
        reasons = [hold.reason for hold in work.holds()]
    assert mine == new_override(1, text="")
    assert other.text == "Seen at another."
    assert kept.body == entry.body, "who did what stays proven"
    assert len(told) == 3, "decision, its older neighbour and the step of the proposal"
    assert reasons == ["", "a claim of another"]


@pytest.mark.parametrize("database", DATABASES)
def test_an_override_of_an_older_release_goes_with_its_entry(
    database: str, request: pytest.FixtureRequest
) -> None:
    store: SqlStore = request.getfixturevalue(f"make_{database}_store")()
    with store.write() as work:
        fill(work)
        fill_words(work)
        assert [kind_at(work, each) for each in traced(work).leaves] == ["decision", "result"]
    with closing(store._writer.connect()) as connection:
        where = "" if database == "sqlite" else " ON lane_override"
        connection.execute(text(f"DROP TRIGGER lane_override_refuse_update{where}"))
        connection.execute(text("UPDATE lane_override SET salt = NULL"))
        connection.commit()
    with store.read() as work:
        kinds = [kind_at(work, each) for each in traced(work).leaves]
    assert kinds == ["decision", "result", "override"], "a bare hash can be guessed: the entry goes"


def kind_at(work: UnitOfWork, position: int) -> str:
    """Return the kind of an entry."""
    return str(json.loads(list(work.ledger())[position - 1].body or b"").get("kind", "decision"))


def test_a_person_is_erased_but_for_the_name_of_the_account(store: Store) -> None:
    with store.write() as work:
        work.put_person(person("anna"))
        work.put_person(person("berta"))
        work.add_notice("person", "anna", {"staff_number": "S-anna"}, instant(1))
        work.add_notice("person", "berta", {"staff_number": "S-berta"}, instant(1))
        leaves = work.leaves_about("person", "anna")
        work.erase([], ["anna"], 3)
        anna, berta = work.person("anna"), work.person("berta")
        assert leaves == [1]
        assert anna is not None
        assert (anna.staff_number, anna.password_hash, anna.totp_secret) == ("erased anna", "", "")
        assert berta == person("berta")
        assert [each.body is None for each in work.ledger()] == [True, False]
        assert work.leaves_about("person", "anna") == []


def test_a_hold_is_placed_and_released_once(store: Store) -> None:
    hold = Hold(
        number=1, source=SOURCE, declaration_id="D1", reason="a claim", placed_by="anna", placed_at=instant(1)
    )
    with store.write() as work:
        work.add_hold(hold)
        assert work.holds() == [hold]
        work.release_hold(1, "berta", instant(2))
        assert work.holds() == [replace(hold, released_by="berta", released_at=instant(2))]
        for number in (1, 2):
            with pytest.raises(NotFound):
                work.release_hold(number, "berta", instant(3))
        told = [json.loads(each.body or b"") for each in work.ledger()]
    assert [each["released_by"] for each in told] == [None, "berta"]
    assert not any("reason" in each for each in told), "a reason may speak of people"
