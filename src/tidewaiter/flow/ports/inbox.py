"""A place where messages are laid down as files, for systems that cannot call."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

__all__ = ["Inbox", "Laid"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Laid:
    """One file that was claimed."""

    name: str
    body: bytes
    #: When it was written.
    at: datetime


class Inbox(Protocol):
    """Files that come in, each for one taker; none is ever deleted."""

    def alone(self) -> AbstractContextManager[None]:
        """Be the only one that takes, among processes; raises Unavailable when another one does."""
        ...

    def claim(self, limit: int) -> Sequence[Laid]:
        """Claim complete files, those first that were claimed before and not worked off; oldest first.

        What is no readable file of a permitted size is put aside with its reason.
        """
        ...

    def answer(self, laid: Laid, answer: bytes) -> None:
        """Lay down the answer, durably, and then put the message to those that are done."""
        ...

    def put_aside(self, laid: Laid, reason: str) -> None:
        """Put a message aside with the reason beside it."""
        ...
