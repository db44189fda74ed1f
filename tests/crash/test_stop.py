"""A service that is told to stop answers what it took, seals its ledger, and ends with 0."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

from tests.fakes import trade
from tidewaiter.adapters.formats.json import write_declaration
from tidewaiter.bootstrap import installation
from tidewaiter.flow.administer import Scope
from tidewaiter.settings import Settings

SENDERS = 8
LOAD_SECONDS = 1.0
STOP_SECONDS_MAX = 25.0
BROKEN = (OSError, http.client.HTTPException)


class Load:
    """Senders that go on until the service is gone, and what they were told."""

    def __init__(self, port: int, key: str) -> None:
        self._port, self._key = port, key
        self._lock = threading.Lock()
        self._next = 0
        self.answered: set[str] = set()
        self.refused: list[int] = []

    def send(self) -> None:
        """Send declarations over one connection until it breaks or refuses."""
        with closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)) as connection:
            while self._sent(connection):
                pass

    def _sent(self, connection: http.client.HTTPConnection) -> bool:
        """Send one declaration; tell whether it was answered."""
        with self._lock:
            self._next += 1
            declaration = trade.declaration(self._next)
        try:
            connection.request(
                "POST", "/api/v1/declarations", write_declaration(declaration),
                {"Authorization": f"Bearer {self._key}"},
            )  # fmt: skip
            response = connection.getresponse()
            response.read()
        except BROKEN:
            return False
        if response.status != 200:
            self.refused.append(response.status)
            return False
        self.answered.add(declaration.id)
        return True


def serve(folder: Path, port: int) -> subprocess.Popen[bytes]:
    """Start `tidewaiter serve` and wait until it answers."""
    code = "from tidewaiter.cli import main; main()"
    child = subprocess.Popen(
        [sys.executable, "-c", code, "serve", "--data", str(folder), "--port", str(port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    until = time.monotonic() + 60
    while time.monotonic() < until and child.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return child
        time.sleep(0.05)
    child.kill()
    raise AssertionError("the service did not start")


def test_a_stop_under_load_leaves_no_accepted_request_without_its_answer(tmp_path: Path) -> None:
    with installation(Settings(data=tmp_path)) as here:
        key = here.services.administration.add_key("load", "national", frozenset(Scope)).key
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    child = serve(tmp_path, port)
    load = Load(port, key)
    senders = [threading.Thread(target=load.send) for _ in range(SENDERS)]
    for sender in senders:
        sender.start()
    time.sleep(LOAD_SECONDS)
    asked = time.monotonic()
    child.send_signal(signal.SIGTERM)
    code = child.wait(STOP_SECONDS_MAX)
    for sender in senders:
        sender.join(30)
    assert code == 0
    assert time.monotonic() - asked < STOP_SECONDS_MAX
    assert len(load.answered) > SENDERS, "there was no load"
    assert set(load.refused) <= {503}
    with installation(Settings(data=tmp_path)) as here, here.store.read() as uow:
        recorded = {json.loads(entry.body)["id"] for entry in uow.journal()}
        assert recorded == load.answered
        assert here.services.prove.checkpoint_sizes()[-1] == uow.ledger_end()
