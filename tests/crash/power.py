"""A disk that loses power: it remembers every write and sync, and shows what a cut could leave.

SQLite runs on a recording file system (a shim over the real one).  From the record an image is
made for any moment: what was synced is there; of each 512-byte sector written since, the disk
kept the old content, the new content, or garbage; a change of length since the last sync may or
may not have happened.  The model follows SQLite's own crash tests, and its assumption that a
write leaves the bytes beside it alone ("powersafe overwrite").

Shared memory cannot be shimmed, so SQLite is told to lock the file exclusively and keeps the
index of the log in its own memory; what it writes and syncs is the same.
"""

from __future__ import annotations

import random  # noqa: TID251 - seeded and passed in
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw

SECTOR = 512


@dataclass(frozen=True)
class Write:
    """Bytes that were written to a file."""

    file: str
    offset: int
    data: bytes


@dataclass(frozen=True)
class Truncate:
    """A file got another length."""

    file: str
    size: int


@dataclass(frozen=True)
class Sync:
    """A file's content reached the disk."""

    file: str


@dataclass(frozen=True)
class Acknowledge:
    """An answer left."""

    number: int


Step = Write | Truncate | Sync | Acknowledge


class RecordingVfs(apsw.VFS):
    """A file system that notes what is done to the database and its log."""

    def __init__(self, name: str, steps: list[Step]) -> None:
        self.name = name
        self._steps = steps
        super().__init__(name, "")

    def xOpen(self, name: Any, flags: Any) -> RecordingFile:  # noqa: N802 - SQLite's name
        """Open a file, noted by its last name."""
        return RecordingFile(name, flags, self._steps)


class RecordingFile(apsw.VFSFile):
    """A file that notes what is done to it."""

    def __init__(self, name: Any, flags: list[int], steps: list[Step]) -> None:
        super().__init__("", name, flags)
        self._steps = steps
        self._name = Path(name if isinstance(name, str) else name.filename()).name

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - SQLite's name
        """Write, and note it."""
        self._steps.append(Write(self._name, offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802 - SQLite's name
        """Cut, and note it."""
        self._steps.append(Truncate(self._name, newsize))
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802 - SQLite's name
        """Note a sync; the real disk need not do it."""
        self._steps.append(Sync(self._name))


@dataclass
class Disk:
    """The files, as a power cut at this moment would find them."""

    #: What has reached the disk.
    synced: dict[str, bytearray]
    #: Writes and cuts since the last sync of their file, in order.
    waiting: list[Write | Truncate] = field(default_factory=list)
    acknowledged: set[int] = field(default_factory=set)

    def take(self, step: Step) -> None:
        """Do a step."""
        if isinstance(step, Acknowledge):
            self.acknowledged.add(step.number)
        elif isinstance(step, Sync):
            for each in self.waiting:
                if each.file == step.file:
                    _apply(self.synced.setdefault(each.file, bytearray()), each)
            self.waiting = [each for each in self.waiting if each.file != step.file]
        else:
            self.waiting.append(step)

    def after_cut(self, rng: random.Random) -> dict[str, bytes]:
        """Return files that the cut may leave."""
        files = {name: bytearray(content) for name, content in self.synced.items()}
        # A disk that had time to write all but the last things, or almost none, is as likely as any.
        fresh = rng.choice((0.05, 0.5, 0.95))
        for each in self.waiting:
            if each.file not in files:
                if rng.random() < 0.5:  # the new file's name itself had not reached the disk
                    continue
                files[each.file] = bytearray()
            if isinstance(each, Truncate):
                if rng.random() < 0.5:
                    _apply(files[each.file], each)
                continue
            for piece in _sectors(each):
                if rng.random() < fresh:
                    _apply(files[each.file], piece)
                elif rng.random() < 0.2:
                    garbage = rng.randbytes(len(piece.data))
                    _apply(files[each.file], Write(piece.file, piece.offset, garbage))
        return {name: bytes(content) for name, content in files.items()}


def _sectors(write: Write) -> Iterator[Write]:
    """Iterate over a write in pieces that lie within one sector each."""
    start, end = write.offset, write.offset + len(write.data)
    while start < end:
        stop = min(end, (start // SECTOR + 1) * SECTOR)
        yield Write(write.file, start, write.data[start - write.offset : stop - write.offset])
        start = stop


def _apply(content: bytearray, step: Write | Truncate) -> None:
    """Do a write or a cut to the content of a file."""
    if isinstance(step, Truncate):
        del content[step.size :]
        content.extend(bytes(step.size - len(content)))
        return
    content.extend(bytes(max(0, step.offset - len(content))))
    content[step.offset : step.offset + len(step.data)] = step.data
