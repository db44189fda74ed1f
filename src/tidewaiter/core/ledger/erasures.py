"""Erasures: entries whose bytes are gone, and the entries that say by which act they went.

An erasure takes the bytes of an entry with their salt and leaves its hash, so the tree and every proof
still hold.  The act is an entry itself, later than all that it names: whoever takes bytes away without
one is found, and so is an act that was recorded and not carried out.
"""

from __future__ import annotations

import json
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from tidewaiter.core.ledger.finding import Finding

__all__ = ["ERASURE", "Erased", "Gone", "entries_named", "spans_of"]

#: Kind of the entry that is the act of an erasure.
ERASURE: Final = "erasure"
_MARK: Final = b'"kind":"erasure"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What one act erased."""

    #: Position of the act.
    act: int
    #: How many entries it accounts for.
    entries: int


class Gone:
    """Entries without bytes, in the order of reading; sixteen bytes of memory each."""

    def __init__(self) -> None:
        self._positions = array("Q")
        #: The act that each went by; 0: none was met.
        self._acts = array("Q")
        self._erased: dict[int, int] = {}

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._positions)

    def add(self, position: int) -> None:
        """Take note of an entry without bytes, behind all that came before it."""
        self._positions.append(position)
        self._acts.append(0)

    def meet(self, position: int, body: bytes) -> Iterator[Finding]:
        """Look at an entry; iterate over what is wrong with it if it is the act of an erasure."""
        for first, last in entries_named(body):
            start = bisect_left(self._positions, first)
            end = bisect_right(self._positions, last)
            if end - start < last - first + 1:
                yield _there(position, first, last, self._positions[start:end])
            for place in range(start, end):
                if self._acts[place] == 0:
                    self._acts[place] = position
                    self._erased[position] = self._erased.get(position, 0) + 1

    def unaccounted(self) -> Iterator[int]:
        """Iterate over the positions of those that no act names."""
        return (position for position, act in zip(self._positions, self._acts, strict=True) if act == 0)

    def erased(self) -> tuple[Erased, ...]:
        """Return what each act erased, by position."""
        return tuple(Erased(act=act, entries=count) for act, count in sorted(self._erased.items()))


def spans_of(positions: Iterable[int]) -> list[list[int]]:
    """Return *positions* as spans of first and last, as an act names them.

    >>> spans_of([7, 3, 4])
    [[3, 4], [7, 7]]
    """
    ordered = sorted(set(positions))
    if not ordered:
        return []
    ends = [(last, first) for last, first in pairwise(ordered) if first != last + 1]
    firsts = [ordered[0], *(first for _, first in ends)]
    lasts = [*(last for last, _ in ends), ordered[-1]]
    return [[first, last] for first, last in zip(firsts, lasts, strict=True)]


def entries_named(body: bytes) -> list[tuple[int, int]]:
    """Return the spans of entries that *body* erases, when it is the act of an erasure; else none."""
    if _MARK not in body:
        return []
    try:
        entry = json.loads(body)
    except (ValueError, RecursionError):
        return []
    if (
        not isinstance(entry, dict)
        or entry.get("kind") != ERASURE
        or not isinstance(entry.get("entries"), list)
    ):
        return []
    return [(span[0], span[1]) for span in entry["entries"] if _is_span(span)]


def _is_span(span: Any) -> bool:
    return (
        isinstance(span, list)
        and len(span) == 2
        and all(type(end) is int for end in span)
        and 1 <= span[0] <= span[1]
    )


def _there(act: int, first: int, last: int, gone: Iterable[int]) -> Finding:
    """Return the finding of an act that names an entry that has its bytes, or that is not before it."""
    missing = set(gone)
    there = next(position for position in range(first, last + 1) if position not in missing)
    return Finding(
        code="not-erased",
        position=there,
        message=f"Entry {there} was erased by act {act}, and its bytes are there: put back, or never erased.",
    )
