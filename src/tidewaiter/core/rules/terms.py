"""Conditions as terms: the alternatives of each, every one a conjunction, numbered as the bits of a mask.

Kleene's logic is a De Morgan algebra, so negation moves inward and *and* distributes over *or* without
changing any of the three values: a condition is true when one of its terms is, and false when all are.
A condition with more than :data:`TERMS_MAX` terms keeps its widest groups whole.

Both fast evaluations (`live`, and the one over columns) are made of this, so they share one meaning.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Final, NamedTuple, TypeAlias

from tidewaiter.core.features.registry import Registry, Scope
from tidewaiter.core.rules.nodes import (
    AllOf,
    AnyOf,
    CompareFields,
    ContainsAny,
    Node,
    NoneOf,
    Not,
    children,
    features_of,
)

__all__ = ["TERMS_MAX", "Demand", "Part", "Term", "Terms", "bits", "number_terms", "terms_of"]

#: A condition has at most this many terms.
TERMS_MAX: Final = 64

_Late: TypeAlias = AllOf | AnyOf | NoneOf | Not | CompareFields | ContainsAny


class Part(NamedTuple):
    """One factor of a term: a literal, or a group that was kept whole, and the value that it must have."""

    node: Node
    holds: bool


#: Its parts hold together; a term without parts is true.
Term: TypeAlias = tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """A node that some terms ask about: the same question is answered once for all of them."""

    node: Node
    #: Terms that need it to be true, and terms that need it to be false.
    true: int
    false: int

    @property
    def terms(self) -> int:
        """The terms that ask about it."""
        return self.true | self.false


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The terms of many conditions; term *n* is the bit ``1 << n`` of every mask."""

    #: By the bit of a term: the position of its condition.
    owner: tuple[int, ...]
    #: By the position of a condition: the mask of its terms.
    of_condition: tuple[int, ...]
    #: By feature: what is asked of its value and can be looked up.
    single: Mapping[str, tuple[Demand, ...]]
    #: What is asked last, for the terms that are still open then: texts to search, comparisons of two
    #: features, groups that were kept whole.
    late: tuple[Demand, ...]
    #: Terms of conditions that read the header alone.
    header_only: int

    @property
    def every(self) -> int:
        """The mask of all terms."""
        return (1 << len(self.owner)) - 1


def terms_of(node: Node) -> tuple[Term, ...]:
    """Return the terms of *node*, at most :data:`TERMS_MAX`; none for a condition that is always false."""
    return _terms(node, holds=True)


def _terms(node: Node, *, holds: bool) -> tuple[Term, ...]:
    """Return the terms of *node*, or of its contrary."""
    match node:
        case Not(inner):
            return _terms(inner, holds=not holds)
        case AllOf() | AnyOf() | NoneOf():
            if isinstance(node, NoneOf):
                return _terms(AnyOf(node.nodes), holds=not holds)
            found = [_terms(child, holds=holds) for child in children(node)]
            if isinstance(node, AllOf) is holds:
                return _every_choice(node.nodes, found, holds)
            several = tuple(dict.fromkeys(term for terms in found for term in terms))
            return several if len(several) <= TERMS_MAX else ((Part(node, holds),),)
        case _:
            return ((Part(node, holds),),)


def _every_choice(
    nodes: Sequence[Node],
    found: list[tuple[Term, ...]],
    holds: bool,
) -> tuple[Term, ...]:
    """Return the conjunctions of one term of each node; the widest are kept whole when they are too many."""
    while prod(map(len, found)) > TERMS_MAX:
        widest = max(range(len(found)), key=lambda at: len(found[at]))
        found[widest] = ((Part(nodes[widest], holds),),)
    joined = (tuple(dict.fromkeys(part for term in choice for part in term)) for choice in product(*found))
    return tuple(dict.fromkeys(joined))


def number_terms(conditions: Sequence[Node], registry: Registry) -> Terms:
    """Return the numbered terms of *conditions*; neighbours read the same features where that is possible."""
    found = [
        (position, term) for position, condition in enumerate(conditions) for term in terms_of(condition)
    ]
    found.sort(key=lambda entry: sorted({name for part in entry[1] for name in features_of(part.node)}))
    of_condition = [0] * len(conditions)
    asked: dict[Node, list[int]] = {}
    for number, (position, term) in enumerate(found):
        of_condition[position] |= 1 << number
        for part in term:
            asked.setdefault(part.node, [0, 0])[0 if part.holds else 1] |= 1 << number
    demands = [Demand(node=node, true=true, false=false) for node, (true, false) in asked.items()]
    late = tuple(demand for demand in demands if isinstance(demand.node, _Late))
    on_header = (
        mask
        for mask, condition in zip(of_condition, conditions, strict=True)
        if all(registry.position[name][0] is Scope.HEADER for name in features_of(condition))
    )
    return Terms(
        owner=tuple(position for position, _ in found),
        of_condition=tuple(of_condition),
        single=_by_feature(demands),
        late=late,
        header_only=_union(on_header),
    )


def _by_feature(demands: Iterable[Demand]) -> Mapping[str, tuple[Demand, ...]]:
    """Return what is asked of the value of one feature and looked up, by the feature."""
    single: dict[str, list[Demand]] = {}
    for demand in demands:
        if not isinstance(demand.node, _Late):
            single.setdefault(demand.node.feature, []).append(demand)
    return {feature: tuple(of_it) for feature, of_it in single.items()}


def _union(masks: Iterable[int]) -> int:
    """Return the terms that are in any of *masks*."""
    union = 0
    for mask in masks:
        union |= mask
    return union


def bits(mask: int) -> Iterator[int]:
    """Iterate over the numbers of the bits that are set."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
