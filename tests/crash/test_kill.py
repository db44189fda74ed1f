"""A process that is killed at any moment loses no answer that left, and repeats none."""

from __future__ import annotations

import hashlib
import json
import os
import random  # noqa: TID251 - seeded, and only when to kill
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tidewaiter.adapters.sql import FILE_NAME, SqlStore, store_url
from tidewaiter.core.ledger import leaf_hash

#: Rows that must not exist, with the sentence that says what they would mean.
FORBIDDEN = {
    "a declaration without a decision": (
        "SELECT d.declaration_id FROM declaration_version d "
        "LEFT JOIN decision x ON x.declaration_seq = d.seq WHERE x.seq IS NULL"
    ),
    "a decision without its answer kept": (
        "SELECT x.declaration_id FROM decision x LEFT JOIN message m "
        "ON m.message_id = 'm' || substr(x.declaration_id, 2) WHERE m.answer IS DISTINCT FROM x.answer"
    ),
    "an answer kept without a decision": (
        "SELECT m.message_id FROM message m LEFT JOIN decision x "
        "ON x.declaration_id = 'D' || substr(m.message_id, 2) WHERE x.seq IS NULL"
    ),
    "a decision that leaves not exactly once": (
        "SELECT x.id FROM decision x LEFT JOIN outbox o ON o.topic = 'decision' AND o.key = x.id "
        "GROUP BY x.id HAVING count(o.seq) <> 1"
    ),
    "a decision with not exactly one leaf": (
        "SELECT x.id FROM decision x LEFT JOIN ledger_leaf l ON l.kind = 'decision' AND l.subject = x.id "
        "GROUP BY x.id HAVING count(l.seq) <> 1"
    ),
    "a leaf or an outbox row of nothing": (
        "SELECT key FROM outbox WHERE topic = 'decision' AND key NOT IN (SELECT id FROM decision) "
        "UNION ALL SELECT subject FROM ledger_leaf "
        "WHERE kind = 'decision' AND subject NOT IN (SELECT id FROM decision)"
    ),
    "a result that is neither parked nor in the journal, or is both": (
        "SELECT r.control_id FROM control_result r LEFT JOIN journal j ON j.result_seq = r.seq "
        "WHERE (j.seq IS NULL) <> r.parked"
    ),
    "a parked result whose declaration is there": (
        "SELECT r.control_id FROM control_result r JOIN declaration_version d USING (source, declaration_id) "
        "WHERE r.parked"
    ),
    "a result without its leaf": (
        "SELECT r.control_id FROM control_result r LEFT JOIN ledger_leaf l ON l.kind = 'result' "
        "AND l.subject = r.source || ' ' || r.control_id || ' ' || r.version WHERE l.seq IS NULL"
    ),
    "a gap in the journal": "SELECT max(seq) FROM journal HAVING max(seq) <> count(*)",
    "a gap in the ledger": "SELECT max(seq) FROM ledger_leaf HAVING max(seq) <> count(*)",
}
#: What SQLite itself can tell besides.
DAMAGE = {
    "a broken reference": "SELECT * FROM pragma_foreign_key_check",
    "a damaged page": "SELECT * FROM pragma_integrity_check WHERE integrity_check <> 'ok'",
}


def faults_of(connection: Any, acknowledged: dict[int, str]) -> list[str]:
    """Return what is wrong with a store in which these answers left (number -> SHA-256)."""
    forbidden = FORBIDDEN | (DAMAGE if isinstance(connection, sqlite3.Connection) else {})
    found = [
        f"{sentence}: {rows[:3]}"
        for sentence, query in forbidden.items()
        if (rows := connection.execute(query).fetchall())
    ]
    leaves = connection.execute(
        "SELECT x.id, x.evidence, l.leaf_hash FROM decision x "
        "JOIN ledger_leaf l ON l.kind = 'decision' AND l.subject = x.id"
    )
    strays = [id_ for id_, body, leaf in leaves if leaf_hash(body) != leaf]
    if strays:
        found.append(f"a leaf that is not of its decision: {strays[:3]}")
    answers = dict(connection.execute("SELECT message_id, answer FROM message"))
    for number, digest in acknowledged.items():
        answer = answers.get(f"m{number}")
        if answer is None:
            found.append(f"a lost answer: {number}")
        elif hashlib.sha256(answer).hexdigest() != digest:
            found.append(f"another answer than the one that left: {number}")
    return found


