"""The tree of a condition: literals over registered features, in groups.

A tree says nothing about how it is evaluated (`evaluate`), whether it makes sense for a registry
of features (`check`), or how it is written down (`form`).  Nodes are frozen and compare by value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

__all__ = [
    "DEPTH_MAX", "NODES_MAX", "VALUES_MAX", "AllOf", "AnyOf", "Between", "Compare", "CompareFields",
    "Comparison", "ContainsAny", "Group", "In", "InList", "IsMissing", "Leaf", "Literal", "Node", "NoneOf",
    "Not", "Prefix", "children", "depth", "features_of", "leaves", "lists_of", "walk",
]  # fmt: skip

#: A condition has at most this many nodes, is at most this deep, and a literal has at most this many values.
NODES_MAX: Final = 200
DEPTH_MAX: Final = 12
VALUES_MAX: Final = 1000

#: A literal as written: text (codes, texts, decimals, days), a whole number (counts) or a truth (flags).
Literal: TypeAlias = str | int | bool


class Comparison(StrEnum):
    """The six comparisons."""

    EQUAL = "="
    NOT_EQUAL = "!="
    LESS = "<"
    AT_MOST = "<="
    GREATER = ">"
    AT_LEAST = ">="


@dataclass(frozen=True, slots=True)
class Compare:
    """The value of a feature against a literal."""

    feature: str
    operator: Comparison
    value: Literal


@dataclass(frozen=True, slots=True)
class CompareFields:
    """The value of a feature against the value of another feature of the same kind."""

    feature: str
    operator: Comparison
    other: str


@dataclass(frozen=True, slots=True)
class Between:
    """The value of a feature lies in a range, bounds included."""

    feature: str
    low: Literal
    high: Literal


@dataclass(frozen=True, slots=True)
class In:
    """The value of a feature is one of the values."""

    feature: str
    values: tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class InList:
    """The value of a feature is an entry of a named list."""

    feature: str
    list: str


@dataclass(frozen=True, slots=True)
class Prefix:
    """The code begins with one of the prefixes."""

    feature: str
    prefixes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ContainsAny:
    """The text contains one of the texts, literally."""

    feature: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IsMissing:
    """The feature has no value; the only literal that is never unknown."""

    feature: str


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every node of the group holds."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one node of the group holds."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class NoneOf:
    """No node of the group holds."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The node does not hold."""

    node: Node


Leaf: TypeAlias = Compare | CompareFields | Between | In | InList | Prefix | ContainsAny | IsMissing
Group: TypeAlias = AllOf | AnyOf | NoneOf
Node: TypeAlias = Leaf | Group | Not


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly below *node*; none for a literal."""
    if isinstance(node, Not):
        return (node.node,)
    return node.nodes if isinstance(node, AllOf | AnyOf | NoneOf) else ()


def walk(node: Node) -> Iterator[Node]:
    """Iterate over *node* and all nodes below it, each before its children."""
    yield node
    for child in children(node):
        yield from walk(child)


def leaves(node: Node) -> Iterator[Leaf]:
    """Iterate over the literals of the tree, in the order in which they are written."""
    for inner in walk(node):
        if not isinstance(inner, AllOf | AnyOf | NoneOf | Not):
            yield inner


def depth(node: Node) -> int:
    """Return the number of levels of the tree; 1 for a literal."""
    return 1 + max((depth(child) for child in children(node)), default=0)


def features_of(node: Node) -> tuple[str, ...]:
    """Return the names of the features that the tree reads, each once, in the order of reading."""
    named: dict[str, None] = {}
    for leaf in leaves(node):
        named[leaf.feature] = None
        if isinstance(leaf, CompareFields):
            named[leaf.other] = None
    return tuple(named)


def lists_of(node: Node) -> tuple[str, ...]:
    """Return the codes of the named lists that the tree uses, each once, in the order of use."""
    return tuple(dict.fromkeys(leaf.list for leaf in leaves(node) if isinstance(leaf, InList)))
