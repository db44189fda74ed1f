"""The files of the ledger only grow, survive a crash in the middle of a write, and have one writer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.ledgers import FakeKey, MemoryLedgerFiles
from tidewaiter.adapters.ledger_files import LedgerFolder
from tidewaiter.core.errors import Conflict, Unavailable
from tidewaiter.core.ledger import leaf_hash
from tidewaiter.core.ledger.tiles import TILE_WIDTH

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


def test_what_is_stored_above_the_leaves_is_that_of_the_naive_twin(tmp_path: Path) -> None:
    files, twin = LedgerFolder(tmp_path), MemoryLedgerFiles()
    leaves = [leaf_hash(b"%d" % number) for number in range(3 * TILE_WIDTH + 9)]
    done = 0
    for size in (1, 200, TILE_WIDTH, TILE_WIDTH + 1, 3 * TILE_WIDTH, len(leaves)):
        for each in (files, twin):
            each.add_hashes(done, leaves[done:size])
        done = size
        for level in (0, 1, 2):
            assert files.hashes_at(level, 0, 9_999) == twin.hashes_at(level, 0, 9_999), (size, level)
    assert files.hashes_at(0, 5, 3) == leaves[5:8]
    assert len(files.hashes_at(1, 0, 9)) == 3


def test_what_an_older_release_or_a_crash_left_open_above_the_leaves_is_completed(tmp_path: Path) -> None:
    files = LedgerFolder(tmp_path)
    leaves = [leaf_hash(b"%d" % number) for number in range(2 * TILE_WIDTH)]
    files.add_hashes(0, leaves)
    whole = (tmp_path / "hashes-1").read_bytes()
    for left in (b"", whole[:32], whole[:40], whole + bytes(64)):
        (tmp_path / "hashes-1").write_bytes(left)
        files.add_hashes(len(leaves), [])
        assert (tmp_path / "hashes-1").read_bytes() == whole
    (tmp_path / "hashes-1").unlink()
    files.add_hashes(len(leaves), [])
    assert (tmp_path / "hashes-1").read_bytes() == whole


@pytest.mark.parametrize("count", [0, 1, 2, 90])
@pytest.mark.parametrize("torn", [b"", b"customs", b"customs.example/ledger\n7\nAAAA\n\n\xe2\x80\x94 cut"])
def test_the_last_checkpoint_is_the_last_whole_one(tmp_path: Path, count: int, torn: bytes) -> None:
    files, key = LedgerFolder(tmp_path), FakeKey()
    for size in range(count):
        files.add_checkpoint(key.note(size, bytes(32), time=size))
    with (tmp_path / "checkpoints").open("ab") as stream:
        stream.write(torn)
    assert files.last_checkpoint() == next(iter([*files.checkpoints()][-1:]), None)


def rolling(folder: Path, count: int) -> list[bytes]:
    """Write *count* checkpoints to files of three each at most; return them."""
    made = [FakeKey().note(size, bytes(32)) for size in range(1, count + 1)]
    for note in made:
        # Another object each time, as after a restart: nothing may depend on what it remembers.
        LedgerFolder(folder, roll_bytes=2 * len(NOTES[0]) + 2).add_checkpoint(note)
    return [note.encode() for note in made]


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 11])
def test_checkpoints_in_several_files_are_read_as_one(tmp_path: Path, count: int) -> None:
    tmp_path.joinpath("ledger").mkdir()
    made = rolling(tmp_path / "ledger", count)
    files = LedgerFolder(tmp_path / "ledger")
    assert list(files.checkpoints()) == made
    assert files.last_checkpoint() == made[-1]
    sizes = [file.stat().st_size for file in (tmp_path / "ledger").glob("checkpoints*")]
    assert max(sizes) <= 3 * len(NOTES[0]) + 5
    assert (len(sizes) > 1) == (count > 2)


@pytest.mark.parametrize("lost", ["checkpoints-1", "checkpoints-2", "checkpoints-4"])
def test_a_file_of_checkpoints_that_was_taken_away_is_missed(tmp_path: Path, lost: str) -> None:
    tmp_path.joinpath("ledger").mkdir()
    rolling(tmp_path / "ledger", 11)
    (tmp_path / "ledger" / lost).unlink()
    with pytest.raises(Conflict, match="taken away"):
        list(LedgerFolder(tmp_path / "ledger").checkpoints())
    there = {file.name: file.read_bytes() for file in (tmp_path / "ledger").glob("checkpoints-*")}
    for _ in range(4):
        LedgerFolder(tmp_path / "ledger", roll_bytes=1).add_checkpoint(NOTES[0])
    assert all((tmp_path / "ledger" / name).read_bytes() == content for name, content in there.items())


@pytest.mark.parametrize("cut", range(0, 400, 7))
def test_a_crash_while_checkpoints_are_put_aside_loses_none(tmp_path: Path, cut: int) -> None:
    tmp_path.joinpath("ledger").mkdir()
    made = rolling(tmp_path / "ledger", 3)
    current = tmp_path / "ledger" / "checkpoints"
    content = current.read_bytes()
    if cut:
        current.write_bytes(content[:cut])
    else:
        current.unlink()
    files = LedgerFolder(tmp_path / "ledger")
    kept = 3 if cut >= len(content) else 2
    assert files.last_checkpoint() == made[kept - 1]
    assert list(files.checkpoints()) == made[:kept]
    files.add_checkpoint(NOTES[2])
    assert list(files.checkpoints())[:2] == made[:2]
    assert files.last_checkpoint() == NOTES[2].encode()
