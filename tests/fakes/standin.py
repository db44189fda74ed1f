"""What stands in, for tests: a journal in memory that can be full, and a policy file in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext

from tidewaiter.core.errors import Unavailable
from tidewaiter.flow.ports.standin import Waiting

__all__ = ["MemoryJournal", "MemoryNote"]


class MemoryJournal:
    """The journal of one process, which survives it as a file does."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        #: Whether the disk is full.
        self.full = False

    def append(self, entry: bytes) -> None:
        if self.full:
            raise Unavailable("The journal of stand-ins cannot be written: No space left on device.")
        self.lines.append(entry)

    def own(self) -> Sequence[bytes]:
        return list(self.lines)

    def entries(self) -> Sequence[bytes]:
        return list(self.lines)

    def clear(self, count: int) -> None:
        del self.lines[:count]

    def waiting(self) -> Iterator[AbstractContextManager[Waiting | None]]:
        yield nullcontext(self)

    def close(self) -> None:
        return


class MemoryNote:
    """The place of the signed policy."""

    def __init__(self) -> None:
        self.note: str | None = None

    def read(self) -> str | None:
        return self.note

    def write(self, note: str) -> None:
        self.note = note
