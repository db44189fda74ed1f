"""What a condition means: the plain evaluator, which is the specification, and the same as closures.

Logic is three-valued (Kleene, *Introduction to Metamathematics*, 1952): True, False, or None for
*unknown*.  A literal on a missing value is unknown; ``is_missing`` never is.  Nothing turns unknown
into true: two missing values are not equal, and the contrary of unknown is unknown.

:func:`evaluate` is the definition, written to be read.  :func:`compile_condition` gives the same
answers faster, because literals are parsed and positions are looked up once; a property test holds
the two equal on random trees and rows.  A RATIO that is not finite counts as missing.
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

__all__ = ["Lists", "Read", "Row", "Test", "compile_condition", "evaluate", "present", "reader"]

#: The three truth values.
Truth: TypeAlias = bool | None
#: Entries of each named list, by its code.
Lists: TypeAlias = Mapping[str, frozenset[str]]
#: Gives the value of a feature by its name.
Read: TypeAlias = Callable[[str], Value]
#: Values of one scope, in the order of the registry.
Row: TypeAlias = Sequence[Value]
#: A compiled condition: (header, item) -> True, False or None.
Test: TypeAlias = Callable[[Row, Row], Truth]

_COMPARE: Final[Mapping[Comparison, Callable[[Any, Any], bool]]] = {
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


# -- the specification


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
            return None if left is None or right is None else _COMPARE[comparison](left, right)
        case _:
            value = read(node.feature)
            return None if value is None else _holds(node, value, registry[node.feature].kind, lists)


def _holds(leaf: Leaf, value: Any, kind: Kind, lists: Lists) -> bool:
    """Return whether the literal holds for a value that is there."""
    match leaf:
        case Compare(_, comparison, literal):
            return _COMPARE[comparison](value, literal_value(kind, literal))
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


# -- the same as closures


def compile_condition(node: Node, registry: Registry, lists: Lists) -> Test:
    """Return *node* as a function of a header and an item, with the answers of :func:`evaluate`."""
    match node:
        case AllOf(nodes):
            return _compiled_all([compile_condition(inner, registry, lists) for inner in nodes])
        case AnyOf(nodes):
            return _compiled_any([compile_condition(inner, registry, lists) for inner in nodes])
        case NoneOf(nodes):
            return _compiled_not(
                _compiled_any([compile_condition(inner, registry, lists) for inner in nodes])
            )
        case Not(inner):
            return _compiled_not(compile_condition(inner, registry, lists))
        case IsMissing(feature):
            getter = _getter(registry, feature)
            return lambda header, item: getter(header, item) is None
        case CompareFields(feature, comparison, other):
            return _compiled_fields(
                _getter(registry, feature), _COMPARE[comparison], _getter(registry, other)
            )
        case _:
            return _compiled_leaf(node, registry, lists)


def _compiled_leaf(leaf: Leaf, registry: Registry, lists: Lists) -> Test:
    """Return the test of one feature, with its position and literals resolved."""
    holds = _predicate(leaf, registry[leaf.feature].kind, lists)
    scope, position = registry.position[leaf.feature]
    if registry[leaf.feature].kind is Kind.RATIO:
        getter = _getter(registry, leaf.feature)

        def on_ratio(header: Row, item: Row) -> Truth:
            value = getter(header, item)
            return None if value is None else holds(value)

        return on_ratio
    if scope is Scope.HEADER:

        def on_header(header: Row, _item: Row) -> Truth:
            value = header[position]
            return None if value is None else holds(value)

        return on_header

    def on_item(_header: Row, item: Row) -> Truth:
        value = item[position]
        return None if value is None else holds(value)

    return on_item


def _predicate(leaf: Leaf, kind: Kind, lists: Lists) -> Callable[[Any], bool]:
    """Return the two-valued test of a value that is there."""
    match leaf:
        case Compare(_, comparison, literal):
            compare, right = _COMPARE[comparison], literal_value(kind, literal)
            return lambda value: compare(value, right)
        case Between(_, low, high):
            least: Any = literal_value(kind, low)
            most: Any = literal_value(kind, high)
            return lambda value: least <= value <= most
        case In(_, values):
            return frozenset(literal_value(kind, literal) for literal in values).__contains__
        case InList(_, name):
            return lists[name].__contains__
        case Prefix(_, prefixes):
            return lambda value: value.startswith(prefixes)
        case ContainsAny(_, texts):
            return lambda value: any(text in value for text in texts)
        case _:
            raise TypeError(f"BUG: {type(leaf).__name__} does not test a single present value")


def _getter(registry: Registry, name: str) -> Callable[[Row, Row], Value]:
    """Return the function that reads one feature from (header, item)."""
    scope, position = registry.position[name]
    if registry[name].kind is Kind.RATIO:
        if scope is Scope.HEADER:
            return lambda header, _item: present(header[position])
        return lambda _header, item: present(item[position])
    if scope is Scope.HEADER:
        return lambda header, _item: header[position]
    return lambda _header, item: item[position]


def _compiled_fields(
    left: Callable[[Row, Row], Value], compare: Callable[[Any, Any], bool], right: Callable[[Row, Row], Value]
) -> Test:
    """Return the comparison of two features."""

    def test(header: Row, item: Row) -> Truth:
        one, two = left(header, item), right(header, item)
        return None if one is None or two is None else compare(one, two)

    return test


def _compiled_all(tests: Sequence[Test]) -> Test:
    """Return the conjunction: False as soon as one test is False."""
    ordered = tuple(tests)

    def test(header: Row, item: Row) -> Truth:
        result: Truth = True
        for inner in ordered:
            truth = inner(header, item)
            if truth is False:
                return False
            if truth is None:
                result = None
        return result

    return test


def _compiled_any(tests: Sequence[Test]) -> Test:
    """Return the disjunction: True as soon as one test is True."""
    ordered = tuple(tests)

    def test(header: Row, item: Row) -> Truth:
        result: Truth = False
        for inner in ordered:
            truth = inner(header, item)
            if truth is True:
                return True
            if truth is None:
                result = None
        return result

    return test


def _compiled_not(test: Test) -> Test:
    """Return the contrary; the contrary of unknown is unknown."""

    def contrary(header: Row, item: Row) -> Truth:
        truth = test(header, item)
        return None if truth is None else not truth

    return contrary
