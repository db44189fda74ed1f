"""The journal of stand-ins: durable, torn tails, damage, full disks, and processes that are gone."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.adapters.journal import JournalFolder, NoteFile
from tidewaiter.core.errors import Unavailable

RESERVE = 4096
ENTRIES = [b"one", b"two and more", "trois é".encode()]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[JournalFolder]:
    with closing(JournalFolder(tmp_path, RESERVE)) as made:
        yield made


def again(path: Path) -> list[bytes]:
    """Return what another process finds."""
    with closing(JournalFolder(path, RESERVE)) as reopened:
        return list(reopened.own())


def kept(path: Path, entries: list[bytes]) -> Path:
    with closing(JournalFolder(path, RESERVE)) as made:
        for entry in entries:
            made.append(entry)
    return path / "standin-000.journal"


def test_what_was_appended_is_found_again(tmp_path: Path) -> None:
    assert kept(tmp_path, ENTRIES).stat().st_size == RESERVE
    assert again(tmp_path) == ENTRIES


@given(cut=st.integers(0, 200))
def test_a_torn_tail_loses_only_what_was_not_acknowledged(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    path = tmp_path_factory.mktemp("torn")
    file = kept(path, ENTRIES)
    lines = file.read_bytes().rstrip(b"\0")
    cut = min(cut, len(lines))
    file.write_bytes(lines[:cut] + bytes(RESERVE - cut))
    whole = lines[:cut].count(b"\n")
    found = again(path)
    assert found == ENTRIES[:whole]
    with closing(JournalFolder(path, RESERVE)) as more:
        more.append(b"later")
    assert again(path) == [*found, b"later"]
    assert not list(path.glob("*.damaged"))


def test_damage_in_the_middle_is_kept_aside_and_the_rest_is_found(tmp_path: Path) -> None:
    file = kept(tmp_path, ENTRIES)
    damaged = file.read_bytes().replace(b"two", b"two"[::-1], 1)
    file.write_bytes(damaged)
    assert again(tmp_path) == [ENTRIES[0], ENTRIES[2]]
    assert (tmp_path / "standin-000.damaged").read_bytes() == damaged


def test_many_threads_append_whole_lines(tmp_path: Path, folder: JournalFolder) -> None:
    entries = [f"entry {number}".encode() * 5 for number in range(200)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(folder.append, entries))
    folder.close()
    assert sorted(again(tmp_path)) == sorted(entries)


def test_it_is_emptied_when_all_were_assessed(tmp_path: Path, folder: JournalFolder) -> None:
    for entry in ENTRIES:
        folder.append(entry)
    with next(folder.waiting()) as waiting:
        assert waiting is not None
        waiting.clear(2)
        assert list(waiting.entries()) == ENTRIES[2:]
        folder.append(b"meanwhile")
        waiting.clear(1)
        assert list(waiting.entries()) == [b"meanwhile"]
        waiting.clear(1)
    folder.append(b"next outage")
    folder.close()
    assert again(tmp_path) == [b"next outage"]


def test_a_full_disk_is_unavailable_and_what_was_kept_stays(
    tmp_path: Path, folder: JournalFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.append(ENTRIES[0])
    real = os.pwrite

    def partly(descriptor: int, content: bytes, offset: int) -> int:
        if len(content) < 20:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(descriptor, content[: len(content) // 2], offset)

    with monkeypatch.context() as patched:
        patched.setattr(os, "pwrite", partly)
        with pytest.raises(Unavailable, match="No space left"):
            folder.append(b"a long entry that is written in part" * 3)
    folder.append(b"short")
    folder.close()
    assert again(tmp_path) == [ENTRIES[0], b"short"]
    assert not list(tmp_path.glob("*.damaged"))


def test_after_a_sync_that_failed_none_is_believed_until_the_file_was_emptied(
    tmp_path: Path, folder: JournalFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(descriptor: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    assert folder.own() == []
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", failing)
        with pytest.raises(Unavailable, match="Input/output error"):
            folder.append(b"lost by the disk")
    with pytest.raises(Unavailable, match="a sync failed"):
        folder.append(b"next")
    with next(folder.waiting()) as waiting:
        assert waiting is not None
        assert list(waiting.entries()) == [b"lost by the disk"]
        waiting.clear(1)
    folder.append(b"later")
    folder.close()
    assert again(tmp_path) == [b"later"]


#: Fills what the limit allows with a file that may not grow beyond its reserve, then says what happened.
LIMITED = """
import resource, sys
from pathlib import Path
from tidewaiter.adapters.journal import JournalFolder
from tidewaiter.core.errors import Unavailable
journal = JournalFolder(Path(sys.argv[1]), 4096)
journal.append(b"before")
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
kept = 1
try:
    while True:
        journal.append(b"x" * 100)
        kept += 1
except Unavailable as error:
    print(kept, error.message)
"""


def test_the_reserve_takes_stand_ins_when_no_file_may_grow(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": ":".join(path for path in sys.path if path)}
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    count, sentence = done.stdout.split(maxsplit=1)
    assert int(count) == 31  # 40 + 30 lines of 134 bytes are in the reserve
    assert "cannot be written: File too large" in sentence
    assert len(again(tmp_path)) == 31


def test_each_process_has_its_own_and_one_that_is_gone_is_worked_off_by_another(tmp_path: Path) -> None:
    gone, living = JournalFolder(tmp_path, RESERVE), JournalFolder(tmp_path, RESERVE)
    gone.append(b"of the first")
    living.append(b"of the second")
    found = []
    for lent in living.waiting():
        with lent as waiting:
            found.append(None if waiting is None else list(waiting.entries()))
    assert found == [[b"of the second"], None]
    gone.close()
    for lent in living.waiting():
        with lent as waiting:
            assert waiting is not None
            waiting.clear(1)
    living.close()
    assert again(tmp_path) == []


def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Unavailable, match="cannot be opened"):
        JournalFolder(tmp_path / "file" / "journals").append(b"entry")
    with pytest.raises(Unavailable, match="cannot be written"):
        NoteFile(tmp_path / "file" / "note").write("text")


def test_a_note_is_replaced_whole(tmp_path: Path) -> None:
    note = NoteFile(tmp_path / "standin" / "policy.note")
    assert note.read() is None
    note.write("first\n")
    note.write("second\n")
    assert note.read() == "second\n"
    assert [path.name for path in (tmp_path / "standin").iterdir()] == ["policy.note"]
