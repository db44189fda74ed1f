"""Verification of a bundle: offline, with the public key alone, in one pass and bounded memory.

Proven is: every entry up to the last good checkpoint is byte for byte what was sealed, at that
position, and nothing was added, taken away or moved; and, with a checkpoint that somebody else kept,
that the ledger was not rolled back or forked since.  See docs/explanation/ledger.md for what is not.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from tidewaiter.core.ledger.bundle import CHECKPOINT, END, HEADER, MISSING, note_of
from tidewaiter.core.ledger.checkpoint import Checkpoint, PublicKey
from tidewaiter.core.ledger.erasures import Erased, Gone
from tidewaiter.core.ledger.finding import Finding, SignatureHolds
from tidewaiter.core.ledger.handover import LENGTH_MAX, MARK
from tidewaiter.core.ledger.promises import Promises, Seen
from tidewaiter.core.ledger.signers import Refused, Signers
from tidewaiter.core.ledger.tree import Frontier

__all__ = ["Report", "verify"]

#: Findings that are told one by one; more are counted.
_FINDINGS_MAX: Final = 100
#: Leaf hashes that are held before they go into the tree.
_PENDING_MAX: Final = 8192
#: Bytes of a line in which a handover may be: its position and leaf hash stand before it.
_LOOKED_THROUGH: Final = LENGTH_MAX + 128
_ENTRY: Final = re.compile(rb"([1-9][0-9]{0,17}) ([0-9a-f]{64}) (.*)\n", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a verification found."""

    #: Entries that were read.
    entries: int
    #: Checkpoints that were read.
    checkpoints: int
    #: The last checkpoint that everything before it agrees with; None when there is none.
    proven: Checkpoint | None
    #: What is wrong, in the order of reading; the first hundred.
    findings: tuple[Finding, ...]
    #: How many findings there are in all.
    findings_count: int
    #: Receipts that were held against the ledger.
    receipts: int = 0
    #: Those of them whose entry may still come: they were given right before the last checkpoint.
    receipts_not_due: int = 0
    #: Which act erased how many entries, by position of the act.
    erased: tuple[Erased, ...] = ()
    #: The key in force at the end: the one that was given, unless the ledger was handed over.
    key: PublicKey

    @property
    def holds(self) -> bool:
        """Tell whether nothing is wrong."""
        return self.findings_count == 0


def verify(
    lines: Iterable[bytes],
    *,
    key: PublicKey,
    signature_holds: SignatureHolds,
    known: Sequence[bytes] = (),
    receipts: Iterable[bytes] = (),
    waiting: Iterable[tuple[int, bytes]] = (),
    pinned: PublicKey | None = None,
) -> Report:
    """Verify the *lines* of a bundle, each with its newline; returns what is wrong, never raises for it.

    *known* are signed checkpoints that somebody kept outside the reach of the ledger's owner: the
    bundle must contain them.  Without them a ledger that was rolled back as a whole, to an earlier
    state of itself, looks as it looked then.  *receipts* are lines that somebody kept, as
    :mod:`~tidewaiter.core.ledger.promises` reads them; each signature takes a tenth of a millisecond.
    *waiting* are positions and bytes of entries that are not sealed yet, read when the lines have ended:
    an act that erased sealed entries may be among them.  *key* is the one in force at the first
    checkpoint; handovers are followed from there, and must lead to *pinned* where that is given.
    """
    walk = _Walk(Signers(key, signature_holds), Promises(receipts, key.name, signature_holds))
    walk.learn(known)
    source = iter(lines)
    if next(source, b"") != HEADER:
        walk.found("unreadable", None, f"The first line is not {HEADER.decode().strip()!r}: not a bundle.")
    pending, take, expected, attentive = walk.pending, walk.pending.append, 1, walk.attentive
    for line in source:
        # The way of nearly every line, written out for speed; whatever differs is looked at below.
        parts = line.split(b" ", 2)
        if len(parts) == 3 and parts[0] == b"%d" % expected and parts[2][:1] == b"{":
            leaf = sha256(b"\x00" + parts[2][:-1]).digest()
            if binascii.hexlify(leaf) == parts[1] and line[-1:] == b"\n":
                take(leaf)
                if attentive or (len(line) <= _LOOKED_THROUGH and MARK in line):
                    walk.meet(expected, leaf, parts[2][:-1])
                expected += 1
                if len(pending) >= _PENDING_MAX:
                    walk.settle(expected)
                continue
        walk.settle(expected)
        walk.other(line, source)
        expected, attentive = walk.expected, walk.attentive
    walk.settle(expected)
    for position, body in waiting:
        walk.account(position, body)
    return walk.report(pinned or key)


