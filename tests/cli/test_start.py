"""How a process starts, serves and ends."""

from __future__ import annotations

import base64
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from tests.fakes import trade
from tests.fakes.receiver import receiving
from tidewaiter import __version__
from tidewaiter.adapters.formats.json import write_declaration
from tidewaiter.adapters.sql import SqlStore, store_url
from tidewaiter.bootstrap import installation
from tidewaiter.flow.administer import Scope
from tidewaiter.flow.subscribe import Topic
from tidewaiter.settings import Settings

#: Seconds of work that the version may cost.  It is the time of the processor, which a busy machine
#: does not lengthen.
START_SECONDS = 1.5
#: What only training, tables and migrations need.
HEAVY = ("lightgbm", "sklearn", "scipy", "polars", "alembic", "python_calamine", "ruamel")
#: What a service needs after its first answer, or never: statistics, tables, deliveries, sign-ins.
LATER = (
    "lightgbm", "sklearn", "scipy", "polars", "python_calamine", "tidewaiter.adapters.formats.tabular.rules",
    "httpx2", "joserfc", "limits", "zxcvbn", "cryptography.x509",
)  # fmt: skip


def environment() -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TIDEWAITER_")}
    return {**clean, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def start(*arguments: str, folder: Path, **settings: str) -> subprocess.Popen[str]:
    code = "from tidewaiter.cli import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=folder, env=environment() | settings, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_the_version_costs_less_than_a_second(tmp_path: Path) -> None:
    costs = []
    for _ in range(3):
        before = spent()
        with start("--version", folder=tmp_path) as process:
            told, _ = process.communicate(timeout=60)
        assert (process.returncode, told.strip()) == (0, __version__)
        costs.append(spent() - before)
    assert min(costs) < START_SECONDS, costs


def spent() -> float:
    """Return the seconds of work that children of this process have cost."""
    times = os.times()
    return times.children_user + times.children_system


def test_nothing_heavy_is_imported_to_start() -> None:
    code = (
        "import sys, tidewaiter.cli.commands; print([name for name in sys.argv[1:] if name in sys.modules])"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, *HEAVY], env=environment(), text=True, capture_output=True, check=True
    )
    assert told.stdout.strip() == "[]"


def test_the_service_itself_needs_no_statistics_and_no_tables(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tidewaiter.settings import Settings\n"
        "from tidewaiter.bootstrap import installation, message_schemas\n"
        "from tidewaiter.api.app import create_app\n"
        "with installation(Settings(data=Path('data'))): pass\n"
        "with installation(Settings(data=Path('data'))) as here:\n"
        "    create_app(here.services, message_schemas); here.services.assess([])\n"
        "print([name for name in sys.argv[1:] if name in sys.modules])"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, *LATER],
        env=environment(), text=True, capture_output=True, check=True, cwd=tmp_path,
    )  # fmt: skip
    assert told.stdout.strip() == "[]"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


@contextmanager
def serving(folder: Path, port: int, **settings: str) -> Iterator[subprocess.Popen[str]]:
    """Run the service until the block ends."""
    with start("serve", "--port", str(port), folder=folder, **settings) as process:
        try:
            until = time.monotonic() + 60
            while process.poll() is None and time.monotonic() < until:
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    time.sleep(0.02)
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate()


def send(port: int, key: str, number: int) -> tuple[int, bytes]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        body = write_declaration(trade.declaration(number))
        connection.request("POST", "/api/v1/declarations", body, {"Authorization": f"Bearer {key}"})
        response = connection.getresponse()
        return response.status, response.read()


@pytest.fixture
def key(tmp_path: Path) -> str:
    """Return a key for the data folder of *tmp_path*."""
    with installation(Settings(data=tmp_path / "tidewaiter-data")) as here:
        return here.services.administration.add_key("port", here.settings.source, frozenset(Scope)).key


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_the_service_starts_answers_and_ends_in_order(
    tmp_path: Path, key: str, ending: signal.Signals
) -> None:
    port = free_port()
    with serving(tmp_path, port) as process:
        assert send(port, key, 1)[0] == 200
        process.send_signal(ending)
        told, warned = process.communicate(timeout=30)
    assert process.returncode == 0, warned
    assert f"Serving on http://127.0.0.1:{port}" in told
    assert "No model yet" in told
    assert "Traceback" not in warned
    assert "Aborted" not in warned
    assert not list((tmp_path / "tidewaiter-data").glob("*-wal"))  # the store was closed


def test_a_service_that_was_killed_goes_on(tmp_path: Path, key: str) -> None:
    port = free_port()
    with serving(tmp_path, port) as process:
        first = send(port, key, 1)
        process.kill()
    with serving(tmp_path, port):
        assert send(port, key, 1) == first
        assert send(port, key, 2)[0] == 200