@dataclass
class Tally:
    """What the kills did."""

    kills: int = 0
    acknowledged: int = 0
    #: Kills after a commit whose answer had not left.
    unheard: int = 0
    faults: list[str] = field(default_factory=list)


@contextmanager
def fork_server() -> Iterator[subprocess.Popen[str]]:
    """Run the fork server."""
    environment = {**os.environ, "PYTHONPATH": ":".join(path for path in sys.path if path)}
    script = Path(__file__).with_name("ingest_child.py")
    with subprocess.Popen(
        [sys.executable, str(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as server:
        try:
            yield server
        finally:
            assert server.stdin is not None
            server.stdin.close()


def kill_once(
    server: subprocess.Popen[str], order: dict[str, object], delay_seconds: float, *, after: str
) -> dict[int, str]:
    """Start a child, kill it some time after it said *after*; return what left (number -> SHA-256)."""
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(json.dumps(order) + "\n")
    server.stdin.flush()
    acknowledged: dict[int, str] = {}
    pid, killed = 0, False
    for line in server.stdout:
        word, *rest = line.split()
        if word == "end":
            break
        if word == "pid":
            pid = int(rest[0])
        else:
            acknowledged[int(rest[0])] = rest[1]
        if word == after and not killed:
            time.sleep(delay_seconds)
            os.kill(pid, signal.SIGKILL)
            killed = True
    return acknowledged


def kill_often(folder: Path, kills: int, *, fault: str | None = None, seed: int = 1) -> Tally:
    """Kill an ingesting process many times, at random moments; stop at the first fault."""
    rng, tally = random.Random(seed), Tally()
    acknowledged: dict[int, str] = {}
    first, data = 1, folder
    with fork_server() as server:
        for kill in range(kills):
            if kill % 25 == 0:  # a new store: the first kill may hit its making
                acknowledged, first, data = {}, 1, folder / f"store-{kill}"
            order = {"url": store_url(data), "first": first, "fault": fault}
            if kill % 5 == 0:  # while it opens or makes the store
                left = kill_once(server, order, rng.uniform(0, 0.05), after="pid")
            else:
                left = kill_once(server, order, rng.uniform(0, 0.015), after="ack")
            tally.kills += 1
            tally.acknowledged += len(left.keys() - acknowledged.keys())
            acknowledged |= left
            first = max(acknowledged, default=0) + 1  # the sender repeats what was not answered
            with closing(SqlStore(store_url(data))) as store, store.read() as work:
                tally.unheard += work.kept_answer("port", f"m{first}") is not None
            with closing(sqlite3.connect(data / FILE_NAME)) as connection:
                tally.faults = faults_of(connection, acknowledged)
            if tally.faults:
                break
    return tally


@pytest.mark.slow
def test_no_answer_that_left_is_lost_and_none_is_given_twice(tmp_path: Path) -> None:
    tally = kill_often(tmp_path, 500)
    assert not tally.faults, f"after {tally.kills} kills"
    assert tally.kills == 500
    assert tally.acknowledged >= 400  # at least one before each kill that waited for one


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [("early answer", "a lost answer"), ("two commits", "a declaration without a decision")],
)
def test_the_kills_would_show_a_planted_mistake(tmp_path: Path, fault: str, sentence: str) -> None:
    tally = kill_often(tmp_path, 200, fault=fault)
    assert any(found.startswith(sentence) for found in tally.faults), tally
