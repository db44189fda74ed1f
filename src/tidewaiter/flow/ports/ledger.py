"""What sealing needs from outside the database: files that only grow, and the key that signs.

They are apart from the store on purpose: who can rewrite the database cannot rewrite these.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from tidewaiter.core.ledger.checkpoint import PublicKey

__all__ = ["LedgerFiles", "LedgerKey", "RotatingKey"]


class LedgerFiles(Protocol):
    """Signed checkpoints and sealed leaf hashes, append-only, outside the database."""

    def alone(self) -> AbstractContextManager[None]:
        """Be the only one that seals, among processes; raises Unavailable when another one does."""
        ...

    def leading(self) -> AbstractContextManager[None]:
        """Be the one that seals from now on, among processes; raises Unavailable when another one is.

        Who leads may be interrupted by somebody who seals once: each sealing is still `alone`.
        """
        ...

    def mark(self) -> object:
        """Return a value that is another one when the files were changed by anybody."""
        ...

    def checkpoints(self) -> Iterator[bytes]:
        """Iterate over the signed notes, oldest first; one that was not written to its end is left out."""
        ...

    def add_checkpoint(self, note: str) -> None:
        """Append a signed note; it is durable when this returns."""
        ...

    def last_checkpoint(self) -> bytes | None:
        """Return the newest signed note, or None; the time does not grow with their number."""
        ...

    def hashes_at(self, level: int, first: int, count: int) -> Sequence[bytes]:
        """Return stored hashes: of level 0 sealed leaves, of each next one roots over 256 of the last.

        Fewer come back where the sealing did not end yet.
        """
        ...

    def hashes(self) -> Iterator[bytes]:
        """Iterate over the sealed leaf hashes, by position."""
        ...

    def add_hashes(self, after: int, hashes: Sequence[bytes]) -> None:
        """Append leaf hashes behind the first *after*; they are durable when this returns."""
        ...


class LedgerKey(Protocol):
    """A key that signs."""

    @property
    def public(self) -> PublicKey:
        """Return the public half, which has the name of the ledger."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the Ed25519 signature of *message*."""
        ...


class RotatingKey(LedgerKey, Protocol):
    """The key that signs checkpoints, and the one that comes after it."""

    def read_again(self) -> None:
        """Take notice when another process turned to the next key."""
        ...

    def coming(self) -> LedgerKey | None:
        """Return the next key, or None while none was made."""
        ...

    def make_coming(self) -> LedgerKey:
        """Return the next key, made when there is none; it has the name of the ledger."""
        ...

    def turn(self) -> None:
        """Let the next key take the place of this one, whose secret is then nowhere here."""
        ...
