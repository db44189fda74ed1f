"""Files of the ledger outside the database: signed checkpoints and sealed leaf hashes, append-only."""

from __future__ import annotations

import fcntl
import os
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tidewaiter.core.errors import ConfigurationError, Conflict, Unavailable
from tidewaiter.core.ledger.bundle import notes
from tidewaiter.core.ledger.tiles import TILE_WIDTH, tiles_above
from tidewaiter.core.ledger.tree import HASH_BYTES

__all__ = ["LedgerFolder"]

#: Bytes that are read at a time: a whole number of hashes.
_READ_BYTES: Final = HASH_BYTES * 4096
#: Bytes at the end of the checkpoints in which the last one is looked for first; one has some hundred.
_TAIL_BYTES: Final = 8192
_TAKEN_AWAY: Final = (
    "The file {file} of the ledger does not begin with the last checkpoint of the file before it: one was "
    "taken away or changed. Put it back from a backup."
)
#: Bytes from which on a file of checkpoints is put aside: some forty thousand checkpoints.
ROLL_BYTES: Final = 16 * 2**20


class LedgerFolder:
    """The port :class:`~tidewaiter.flow.ports.ledger.LedgerFiles` in a folder.

    ``checkpoints`` holds signed notes with an empty line after each, ``hashes`` 32 bytes an entry,
    ``hashes-1`` the roots over each 256 of them, ``hashes-2`` over each 256 of those, and so on.
    Checkpoints that have grown to *roll_bytes* are put aside as ``checkpoints-1``, ``checkpoints-2`` and
    so on, which never change again; the file that goes on begins with the last note of the one before it.
    """

    def __init__(self, folder: Path, roll_bytes: int = ROLL_BYTES) -> None:
        self._folder, self._roll_bytes = folder, roll_bytes
        self._checkpoints = folder / "checkpoints"
        self._hashes = folder / "hashes"
        # Length of the checkpoints as this object left them: they need not be read again to append.
        self._left: int | None = None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be the only one that seals, among processes; raises Unavailable when another one does."""
        with self._locked("lock", "Another process is sealing the ledger; try again."):
            yield

    @contextmanager
    def leading(self) -> Iterator[None]:
        """Be the one that seals from now on, among processes; raises Unavailable when another one is."""
        with self._locked("leader", "Another process seals the ledger of this installation."):
            yield

    @contextmanager
    def _locked(self, name: str, otherwise: str) -> Iterator[None]:
        """Hold a lock, which ends with the process; raises Unavailable saying *otherwise*."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = (self._folder / name).open("ab")
        except OSError as error:
            raise ConfigurationError(
                f"The folder of the ledger, {self._folder}, cannot be written: {error.strerror}."
            ) from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Unavailable(otherwise) from error
            yield

    def mark(self) -> object:
        """Return a value that is another one when the files were changed by anybody."""
        files = [file.stat() for file in (self._checkpoints, self._hashes) if file.exists()]
        return [(file.st_ino, file.st_size, file.st_mtime_ns) for file in files]

    def checkpoints(self) -> Iterator[bytes]:
        """Iterate over the signed notes, oldest first; one that was not written to its end is left out.

        Raises Conflict when a file does not begin where the one before it ends: one was taken away.
        """
        last: bytes | None = None
        rolled = self._rolled()
        if rolled and rolled[0].name != "checkpoints-1":
            raise Conflict(_TAKEN_AWAY.format(file=rolled[0].name))
        for file in (*rolled, self._checkpoints):
            for number, note in enumerate(_notes_in(file)):
                if number == 0 and last is not None and note != last:
                    raise Conflict(_TAKEN_AWAY.format(file=file.name))
                if number or last is None:
                    yield note
                last = note

    def add_checkpoint(self, note: str) -> None:
        """Append a signed note; it is durable when this returns."""
        length = self._checkpoints.stat().st_size if self._checkpoints.exists() else 0
        complete = length
        if length != self._left:
            complete = sum(len(each) + 1 for each in _notes_in(self._checkpoints))
        if complete == length >= self._roll_bytes:
            self._checkpoints.rename(self._folder / f"checkpoints-{self._next_number()}")
            complete = 0
        addition = note.encode() + b"\n"
        if complete == 0 and (before := self._last_rolled()) is not None:
            addition = before + b"\n" + addition
        self._append(self._checkpoints, complete, addition)
        self._left = complete + len(addition)

    def last_checkpoint(self) -> bytes | None:
        """Return the newest signed note, or None; the time does not grow with their number."""
        return _last_in(self._checkpoints) or self._last_rolled()

    def _last_rolled(self) -> bytes | None:
        """Return the newest signed note among those that were put aside, or None."""
        rolled = self._rolled()
        return _last_in(rolled[-1]) if rolled else None

    def _next_number(self) -> int:
        """Return the number of the next file that is put aside."""
        rolled = self._rolled()
        return 1 + (int(rolled[-1].name.partition("-")[2]) if rolled else 0)

    def _rolled(self) -> list[Path]:
        """Return the files of checkpoints that were put aside, oldest first."""
        numbers = (file.name.partition("-")[2] for file in self._folder.glob("checkpoints-*"))
        ordered = sorted(int(number) for number in numbers if number.isdecimal())
        return [self._folder / f"checkpoints-{number}" for number in ordered]

    def hashes_at(self, level: int, first: int, count: int) -> list[bytes]:
        """Return stored hashes of a level; fewer where there are not so many."""
        file = self._level(level)
        if not file.exists():
            return []
        with file.open("rb") as stream:
            stream.seek(first * HASH_BYTES)
            return _hashes_in(stream.read(count * HASH_BYTES))

    def hashes(self) -> Iterator[bytes]:
        """Iterate over the sealed leaf hashes, by position."""
        if not self._hashes.exists():
            return
        with self._hashes.open("rb") as stream:
            while block := stream.read(_READ_BYTES):
                yield from _hashes_in(block)

    def add_hashes(self, after: int, hashes: Sequence[bytes]) -> None:
        """Append leaf hashes behind the first *after*; they are durable when this returns.

        What is stored above them is completed, also where an older release or a crash left it open.
        """
        if hashes:
            self._append(self._hashes, after * HASH_BYTES, b"".join(hashes))
        level, below = 1, after + len(hashes)
        while complete := below // TILE_WIDTH:
            file = self._level(level)
            stored = file.stat().st_size // HASH_BYTES if file.exists() else 0
            if stored > complete:  # the leaf hashes were put back to an earlier state
                self._append(file, complete * HASH_BYTES, b"")
            for first in range(stored, complete, TILE_WIDTH):
                count = min(TILE_WIDTH, complete - first) * TILE_WIDTH
                above = tiles_above(self.hashes_at(level - 1, first * TILE_WIDTH, count))
                self._append(file, first * HASH_BYTES, b"".join(above))
            level, below = level + 1, complete

    def _level(self, level: int) -> Path:
        """Return the file of a level of stored hashes."""
        return self._hashes if level == 0 else self._folder / f"hashes-{level}"

    def _append(self, file: Path, complete: int, addition: bytes) -> None:
        """Append durably behind *complete* bytes, over a rest that a crash left there."""
        with file.open("ab") as stream:
            length = stream.tell()
            if length < complete:
                raise Conflict(f"{file.name} has {length} bytes where {complete} were written before.")
            if length > complete:
                stream.truncate(complete)
            stream.write(addition)
            stream.flush()
            os.fsync(stream.fileno())
        folder = os.open(self._folder, os.O_RDONLY)
        try:  # the name of a file that is new must survive a crash, too
            os.fsync(folder)
        finally:
            os.close(folder)


def _notes_in(file: Path) -> Iterator[bytes]:
    """Iterate over the signed notes in a file of checkpoints."""
    if file.exists():
        with file.open("rb") as stream:
            yield from notes(stream)


def _last_in(file: Path) -> bytes | None:
    """Return the last signed note in a file of checkpoints, or None."""
    if not file.exists():
        return None
    with file.open("rb") as stream:
        end = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, end - _TAIL_BYTES))
        parts = stream.read().split(b"\n\n")
    # A note is its text, an empty line, its signatures, an empty line; the last one may be cut off.
    signatures = [place for place in range(1, len(parts) - 1) if parts[place].startswith("— ".encode())]
    if not signatures:
        return next(iter(deque(_notes_in(file), maxlen=1)), None)
    place = signatures[-1]
    return parts[place - 1] + b"\n\n" + parts[place] + b"\n"


def _hashes_in(block: bytes) -> list[bytes]:
    """Return the whole hashes in *block*."""
    whole = len(block) - len(block) % HASH_BYTES
    return [block[start : start + HASH_BYTES] for start in range(0, whole, HASH_BYTES)]
