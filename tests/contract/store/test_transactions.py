"""Laws of every store: all or nothing, one writer, consistent views, exactly once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.store.conftest import written
from tests.fakes.memory_store import MemoryStore
from tests.fakes.store_values import (
    SOURCE,
    instant,
    new_decision,
    new_declaration,
    new_result,
    plain,
    write_all_kinds,
)
from tidewaiter.adapters.sql import SqlStore
from tidewaiter.core.errors import Conflict
from tidewaiter.flow.ports import MessageKey, Store, UnitOfWork


class StoppedError(Exception):
    """Something went wrong in the middle of a transaction."""


def everything(store: Store, numbers: range) -> dict[str, Any]:
    """Return all that a store can tell."""
    with store.read() as work:
        return {
            "journal": list(work.journal()),
            "decisions": [(seq, plain(stored)) for seq, stored in work.decisions()],
            "labels": list(work.labels()),
            "answers": [work.kept_answer("port", f"m{number}") for number in numbers],
            "latest": [
                stored and plain(stored)
                for stored in (work.latest_decision(SOURCE, f"D{number}") for number in numbers)
            ],
            "declarations": [work.declaration(SOURCE, f"D{number}") for number in numbers],
            "results": [work.result(SOURCE, f"C{number}") for number in numbers],
            "parked": [list(work.parked_results(SOURCE, f"D{number}")) for number in numbers],
            "publications": list(work.publications("rules")),
            "models": list(work.models()),
            "clients": list(work.clients()),
            "capacity": work.capacity_states(),
            "written": written(store),
        }


def stopped_midway(store: Store, action: Callable[[UnitOfWork], None]) -> bool:
    """Do something in a transaction that an exception ends; tell whether that exception came out."""

    def act() -> None:
        with store.write() as work:
            action(work)
            raise StoppedError

    try:
        act()
    except StoppedError:
        return True
    return False


def test_a_roll_back_leaves_nothing(store: Store) -> None:
    with store.write() as work:
        write_all_kinds(work, 1)
    before = everything(store, range(100))
    assert stopped_midway(store, lambda work: write_all_kinds(work, 2))
    assert everything(store, range(100)) == before
    with store.write() as work:
        write_all_kinds(work, 2)
    assert everything(store, range(100)) != before


def test_a_view_is_consistent_while_others_write(store: Store) -> None:
    with store.write() as work:
        work.add_declaration(new_declaration(1))
    with store.read() as view:
        assert view.journal_end() == 1
        with store.write() as work:
            work.add_declaration(new_declaration(2))
            assert view.journal_end() == 1
        assert view.journal_end() == 1
        assert view.declaration(SOURCE, "D2") is None
    with store.read() as view:
        assert view.journal_end() == 2


def test_a_writer_sees_what_it_wrote(store: Store) -> None:
    with store.write() as work:
        write_all_kinds(work, 1)
        assert work.journal_end() == 5
        assert work.latest_decision(SOURCE, "D1") is not None
        assert work.kept_answer("port", "m1") is not None


def test_a_writing_transaction_inside_another_is_a_fault_not_a_standstill(store: Store) -> None:
    with store.write() as work:
        work.add_declaration(new_declaration(1))
        with pytest.raises(RuntimeError, match="BUG"), store.write():
            pass
    with store.read() as work:
        assert work.journal_end() == 1


def test_one_message_sent_by_four_workers_has_one_decision(store: Store) -> None:
    messages = list(range(40)) * 4
    barrier = threading.Barrier(4)

    def handle(share: list[int]) -> list[bytes]:
        barrier.wait()
        return [answer_once(store, number) for number in share]

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(handle, [messages[start::4] + messages[:20] for start in range(4)]))
    by_number: dict[int, set[bytes]] = {}
    for share, replies in zip(
        [messages[start::4] + messages[:20] for start in range(4)], answers, strict=True
    ):
        for number, reply in zip(share, replies, strict=True):
            by_number.setdefault(number, set()).add(reply)
    with store.read() as work:
        decisions = work.decisions()
        assert work.journal_end() == 40
    assert len(decisions) == 40
    assert {number: {new_decision(number)[1].answer} for number in range(40)} == by_number
    assert len(written(store).outbox) == len(written(store).leaves) == 40


def answer_once(store: Store, number: int) -> bytes:
    """Handle a message as the flow does: the kept answer, or a decision and its answer."""
    decision, stored = new_decision(number)
    with store.write() as work:
        kept = work.kept_answer("port", f"m{number}")
        if kept is not None:
            return kept.answer
        work.add_declaration(new_declaration(number))
        work.add_decision(decision, stored)
        work.keep_answer("port", f"m{number}", "0" * 64, stored.answer, instant(number))
        return stored.answer


NUMBERS = st.integers(0, 5)
VERSIONS = st.integers(1, 3)
STEPS = st.one_of(
    st.tuples(st.just("declaration"), NUMBERS, VERSIONS),
    st.tuples(st.just("declarations"), st.lists(st.tuples(NUMBERS, VERSIONS), max_size=4)),
    st.tuples(st.just("decision"), NUMBERS, VERSIONS),
    st.tuples(st.just("decisions"), st.lists(st.tuples(NUMBERS, VERSIONS), max_size=4)),
    st.tuples(st.just("answer"), NUMBERS),
    st.tuples(st.just("unheard")),
    st.tuples(st.just("result"), NUMBERS, VERSIONS, NUMBERS),
    st.tuples(st.just("results"), st.lists(st.tuples(NUMBERS, VERSIONS), max_size=4)),
    st.tuples(st.just("publish"), NUMBERS),
    st.tuples(st.just("capacity"), NUMBERS),
)
#: Transactions: steps, and whether an exception ends them.
STREAMS = st.lists(st.tuples(st.lists(STEPS, max_size=6), st.booleans()), max_size=6)


def do(work: UnitOfWork, step: tuple[Any, ...]) -> Any:
    """Do one step; a refusal is an outcome like any other."""
    kind, *rest = step
    actions: dict[str, Callable[[], Any]] = {
        "declaration": lambda: work.add_declaration(new_declaration(rest[0], rest[1])),
        "declarations": lambda: work.add_declarations([new_declaration(n, v) for n, v in rest[0]]),
        # The salt makes each leaf hash another one.
        "decision": lambda: len(work.add_decision(*new_decision(rest[0], rest[1]))),
        "decisions": lambda: len(work.add_decisions([new_decision(n, v) for n, v in rest[0]])),
        "unheard": lambda: work.unheard([MessageKey("port", f"m{n}", SOURCE, f"D{n}") for n in range(6)]),
        "answer": lambda: work.keep_answer("port", f"m{rest[0]}", "0" * 64, b"a", instant(0)),
        "result": lambda: work.add_result(new_result(rest[0], rest[1], declaration=rest[2])),
        "results": lambda: work.add_results([new_result(n, v) for n, v in rest[0]]),
        "publish": lambda: work.publish("rules", f"r{rest[0]}", b"", instant(0), "Anna"),
        "capacity": lambda: work.put_capacity_states({"040": b"%d" % rest[0]}),
    }
    try:
        return actions[kind]()
    except Conflict:
        return "conflict"


def do_all(steps: list[tuple[Any, ...]], outcomes: list[Any], work: UnitOfWork) -> None:
    """Do the steps of one transaction."""
    outcomes.extend(do(work, step) for step in steps)


def run(store: Store, stream: list[tuple[list[tuple[Any, ...]], bool]]) -> list[Any]:
    """Run transactions; return the outcome of each step and, after each transaction, everything."""
    outcomes: list[Any] = []
    for steps, stopped in stream:
        if stopped:
            stopped_midway(store, partial(do_all, steps, outcomes))
        else:
            with store.write() as work:
                do_all(steps, outcomes, work)
        outcomes.append(everything(store, range(6)))
    return outcomes


SHARED_FIXTURE = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow)


@settings(suppress_health_check=SHARED_FIXTURE)
@given(stream=STREAMS)
def test_sqlite_and_its_twin_tell_the_same_of_any_stream(
    make_sqlite_store: Callable[[], SqlStore], stream: list[tuple[list[tuple[Any, ...]], bool]]
) -> None:
    with closing(make_sqlite_store()) as sql:
        assert run(sql, stream) == run(MemoryStore(), stream)


@settings(suppress_health_check=SHARED_FIXTURE, max_examples=20)  # each makes a database
@given(stream=STREAMS)
def test_postgresql_and_its_twin_tell_the_same_of_any_stream(
    make_postgresql_store: Callable[[], SqlStore], stream: list[tuple[list[tuple[Any, ...]], bool]]
) -> None:
    with closing(make_postgresql_store()) as sql:
        assert run(sql, stream) == run(MemoryStore(), stream)


def test_the_comparison_of_the_twins_sees_a_journal_entry_that_is_forgotten(
    make_sql_store: Callable[[], SqlStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = [([("result", 1, 1, 1), ("declaration", 1, 1)], False)]
    assert run(make_sql_store(), stream) == run(MemoryStore(), stream)
    monkeypatch.setattr(SqlStore.write.__wrapped__.__globals__["SqlUnitOfWork"], "_among", lambda *_: {})  # type: ignore[attr-defined]
    assert run(make_sql_store(), stream) != run(MemoryStore(), stream)


def test_only_one_does_a_work_at_a_time(store: Store) -> None:
    with store.alone("one") as first, store.alone("one") as second, store.alone("another") as third:
        assert (first, second, third) == (True, False, True)
    with store.alone("one") as ours:
        assert ours
