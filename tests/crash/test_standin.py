"""Parts of a real installation go down under a real server: each declaration gets a lane within a second.

It is marked, and assessed once what was down is back.
"""

from __future__ import annotations

import http.client
import json
import resource
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from pydantic import SecretStr

from tests.crash.serving import Served, serving
from tests.crash.test_several_processes import until
from tests.fakes import trade
from tests.fakes.postgresql import server
from tests.fakes.postgresql_stores import fresh_database
from tidewaiter.adapters.formats.json import write_declaration
from tidewaiter.bootstrap import installation
from tidewaiter.flow.administer import Scope
from tidewaiter.flow.present import MODEL
from tidewaiter.settings import Settings

#: Within which every declaration has a lane.
SECONDS = 1.0


@dataclass(frozen=True)
class Told:
    """One answer, and when it came."""

    status: int
    body: dict[str, Any]
    mark: str | None
    seconds: float


def declare(served: Served, key: str, number: int) -> Told:
    began = time.monotonic()
    with closing(http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)) as connection:
        body = write_declaration(trade.declaration(number))
        connection.request("POST", "/api/v1/declarations", body, {"Authorization": f"Bearer {key}"})
        response = connection.getresponse()
        told = json.loads(response.read())
    seconds = time.monotonic() - began
    return Told(response.status, told, response.headers.get("Tidewaiter-Mark"), seconds)


def key_of(settings: Settings, name: str = "port") -> str:
    with installation(settings) as here:
        return here.services.administration.add_key(name, settings.source, frozenset(Scope)).key


def reassessed(settings: Settings) -> list[str]:
    """Return the declarations whose stand-ins were assessed."""
    with installation(settings) as here, here.store.read() as uow:
        bodies = [json.loads(leaf.body) for leaf in uow.ledger()]
    return sorted(body["declaration_id"] for body in bodies if body.get("kind") == "standin")


def stated_in_time(told: Told) -> bool:
    return (
        told.status == 200
        and told.mark == "STANDIN"
        and told.body["marks"] == ["STANDIN"]
        and told.seconds < SECONDS
    )


def decided(told: Told) -> bool:
    return told.status == 200 and told.mark is None


def faults_while_down(
    settings: Settings, down: Callable[[], object], up: Callable[[], object], count: int = 8
) -> list[str]:
    """Declare before, while and after something is down; return what is wrong with what was answered."""
    key = key_of(settings)
    with serving(settings, 1) as (served,):
        assert until(lambda: decided(declare(served, key, 0)))
        time.sleep(1.2)  # the clients that are known are a second old, and read anew
        down()
        try:
            told = [declare(served, key, number) for number in range(100, 100 + count)]
        finally:
            up()
        faults = [f"not stated in time: {each}" for each in told if not stated_in_time(each)]
        expected = sorted(f"D{number}" for number in range(100, 100 + count))
        if not until(lambda: reassessed(settings) == expected, 30):
            faults.append(f"reassessed were only {reassessed(settings)}")
        if not until(lambda: decided(declare(served, key, 100))):
            faults.append("nothing is decided afterwards")
        if declare(served, key, 100).body["decision_id"] != told[0].body["decision_id"]:
            faults.append("the decision has another identity than its stand-in")
    return faults


def test_a_model_that_is_missing(tmp_path: Path) -> None:
    """Declarations are decided, by rules and draws, and say what was missing."""
    settings = Settings(data=tmp_path)
    key = key_of(settings)
    with installation(settings) as here, here.store.write() as uow:
        uow.publish(MODEL, "m-gone", b"{}", here.services.clock.now(), "test")
    with serving(settings, 1) as (served,):
        assert until(lambda: decided(declare(served, key, 0)))
        told = [declare(served, key, number) for number in range(100, 108)]
    assert all(decided(each) and each.body["degraded"] and each.seconds < SECONDS for each in told)
    with installation(settings) as here, here.store.read() as uow:
        stored = [uow.decision(each.body["decision_id"]) for each in told]
    marks = [[] if each is None else json.loads(each.evidence)["marks"] for each in stored]
    assert all("DEGRADED_MODEL" in each for each in marks)


def test_a_locked_database(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path)
    with closing(sqlite3.connect(tmp_path / "tidewaiter.db", check_same_thread=False)) as other:
        other.isolation_level = None
        lock, unlock = (partial(other.execute, command) for command in ("BEGIN IMMEDIATE", "ROLLBACK"))
        assert not faults_while_down(settings, lock, unlock)


