"""Why a condition holds, and what keeps it unknown: the literals that decided, with the values read.

Only the literals that carry the answer are named.  Of ``any_of`` these are the branches that held,
of ``all_of`` all of them; under a negation, the literals that did not hold.
"""

from __future__ import annotations

from typing import NamedTuple

from tidewaiter.core.features.registry import Registry, Scope, Value
from tidewaiter.core.rules.evaluate import Lists, Read, evaluate
from tidewaiter.core.rules.nodes import CompareFields, Leaf, Node, NoneOf, Not, children

__all__ = ["Evidence", "deciding", "evidence", "missing"]


class Evidence(NamedTuple):
    """A value that was read by a literal which decided."""

    feature: str
    #: Item index, from 0; None: the value belongs to the header.
    item: int | None
    #: As in the feature vector (an AMOUNT in millionths); None: missing.
    value: Value


def deciding(node: Node, read: Read, registry: Registry, lists: Lists) -> list[Leaf]:
    """Return the literals that give *node* the truth value it has, in the order of writing."""
    if not children(node):
        return [node]  # type: ignore[list-item]  # a node without children is a literal
    # What forces a group to its value are exactly the children that have it: all children of a true
    # `all_of`, the true ones of a true `any_of`, the unknown ones of an unknown group.
    wanted = evaluate(node, read, registry, lists)
    if wanted is not None and isinstance(node, NoneOf | Not):
        wanted = not wanted
    chosen = [inner for inner in children(node) if evaluate(inner, read, registry, lists) is wanted]
    return [leaf for inner in chosen for leaf in deciding(inner, read, registry, lists)]


def evidence(node: Node, item: int, read: Read, registry: Registry, lists: Lists) -> tuple[Evidence, ...]:
    """Return the values that decided *node* on the item with index *item*, each once."""
    found: dict[Evidence, None] = {}
    for leaf in deciding(node, read, registry, lists):
        for feature in _read_by(leaf):
            on_item = registry.position[feature][0] is Scope.ITEM
            found[Evidence(feature, item if on_item else None, read(feature))] = None
    return tuple(found)


def missing(node: Node, read: Read, registry: Registry, lists: Lists) -> tuple[str, ...]:
    """Return the features whose absence keeps *node* unknown, each once; none when it is decided."""
    if evaluate(node, read, registry, lists) is not None:
        return ()
    named = (feature for leaf in deciding(node, read, registry, lists) for feature in _read_by(leaf))
    return tuple(dict.fromkeys(feature for feature in named if read(feature) is None))


def _read_by(leaf: Leaf) -> tuple[str, ...]:
    return (leaf.feature, leaf.other) if isinstance(leaf, CompareFields) else (leaf.feature,)
