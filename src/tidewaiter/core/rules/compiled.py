"""The meaning of `evaluate` as closures: literals parsed and positions looked up once, the same answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from tidewaiter.core.features.registry import Kind, Registry, Scope, Value
from tidewaiter.core.rules.evaluate import COMPARE, Lists, Row, Truth, present
from tidewaiter.core.rules.literals import literal_value
from tidewaiter.core.rules.nodes import (
    AllOf,
    AnyOf,
    Between,
    Compare,
    CompareFields,
    ContainsAny,
    In,
    InList,
    IsMissing,
    Leaf,
    Node,
    NoneOf,
    Not,
    Prefix,
    children,
    features_of,
)

__all__ = ["Compiled", "Test", "compile_condition"]

#: A compiled condition: (header, item) -> True, False or None.
Test: TypeAlias = Callable[[Row, Row], Truth]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """A node with its test, and the nodes below it with theirs, so that an answer can be explained."""

    node: Node
    test: Test
    inner: tuple[Compiled, ...]
    #: It reads features of the header only, so it has one answer for the whole declaration.
    header_only: bool


def compile_condition(node: Node, registry: Registry, lists: Lists) -> Compiled:
    """Return *node* as functions of a header and an item, with the answers of ``evaluate``."""
    inner = tuple(compile_condition(child, registry, lists) for child in children(node))
    return Compiled(
        node=node,
        test=_test(node, [compiled.test for compiled in inner], registry, lists),
        inner=inner,
        header_only=all(registry.position[name][0] is Scope.HEADER for name in features_of(node)),
    )


def _test(node: Node, inner: list[Test], registry: Registry, lists: Lists) -> Test:
    """Return the test of *node*, given the tests of its children."""
    match node:
        case AllOf():
            return _compiled_group(inner, decisive=False)
        case AnyOf():
            return _compiled_group(inner, decisive=True)
        case NoneOf():
            return _compiled_not(_compiled_group(inner, decisive=True))
        case Not():
            return _compiled_not(inner[0])
        case IsMissing(feature):
            getter = _getter(registry, feature)
            return lambda header, item: getter(header, item) is None
        case CompareFields(feature, comparison, other):
            return _compiled_fields(_getter(registry, feature), COMPARE[comparison], _getter(registry, other))
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
            compare, right = COMPARE[comparison], literal_value(kind, literal)
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


def _compiled_group(tests: Sequence[Test], *, decisive: bool) -> Test:
    """Return the disjunction (*decisive* True) or conjunction (False): one decisive test settles it."""
    ordered = tuple(tests)
    otherwise = not decisive

    def test(header: Row, item: Row) -> Truth:
        result: Truth = otherwise
        for inner in ordered:
            truth = inner(header, item)
            if truth is decisive:
                return decisive
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