def test_a_slow_database(tmp_path: Path) -> None:
    """Another writer has it nearly all of the time: some are decided, the others stood in for."""
    settings, slow = Settings(data=tmp_path, budget_ms=300), threading.Event()
    key = key_of(settings)

    def hold() -> None:
        with closing(sqlite3.connect(tmp_path / "tidewaiter.db", timeout=30)) as other:
            other.isolation_level = None
            while not slow.is_set():
                other.execute("BEGIN IMMEDIATE")
                slow.wait(0.8)
                other.execute("ROLLBACK")
                slow.wait(0.1)

    with serving(settings, 1) as (served,), ThreadPoolExecutor(1) as pool:
        assert until(lambda: decided(declare(served, key, 0)))
        held = pool.submit(hold)
        told = [declare(served, key, number) for number in range(100, 130)]
        slow.set()
        held.result()
        stood_in = sorted(each.body["declaration_id"] for each in told if each.mark)
        assert all(decided(each) or stated_in_time(each) for each in told)
        assert all(each.seconds < SECONDS for each in told)
        assert stood_in
        assert until(lambda: reassessed(settings) == stood_in, 30)
        assert until(lambda: decided(declare(served, key, 130)))  # the breaker has closed
        assert all(decided(declare(served, key, number)) for number in range(100, 130))


def test_a_database_server_that_is_gone(tmp_path: Path) -> None:
    with server(durable=False) as database, fresh_database(database.url()) as url:
        settings = Settings(data=tmp_path, database_url=SecretStr(url), budget_ms=300)
        assert not faults_while_down(settings, database.end, database.start)


def test_a_database_server_that_does_not_answer(tmp_path: Path) -> None:
    """Somebody holds the tables of clients and of evidence: neither a read nor a write ends."""
    with server(durable=False) as database, fresh_database(database.url()) as url:
        settings = Settings(data=tmp_path, database_url=SecretStr(url), budget_ms=300)
        key_of(settings, "first")  # makes the tables
        with closing(psycopg.connect(url)) as other:
            lock = partial(other.execute, "LOCK TABLE client, ledger_leaf IN ACCESS EXCLUSIVE MODE")
            assert not faults_while_down(settings, lock, other.rollback)


def test_a_full_disk_and_then_a_full_journal(tmp_path: Path) -> None:
    """No file may grow beyond what the journal has in reserve; then not even that has space."""
    settings = Settings(data=tmp_path, budget_ms=300)
    key = key_of(settings)
    with serving(settings, 1) as (served,):
        assert until(lambda: decided(declare(served, key, 0)))
        pid, free = served.process.pid, resource.prlimit(served.process.pid, resource.RLIMIT_FSIZE)
        limit = 20_000
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (limit, free[1]))
        told = [declare(served, key, number) for number in range(100, 140)]
        kept = [each for each in told if each.status == 200]
        refused = told[len(kept) :]
        assert kept
        assert all(stated_in_time(each) for each in kept)
        assert refused
        assert all(each.status == 503 and each.seconds < SECONDS for each in refused)
        assert {each.body["type"] for each in refused} == {"urn:tidewaiter:problem:apply-own-standin"}
        resource.prlimit(pid, resource.RLIMIT_FSIZE, free)
        assert until(lambda: len(reassessed(settings)) == len(kept), 30)
        assert until(lambda: decided(declare(served, key, 139)))


def test_a_worker_that_is_killed(tmp_path: Path) -> None:
    """What it stood in for is found on the disk by whoever starts next."""
    settings = Settings(data=tmp_path, budget_ms=300)
    key = key_of(settings)
    with closing(sqlite3.connect(tmp_path / "tidewaiter.db")) as other:
        other.isolation_level = None
        with serving(settings, 1) as (served,):
            assert until(lambda: decided(declare(served, key, 0)))
            other.execute("BEGIN IMMEDIATE")
            told = [declare(served, key, number) for number in range(100, 105)]
            served.process.kill()
            served.process.wait(30)
        other.execute("ROLLBACK")
    assert all(stated_in_time(each) for each in told)
    with serving(settings, 1) as (served,):
        assert until(lambda: len(reassessed(settings)) == 5, 30)
        assert decided(declare(served, key, 100))
