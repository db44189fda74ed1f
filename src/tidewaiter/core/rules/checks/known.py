"""What a condition may refer to, and the words of a literal, as all checks see them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tidewaiter.core.features.registry import Kind, Registry
from tidewaiter.core.plain import at
from tidewaiter.core.rules.literals import LiteralError, literal_value
from tidewaiter.core.rules.nodes import (
    AllOf,
    AnyOf,
    Between,
    Compare,
    CompareFields,
    ContainsAny,
    Group,
    In,
    InList,
    IsMissing,
    Leaf,
    Literal,
    Node,
    NoneOf,
    Not,
    Prefix,
)
from tidewaiter.core.rules.profile import NamedList

__all__ = [
    "OPERATORS",
    "Known",
    "group_key",
    "literals_of",
    "operator_of",
    "parsed",
    "placed",
    "several_of",
    "value_place",
]

_EQUALITY: Final = frozenset({"=", "!="})
_ORDER: Final = frozenset({"<", "<=", ">", ">="})

#: Operators that make sense for a kind.  A RATIO is never compared for equality: it is rounded.
OPERATORS: Final[Mapping[Kind, frozenset[str]]] = {
    Kind.CODE: _EQUALITY | {"in", "in_list", "prefix", "is_missing"},
    Kind.TEXT: _EQUALITY | {"in", "in_list", "contains_any", "is_missing"},
    Kind.AMOUNT: _EQUALITY | _ORDER | {"between", "in", "is_missing"},
    Kind.RATIO: _ORDER | {"between", "is_missing"},
    Kind.COUNT: _EQUALITY | _ORDER | {"between", "in", "is_missing"},
    Kind.FLAG: _EQUALITY | {"is_missing"},
    Kind.DAY: _EQUALITY | _ORDER | {"between", "in", "is_missing"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a condition may refer to."""

    registry: Registry
    lists: Mapping[str, NamedList]


_GROUP: Final[Mapping[type, str]] = {AllOf: "all_of", AnyOf: "any_of", NoneOf: "none_of"}
_WORD: Final[Mapping[type, str]] = {
    Between: "between",
    In: "in",
    InList: "in_list",
    Prefix: "prefix",
    ContainsAny: "contains_any",
    IsMissing: "is_missing",
}


def operator_of(leaf: Leaf) -> str:
    """Return the key under which the operator of *leaf* is written."""
    return leaf.operator.value if isinstance(leaf, Compare | CompareFields) else _WORD[type(leaf)]


def literals_of(leaf: Leaf) -> tuple[Literal, ...]:
    """Return the literals of *leaf* that are compared as whole values."""
    match leaf:
        case Compare(_, _, value):
            return (value,)
        case Between(_, low, high):
            return (low, high)
        case In(_, values):
            return values
        case _:
            return ()


def several_of(leaf: Leaf) -> tuple[Literal, ...]:
    """Return the alternatives of *leaf*."""
    match leaf:
        case In(_, values):
            return values
        case Prefix(_, prefixes):
            return prefixes
        case ContainsAny(_, texts):
            return texts
        case _:
            return ()


def value_place(leaf: Leaf, place: str, index: int) -> str:
    """Return the place of the literal with *index*; a comparison has only one."""
    here = at(place, operator_of(leaf))
    return here if isinstance(leaf, Compare) else at(here, index)


def parsed(leaf: Leaf, literals: Sequence[Literal], known: Known) -> list[Any] | None:
    """Return the values of *literals*, or None when one of them is not valid (reported elsewhere)."""
    try:
        return [literal_value(known.registry[leaf.feature].kind, literal) for literal in literals]
    except LiteralError:
        return None


def group_key(group: Group) -> str:
    """Return the key under which a group is written."""
    return _GROUP[type(group)]


def placed(node: Node, place: str = "") -> Iterator[tuple[Node, str]]:
    """Iterate over *node* and all nodes below it with their JSON pointers below *place*."""
    yield node, place
    match node:
        case AllOf(nodes) | AnyOf(nodes) | NoneOf(nodes):
            for index, inner in enumerate(nodes):
                yield from placed(inner, at(at(place, group_key(node)), index))
        case Not(inner):
            yield from placed(inner, at(place, "not"))
        case _:
            pass
