"""What keeps the stand-ins of this machine until they are assessed, and the signed policy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

__all__ = ["PolicyFile", "Reassessment", "StandInJournal", "Waiting"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reassessment:
    """A stand-in and what the assessment afterwards said."""

    decision_id: str
    source: str
    declaration_id: str
    declaration_version: int
    #: When the stand-in was stated.
    given_at: datetime
    given_lane: str
    #: Code of the rule of the policy that stated it, and the version of the policy; None: none was valid.
    rule: str
    policy: str | None
    #: The lane of the decision; None: the message was refused.
    lane: str | None
    #: The lane is stricter than what was given, or the message was refused: somebody must look.
    recalled: bool
    at: datetime

    @property
    def subject(self) -> str:
        """Return the identity of the stand-in: a declaration may have one in each outage."""
        return f"{self.decision_id} {self.given_at.isoformat()}"


class Waiting(Protocol):
    """Stand-ins of one process, living or gone, that were not assessed yet."""

    def entries(self) -> Sequence[bytes]:
        """Return those that are whole, in the order in which they were stated."""
        ...

    def clear(self, count: int) -> None:
        """Forget the first *count*, which were assessed; later ones stay."""
        ...


class StandInJournal(Protocol):
    """A journal on this machine that does not need the store; any thread may call it."""

    def append(self, entry: bytes) -> None:
        """Keep *entry*, one line, durably; raises Unavailable when that cannot be done."""
        ...

    def own(self) -> Sequence[bytes]:
        """Return what this process has kept and not cleared, as when it was opened."""
        ...

    def waiting(self) -> Iterator[AbstractContextManager[Waiting | None]]:
        """Iterate over the journals of this machine: that of this process, and those of processes gone.

        Each is given for as long as its block lasts; None: another process works on it.
        """
        ...

    def close(self) -> None:
        """Give the journal of this process back."""
        ...


class PolicyFile(Protocol):
    """The place of the signed policy."""

    def read(self) -> str | None:
        """Return the signed note; None when there is none that can be read."""
        ...

    def write(self, note: str) -> None:
        """Put *note* in its place, whole; raises Unavailable when it cannot be written."""
        ...
