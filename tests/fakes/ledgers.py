"""Ledgers for tests: a key from a seed, a bundle in memory, the two fakes of what lies outside the store."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tidewaiter.core.ledger import canonical_json
from tidewaiter.core.ledger.bundle import HEADER, checkpoint_lines, end_line, entry_line
from tidewaiter.core.ledger.checkpoint import Checkpoint, PublicKey
from tidewaiter.core.ledger.erasures import spans_of
from tidewaiter.core.ledger.handover import MARK
from tidewaiter.core.ledger.tiles import tiles_above
from tidewaiter.core.ledger.tree import Frontier, leaf_hash

__all__ = [
    "FakeKey", "MemoryLedgerFiles", "TurningKey", "act_body", "body_of", "handover_body", "make_bundle",
    "make_long_bundle",
]  # fmt: skip


class FakeKey:
    """A signing key that a number gives."""

    def __init__(self, seed: int = 1, name: str = "customs.example/ledger") -> None:
        self._secret = Ed25519PrivateKey.from_private_bytes(seed.to_bytes(32, "big"))
        raw = self._secret.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.public = PublicKey(name=name, key=raw)

    def sign(self, message: bytes) -> bytes:
        """Return the signature of *message*."""
        return self._secret.sign(message)

    def read_again(self) -> None:
        """Nobody else turns it."""

    def coming(self) -> FakeKey | None:
        """Return None: no next key was made."""
        return None

    def note(self, size: int, root: bytes, origin: str | None = None, time: int | None = None) -> str:
        """Return a signed checkpoint, which was signed at *time* if that is given."""
        checkpoint = Checkpoint(origin=origin or self.public.name, size=size, root=root)
        timed = None if time is None else (time, self.sign(checkpoint.timed_text(time).encode()))
        return checkpoint.signed(self.public, self.sign(checkpoint.text().encode()), timed)


class TurningKey(FakeKey):
    """A key that can be handed over: the next one has the next number."""

    next: FakeKey | None = None
    #: How often the ledger was handed over.
    turns = 0

    def coming(self) -> FakeKey | None:
        """Return the next key, or None."""
        return self.next

    def make_coming(self) -> FakeKey:
        """Return the next key."""
        self.next = self.next or FakeKey(self.turns + 2, self.public.name)
        return self.next

    def turn(self) -> None:
        """Let the next key take the place of this one."""
        assert self.next is not None
        self._secret, self.public, self.next = self.next._secret, self.next.public, None
        self.turns += 1


class MemoryLedgerFiles:
    """The files of the ledger, in memory."""

    def __init__(self) -> None:
        self.notes: list[bytes] = []
        self.leaves: list[bytes] = []

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else is there."""
        yield

    @contextmanager
    def leading(self) -> Iterator[None]:
        """Nobody else is there."""
        yield

    def mark(self) -> object:
        """Return all that there is."""
        return tuple(self.notes), tuple(self.leaves)

    def checkpoints(self) -> Iterator[bytes]:
        """Iterate over the notes."""
        return iter(list(self.notes))

    def add_checkpoint(self, note: str) -> None:
        """Append a note."""
        self.notes.append(note.encode())

    def last_checkpoint(self) -> bytes | None:
        """Return the newest note."""
        return self.notes[-1] if self.notes else None

    def hashes_at(self, level: int, first: int, count: int) -> Sequence[bytes]:
        """Return hashes of a level, computed anew from the leaves each time."""
        hashes = self.leaves
        for _ in range(level):
            hashes = tiles_above(hashes)
        return hashes[first : first + count]

    def hashes(self) -> Iterator[bytes]:
        """Iterate over the hashes."""
        return iter(list(self.leaves))

    def add_hashes(self, after: int, hashes: Sequence[bytes]) -> None:
        """Append hashes."""
        assert after == len(self.leaves)
        self.leaves += hashes


def body_of(number: int, length: int = 0) -> bytes:
    """Return the body of an entry, of at least *length* bytes."""
    start = b'{"decision":"D%08d","lane":"green","reasons":["' % number
    return start + b"x" * (length - len(start) - 3) + b'"]}'


def make_bundle(key: FakeKey, bodies: Sequence[bytes], every: int) -> list[bytes]:
    """Return the parts of a bundle over *bodies*: header, entries, checkpoints (one part each), end."""
    parts, tree, checkpoints = [HEADER], Frontier(), 0
    for position, body in enumerate(bodies, 1):
        leaf = leaf_hash(body)
        tree.extend([leaf])
        parts.append(entry_line(position, leaf, body))
        if position % every == 0 or position == len(bodies):
            parts.append(b"".join(checkpoint_lines(key.note(tree.size, tree.root()))))
            checkpoints += 1
    return [*parts, end_line(len(bodies), checkpoints)]


def handover_body(old: FakeKey, new: FakeKey) -> bytes:
    """Return the body of the entry by which *old* hands the ledger over to *new*."""
    words = {"old_key": old.public.text(), "new_key": new.public.text()}
    return canonical_json({"kind": "handover", **words})


def act_body(positions: Sequence[int]) -> bytes:
    """Return the body of the act that erases these entries."""
    return canonical_json({"kind": "erasure", "entries": spans_of(positions)})


def make_long_bundle(
    bodies: Sequence[bytes],
    every: int,
    signers: Callable[[int], Sequence[FakeKey]],
    erased: Collection[int] = (),
) -> list[bytes]:
    """Return the parts of a bundle with erasures and handovers; each handover has its own checkpoint.

    *signers* tells who signs the checkpoint of so many entries; bytes at the positions *erased* are gone.
    """
    parts, tree, checkpoints = [HEADER], Frontier(), 0
    for position, body in enumerate(bodies, 1):
        leaf = leaf_hash(body)
        tree.extend([leaf])
        parts.append(entry_line(position, leaf, None if position in erased else body))
        if MARK in body or position % every == 0 or position == len(bodies):
            first, *others = [key.note(tree.size, tree.root()) for key in signers(position)]
            note = first + "".join(other.partition("\n\n")[2] for other in others)
            parts.append(b"".join(checkpoint_lines(note)))
            checkpoints += 1
    return [*parts, end_line(len(bodies), checkpoints)]
