"""A process that ingests declarations until it is killed; started by test_kill.py.

It is a fork server: imports once, then forks a child per order, so that hundreds of kills take
seconds.  An order is a JSON line on standard input; the answers are lines on standard output:
``pid N``, then one ``ack NUMBER SHA256`` for each answer that left, then ``end`` when the child
is dead.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from typing import Any

import alembic.command  # noqa: F401 - a child that makes a new store shall not spend its life importing

from tests.fakes.store_values import SOURCE, instant, new_decision, new_declaration, new_result
from tidewaiter.adapters.sql import SqlStore
from tidewaiter.flow.ports import UnitOfWork

CLIENT = "port"
_MANY = 5_000


def say(line: str) -> None:
    """Write a line at once, whole."""
    os.write(1, f"{line}\n".encode())


def acknowledge(number: int, answer: bytes) -> None:
    """Let an answer leave."""
    say(f"ack {number} {hashlib.sha256(answer).hexdigest()}")


def handle(store: SqlStore, number: int, fault: str | None) -> None:
    """Answer one message as the flow does; *fault* plants one of the mistakes that the test must see."""
    if number % 7 == 0:
        with store.write() as work:
            if work.result(SOURCE, f"C{number}") is None:
                work.add_result(new_result(number))  # before its declaration: it is parked
    if fault == "two commits":
        with store.write() as work:
            if work.declaration(SOURCE, f"D{number}") is None:
                work.add_declaration(new_declaration(number))
    with store.write() as work:
        answer = answer_in(work, number)
        if fault == "early answer":
            acknowledge(number, answer)
    if fault != "early answer":
        acknowledge(number, answer)


def answer_in(work: UnitOfWork, number: int) -> bytes:
    """Return the kept answer, or decide and keep it."""
    kept = work.kept_answer(CLIENT, f"m{number}")
    if kept is not None:
        return kept.answer
    if work.declaration(SOURCE, f"D{number}") is None:
        work.add_declaration(new_declaration(number))
    decision, stored = new_decision(number)
    work.add_decision(decision, stored)
    if number % 5 == 0:
        work.add_result(new_result(number, 2))
    work.put_capacity_states({"040": b"%d" % number})
    work.keep_answer(CLIENT, f"m{number}", "0" * 64, stored.answer, instant(number))
    return stored.answer


def ingest(order: dict[str, Any]) -> None:
    """Be the child: ingest from a number on."""
    store = SqlStore(order["url"])
    for number in range(order["first"], order["first"] + _MANY):
        handle(store, number, order["fault"])


def serve() -> None:
    """Be the fork server, until there are no more orders."""
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            try:
                ingest(json.loads(line))
            finally:
                os._exit(1)
        say(f"pid {pid}")
        os.waitpid(pid, 0)
        say("end")


if __name__ == "__main__":
    serve()
