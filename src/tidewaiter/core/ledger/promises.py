"""Whether the receipts that somebody kept hold: each entry is there, in time, and says what was answered.

Kept is one JSON object a line, as each line of a batch comes back: ``receipt``, the word of the header
``Ledger-Receipt``, and if it was kept the ``answer`` that came with it.  The key of the receipts is
taken from the ledger itself, which names it at each start of the service.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import accumulate
from typing import Any, Final

from tidewaiter.core.errors import InputError
from tidewaiter.core.ledger.canonical import canonical_json
from tidewaiter.core.ledger.checkpoint import Note, PublicKey, parse_public_key
from tidewaiter.core.ledger.finding import Finding, SignatureHolds
from tidewaiter.core.ledger.receipt import Receipt, parse_receipt

__all__ = ["Promises", "Seen"]

_START: Final = b'"kind":"start"'


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """A line that somebody kept."""

    #: Number of the line, from 1.
    line: int
    receipt: Receipt
    note: Note
    #: The answer that came with it; None when it was not kept.
    answer: Mapping[str, Any] | None
    #: Position of its entry, once it was met.
    position: int | None = None
    #: What the entry holds; None while it was not met, or when its bytes are gone.
    entry: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a verification saw of the ledger."""

    #: Entries that are proven.
    proven: int
    #: (size, seconds since 1970 in UTC) of each checkpoint that has a time, those kept elsewhere too.
    times: Sequence[tuple[int, int]]


class Promises:
    """Receipts that are held against a ledger while it is read."""

    def __init__(self, lines: Iterable[bytes], origin: str, signature_holds: SignatureHolds) -> None:
        self._origin, self._signature_holds = origin, signature_holds
        self._keys: list[PublicKey] = []
        self._findings: list[Finding] = []
        #: By leaf hash: an answer that was sent again has several receipts.
        self._kept: dict[bytes, list[_Kept]] = {}
        #: Lines that were read.
        self.count = 0
        #: Receipts whose entry may still come.
        self.not_due = 0
        for line in lines:
            self.count += 1
            try:
                kept = _kept(self.count, line)
            except InputError as error:
                self._found("receipt-unreadable", None, self.count, str(error))
            else:
                self._kept.setdefault(kept.receipt.leaf, []).append(kept)

    def meet(self, position: int, leaf: bytes, body: bytes | None) -> None:
        """Look at an entry; *body* None: its bytes are gone."""
        if body is not None and _START in body:
            self._learn(body)
        if leaf in self._kept:
            entry = None if body is None else _object(body)
            self._kept[leaf] = [
                replace(each, position=position, entry=entry) if each.position is None else each
                for each in self._kept[leaf]
            ]

    def findings(self, seen: Seen) -> list[Finding]:
        """Return what is wrong with what was kept, once the ledger was read; sorted by line."""
        times = sorted(seen.times)
        sizes = [size for size, _ in times]
        latest = list(accumulate((time for _, time in times), max))
        for kept in [each for group in self._kept.values() for each in group]:
            for code, message in self._faults(kept, seen.proven, sizes, latest):
                self._found(code, kept.position, kept.line, message)
        return self._findings

    def _faults(
        self, kept: _Kept, proven: int, sizes: Sequence[int], latest: Sequence[int]
    ) -> Iterator[tuple[str, str]]:
        """Iterate over (code, sentence) of what is wrong with a receipt."""
        fault = self._not_ours(kept)
        if fault is not None:
            yield fault
            return
        due, position = kept.receipt.due_ms, kept.position
        if position is None or position > proven:
            if latest and 1000 * latest[-1] <= due:
                self.not_due += 1
            else:
                yield "receipt-not-included", "its entry was promised and is not in the ledger."
            return
        before = bisect_left(sizes, position)
        if before and 1000 * latest[before - 1] > due:
            yield "promise-missed", "its entry is in the ledger, but was not yet when it had to be."
        if kept.answer is not None and kept.entry is not None and not _tells(kept.entry, kept.answer):
            yield "receipt-answer", "its entry is about another answer than the one that was kept with it."

    def _not_ours(self, kept: _Kept) -> tuple[str, str] | None:
        """Return (code, sentence) when this ledger did not give the receipt; None: it did."""
        if kept.receipt.origin != self._origin:
            return "receipt-origin", f"it is of the ledger {kept.receipt.origin!r}, not of {self._origin!r}."
        signed = [(key, made) for key in self._keys for made in kept.note.signatures_of(key)]
        if not signed:
            return "receipt-key", "it is signed with a key that the ledger does not name."
        text = kept.note.text.encode()
        if not all(self._signature_holds(key.key, text, made) for key, made in signed):
            return "receipt-signature", "its signature does not hold: text or signature was changed."
        return None

    def _learn(self, body: bytes) -> None:
        """Take over the key that the service named when it started."""
        entry = _object(body)
        if entry.get("kind") != "start":
            return
        try:
            key = parse_public_key(str(entry.get("receipt_key")))
        except InputError:
            return  # a receipt by it is found to have no key
        if key not in self._keys:
            self._keys.append(key)

    def _found(self, code: str, position: int | None, line: int, message: str) -> None:
        sentence = f"Receipt in line {line}: {message}"
        self._findings.append(Finding(code=code, position=position, message=sentence))


def _kept(number: int, line: bytes) -> _Kept:
    """Read a line that somebody kept; raises InputError when it has no receipt that can be read."""
    data = _object(line)
    word, answer = data.get("receipt"), data.get("answer")
    if not isinstance(word, str):
        raise InputError("there is none: each line is a JSON object with the member `receipt`.")
    if answer is not None and not isinstance(answer, dict):
        raise InputError("the `answer` beside it is not a JSON object.")
    receipt, note = parse_receipt(word)
    return _Kept(line=number, receipt=receipt, note=note, answer=answer)


def _object(text: bytes) -> dict[str, Any]:
    """Return a JSON object; an empty one where there is none."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _tells(entry: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
    """Tell whether *entry* is about *answer*: holds its hash, or is of the same control result."""
    if "answer_sha256" in entry:
        return bool(entry["answer_sha256"] == sha256(canonical_json(answer)).hexdigest())
    if entry.get("kind") == "result":
        names = (("control_id", "control_result"), ("version", "version"), ("declaration_id",) * 2)
        return all(entry.get(ours) == answer.get(theirs) for ours, theirs in names)
    return False
