"""PostgreSQL that is killed under load: what was answered stays, and the service goes on by itself."""

from __future__ import annotations

import random  # noqa: TID251 - seeded, and only when to kill
import signal
import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from pydantic import SecretStr

from tests.crash.serving import serving
from tests.crash.test_kill import faults_of
from tests.crash.test_kill_http import SENDERS, Heard, Sender
from tests.fakes.postgresql import Server, server
from tests.fakes.postgresql_stores import fresh_database
from tidewaiter.bootstrap import installation
from tidewaiter.flow.administer import Scope
from tidewaiter.settings import Settings

KILLS = 3


@dataclass
class Tally:
    """What the kills did."""

    kills: int = 0
    heard: Heard = field(default_factory=Heard)
    #: From the moment at which the server takes connections until the next answer, seconds.
    recoveries: list[float] = field(default_factory=list)
    #: Entries of the ledger that verified after the last kill.
    entries: int = 0
    faults: list[str] = field(default_factory=list)


def kill_often(database: Server, data: Path, kills: int, *, processes: int = 2, seed: int = 1) -> Tally:
    """Kill the postmaster under load; after each time look at the store and verify the ledger."""
    rng, tally, stop = random.Random(seed), Tally(), threading.Event()
    with fresh_database(database.url()) as url:
        settings = Settings(data=data, database_url=SecretStr(url), stand_in=False)
        with installation(settings) as here:
            key = here.services.administration.add_key("port", settings.source, frozenset(Scope)).key
        with serving(settings, processes) as served:
            ports = [served[n % processes].port for n in range(SENDERS)]
            senders = [Sender(port, key, n + 1, tally.heard, stop) for n, port in enumerate(ports)]
            for sender in senders:
                sender.start()
            try:
                while tally.kills < kills and not tally.faults:
                    _kill_once(database, rng, tally)
                    tally.faults = _faults_in(settings, url, tally)
            finally:
                stop.set()
                for sender in senders:
                    sender.join(30)
                    sender.hang_up()
            tally.faults += [f"port {each.port} ended" for each in served if each.process.poll() is not None]
        # Whoever stops seals what is left: a fast sequence of kills gave it little time before.
        tally.faults += _faults_in(settings, url, tally)
    return tally


def _kill_once(database: Server, rng: random.Random, tally: Tally) -> None:
    """Kill the postmaster some time after a few answers, start it, and wait for an answer."""
    _answers_after(tally, rng.randint(3, 30))
    time.sleep(rng.uniform(0, 0.02))
    database.end(signal.SIGKILL)
    time.sleep(rng.uniform(0, 0.3))
    database.start()
    tally.kills += 1
    tally.recoveries.append(_answers_after(tally, 1))


def _answers_after(tally: Tally, count: int) -> float:
    """Wait for *count* more answers; return how long that took, seconds."""
    began, enough = time.monotonic(), len(tally.heard.times) + count
    while len(tally.heard.times) < enough:
        if time.monotonic() > began + 30:
            raise RuntimeError(f"no answer in 30 s; heard before: {tally.heard.faults[:3]}")
        time.sleep(0.001)
    return time.monotonic() - began


def _faults_in(settings: Settings, url: str, tally: Tally) -> list[str]:
    """Return what is wrong in the store, while the service goes on, and with its ledger."""
    answers = dict(tally.heard.answers)
    with closing(psycopg.connect(url)) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        found = faults_of(connection, answers)
    with installation(settings) as here:
        report = here.services.prove.verify(here.ledger_key.public).report
    tally.entries = report.entries
    return found + [finding.message for finding in report.findings] + tally.heard.faults


def test_no_answer_that_left_is_lost_and_the_service_goes_on_by_itself(tmp_path: Path) -> None:
    with server(durable=True) as database:
        tally = kill_often(database, tmp_path, KILLS)
    assert not tally.faults, f"after {tally.kills} kills"
    assert tally.kills == KILLS
    assert tally.heard.refused > 0  # it said that it could not, instead of failing
    assert tally.entries > len(tally.heard.answers)
    assert max(tally.recoveries) < 10
