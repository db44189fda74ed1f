"""What a condition means: the plain evaluator, which is the specification of the language.

Logic is three-valued (Kleene, *Introduction to Metamathematics*, 1952): True, False, or None for
*unknown*.  A literal on a missing value is unknown; ``is_missing`` never is.  Nothing turns unknown
into true: two missing values are not equal, and the contrary of unknown is unknown.

It is written to be read; every faster evaluation is held equal to it by a property test.  A RATIO
that is not finite counts as missing.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from tidewaiter.core.features.registry import Kind, Registry, Scope, Value
from tidewaiter.core.rules.literals import literal_value
from tidewaiter.core.rules.nodes import (
    AllOf,
    AnyOf,
    Between,
    Compare,
    CompareFields,
    Comparison,
    ContainsAny,
    In,
    InList,
    IsMissing,
    Leaf,
    Node,
    NoneOf,
    Not,
    Prefix,
)

__all__ = ["COMPARE", "Lists", "Read", "Row", "Truth", "evaluate", "present", "reader"]

#: The three truth values.
Truth: TypeAlias = bool | None
#: Entries of each named list, by its code.
Lists: TypeAlias = Mapping[str, frozenset[str]]
#: Gives the value of a feature by its name.
Read: TypeAlias = Callable[[str], Value]
#: Values of one scope, in the order of the registry.
Row: TypeAlias = Sequence[Value]

#: The six comparisons of two values of the same kind.
COMPARE: Final[Mapping[Comparison, Callable[[Any, Any], bool]]] = {
    Comparison.EQUAL: operator.eq,
    Comparison.NOT_EQUAL: operator.ne,
    Comparison.LESS: operator.lt,
    Comparison.AT_MOST: operator.le,
    Comparison.GREATER: operator.gt,
    Comparison.AT_LEAST: operator.ge,
}


def present(value: Value) -> Value:
    """Return *value*, or None when it is a number that is not finite: such a number is no knowledge."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def reader(registry: Registry, header: Row, item: Row) -> Read:
    """Return the function that reads a feature by name from a header and one of its items."""

    def read(name: str) -> Value:
        scope, position = registry.position[name]
        return present((header if scope is Scope.HEADER else item)[position])

    return read


def evaluate(node: Node, read: Read, registry: Registry, lists: Lists) -> Truth:
    """Return whether *node* holds: True, False, or None when missing data leave it open."""
    match node:
        case AllOf(nodes):
            return _all(evaluate(inner, read, registry, lists) for inner in nodes)
        case AnyOf(nodes):
            return _any(evaluate(inner, read, registry, lists) for inner in nodes)
        case NoneOf(nodes):
            return _not(_any(evaluate(inner, read, registry, lists) for inner in nodes))
        case Not(inner):
            return _not(evaluate(inner, read, registry, lists))
        case IsMissing(feature):
            return read(feature) is None
        case CompareFields(feature, comparison, other):
            left, right = read(feature), read(other)
            return None if left is None or right is None else COMPARE[comparison](left, right)
        case _:
            value = read(node.feature)
            return None if value is None else _holds(node, value, registry[node.feature].kind, lists)


def _holds(leaf: Leaf, value: Any, kind: Kind, lists: Lists) -> bool:
    """Return whether the literal holds for a value that is there."""
    match leaf:
        case Compare(_, comparison, literal):
            return COMPARE[comparison](value, literal_value(kind, literal))
        case Between(_, low, high):
            bounds: tuple[Any, Any] = literal_value(kind, low), literal_value(kind, high)
            return bool(bounds[0] <= value <= bounds[1])
        case In(_, values):
            return any(value == literal_value(kind, literal) for literal in values)
        case InList(_, name):
            return value in lists[name]
        case Prefix(_, prefixes):
            return any(value.startswith(prefix) for prefix in prefixes)
        case ContainsAny(_, texts):
            return any(text in value for text in texts)
        case _:
            raise TypeError(f"BUG: {type(leaf).__name__} does not test a single present value")


def _not(truth: Truth) -> Truth:
    return None if truth is None else not truth


def _all(truths: Iterable[Truth]) -> Truth:
    """Return the least of *truths*, in the order False < unknown < True."""
    found = list(truths)
    if False in found:
        return False
    return None if None in found else True


def _any(truths: Iterable[Truth]) -> Truth:
    """Return the greatest of *truths*, in the order False < unknown < True."""
    found = list(truths)
    if True in found:
        return True
    return None if None in found else False
