"""The ledger for an auditor: everything that is sealed as a bundle, and its verification in place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from tidewaiter.core.errors import Conflict, InputError, NotFound, Unavailable
from tidewaiter.core.ledger.bundle import HEADER, checkpoint_lines, end_line, entry_line
from tidewaiter.core.ledger.checkpoint import PublicKey, parse_checkpoint, parse_note
from tidewaiter.core.ledger.erasures import entries_named
from tidewaiter.core.ledger.finding import Finding, SignatureHolds
from tidewaiter.core.ledger.handover import HANDOVER, first_key
from tidewaiter.core.ledger.proof import InclusionProof
from tidewaiter.core.ledger.tiles import consistency_from_tiles, inclusion_from_tiles
from tidewaiter.core.ledger.tree import leaf_hash, verify_inclusion
from tidewaiter.core.ledger.verify import Report, verify
from tidewaiter.flow.ports import LedgerLeaf, Store, UnitOfWork
from tidewaiter.flow.ports.ledger import LedgerFiles

__all__ = ["InPlace", "Proving"]


@dataclass(frozen=True, slots=True, kw_only=True)
class InPlace:
    """What the verification of an installation found."""

    report: Report
    #: Entries that wait for the next sealing; nothing is proven of them yet.
    waiting: int


class Proving:
    """Hands out what proves the ledger, as it is: it hides nothing that is wrong."""

    def __init__(self, *, store: Store, files: LedgerFiles, signature_holds: SignatureHolds) -> None:
        self._store, self._files, self._signature_holds = store, files, signature_holds

    def last_checkpoint(self) -> str | None:
        """Return the newest signed checkpoint as it is kept, or None when nothing was sealed."""
        last = self._files.last_checkpoint()
        return None if last is None else last.decode("utf-8", "replace")

    def checkpoint_sizes(self) -> list[int]:
        """Return how many entries each checkpoint is over, in order; 0 for one that cannot be read."""
        return [_size_of(note) for note in self._files.checkpoints()]

    def inclusion_at(self, position: int) -> InclusionProof:
        """Return the proof that an entry stands under the newest checkpoint.

        Raises NotFound while it is not sealed, Conflict when the files contradict the checkpoint.
        """
        note = self.last_checkpoint()
        size = 0 if note is None else _size_of(note.encode())
        if note is None or not 1 <= position <= size:
            raise NotFound(f"Entry {position} is not sealed: {size} entries are.")
        path = inclusion_from_tiles(position - 1, size, self._read)
        (leaf,) = self._read(0, position - 1, 1)
        root = parse_checkpoint(parse_note(note).text).root
        if not verify_inclusion(leaf, position - 1, size, path, root):
            raise Conflict(
                "The sealed hashes do not have the root of the newest checkpoint: a file of the ledger was "
                "changed. Run `tidewaiter verify --data FOLDER` and keep all files as they are."
            )
        return InclusionProof(position=position, path=tuple(path), checkpoint=note)

    def inclusion(self, kind: str, subject: str) -> InclusionProof:
        """Return the proof that the first entry of a kind about *subject* is in the ledger."""
        with self._store.read() as work:
            position = work.ledger_position(kind, subject)
        if position is None:
            raise NotFound(f"There is no {kind} {subject!r} in the ledger.")
        return self.inclusion_at(position)

    def consistency(self, first: int, second: int) -> list[bytes]:
        """Return the proof that the ledger of *second* entries extends that of *first* (from 1).

        Raises InputError when *first* is larger, NotFound when so many are not sealed.
        """
        if not 1 <= first <= second:
            raise InputError(f"No ledger of {second} entries extends one of {first}: give the smaller first.")
        note = self.last_checkpoint()
        size = 0 if note is None else _size_of(note.encode())
        if second > size:
            raise NotFound(f"A ledger of {second} entries is not sealed: {size} entries are.")
        return consistency_from_tiles(first, second, self._read)

    def _read(self, level: int, first: int, count: int) -> Sequence[bytes]:
        """Return stored hashes; raises Unavailable while they are being written."""
        hashes = self._files.hashes_at(level, first, count)
        if len(hashes) < count:
            raise Unavailable("The last sealing did not end; ask again, or run `tidewaiter ledger seal`.")
        return hashes

    def bundle(self) -> Iterator[bytes]:
        """Iterate over the lines of the bundle: all sealed entries with their checkpoints.

        The leaf hashes are those that were sealed outside the database, so a body that was changed
        in it is found by its entry.  An entry whose row is gone is written without its body.  Raises
        Unavailable while an erasure is not sealed: the bundle would lack the act.
        """
        _, checkpoints = self._sealed_so_far()
        with self._store.read() as work:
            waiting = [seq for seq, body in _waiting(work, self.sealed()) if entries_named(body)]
            if waiting:
                raise Unavailable(
                    f"Entry {waiting[0]} erased others and is not sealed yet: run `tidewaiter ledger seal`, "
                    "or wait five seconds, and try again."
                )
            yield from _lines(work, self._files, checkpoints, lambda _leaf: None)

    def sealed(self) -> int:
        """Return how many entries stand under the newest checkpoint."""
        last = self._files.last_checkpoint()
        return 0 if last is None else _size_of(last)

    def verify(self, key: PublicKey, known: Sequence[bytes] = (), receipts: Iterable[bytes] = ()) -> InPlace:
        """Verify the installation: the store, the sealed leaf hashes and the checkpoints together."""
        extra: list[Finding] = []

        def differs(leaf: LedgerLeaf) -> None:
            extra.append(
                Finding(
                    code="hash-changed",
                    position=leaf.seq,
                    message=f"Entry {leaf.seq}: the leaf hash in the store is not the one that was sealed.",
                )
            )

        hashes, checkpoints = self._sealed_so_far()
        sizes: list[int] = []
        with self._store.read() as work:
            report = verify(
                _lines(work, self._files, checkpoints, differs, sizes.append),
                key=_first_key(work, key), pinned=key, signature_holds=self._signature_holds,
                known=known, receipts=receipts, waiting=_after_all(sizes, work),
            )  # fmt: skip
            size = report.entries
            extra += _beyond_checkpoints(hashes, size)
            for leaf in work.ledger(size):
                if leaf.body is None or leaf_hash(leaf.body) != leaf.leaf_hash:
                    extra.append(
                        Finding(
                            code="body-changed",
                            position=leaf.seq,
                            message=f"Entry {leaf.seq}, not sealed yet: its bytes and its leaf hash differ.",
                        )
                    )
            waiting = max(0, work.ledger_end() - size)
        told = (*report.findings, *extra)[:100]
        report = replace(report, findings=told, findings_count=report.findings_count + len(extra))
        return InPlace(report=report, waiting=waiting)

    def _sealed_so_far(self) -> tuple[int, int]:
        """Return how many hashes and checkpoints there are; asked before the store is read.

        What is sealed while we read is beyond the store's view and is left for the next time.
        Hashes are counted first, because a checkpoint is written before its hashes.
        """
        hashes = sum(1 for _ in self._files.hashes())
        return hashes, sum(1 for _ in self._files.checkpoints())


def _beyond_checkpoints(hashes: int, size: int) -> list[Finding]:
    """Return what is wrong when more entries were sealed than the last checkpoint says."""
    if hashes <= size:
        return []
    message = (
        f"{hashes} entries were sealed and the last checkpoint is of {size}: checkpoints were taken away."
    )
    return [Finding(code="rolled-back", position=hashes, message=message)]


def _first_key(work: UnitOfWork, key: PublicKey) -> PublicKey:
    """Return the key that the ledger began with."""
    position = work.ledger_position(HANDOVER, key.name)
    leaves = () if position is None else work.ledger(position - 1, position)
    return first_key((leaf.body for leaf in leaves if leaf.body is not None), key)


def _waiting(work: UnitOfWork, size: int) -> Iterator[tuple[int, bytes]]:
    """Iterate over positions and bytes of the entries behind the first *size*."""
    return ((leaf.seq, leaf.body) for leaf in work.ledger(size) if leaf.body is not None)


def _after_all(sizes: Sequence[int], work: UnitOfWork) -> Iterator[tuple[int, bytes]]:
    """Iterate as :func:`_waiting`, from where the lines will have ended by then."""
    yield from _waiting(work, sizes[-1])


def _lines(
    work: UnitOfWork,
    files: LedgerFiles,
    checkpoints: int,
    differs: Callable[[LedgerLeaf], None],
    ended: Callable[[int], None] = lambda _: None,
) -> Iterator[bytes]:
    """Iterate over the lines of a bundle with so many checkpoints.

    *differs* hears of changed hashes, *ended* of the number of entries.
    """
    yield HEADER
    leaves, sealed = work.ledger(), files.hashes()
    entries = 0
    waiting: LedgerLeaf | None = next(leaves, None)
    for note in islice(files.checkpoints(), checkpoints):
        size = _size_of(note)
        for position in range(entries + 1, size + 1):
            hash_ = next(sealed, None)
            if waiting is not None and waiting.seq == position:
                if hash_ is not None and hash_ != waiting.leaf_hash:
                    differs(waiting)
                yield entry_line(position, hash_ or waiting.leaf_hash, waiting.body)
                waiting = next(leaves, None)
            elif hash_ is not None:
                yield entry_line(position, hash_, None)
            else:  # neither the store nor the files know this entry
                break
            entries = position
        yield from checkpoint_lines(note.decode("utf-8", "replace"))
    ended(entries)
    yield end_line(entries, checkpoints)


def _size_of(note: bytes) -> int:
    """Return the size that a note states; 0 when it cannot be read, which the verification will say."""
    try:
        return parse_checkpoint(parse_note(note.decode("utf-8", "replace")).text).size
    except InputError:
        return 0
