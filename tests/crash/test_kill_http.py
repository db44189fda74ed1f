"""A service that is killed at any moment loses no answer that left over HTTP, and repeats none."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import random  # noqa: TID251 - seeded, and only when to kill
import shutil
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.crash.test_kill import faults_of
from tests.fakes import trade
from tidewaiter.adapters.formats.json import write_control_result, write_declaration
from tidewaiter.adapters.sql import FILE_NAME
from tidewaiter.bootstrap import installation
from tidewaiter.flow.administer import Scope
from tidewaiter.settings import Settings

KILLS = 150
SENDERS = 4
#: A killed connection, at whatever stage of a request.
BROKEN = (OSError, http.client.HTTPException)


class Service:
    """The fork server, and the child that serves now."""

    def __init__(self, server: subprocess.Popen[str], data: Path, fault: str | None) -> None:
        self._server = server
        with socket.create_server(("127.0.0.1", 0)) as listening:
            self.port: int = listening.getsockname()[1]
        self._order = json.dumps({"data": str(data), "port": self.port, "fault": fault})
        self._said("ready")

    def start(self) -> int:
        """Start a child; return its number."""
        assert self._server.stdin is not None
        self._server.stdin.write(self._order + "\n")
        self._server.stdin.flush()
        return int(self._said("pid").split()[1])

    def kill(self, pid: int) -> None:
        """Kill the child, and wait until it is dead."""
        os.kill(pid, signal.SIGKILL)
        self._said("end")

    def _said(self, word: str) -> str:
        assert self._server.stdout is not None
        line = self._server.stdout.readline()
        assert line.startswith(word), line
        return line


@contextmanager
def fork_server() -> Iterator[subprocess.Popen[str]]:
    """Run the fork server."""
    environment = {**os.environ, "PYTHONPATH": ":".join(path for path in sys.path if path)}
    script = Path(__file__).with_name("serve_child.py")
    with subprocess.Popen(
        [sys.executable, str(script)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
    ) as server:  # fmt: skip
        try:
            yield server
        finally:
            assert server.stdin is not None
            server.stdin.close()


@dataclass
class Heard:
    """What the senders have heard."""

    #: Number of a declaration -> SHA-256 of its answer.
    answers: dict[int, str] = field(default_factory=dict)
    #: When each answer came, in the order of coming.
    times: list[float] = field(default_factory=list)
    #: Answers that say that the message had been answered before: they left, and were not heard.
    replayed: int = 0
    #: Answers that say that the service cannot decide now, and when to come back.
    refused: int = 0
    faults: list[str] = field(default_factory=list)


class Sender(threading.Thread):
    """One system that sends, and sends again what was not answered."""

    def __init__(self, port: int, key: str, first: int, heard: Heard, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self._port, self._key, self._first, self._heard, self._stop_now = port, key, first, heard, stop
        self._connection: http.client.HTTPConnection | None = None

    def run(self) -> None:
        """Send one declaration after the other, and the result of every fifth."""
        number = self._first
        while not self._stop_now.is_set():
            body = self._send("declarations", f"m{number}", write_declaration(trade.declaration(number)))
            if body is None:
                return
            self._heard.answers[number] = hashlib.sha256(body).hexdigest()
            self._heard.times.append(time.monotonic())
            if number % 5 == 0:
                self._send("control-results", f"r{number}", write_control_result(trade.result(number)))
            number += SENDERS

    def _send(self, path: str, message: str, body: bytes) -> bytes | None:
        """Send a message until it is answered; None when the test is over."""
        headers = {"Authorization": f"Bearer {self._key}", "Idempotency-Key": message}
        while not self._stop_now.is_set():
            try:
                if self._connection is None:
                    self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=20)
                self._connection.request("POST", f"/api/v1/{path}", body, headers)
                response = self._connection.getresponse()
                answer = response.read()
            except BROKEN:
                self.hang_up()
                time.sleep(0.01)
                continue
            if response.status == 503 and response.getheader("Retry-After"):
                self._heard.refused += 1
                time.sleep(0.01)
                continue
            self._heard.replayed += response.getheader("Idempotency-Replayed") is not None
            if response.status != 200:
                self._heard.faults.append(f"{message} was answered with {response.status}: {answer[:200]!r}")
            return answer
        return None

    def hang_up(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None


@dataclass
class Tally:
    """What the kills did."""

    kills: int = 0
    heard: Heard = field(default_factory=Heard)
    #: From the order to start until the first answer, seconds.
    restarts: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def new_installation(data: Path) -> str:
    """Make an installation in *data*; return a key for it."""
    with installation(Settings(data=data)) as here:
        return here.services.administration.add_key("port", here.settings.source, frozenset(Scope)).key


def kill_often(
    folder: Path,
    kills: int,
    *,
    fault: str | None = None,
    seed: int = 1,
    look_every: int = 10,
    look: Callable[[Path, Path, Heard], list[str]] | None = None,
) -> Tally:
    """Kill a service many times at random moments while systems send; look at the store now and then."""
    look = look or faults_in
    data = folder / "data"
    key = new_installation(data)
    rng, tally, stop = random.Random(seed), Tally(), threading.Event()
    with fork_server() as server:
        service = Service(server, data, fault)
        senders = [Sender(service.port, key, n + 1, tally.heard, stop) for n in range(SENDERS)]
        for sender in senders:
            sender.start()
        try:
            for kill in range(kills):
                kill_once(service, rng, tally, startup=kill % 5 == 4)
                if kill % look_every == look_every - 1 or kill == kills - 1:
                    tally.faults = look(data, folder / "copy", tally.heard)
                if tally.faults:
                    break
        finally:
            stop.set()
            for sender in senders:
                sender.join(30)
                sender.hang_up()
    return tally


def kill_once(service: Service, rng: random.Random, tally: Tally, *, startup: bool) -> None:
    """Start the service and kill it: while it starts, or some time after a few answers."""
    times = tally.heard.times
    began, before = time.monotonic(), len(times)
    pid = service.start()
    if startup:
        time.sleep(rng.uniform(0, 0.25))
    else:
        enough = before + rng.randint(1, 8)
        while len(times) < enough and time.monotonic() < began + 30:
            time.sleep(0.0005)
        time.sleep(rng.uniform(0, 0.012))
    service.kill(pid)
    tally.kills += 1
    if len(times) > before:
        tally.restarts.append(times[before] - began)


def faults_in(data: Path, copy: Path, heard: Heard) -> list[str]:
    """Return what is wrong in a copy of the store, now that nothing serves."""
    answers = dict(heard.answers)
    shutil.copytree(data, copy)
    with closing(sqlite3.connect(copy / FILE_NAME)) as connection:
        found = faults_of(connection, answers)
    shutil.rmtree(copy)
    return found + heard.faults


@pytest.mark.slow
def test_no_answer_that_left_is_lost_and_none_is_given_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    began = time.monotonic()
    tally = kill_often(tmp_path, KILLS)
    took = time.monotonic() - began
    assert not tally.faults, f"after {tally.kills} kills"
    assert tally.kills == KILLS
    assert tally.heard.refused == 0
    assert len(tally.heard.answers) >= KILLS // 2
    told = (
        f"{tally.kills} kills in {took:.0f} s: {len(tally.heard.answers)} answers heard, "
        f"{tally.heard.replayed} unheard ones repeated; restart to first answer: "
        f"median {1000 * statistics.median(tally.restarts):.0f} ms, "
        f"longest {1000 * max(tally.restarts):.0f} ms"
    )
    with capsys.disabled():
        sys.stdout.write(f"\n{told}\n")
    replay_all(tmp_path / "data")


def replay_all(data: Path) -> None:
    """Check that every decision can be made again, and that history is what it was made from."""
    with installation(Settings(data=data)) as here:
        with here.store.read() as uow:
            decided = [json.loads(stored.evidence)["id"] for _, stored in uow.decisions(limit=1_000_000)]
        replay = here.services.replay
        assert not any(replay(each).differences for each in decided[::3])
        assert not any(replay(each, from_history=True).differences for each in decided[-2:])


def test_the_kills_would_show_answers_that_leave_before_the_commit(tmp_path: Path) -> None:
    tally = kill_often(tmp_path, 60, fault="early answer")
    assert any(found.startswith("a lost answer") for found in tally.faults), tally.faults
