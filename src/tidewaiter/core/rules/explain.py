"""Why a condition holds, and what keeps it unknown: the literals that decided, with the values read.

Only the literals that carry the answer are named.  Of ``any_of`` these are the branches that held,
of ``all_of`` all of them; under a negation, the literals that did not hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tidewaiter.core.features.registry import Registry, Scope, Value
from tidewaiter.core.rules.compiled import Compiled
from tidewaiter.core.rules.evaluate import Row, Truth, reader
from tidewaiter.core.rules.nodes import AllOf, AnyOf, CompareFields, Leaf, NoneOf, Not

__all__ = ["Evidence", "deciding", "evidence", "missing"]


class Evidence(NamedTuple):
    """A value that was read by a literal which decided."""

    feature: str
    #: Item index, from 0; None: the value belongs to the header.
    item: int | None
    #: As in the feature vector (an AMOUNT in millionths); None: missing.
    value: Value


def deciding(condition: Compiled, header: Row, item: Row) -> Iterator[Leaf]:
    """Iterate over the literals that give *condition* its truth value, in the order of writing."""
    return _deciding(condition, condition.test(header, item), header, item)


def _deciding(condition: Compiled, truth: Truth, header: Row, item: Row) -> Iterator[Leaf]:
    """Iterate over the literals that give *condition* its truth value, which is *truth*."""
    node = condition.node
    if not isinstance(node, AllOf | AnyOf | NoneOf | Not):
        yield node
        return
    # What forces a group to its value are exactly the children that have it: all children of a true
    # `all_of`, the true ones of a true `any_of`, the unknown ones of an unknown group.
    wanted = not truth if truth is not None and isinstance(node, NoneOf | Not) else truth
    for inner in condition.inner:
        if inner.test(header, item) is wanted:
            yield from _deciding(inner, wanted, header, item)


def evidence(
    condition: Compiled, registry: Registry, header: Row, item: Row, index: int
) -> tuple[Evidence, ...]:
    """Return the values that decided *condition* on the item with *index* (from 0), each once."""
    read = reader(registry, header, item)
    found: dict[Evidence, None] = {}
    for leaf in deciding(condition, header, item):
        for feature in _read_by(leaf):
            on_item = registry.position[feature][0] is Scope.ITEM
            found[Evidence(feature, index if on_item else None, read(feature))] = None
    return tuple(found)


def missing(condition: Compiled, registry: Registry, header: Row, item: Row) -> tuple[str, ...]:
    """Return the features whose absence keeps *condition* unknown, each once; none when it is decided."""
    if condition.test(header, item) is not None:
        return ()
    read = reader(registry, header, item)
    named = (feature for leaf in deciding(condition, header, item) for feature in _read_by(leaf))
    return tuple(dict.fromkeys(feature for feature in named if read(feature) is None))


def _read_by(leaf: Leaf) -> tuple[str, ...]:
    """Return the features that *leaf* reads."""
    return (leaf.feature, leaf.other) if isinstance(leaf, CompareFields) else (leaf.feature,)
