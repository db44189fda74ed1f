"""The files of the ledger only grow, survive a crash in the middle of a write, and have one writer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.ledgers import FakeKey
from tidewaiter.adapters.ledger_files import LedgerFolder
from tidewaiter.core.errors import Conflict, Unavailable

NOTES = [FakeKey().note(size, bytes(32)) for size in (1, 2, 3)]
HASHES = [bytes([number]) * 32 for number in range(5)]


@pytest.fixture
def files(tmp_path: Path) -> LedgerFolder:
    """Return a folder that two checkpoints and three hashes were written to."""
    made = LedgerFolder(tmp_path / "ledger")
    with made.alone():
        for note in NOTES[:2]:
            made.add_checkpoint(note)
        made.add_hashes(0, HASHES[:1])
        made.add_hashes(1, HASHES[1:3])
    return made


def test_an_empty_folder_holds_nothing(tmp_path: Path) -> None:
    files = LedgerFolder(tmp_path / "none")
    assert list(files.checkpoints()) == []
    assert list(files.hashes()) == []


def test_what_was_written_is_read(files: LedgerFolder) -> None:
    assert list(files.checkpoints()) == [note.encode() for note in NOTES[:2]]
    assert list(files.hashes()) == HASHES[:3]


def test_a_checkpoint_that_a_crash_cut_off_anywhere_is_written_again(
    files: LedgerFolder, tmp_path: Path
) -> None:
    path = tmp_path / "ledger" / "checkpoints"
    sound, torn = path.read_bytes(), NOTES[2].encode() + b"\n"
    for length in range(len(torn)):
        path.write_bytes(sound + torn[:length])
        assert list(files.checkpoints()) == [note.encode() for note in NOTES[:2]]
    files.add_checkpoint(NOTES[2])
    assert path.read_bytes() == sound + torn


def test_hashes_that_a_crash_cut_off_are_written_again(files: LedgerFolder, tmp_path: Path) -> None:
    path = tmp_path / "ledger" / "hashes"
    path.write_bytes(path.read_bytes() + b"torn")
    assert list(files.hashes()) == HASHES[:3]
    files.add_hashes(3, HASHES[3:])
    assert list(files.hashes()) == HASHES


def test_hashes_are_not_written_behind_a_gap(files: LedgerFolder) -> None:
    with pytest.raises(Conflict, match="hashes has 96 bytes where 128"):
        files.add_hashes(4, HASHES[4:])
    assert list(files.hashes()) == HASHES[:3]


def test_one_process_seals_at_a_time(files: LedgerFolder, tmp_path: Path) -> None:
    with files.alone(), pytest.raises(Unavailable, match="Another process"):
        LedgerFolder(tmp_path / "ledger").alone().__enter__()
    with files.alone():
        assert list(files.hashes()) == HASHES[:3]
