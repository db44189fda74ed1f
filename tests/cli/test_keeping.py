"""A copy taken while decisions are made comes back whole, and what it lacks is told."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.fakes import trade
from tests.fakes.site import declared
from tidewaiter.api.sequencing import Sequencer
from tidewaiter.bootstrap import Installation, back_up, installation, places_of
from tidewaiter.core.errors import Conflict
from tidewaiter.settings import Settings

DATA = Path("tidewaiter-data")


def decide(here: Installation, first: int, count: int) -> list[bytes]:
    """Decide on declarations, one after the other; return the answers."""
    messages = [declared(trade.declaration(number)) for number in range(first, first + count)]
    return [here.services.assess([message])[0].bytes_or_raise() for message in messages]


@pytest.fixture
def sealed(run: Run) -> list[bytes]:
    """Make an installation in this folder that has decided and sealed; return its answers."""
    with installation(Settings(data=DATA)) as here:
        answers = decide(here, 1, 3)
        here.services.seal.seal()
    return answers


def test_a_backup_under_load_is_restored_whole(run: Run, sealed: list[bytes]) -> None:
    settings, stop = Settings(data=DATA), threading.Event()
    with installation(settings) as here:
        sequencer, public = Sequencer(here.services.seal, every=0.001), here.ledger_key.public.text()

        def work() -> None:
            number = 100
            while not stop.is_set():
                decide(here, number, 1)
                number += 1

        deciding = threading.Thread(target=work)
        deciding.start()
        try:
            for copy in range(4):
                back_up(places_of(settings), Path(f"copy{copy}"), public_key=public, keys=True)
        finally:
            stop.set()
            deciding.join()
            sequencer.close()
    for copy in range(4):
        told = run("restore", f"copy{copy}", "--data", f"data{copy}", "--json")
        assert (told.code, told.json["findings"], told.json["missing_keys"]) == (0, [], [])
        assert told.json["entries"] >= 3
        with installation(Settings(data=Path(f"data{copy}"))) as here:
            assert decide(here, 1, 3) == sealed  # the stored answers, byte for byte
            assert here.services.seal.seal().new == told.json["waiting"]


def test_keys_are_copied_when_asked_alone_and_their_lack_is_told(run: Run, sealed: list[bytes]) -> None:
    told = run("backup", "copy", "--json")
    assert told.code == 0
    assert len(told.json["keys"]) == 2
    assert sorted(path.name for path in Path("copy").iterdir()) == ["ledger", "ledger.pub", "tidewaiter.db"]
    secrets = [path.read_bytes() for path in (DATA / "draw-keys").rglob("*") if path.is_file()]
    secrets.append((DATA / "ledger-key" / "ed25519.pem").read_bytes())
    kept = b"".join(path.read_bytes() for path in Path("copy").rglob("*") if path.is_file())
    assert not any(secret in kept for secret in secrets)
    again = run("restore", "copy", "--data", "new", "--json")
    assert (again.code, again.json["findings"], len(again.json["missing_keys"])) == (3, [], 2)


def test_what_came_after_the_backup_is_told_by_a_kept_checkpoint(run: Run, sealed: list[bytes]) -> None:
    assert run("backup", "copy", "--keys").code == 0
    with installation(Settings(data=DATA)) as here:
        decide(here, 50, 2)
        Path("kept.note").write_text(here.services.seal.seal().note or "")
    told = run("restore", "copy", "--data", "new", "--checkpoint", "kept.note", "--json")
    assert told.code == 3
    assert any("taken away" in each for each in told.json["findings"])


def test_ledger_files_that_outlived_the_store_are_kept_and_stop_the_sealing(
    run: Run, sealed: list[bytes]
) -> None:
    assert run("backup", "copy", "--keys").code == 0
    with installation(Settings(data=DATA)) as here:
        decide(here, 50, 2)
        here.services.seal.seal()
    for path in DATA.glob("tidewaiter.db*"):
        path.unlink()
    assert run("restore", "copy").code == 3
    with installation(Settings(data=DATA)) as here, pytest.raises(Conflict, match="older copy"):
        here.services.seal.seal()


def test_a_changed_backup_is_told(run: Run, sealed: list[bytes]) -> None:
    assert run("backup", "copy", "--keys").code == 0
    hashes = Path("copy") / "ledger" / "hashes"
    hashes.write_bytes(bytes(32) + hashes.read_bytes()[32:])
    told = run("restore", "copy", "--data", "new", "--json")
    assert (told.code, bool(told.json["findings"])) == (3, True)


def test_nothing_is_overwritten(run: Run, sealed: list[bytes]) -> None:
    assert run("backup", "copy").code == 0
    assert run("backup", "copy").code == 4
    before = (DATA / "tidewaiter.db").read_bytes()
    assert run("restore", "copy").code == 4
    assert (DATA / "tidewaiter.db").read_bytes() == before
    shutil.rmtree("copy/ledger")
    (Path("copy") / "tidewaiter.db").unlink()
    assert run("restore", "copy", "--data", "new").code == 4
    assert not Path("new").exists()
    assert run("backup", "other", "--data", "nowhere").code == 4
