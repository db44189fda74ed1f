"""The sequencer over the real application: what is answered is sealed, and a contradiction stops only it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from tests.api.conftest import Service
from tests.fakes import trade
from tests.fakes.ledgers import FakeKey, MemoryLedgerFiles
from tests.fakes.memory_store import MemoryStore
from tests.fakes.site import START, FakeClock
from tidewaiter.adapters.formats.json import write_declaration
from tidewaiter.adapters.keys import signature_holds
from tidewaiter.adapters.ledger_files import LedgerFolder
from tidewaiter.adapters.sql import FILE_NAME
from tidewaiter.api.app import create_app
from tidewaiter.api.sequencing import Sequencer
from tidewaiter.bootstrap import Installation, installation, message_schemas
from tidewaiter.core.ledger.receipt import PROMISE_SECONDS
from tidewaiter.flow.administer import Scope
from tidewaiter.flow.ports.ledger import LedgerFiles
from tidewaiter.flow.seal import Sealing
from tidewaiter.settings import Settings


def until(holds: Callable[[], Any], seconds: float = PROMISE_SECONDS) -> bool:
    """Wait until *holds*, so long at most; return whether it does."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def publish(store: MemoryStore, number: int) -> None:
    """Record something that has a leaf."""
    with store.write() as work:
        work.publish("plan", f"v{number}", b"{}", START, "test")


def sealing(store: MemoryStore, files: LedgerFiles) -> Sealing:
    """Return a process that seals."""
    return Sealing(
        store=store, files=files, key=FakeKey(), signature_holds=signature_holds, clock=FakeClock()
    )


def test_what_was_answered_is_sealed_within_the_promise(service: Service) -> None:
    site = service.site
    for number in range(12):
        assert service.declare(trade.declaration(number)).status_code == 200
    with site.store.read() as work:
        end = work.ledger_end()
    assert end >= 12
    assert until(lambda: len(site.ledger_files.leaves) == end)
    found = site.services.prove.verify(FakeKey().public)
    assert found.report.holds, found.report.findings
    assert found.waiting == 0
    assert until(lambda: service.get("health/ready").json()["ledger"]["sealed"] == end)


def test_a_stop_seals_all_that_is_committed() -> None:
    store, files = MemoryStore(), MemoryLedgerFiles()
    sequencer = Sequencer(sealing(store, files), every=3600)
    assert until(lambda: sequencer.state.status == "sealing")
    publish(store, 1)
    assert files.notes == []
    sequencer.close()
    assert len(files.leaves) == 1
    assert sequencer.state.checkpoint == files.notes[-1].decode()


def test_of_two_processes_one_seals_and_the_other_takes_over(tmp_path: Path) -> None:
    store, folder = MemoryStore(), tmp_path / "ledger"
    first = Sequencer(sealing(store, LedgerFolder(folder)), every=0.01)
    assert until(lambda: first.state.status == "sealing")
    second = Sequencer(sealing(store, LedgerFolder(folder)), every=0.01)
    assert until(lambda: second.state.status == "watching")
    publish(store, 1)
    assert until(lambda: first.state.sealed == 1)
    assert sealing(store, LedgerFolder(folder)).seal().size == 1  # by hand, beside a service
    first.close()
    assert until(lambda: second.state.status == "sealing")
    publish(store, 2)
    second.close()
    assert (second.state.sealed, len(list(LedgerFolder(folder).hashes()))) == (2, 2)


class FullDisk(MemoryLedgerFiles):
    """Files on a disk that may be full."""

    full = True

    def add_hashes(self, after: int, hashes: Sequence[bytes]) -> None:
        """Append hashes, if there is room."""
        if self.full:
            raise OSError(28, "No space left on device")
        super().add_hashes(after, hashes)


def test_a_full_disk_is_said_once_and_healed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tidewaiter.api.sequencing._RETRY_SECONDS", 0.02)
    store, files = MemoryStore(), FullDisk()
    publish(store, 1)
    with capture_logs() as logged:
        sequencer = Sequencer(sealing(store, files), every=0.01)
        assert until(lambda: sequencer.state.status == "waiting")
        time.sleep(0.2)
        assert sequencer.state.fault
        files.full = False
        assert until(lambda: sequencer.state.status == "sealing")
        sequencer.close()
    assert [(each["log_level"], each["status"]) for each in logged] == [("error", "waiting")]
    assert (len(files.leaves), len(files.notes)) == (1, 1)


@contextmanager
def served(data: Path) -> Iterator[tuple[Installation, Callable[[int], Any], Callable[[], Any]]]:
    """Serve an installation in a folder; gives ways to declare and to ask for readiness."""
    with installation(Settings(data=data)) as here:
        name = f"port-{time.monotonic_ns()}"
        key = here.services.administration.add_key(name, here.settings.source, frozenset(Scope)).key
        with TestClient(create_app(here.services, message_schemas)) as http:

            def declare(number: int) -> Any:
                body = write_declaration(trade.declaration(number))
                return http.post(
                    "/api/v1/declarations", content=body, headers={"Authorization": f"Bearer {key}"}
                )

            yield here, declare, lambda: http.get("/api/v1/health/ready").json()


def test_a_store_from_an_older_copy_is_noticed_and_decisions_go_on(tmp_path: Path) -> None:
    data, older = tmp_path / "data", tmp_path / "older"
    with served(data) as (_, declare, _):
        assert declare(1).status_code == 200
    older.mkdir()
    for path in data.glob(f"{FILE_NAME}*"):
        shutil.copy(path, older)
    with served(data) as (here, declare, ready):
        assert [declare(number).status_code for number in range(2, 8)] == [200] * 6
        assert until(lambda: here.services.prove.verify(here.ledger_key.public).waiting == 0)
        assert ready()["ledger"]["status"] == "sealing"
    for path in data.glob(f"{FILE_NAME}*"):
        path.unlink()
    for path in older.iterdir():
        shutil.copy(path, data)
    signed = (data / "ledger" / "checkpoints").read_bytes()
    with capture_logs() as logged, served(data) as (_, declare, ready):
        assert until(lambda: ready()["ledger"]["status"] == "stopped")
        told = ready()
        assert told["status"].endswith("without a model and sealing its ledger")
        assert "older copy" in told["ledger"]["fault"]
        assert declare(20).status_code == 200
    assert [each["status"] for each in logged if each["event"] == "ledger_not_sealed"] == ["stopped"]
    assert (data / "ledger" / "checkpoints").read_bytes() == signed


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "ledger").write_text("a file where the folder should be")
    sequencer = Sequencer(sealing(MemoryStore(), LedgerFolder(tmp_path / "ledger")))
    assert until(lambda: sequencer.state.status == "stopped")
    assert "cannot be written" in str(sequencer.state.fault)
    sequencer.close()
