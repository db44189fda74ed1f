"""Values in classes: all values of a feature that answer every question alike share one mask of terms.

The mask of a value has the terms that this value leaves possible.  For a number the classes are the
thresholds and the gaps between them; for a code they are the sets of literals that hold for it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate
from operator import or_
from typing import Any, Final

from tidewaiter.core.features.registry import Kind
from tidewaiter.core.rules.evaluate import Lists
from tidewaiter.core.rules.literals import literal_value
from tidewaiter.core.rules.nodes import Between, Compare, Comparison, In, InList, IsMissing, Prefix
from tidewaiter.core.rules.terms import Demand, bits

__all__ = ["Codes", "Numbers", "feature_classes"]


class _Classes:
    """What is common: which terms a missing value leaves possible, and which it leaves unknown."""

    def __init__(self, demands: Sequence[Demand], every: int) -> None:
        self.terms = 0
        #: Terms that are at most unknown when the value is missing.
        self.open = 0
        #: Terms that a present value, and a missing value, leaves possible.
        self.present = self.missing = every
        for demand in demands:
            self.terms |= demand.terms
            if isinstance(demand.node, IsMissing):
                self.present &= ~demand.true
                self.missing &= ~demand.false
            else:
                self.open |= demand.terms


class Codes(_Classes):
    """Codes, texts and flags: the class of a value is the set of literals that hold for it, as bits."""

    def __init__(self, demands: Sequence[Demand], kind: Kind, lists: Lists, every: int) -> None:
        super().__init__(demands, every)
        self._demands = [demand for demand in demands if not isinstance(demand.node, IsMissing)]
        self._equal: dict[Any, int] = {}
        self._lists: list[tuple[frozenset[str], int]] = []
        by_length: dict[int, dict[str, int]] = {}
        for at, demand in enumerate(self._demands):
            bit = 1 << at
            match demand.node:
                case Compare(_, Comparison.EQUAL | Comparison.NOT_EQUAL, literal):
                    value = literal_value(kind, literal)
                    self._equal[value] = self._equal.get(value, 0) | bit
                case In(_, values):
                    for value in {literal_value(kind, literal) for literal in values}:
                        self._equal[value] = self._equal.get(value, 0) | bit
                case InList(_, name):
                    self._lists.append((lists[name], bit))
                case Prefix(_, prefixes):
                    for prefix in prefixes:
                        of_length = by_length.setdefault(len(prefix), {})
                        of_length[prefix] = of_length.get(prefix, 0) | bit
                case _:
                    raise TypeError(f"BUG: {demand.node!r} does not ask about a code")
        self._prefixes = sorted(by_length.items())
        self._unequal: Final = sum(
            1 << at
            for at, demand in enumerate(self._demands)
            if isinstance(demand.node, Compare) and demand.node.operator is Comparison.NOT_EQUAL
        )
        #: Terms that need some literal to hold, and those of them that need several.
        self._needing = several = 0
        for demand in self._demands:
            several |= self._needing & demand.true
            self._needing |= demand.true
        self._several = [
            (1 << at, d.true & several) for at, d in enumerate(self._demands) if d.true & several
        ]
        self._masks: dict[int, int] = {}

    def classify(self, value: Any) -> int:
        """Return the class of a present value."""
        held = self._equal.get(value, 0) ^ self._unequal
        for entries, bit in self._lists:
            if value in entries:
                held |= bit
        for length, of_length in self._prefixes:
            held |= of_length.get(value[:length], 0)
        return held

    def mask(self, held: int) -> int:
        """Return the terms that a value of the class *held* leaves possible."""
        found = self._masks.get(held)
        if found is None:
            met = excluded = 0
            for at in bits(held):
                met |= self._demands[at].true
                excluded |= self._demands[at].false
            excluded |= self._needing & ~met
            for bit, terms in self._several:
                if not held & bit:
                    excluded |= terms
            found = self._masks[held] = self.present & ~excluded
        return found

    def look_up(self, value: Any) -> int:
        """Return the terms that *value*, None when missing, leaves possible."""
        return self.missing if value is None else self.mask(self.classify(value))


class Numbers(_Classes):
    """Ordered values: class 2n is the gap before threshold n, class 2n + 1 the threshold itself."""

    def __init__(self, demands: Sequence[Demand], kind: Kind, every: int) -> None:
        super().__init__(demands, every)
        asked = [
            (demand, _bounds(demand, kind)) for demand in demands if not isinstance(demand.node, IsMissing)
        ]
        #: The thresholds, ascending.
        self.cuts: list[Any] = sorted({bound for _, bounds in asked for bound in bounds})
        position = {cut: 2 * at + 1 for at, cut in enumerate(self.cuts)}
        count = 2 * len(self.cuts) + 1
        # A demand excludes ranges of classes.  Most reach one end: those are gathered in one sweep.
        self._upto, self._since, self._at = [0] * count, [0] * count, [0] * count
        for demand, bounds in asked:
            self._exclude(demand, _holding(demand.node, [position[bound] for bound in bounds], count), count)
        upto = list(accumulate(reversed(self._upto), or_))[::-1]
        since = list(accumulate(self._since, or_))
        #: By class: the terms that are left possible.
        self.masks: list[int] = [
            self.present & ~(low | high | here) for low, high, here in zip(upto, since, self._at, strict=True)
        ]

    def _exclude(self, demand: Demand, holding: list[tuple[int, int]], count: int) -> None:
        """Record which classes exclude the terms of *demand*, which holds in the ranges *holding*."""
        before = 0
        for low, high in holding:
            self._between(before, low, demand.true, count)
            self._between(low, high, demand.false, count)
            before = high
        self._between(before, count, demand.true, count)

    def _between(self, low: int, high: int, terms: int, count: int) -> None:
        """Exclude *terms* in the classes from *low* to *high* - 1."""
        if low >= high or not terms:
            return
        if low == 0:
            self._upto[high - 1] |= terms
        elif high == count:
            self._since[low] |= terms
        else:
            for here in range(low, high):
                self._at[here] |= terms

    def classify(self, value: Any) -> int:
        """Return the class of a present value."""
        at = bisect_left(self.cuts, value)
        return 2 * at + (at < len(self.cuts) and self.cuts[at] == value)

    def look_up(self, value: Any) -> int:
        """Return the terms that *value*, None when missing, leaves possible."""
        return self.missing if value is None else self.masks[self.classify(value)]


def _bounds(demand: Demand, kind: Kind) -> list[Any]:
    """Return the thresholds that a literal names."""
    match demand.node:
        case Compare(_, _, literal):
            return [literal_value(kind, literal)]
        case Between(_, low, high):
            return [literal_value(kind, low), literal_value(kind, high)]
        case In(_, values):
            return [literal_value(kind, literal) for literal in values]
        case _:
            raise TypeError(f"BUG: {demand.node!r} does not ask about a number")


def _holding(node: object, at: list[int], count: int) -> list[tuple[int, int]]:
    """Return the ranges of classes (from, before) in which a literal with its thresholds *at* holds."""
    here, ranges = at[0], [(at[0], at[-1] + 1)]
    if isinstance(node, In):
        ranges = [(point, point + 1) for point in sorted(set(at))]
    elif isinstance(node, Compare):
        ranges = {
            Comparison.EQUAL: ranges,
            Comparison.NOT_EQUAL: [(0, here), (here + 1, count)],
            Comparison.LESS: [(0, here)],
            Comparison.AT_MOST: [(0, here + 1)],
            Comparison.GREATER: [(here + 1, count)],
            Comparison.AT_LEAST: [(here, count)],
        }[node.operator]
    return [(low, high) for low, high in ranges if low < high]


def feature_classes(demands: Sequence[Demand], kind: Kind, lists: Lists, every: int) -> Codes | Numbers:
    """Return the classes of a feature of *kind*, of which *demands* are asked."""
    if kind in {Kind.CODE, Kind.TEXT, Kind.FLAG}:
        return Codes(demands, kind, lists, every)
    return Numbers(demands, kind, every)
