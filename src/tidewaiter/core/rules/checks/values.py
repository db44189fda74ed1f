"""Sets of values of one feature, exactly: which values make a literal true.

A set is kept as the places, in the order of the values, where it begins and ends, so that numbers,
days, codes and prefixes are all the same: a prefix is the stretch of codes from it to the next prefix
of its length, in the order of code points.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from tidewaiter.core.features.registry import Kind

__all__ = ["EVERY", "NONE", "Values", "both", "complement", "one_of", "prefixed", "ray", "universe"]

#: A place in the order: before (0) or behind (1) a value.
Cut: TypeAlias = tuple[Any, int]

_WHOLE: Final = frozenset({Kind.AMOUNT, Kind.COUNT, Kind.DAY, Kind.FLAG})
_LAST_CHARACTER: Final = chr(0x10FFFF)


@dataclass(frozen=True, slots=True)
class Values:
    """A set of values; `NONE` is the empty one."""

    #: Where belonging changes, in order.
    cuts: tuple[Cut, ...] = ()
    #: Whether the least values belong to it.
    inside: bool = False


EVERY: Final = Values(inside=True)
NONE: Final = Values()


def complement(values: Values) -> Values:
    """Return all other values."""
    return Values(values.cuts, inside=not values.inside)


def both(one: Values, two: Values) -> Values:
    """Return the values that belong to both sets.

    >>> both(ray(Kind.COUNT, 3, least=True), complement(ray(Kind.COUNT, 3, least=True))) == NONE
    True
    """
    for every, other in ((one, two), (two, one)):
        if not every.cuts:
            return other if every.inside else NONE
    inside_one, inside_two = one.inside, two.inside
    now = first = inside_one and inside_two
    cuts: list[Cut] = []
    i = j = 0
    while i < len(one.cuts) or j < len(two.cuts):
        left = one.cuts[i] if i < len(one.cuts) else None
        right = two.cuts[j] if j < len(two.cuts) else None
        here = min(cut for cut in (left, right) if cut is not None)
        if left == here:
            inside_one, i = not inside_one, i + 1
        if right == here:
            inside_two, j = not inside_two, j + 1
        if (inside_one and inside_two) is not now:
            now = not now
            cuts.append(here)
    return Values(tuple(cuts), inside=first)


def universe(kind: Kind) -> Values:
    """Return the values that a feature of *kind* may have."""
    if kind is Kind.FLAG:
        return Values(((0, 0), (2, 0)))
    return Values(((0, 0),)) if kind is Kind.COUNT else EVERY


def ray(kind: Kind, value: Any, *, least: bool) -> Values:
    """Return the values from *value* on when it is the *least* of them, else those above it."""
    return Values((_cut(kind, value, 0 if least else 1),))


def one_of(kind: Kind, values: Iterable[Any]) -> Values:
    """Return the set of exactly these *values*."""
    cuts: list[Cut] = []
    for value in sorted(set(values)):
        begin, end = _cut(kind, value, 0), _cut(kind, value, 1)
        if cuts and cuts[-1] == begin:  # 1 and 2 are one stretch of whole numbers
            cuts[-1] = end
        else:
            cuts += [begin, end]
    return Values(tuple(cuts))


def prefixed(prefixes: Iterable[str]) -> Values:
    """Return the codes that begin with one of *prefixes*."""
    cuts: list[Cut] = []
    covering: str | None = None
    for prefix in sorted(set(prefixes)):
        if covering is not None and prefix.startswith(covering):
            continue
        covering = prefix
        begin, end = (prefix, 0), _behind(prefix)
        if cuts and cuts[-1] == begin:
            cuts.pop()
        else:
            cuts.append(begin)
        cuts += [] if end is None else [end]
    return Values(tuple(cuts))


def _behind(prefix: str) -> Cut | None:
    """Return the place behind all codes with *prefix*; None when there is no greater code."""
    kept = prefix.rstrip(_LAST_CHARACTER)
    return (kept[:-1] + chr(ord(kept[-1]) + 1), 0) if kept else None


def _cut(kind: Kind, value: Any, side: int) -> Cut:
    """Return the place at *value*; behind a whole number is before the next one."""
    return (value + side, 0) if kind in _WHOLE else (value, side)