def test_events_reach_a_real_receiver_also_after_an_outage_and_a_kill(tmp_path: Path, key: str) -> None:
    with receiving() as receiver:
        origins = frozenset({receiver.origin})
        with installation(Settings(data=tmp_path / "tidewaiter-data", webhook_targets=origins)) as here:
            made = here.services.subscriptions.add(
                "port", source=here.settings.source, topics=[Topic.DECISION], url=receiver.url
            )
        allowed = {"TIDEWAITER_WEBHOOK_TARGETS": json.dumps(sorted(origins))}
        port, receiver.status = free_port(), 503
        with serving(tmp_path, port, **allowed) as process:
            answers = [json.loads(send(port, key, number)[1]) for number in range(1, 9)]
            wait_until(lambda: len(receiver.came) > 0)
            process.kill()
        receiver.status = 204
        receiver.came.clear()
        with serving(tmp_path, port, **allowed):
            wait_until(
                lambda: len({headers["webhook-id"] for _, headers, _ in receiver.came}) == len(answers)
            )
    taken = {
        headers["webhook-id"]: Webhook(made.secret).verify(body, headers)["data"]
        for _, headers, body in receiver.came
    }
    assert sorted(taken.values(), key=str) == sorted(answers, key=str)


def test_what_was_decided_is_sealed_while_the_service_runs_and_at_its_end(tmp_path: Path, key: str) -> None:
    port, settings = free_port(), Settings(data=tmp_path / "tidewaiter-data")
    with serving(tmp_path, port) as process:
        send(port, key, 1)
        wait_until(lambda: checkpoint_size(port, key) > 0)
        held = checkpoint(port, key)
        process.kill()
    with serving(tmp_path, port) as process:
        for number in range(2, 30):
            send(port, key, number)
        process.send_signal(signal.SIGTERM)
        _, warned = process.communicate(timeout=30)
    assert process.returncode == 0, warned
    with installation(settings) as here:
        found = here.services.prove.verify(here.ledger_key.public, [held])
    assert found.report.findings == ()
    assert found.waiting == 0
    assert found.report.entries > 30


def test_a_store_that_was_put_back_stops_the_sealing_and_not_the_decisions(tmp_path: Path, key: str) -> None:
    port, data = free_port(), tmp_path / "tidewaiter-data"
    older = (data / "tidewaiter.db").read_bytes()
    with serving(tmp_path, port) as process:
        send(port, key, 1)
        wait_until(lambda: checkpoint_size(port, key) > 0)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    (data / "tidewaiter.db").write_bytes(older)
    with serving(tmp_path, port):
        wait_until(lambda: readiness(port)["ledger"]["fault"] is not None)
        assert "restored" in readiness(port)["ledger"]["fault"]
        assert send(port, key, 2)[0] == 200


def checkpoint(port: int, key: str) -> bytes:
    """Return the checkpoint that comes with an answer; empty when none does."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        body = write_declaration(trade.declaration(1))
        connection.request("POST", "/api/v1/declarations", body, {"Authorization": f"Bearer {key}"})
        return base64.b64decode(connection.getresponse().getheader("Ledger-Checkpoint") or "")


def checkpoint_size(port: int, key: str) -> int:
    """Return how many entries the checkpoint that comes with an answer seals."""
    lines = checkpoint(port, key).splitlines()
    return int(lines[1]) if lines else 0


def readiness(port: int) -> dict[str, Any]:
    """Return what the service says of itself."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request("GET", "/api/v1/health/ready")
        told: dict[str, Any] = json.loads(connection.getresponse().read())
    return told


def test_files_that_are_laid_down_are_answered_also_after_a_kill(tmp_path: Path) -> None:
    port, folder = free_port(), tmp_path / "messages"
    (folder / "in").mkdir(parents=True)
    for number in range(1, 41):
        (folder / "in" / f"{number}.json").write_bytes(write_declaration(trade.declaration(number)))
    watched = {"TIDEWAITER_WATCH": str(folder)}
    with serving(tmp_path, port, **watched) as process:
        wait_until(lambda: (folder / "answers").is_dir() and len(list((folder / "answers").iterdir())) > 3)
        process.kill()
    with serving(tmp_path, port, **watched):
        wait_until(lambda: len(list((folder / "done").iterdir())) == 40)
    answers = [json.loads(path.read_bytes()) for path in (folder / "answers").glob("[!.]*")]
    assert {answer["declaration_id"] for answer in answers} == {f"D{number}" for number in range(1, 41)}
    with closing(SqlStore(store_url(tmp_path / "tidewaiter-data"))) as store, store.read() as uow:
        assert len(uow.decisions()) == 40


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait until something holds, at most half a minute."""
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_an_address_in_use_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        with start("serve", "--port", str(port), folder=tmp_path) as process:
            _, warned = process.communicate(timeout=60)
    assert process.returncode == 4
    assert f"port {port}; choose another --port" in warned
    assert "Traceback" not in warned


def test_a_second_service_on_a_sqlite_file_is_refused(tmp_path: Path, key: str) -> None:
    port = free_port()
    with serving(tmp_path, port):
        with start("serve", "--port", str(free_port()), folder=tmp_path) as second:
            _, warned = second.communicate(timeout=60)
        assert send(port, key, 1)[0] == 200
    assert second.returncode == 4
    assert "Another process serves" in warned
    assert "Traceback" not in warned


def test_a_database_that_cannot_be_reached_is_told(tmp_path: Path) -> None:
    nowhere = f"postgresql://tidewaiter@/tidewaiter?host={tmp_path}"
    with start("serve", folder=tmp_path, TIDEWAITER_DATABASE_URL=nowhere) as process:
        _, warned = process.communicate(timeout=60)
    assert process.returncode == 4
    assert "Check that the server runs" in warned
    assert "Traceback" not in warned