class _Walk:
    """The state of one verification: where it is, and what it found."""

    def __init__(self, signers: Signers, promises: Promises) -> None:
        self._signers, self._promises = signers, promises
        self._gone = Gone()
        self._times: list[tuple[int, int]] = []
        #: Leaf hashes that are not yet in the tree.
        self.pending: list[bytes] = []
        #: Position of the next entry.
        self.expected = 1
        self._tree = Frontier()
        #: Entries are missing or moved, or a root differed: later roots cannot be compared.
        self._broken = False
        self._known: dict[int, bytes] = {}
        self._unopened: list[tuple[bytes, Refused]] = []
        self._checkpoints = self._last_size = 0
        self._entries = 0
        self._proven: Checkpoint | None = None
        self._ended = False
        self._findings: list[Finding] = []
        self._count = 0

    def found(self, code: str, position: int | None, message: str) -> None:
        """Record a finding."""
        self._count += 1
        if len(self._findings) < _FINDINGS_MAX:
            self._findings.append(Finding(code=code, position=position, message=message))

    @property
    def attentive(self) -> bool:
        """Tell whether entries are to be looked into: receipts were kept, or bytes are gone."""
        return self._promises.count > 0 or len(self._gone) > 0

    def meet(self, position: int, leaf: bytes, body: bytes | None) -> None:
        """Look into an entry; *body* None: its bytes are gone, or not what was sealed."""
        self._promises.meet(position, leaf, body)
        if body is not None:
            self._signers.meet(position, body)
            self.account(position, body)

    def account(self, position: int, body: bytes) -> None:
        """Look whether an entry is the act of an erasure, and what it accounts for."""
        for finding in self._gone.meet(position, body):
            self.found(finding.code, finding.position, finding.message)

    def learn(self, known: Sequence[bytes]) -> None:
        """Take the checkpoints that were kept elsewhere."""
        for note in known:
            try:
                checkpoint, time = self._signers.opened_apart(note)
            except Refused as refused:
                # One that a later key signed can be opened once the ledger was handed over to that.
                if refused.code == "checkpoint-key":
                    self._unopened.append((note, refused))
                else:
                    self._found_of_known(refused)
                continue
            self._at(checkpoint.size, time)
            if self._known.setdefault(checkpoint.size, checkpoint.root) != checkpoint.root:
                self.found(
                    "forked",
                    checkpoint.size,
                    f"Two signed checkpoints of size {checkpoint.size} have two roots: "
                    "the ledger showed two histories.",
                )

    def _found_of_known(self, refused: Refused) -> None:
        self.found("known-checkpoint", None, f"The checkpoint to compare with: {refused.message}")

    def settle(self, expected: int) -> None:
        """Move the pending leaves into the tree, stopping where a known checkpoint must be met."""
        self._entries += len(self.pending)
        self.expected = expected
        taken = 0
        for size in sorted(self._known):
            if self._tree.size <= size <= self._tree.size + len(self.pending) - taken and not self._broken:
                step = size - self._tree.size
                self._tree.extend(self.pending[taken : taken + step])
                taken += step
                if self._tree.root() != self._known.pop(size):
                    self._broken = True
                    self.found(
                        "forked",
                        size,
                        f"The first {size} entries are not those of the checkpoint that was kept elsewhere: "
                        "the ledger was written again, or rolled back and continued.",
                    )
        self._tree.extend(self.pending[taken:])
        self.pending.clear()

    def other(self, line: bytes, source: Iterator[bytes]) -> None:
        """Look at a line that is not the next entry as it should be."""
        if self._ended:
            self.found("unreadable", None, "There are lines after the last one.")
        elif line == CHECKPOINT:
            self._checkpoint(note_of(source))
        elif (entry := _ENTRY.fullmatch(line)) is not None:
            self._entry(int(entry[1]), bytes.fromhex(entry[2].decode()), entry[3])
        elif line.startswith(END + b" "):
            self._end(line)
        else:
            self.found(
                "unreadable", self.expected, f"Where entry {self.expected} should be, a line cannot be read."
            )
            self._broken = True

    def _entry(self, position: int, stated: bytes, spelled: bytes) -> None:
        """Look at an entry that is not the next, or whose body is not what its hash says."""
        self._entries += 1
        if position > self.expected:
            last = position - 1
            which = f"Entry {last} is" if last == self.expected else f"Entries {self.expected} to {last} are"
            self.found("entry-missing", self.expected, f"{which} missing.")
            self._broken = True
        elif position < self.expected:
            self.found(
                "entry-misplaced",
                position,
                f"Entry {position} stands where entry {self.expected} should: inserted, repeated or moved.",
            )
            self._broken = True
        body = _body(spelled)
        whole = body is not None and sha256(b"\x00" + body).digest() == stated
        if spelled == MISSING and position >= self.expected:
            self._gone.add(position)  # whether by an act, a later entry says
        elif body is None:
            self.found("body-missing", position, f"The body of entry {position} cannot be read.")
        elif not whole:
            self.found(
                "body-changed",
                position,
                f"Entry {position}: the body does not have the leaf hash {stated.hex()[:16]}…; "
                "one of the two was changed.",
            )
        if position == self.expected:
            self.meet(position, stated, body if whole else None)
        if position >= self.expected:
            # The stated hash goes into the tree: if only the body was changed, later roots still hold.
            self.pending.append(stated)
            self._entries -= 1  # it is counted when it goes into the tree
            self.settle(position + 1)

    def _checkpoint(self, note: bytes | None) -> None:
        """Look at a checkpoint: form, origin, signature, size, root."""
        self._checkpoints += 1
        place = f"The checkpoint after entry {self.expected - 1}"
        if note is None:
            self.found("checkpoint-unreadable", self.expected - 1, f"{place} is cut off.")
            return
        before = self._signers.current
        try:
            checkpoint, time = self._signers.opened(note)
        except Refused as refused:
            self.found(refused.code, self.expected - 1, f"{place}: {refused.message}")
            return
        if self._signers.current != before:
            self._handed_over(checkpoint.size)
        size = checkpoint.size
        if size != self.expected - 1 or size < self._last_size:
            self.found("checkpoint-size", size, f"{place} is one of {size} entries.")
        elif not self._broken and self._tree.root() != checkpoint.root:
            self._broken = True
            self.found(
                "root",
                size,
                f"Among the entries {self._last_size + 1} to {size} something is not what was sealed: "
                "the root of the checkpoint differs.",
            )
        elif not self._broken:
            self._proven = checkpoint
            self._at(size, time)
        self._last_size = max(size, self._last_size)

    def _handed_over(self, size: int) -> None:
        """Look at the checkpoints that were kept, now that another key is in force beyond *size*."""
        for late in sorted(late for late in self._known if late > size):
            del self._known[late]
            self.found(
                "checkpoint-key-retired",
                late,
                f"A checkpoint of {late} entries that was kept is signed with a key that handed over before: "
                "somebody has that key.",
            )
        notes, self._unopened = [note for note, _ in self._unopened], []
        self.learn(notes)

    def _at(self, size: int, time: int | None) -> None:
        """Remember when a checkpoint was signed."""
        if time is not None:
            self._times.append((size, time))

    def _end(self, line: bytes) -> None:
        """Look at the last line."""
        self._ended = True
        if line != b"%s %d %d\n" % (END, self._entries, self._checkpoints):
            self.found(
                "count",
                None,
                f"The last line does not count the {self._entries} entries and {self._checkpoints} "
                "checkpoints that were read.",
            )

    def report(self, pinned: PublicKey) -> Report:
        """Return the report, once all lines were read."""
        if pinned not in self._signers.chain:
            self.found("key", None, "The ledger was never handed over to the key that was given.")
        if not self._ended:
            self.found("cut-off", self.expected - 1, "The bundle has no last line: its end was cut off.")
        for _, refused in self._unopened:
            self._found_of_known(refused)
        for position in self._gone.unaccounted():
            self.found(
                "body-missing", position, f"The body of entry {position} is gone, and no act erased it."
            )
        for size in sorted(self._known):
            if size >= self.expected:
                self.found(
                    "rolled-back",
                    size,
                    f"A checkpoint of {size} entries was signed, and the bundle ends at entry "
                    f"{self.expected - 1}: the rest was taken away.",
                )
        proven = 0 if self._proven is None else self._proven.size
        if proven < self.expected - 1 and self._count == 0:
            self.found(
                "unsealed",
                proven + 1,
                f"The entries {proven + 1} to {self.expected - 1} stand under no checkpoint.",
            )
        if self._checkpoints == 0:
            self.found("unsealed", None, "There is no checkpoint, so nothing is proven.")
        for finding in self._promises.findings(Seen(proven=proven, times=self._times)):
            self.found(finding.code, finding.position, finding.message)
        return Report(
            entries=self._entries,
            checkpoints=self._checkpoints,
            proven=self._proven,
            findings=tuple(self._findings),
            findings_count=self._count,
            receipts=self._promises.count,
            receipts_not_due=self._promises.not_due,
            erased=self._gone.erased(),
            key=self._signers.current,
        )


def _body(spelled: bytes) -> bytes | None:
    """Return the body as it was before it was written into a line; None when there is none."""
    if spelled[:1] == b"{":
        return spelled
    if spelled[:1] != b"=":
        return None
    try:
        return base64.b64decode(spelled[1:], validate=True)
    except binascii.Error:
        return None
