"""Whether any values of the features make a condition true, false or unknown.

Exact for literals on one feature: comparisons, ranges, enumerations, lists and prefixes, and for the
HS chapter, heading and subheading, which are prefixes of one code.  What lies inside a text, a list of
more than a thousand entries, and what two features have to do with each other beyond being smaller,
equal or greater, is taken as open.  So *impossible* is certain, and *possible* may be wrong; a
condition that would take too many steps counts as possible.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from tidewaiter.core.features.registry import Kind
from tidewaiter.core.rules.checks.known import Known
from tidewaiter.core.rules.checks.values import (
    EVERY,
    NONE,
    Values,
    both,
    complement,
    one_of,
    prefixed,
    ray,
    universe,
)
from tidewaiter.core.rules.evaluate import Truth
from tidewaiter.core.rules.literals import literal_value
from tidewaiter.core.rules.nodes import (
    AllOf,
    AnyOf,
    Between,
    Compare,
    CompareFields,
    Comparison,
    In,
    InList,
    IsMissing,
    Leaf,
    Node,
    NoneOf,
    Not,
    Prefix,
)

__all__ = ["FALSE", "NOT_FALSE", "NOT_TRUE", "TRUE", "Demand", "Wanted", "about", "impossible", "wants"]

#: The truth values that are asked for.
Wanted: TypeAlias = frozenset[Truth]
TRUE: Final[Wanted] = frozenset({True})
FALSE: Final[Wanted] = frozenset({False})
NOT_TRUE: Final[Wanted] = frozenset({False, None})
NOT_FALSE: Final[Wanted] = frozenset({True, None})

#: Steps after which a condition counts as possible.
_STEPS_MAX: Final = 300
#: Entries of a list that are looked at one by one.
_ENTRIES_MAX: Final = 1_000
#: Features that are the beginning of another one.
_BEGINNING_OF: Final = {"hs2": "hs_code", "hs4": "hs_code", "hs6": "hs_code"}
#: How two values may lie to each other, as numbers: smaller, equal, greater.
_SIGNS: Final[Mapping[Comparison, tuple[int, ...]]] = {
    Comparison.EQUAL: (0,),
    Comparison.NOT_EQUAL: (-1, 1),
    Comparison.LESS: (-1,),
    Comparison.AT_MOST: (-1, 0),
    Comparison.GREATER: (1,),
    Comparison.AT_LEAST: (0, 1),
}


@dataclass(frozen=True, slots=True)
class _Possible:
    """What a feature may be: some values, and whether it may be missing."""

    values: Values
    missing: bool

    def both(self, other: _Possible) -> _Possible:
        """Return what it may be by both accounts."""
        return _Possible(both(self.values, other.values), self.missing and other.missing)

    @property
    def nothing(self) -> bool:
        """Whether it can be nothing at all, not even missing."""
        return self.values == NONE and not self.missing


_ANYTHING: Final = _Possible(EVERY, missing=True)
_PRESENT: Final = _Possible(EVERY, missing=False)
_MISSING: Final = _Possible(NONE, missing=True)


@dataclass(frozen=True, slots=True)
class _Atom:
    """A demand on a feature, or on something that rests on features and is missing with any of them."""

    key: Hashable
    possible: _Possible
    #: Features it rests on; empty: it is a feature itself.
    rests_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _All:
    """Every demand."""

    parts: tuple[Demand, ...]


@dataclass(frozen=True, slots=True)
class _Any:
    """At least one demand."""

    parts: tuple[Demand, ...]


Demand: TypeAlias = _Atom | _All | _Any


def wants(node: Node, wanted: Wanted, known: Known) -> Demand:
    """Return what has to hold so that the truth of *node*, which has no mistakes, is one of *wanted*."""
    match node:
        case AllOf(nodes):
            parts = tuple(wants(inner, wanted, known) for inner in nodes)
            # A conjunction is true (or not false) with all of its members, false (or not true) with any.
            return _All(parts) if True in wanted else _Any(parts)
        case AnyOf(nodes):
            parts = tuple(wants(inner, wanted, known) for inner in nodes)
            return _Any(parts) if True in wanted else _All(parts)
        case NoneOf(nodes):
            return wants(AnyOf(nodes), _contrary(wanted), known)
        case Not(inner):
            return wants(inner, _contrary(wanted), known)
        case _:
            return _atom(node, wanted, known)


def impossible(demands: Sequence[Demand]) -> bool:
    """Tell whether no values of the features meet all *demands*; False also when that takes too long."""
    try:
        return not _Search().possible({}, demands)
    except _TooLong:
        return False


def about(demand: Demand) -> frozenset[Hashable]:
    """Return what *demand* is about: features, and what rests on them."""
    if isinstance(demand, _Atom):
        return frozenset({demand.key, *demand.rests_on})
    return frozenset().union(*(about(part) for part in demand.parts))


def _contrary(wanted: Wanted) -> Wanted:
    return frozenset(None if truth is None else not truth for truth in wanted)


# -- literals


def _atom(leaf: Leaf, wanted: Wanted, known: Known) -> _Atom:
    """Return what a literal demands of its feature."""
    key, rests_on, true, every = _subject(leaf, known)
    may_miss = any(_may_miss(feature, known) for feature in rests_on or (leaf.feature,))
    if isinstance(leaf, IsMissing):
        # It is never unknown: true of what is missing, false of what is there.
        return _Atom(key, _Possible(every if False in wanted else NONE, missing=True in wanted and may_miss))
    values = both(every, true) if True in wanted else NONE
    if False in wanted:
        values = both(every, complement(true))
    return _Atom(key, _Possible(values, missing=None in wanted and may_miss), rests_on)


def _may_miss(feature: str, known: Known) -> bool:
    return not known.registry[feature].missing.startswith("never missing")


def _subject(leaf: Leaf, known: Known) -> tuple[Hashable, tuple[str, ...], Values, Values]:
    """Return what the literal is about, what that rests on, the values that make it true, and all values."""
    kind = known.registry[leaf.feature].kind
    key, every = leaf.feature, universe(kind)
    beginning = _beginning(leaf, known)
    if beginning is not None:
        return _BEGINNING_OF[key], (), beginning, EVERY
    match leaf:
        case Compare(_, comparison, literal):
            return key, (), _compared(kind, comparison, literal_value(kind, literal)), every
        case Between(_, low, high):
            least = ray(kind, literal_value(kind, low), least=True)
            above = ray(kind, literal_value(kind, high), least=False)
            return key, (), both(least, complement(above)), every
        case In(_, literals):
            return key, (), one_of(kind, (literal_value(kind, literal) for literal in literals)), every
        case Prefix(_, prefixes):
            return key, (), prefixed(prefixes), every
        case InList(_, name) if len(known.lists[name].entries) <= _ENTRIES_MAX:
            return key, (), one_of(kind, known.lists[name].entries), every
        case CompareFields(one, comparison, two):
            signs = _SIGNS[comparison]
            ordered = (one, two) if one < two else (two, one)
            turned = signs if one < two else tuple(-sign for sign in signs)
            return ordered, ordered, one_of(Kind.COUNT, turned), one_of(Kind.COUNT, (-1, 0, 1))
        case IsMissing():
            return key, (), EVERY, every
        case _:  # what is open: held, or not held
            return leaf, (leaf.feature,), one_of(Kind.FLAG, (1,)), universe(Kind.FLAG)


def _beginning(leaf: Leaf, known: Known) -> Values | None:
    """Return the whole codes that make a literal on their beginning true; None when it is on nothing such."""
    whole = _BEGINNING_OF.get(leaf.feature)
    if whole is None or whole not in known.registry:
        return None
    # Where one could be missing without the other, they do not stand for each other.
    if _may_miss(leaf.feature, known) or _may_miss(whole, known):
        return None
    match leaf:
        case Compare(_, Comparison.EQUAL, str(code)):
            return prefixed((code,))
        case Compare(_, Comparison.NOT_EQUAL, str(code)):
            return complement(prefixed((code,)))
        case In(_, codes):
            return prefixed(str(code) for code in codes)
        case Prefix(_, prefixes):
            return prefixed(prefixes)
        case InList(_, name) if len(known.lists[name].entries) <= _ENTRIES_MAX:
            return prefixed(known.lists[name].entries)
        case _:
            return None


def _compared(kind: Kind, comparison: Comparison, value: Any) -> Values:
    """Return the values that compare so with *value*."""
    match comparison:
        case Comparison.EQUAL:
            return one_of(kind, (value,))
        case Comparison.NOT_EQUAL:
            return complement(one_of(kind, (value,)))
        case Comparison.AT_LEAST | Comparison.LESS:
            least = ray(kind, value, least=True)
            return least if comparison is Comparison.AT_LEAST else complement(least)
        case Comparison.GREATER | Comparison.AT_MOST:
            above = ray(kind, value, least=False)
            return above if comparison is Comparison.GREATER else complement(above)


# -- the search


class _TooLong(Exception):
    """The search took too many steps."""


class _Search:
    """Depth-first search with narrowing: what is certain first, the smallest choice next."""

    def __init__(self) -> None:
        self.steps = 0

    def possible(self, so_far: Mapping[Hashable, _Possible], demands: Sequence[Demand]) -> bool:
        """Tell whether *demands* can be met by features that may be what *so_far* says."""
        self.steps += 1
        if self.steps > _STEPS_MAX:
            raise _TooLong
        narrowed = dict(so_far)
        choices = _narrow(narrowed, demands)
        if choices is None:
            return False
        if not choices:
            return True
        choice = min(choices, key=lambda each: len(each.parts))
        rest = [other for other in choices if other is not choice]
        return any(self.possible(narrowed, [part, *rest]) for part in choice.parts)


def _narrow(narrowed: dict[Hashable, _Possible], demands: Sequence[Demand]) -> list[_Any] | None:
    """Narrow what features may be by all that is certain; return the open choices, None: impossible."""
    waiting = list(demands)
    choices: list[_Any] = []
    while waiting:
        demand = waiting.pop()
        if isinstance(demand, _All):
            waiting.extend(demand.parts)
        elif isinstance(demand, _Any):
            choices.append(demand)
        elif not _met(narrowed, demand):
            return None
        if waiting:
            continue
        # A choice without ways left is impossible, and with one way it is none.
        again: list[_Any] = []
        for choice in choices:
            ways = tuple(part for part in choice.parts if not _refuted(narrowed, part))
            if not ways:
                return None
            if len(ways) == 1:
                waiting.append(ways[0])
            else:
                again.append(_Any(ways))
        choices = again
    return choices


def _refuted(narrowed: Mapping[Hashable, _Possible], demand: Demand) -> bool:
    """Tell whether what features may be already excludes *demand*."""
    if not isinstance(demand, _Atom):
        return False
    return narrowed.get(demand.key, _ANYTHING).both(demand.possible).nothing


def _met(narrowed: dict[Hashable, _Possible], atom: _Atom) -> bool:
    """Narrow by one demand; False when nothing is left."""
    left = narrowed.get(atom.key, _ANYTHING).both(atom.possible)
    narrowed[atom.key] = left
    if left.nothing:
        return False
    if not atom.rests_on:
        return True
    if not left.missing:  # then everything it rests on is there
        return all(_met(narrowed, _Atom(feature, _PRESENT)) for feature in atom.rests_on)
    if left.values == NONE and len(atom.rests_on) == 1:
        return _met(narrowed, _Atom(atom.rests_on[0], _MISSING))
    return True
