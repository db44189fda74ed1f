"""Sealing: new entries go into the tree, and a signed checkpoint over them leaves the database.

Before anything is signed, each entry is hashed again from its bytes, and what was sealed before is
compared with what the store holds now: a ledger must never sign two histories.  The checkpoint is
written before the leaf hashes, so that after a crash there are too few of them (they are filled up
and compared with the root), and too many only when a checkpoint was taken away.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import islice
from typing import Final

from tidewaiter.core.errors import Conflict, InputError
from tidewaiter.core.ledger.checkpoint import Checkpoint, PublicKey
from tidewaiter.core.ledger.finding import SignatureHolds
from tidewaiter.core.ledger.handover import Handover, handover_in
from tidewaiter.core.ledger.signers import opened_checkpoint
from tidewaiter.core.ledger.tree import Frontier, leaf_hash
from tidewaiter.flow.ports import Clock, LedgerLeaf, Store, UnitOfWork
from tidewaiter.flow.ports.ledger import LedgerFiles, LedgerKey, RotatingKey

__all__ = ["Sealed", "Sealing"]

#: Entries under one checkpoint at most: bounds memory, and how far a fault can hide.
BATCH: Final = 10_000
_WHAT_TO_DO: Final = (
    "Nothing was signed. Run `tidewaiter verify --data FOLDER` and keep all files as they are."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """What a sealing did."""

    #: Entries that are sealed now.
    size: int
    #: Entries that were sealed by this run.
    new: int
    #: The key with which anybody can verify it.
    key: PublicKey
    #: The newest signed checkpoint; None while there is no entry.
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """Where a sealing ended, so that the next one need not read all hashes again."""

    #: The state of the files then.
    mark: object
    tree: Frontier
    note: str | None
    last_leaf: bytes | None


class Sealing:
    """Seals what the store has recorded; one object serves one process.

    The first sealing of a process reads all sealed hashes; the next ones only what is new.
    """

    def __init__(
        self,
        *,
        store: Store,
        files: LedgerFiles,
        key: RotatingKey,
        signature_holds: SignatureHolds,
        clock: Clock,
    ) -> None:
        self._store, self._files, self._key, self._clock = store, files, key, clock
        self._signature_holds = signature_holds
        self._kept: _Kept | None = None

    def leading(self) -> AbstractContextManager[None]:
        """Be the process that seals from now on; raises Unavailable when another one is.

        Only so does each sealing begin where the last one ended; processes that took turns would
        read all sealed hashes each time.
        """
        return self._files.leading()

    def seal(self, batch: int = BATCH) -> Sealed:
        """Seal all entries that are not sealed yet; at most *batch* under one checkpoint.

        Raises Conflict when the store, the files or the key contradict what was sealed before, and
        Unavailable when another process seals now.
        """
        with self._files.alone(), self._store.read() as work:
            self._key.read_again()
            end = work.ledger_end()
            kept, self._kept = self._kept, None  # what fails half-way is read again
            if kept is not None and kept.mark == self._files.mark():
                tree, note, last_leaf = kept.tree, kept.note, kept.last_leaf
            else:
                tree, note, last_leaf = self._resume(work, end)
            before = tree.size
            self._require_unchanged(work, tree.size, last_leaf)
            leaves = work.ledger(tree.size, end)
            while tree.size < end:
                hashes, handover = self._next(leaves, tree.size, min(batch, end - tree.size))
                tree.extend(hashes)
                note = self._signed(tree, self._key)
                if handover is not None:
                    note += self._signed(tree, self._new_key(handover)).partition("\n\n")[2]
                self._files.add_checkpoint(note)
                self._files.add_hashes(tree.size - len(hashes), hashes)
                if handover is not None:
                    self._key.turn()
                last_leaf = hashes[-1]
            self._kept = _Kept(mark=self._files.mark(), tree=tree, note=note, last_leaf=last_leaf)
            return Sealed(size=tree.size, new=tree.size - before, key=self._key.public, note=note)

    def _signed(self, tree: Frontier, key: LedgerKey) -> str:
        """Return the checkpoint of *tree* signed with *key*, with its time."""
        checkpoint = Checkpoint(origin=key.public.name, size=tree.size, root=tree.root())
        time = int(self._clock.now().timestamp())
        timed = key.sign(checkpoint.timed_text(time).encode())
        return checkpoint.signed(key.public, key.sign(checkpoint.text().encode()), (time, timed))

    def _new_key(self, handover: Handover) -> LedgerKey:
        """Return the key to which the ledger is handed over; raises Conflict when it is not here."""
        coming = self._key.coming()
        if coming is None or coming.public != handover.new:
            raise Conflict(
                f"Entry {handover.position} hands the ledger over to a key that is not here: somebody else "
                f"wrote it, or the file of the next key was lost. {_WHAT_TO_DO}"
            )
        return coming

    def _opened(self, note: bytes) -> Checkpoint:
        """Return the last checkpoint; raises Conflict when it is not signed with the key in force.

        Turns to the next key when that signed it, too: the process stopped before it had turned.
        """
        try:
            checkpoint = opened_checkpoint(note, self._key.public, self._signature_holds)
        except InputError as error:
            raise Conflict(f"The last checkpoint: {error} {_WHAT_TO_DO}") from error
        coming = self._key.coming()
        if coming is not None:
            try:
                opened_checkpoint(note, coming.public, self._signature_holds)
            except InputError:
                return checkpoint  # its handover is not sealed yet
            self._key.turn()
        return checkpoint

    def _resume(self, work: UnitOfWork, end: int) -> tuple[Frontier, str | None, bytes | None]:
        """Return the tree as it was sealed last, its note and its last leaf hash.

        Fills up the leaf hashes that a crash kept from being written.
        """
        last = self._files.last_checkpoint()
        tree, leaf = Frontier(), None
        hashes = self._files.hashes()
        while chunk := list(islice(hashes, BATCH)):
            tree.extend(chunk)
            leaf = chunk[-1]
        if last is None:
            if tree.size:
                raise Conflict(f"{tree.size} entries were sealed and no checkpoint is left. {_WHAT_TO_DO}")
            return tree, None, None
        checkpoint = self._opened(last)
        if tree.size > checkpoint.size:
            raise Conflict(
                f"{tree.size} entries were sealed and the last checkpoint is of {checkpoint.size}: "
                f"checkpoints were taken away. {_WHAT_TO_DO}"
            )
        if end < checkpoint.size:
            raise Conflict(
                f"{checkpoint.size} entries were sealed and the store holds {end}: it was restored "
                f"from an older copy, or entries were deleted. {_WHAT_TO_DO}"
            )
        missing: list[bytes] = []
        if tree.size < checkpoint.size:
            missing = self._sealed_before(work, tree.size, checkpoint.size)
            tree.extend(missing)
            leaf = missing[-1]
        if tree.root() != checkpoint.root:
            raise Conflict(
                f"The sealed leaf hashes do not have the root of the checkpoint of {checkpoint.size} "
                f"entries: a file of the ledger was changed. {_WHAT_TO_DO}"
            )
        # Also when none is missing: what is stored above the leaf hashes may not be complete.
        self._files.add_hashes(tree.size - len(missing), missing)
        return tree, last.decode(), leaf

    def _require_unchanged(self, work: UnitOfWork, size: int, last_leaf: bytes | None) -> None:
        """Raise Conflict when the store's last sealed entry is another one than was sealed."""
        if size and self._sealed_before(work, size - 1, size) != [last_leaf]:
            raise Conflict(
                f"Entry {size} of the store is not the one that was sealed: the store was restored from "
                f"an older copy and went on, or was changed. {_WHAT_TO_DO}"
            )

    def _next(
        self, leaves: Iterator[LedgerLeaf], after: int, count: int
    ) -> tuple[list[bytes], Handover | None]:
        """Return the hashes of the next *count* entries, up to a handover of the key if there is one."""
        hashes: list[bytes] = []
        for position, leaf in enumerate(islice(leaves, count), after + 1):
            hashes.append(_checked(leaf, position))
            handover = handover_in(position, leaf.body or b"", self._key.public)
            if handover is not None:
                return hashes, handover
        _require_all(hashes, after, count)
        return hashes, None

    @staticmethod
    def _sealed_before(work: UnitOfWork, after: int, until: int) -> list[bytes]:
        """Return the hashes of entries that were sealed: of some, the bytes may have been erased since.

        Who calls compares them with what was signed, so a hash that was changed is found all the same.
        """
        hashes = [
            leaf.leaf_hash if leaf.body is None and leaf.seq == position else _checked(leaf, position)
            for position, leaf in enumerate(work.ledger(after, until), after + 1)
        ]
        _require_all(hashes, after, until - after)
        return hashes


def _checked(leaf: LedgerLeaf, position: int) -> bytes:
    """Return the hash of an entry, computed again from its bytes; raises Conflict when it differs."""
    if leaf.seq != position or leaf.body is None or leaf_hash(leaf.body) != leaf.leaf_hash:
        raise Conflict(
            f"Entry {position} of the store is missing, or its bytes do not have the leaf hash that was "
            f"recorded with it. {_WHAT_TO_DO}"
        )
    return leaf.leaf_hash


def _require_all(hashes: Sequence[bytes], after: int, count: int) -> None:
    if len(hashes) < count:
        raise Conflict(f"Entry {after + len(hashes) + 1} of the store is missing. {_WHAT_TO_DO}")
