"""A small registry, random trees and rows over it, and a twin of the evaluator written another way.

The twin follows the definition of Kleene's logic by numbers (false 0, unknown 1/2, true 1: *and* is
the minimum, *or* the maximum, *not* the difference from 1) and compares amounts as fractions, so it
shares no code and no idea with the evaluator.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from tidewaiter.core.features.registry import Feature, FeatureVector, Kind, Registry, Scope, Value
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
    Node,
    NoneOf,
    Not,
    Prefix,
)

LISTS = {
    "borders": frozenset({"LAND", "RAIL"}),
    "nations": frozenset({"NO", "NA"}),
    "nothing": frozenset({"?"}),
}


def feature(name: str, kind: Kind, scope: Scope, unit: str = "-") -> Feature:
    """Return a feature that is only looked up, never computed."""
    return Feature(
        name=name, family="kit", kind=kind, scope=scope, unit=unit, source="-", missing="-", sentence="-",
        compute=lambda *_: None,
    )  # fmt: skip


REGISTRY = Registry(
    [
        feature("office", Kind.CODE, Scope.HEADER),
        feature("departure_country", Kind.CODE, Scope.HEADER),
        feature("lodged_day", Kind.DAY, Scope.HEADER),
        feature("importer_aeo", Kind.FLAG, Scope.HEADER),
        feature("importer_declared_all", Kind.COUNT, Scope.HEADER, "declarations"),
        feature("freight_amount", Kind.AMOUNT, Scope.HEADER, "national currency"),
        feature("freight_share", Kind.RATIO, Scope.HEADER),
        feature("hs2", Kind.CODE, Scope.ITEM),
        feature("hs_code", Kind.CODE, Scope.ITEM),
        feature("origin", Kind.CODE, Scope.ITEM),
        feature("description", Kind.TEXT, Scope.ITEM),
        feature("net_mass", Kind.AMOUNT, Scope.ITEM, "kg"),
        feature("gross_mass", Kind.AMOUNT, Scope.ITEM, "kg"),
        feature("customs_value", Kind.AMOUNT, Scope.ITEM, "national currency"),
        feature("unit_value_ratio", Kind.RATIO, Scope.ITEM),
        feature("unit_value_distance", Kind.RATIO, Scope.ITEM, "robust standard deviations"),
        feature("package_count", Kind.COUNT, Scope.ITEM, "packages"),
    ]
)

REGISTRY_NAMES = [known.name for known in REGISTRY]

_CODES = {
    "office": ["LAND", "PORT"],
    "hs2": ["22", "24"],
    "hs_code": ["010121", "851713", "8517130010"],
    "origin": ["NO", "NA", "FR"],
    "departure_country": ["NO", "NA", "FR"],
}
_TEXTS = ["USED TYRES", "TYRES, USED", "NEW TYRES", "FUSED QUARTZ"]
_DECIMALS = ["0", "0.3", "0.300000", "1", "2.5", "1000000", "0.000001", "123456789012.123456"]
_DAYS = ["2026-01-01", "2026-12-31"]
_SAME_KIND = [
    ("origin", "departure_country", "=!"),
    ("net_mass", "gross_mass", "=!<>"),
    ("freight_amount", "customs_value", "=!<>"),
    ("importer_declared_all", "package_count", "=!<>"),
    ("unit_value_ratio", "freight_share", "<>"),
]


def literals(known: Feature) -> st.SearchStrategy[Any]:
    """Return literals as an author may write them for *known*."""
    signed = st.sampled_from(_DECIMALS) | st.sampled_from(_DECIMALS).map(lambda text: f"-{text}")
    by_kind: dict[Kind, st.SearchStrategy[Any]] = {
        Kind.CODE: st.sampled_from(_CODES.get(known.name, ["A", "B"])),
        Kind.TEXT: st.sampled_from(_TEXTS),
        Kind.AMOUNT: st.sampled_from(_DECIMALS),
        Kind.RATIO: signed,
        Kind.COUNT: st.integers(0, 3),
        Kind.FLAG: st.booleans(),
        Kind.DAY: st.sampled_from(_DAYS),
    }
    return by_kind[known.kind]


@st.composite
def leaves(draw: st.DrawFn) -> Node:
    """Draw a literal that makes sense for its feature."""
    if draw(st.integers(0, 5)) == 0:
        one, two, signs = draw(st.sampled_from(_SAME_KIND))
        operators = [c for c in Comparison if c.value[0] in signs]
        return CompareFields(one, draw(st.sampled_from(operators)), two)
    known = draw(st.sampled_from(list(REGISTRY)))
    value = literals(known)
    equality, order = ["=", "!="], ["<", "<=", ">", ">="]
    kinds = {
        Kind.CODE: [*equality, "in", "in_list", "prefix"],
        Kind.TEXT: [*equality, "in", "contains_any"],
        Kind.RATIO: [*order, "between"],
        Kind.FLAG: equality,
    }
    operator = draw(
        st.sampled_from([*kinds.get(known.kind, [*equality, *order, "between", "in"]), "is_missing"])
    )
    match operator:
        case "between":
            return Between(known.name, draw(value), draw(value))
        case "in":
            return In(known.name, tuple(draw(st.lists(value, min_size=1, max_size=3))))
        case "in_list":
            return InList(known.name, draw(st.sampled_from(sorted(LISTS))))
        case "prefix":
            prefixes = st.lists(value.map(lambda code: code[:2]), min_size=1, max_size=2)
            return Prefix(known.name, tuple(draw(prefixes)))
        case "contains_any":
            return ContainsAny(
                known.name, tuple(draw(st.lists(st.sampled_from(["USED", "NEW ", "TYRES"]), min_size=1)))
            )
        case "is_missing":
            return IsMissing(known.name)
        case _:
            return Compare(known.name, Comparison(operator), draw(value))


_ANY_LITERAL = (
    st.sampled_from(["22", "FR", "0.5", "-4", "2026-01-01", "USED", "used", "LAND", ""])
    | st.integers(-1, 3)
    | st.booleans()
)


@st.composite
def wild_leaves(draw: st.DrawFn) -> Node:
    """Draw a literal without regard to whether it makes sense."""
    name = draw(st.sampled_from(REGISTRY_NAMES))
    several = st.lists(_ANY_LITERAL, min_size=1, max_size=2).map(tuple)
    texts = st.lists(st.sampled_from(["22", "USED", "8"]), min_size=1, max_size=2).map(tuple)
    shapes: list[st.SearchStrategy[Node]] = [
        st.builds(Compare, st.just(name), st.sampled_from(Comparison), _ANY_LITERAL),
        st.builds(CompareFields, st.just(name), st.sampled_from(Comparison), st.sampled_from(REGISTRY_NAMES)),
        st.builds(Between, st.just(name), _ANY_LITERAL, _ANY_LITERAL),
        st.builds(In, st.just(name), several),
        st.builds(InList, st.just(name), st.sampled_from(["borders", "nations", "none"])),
        st.builds(Prefix, st.just(name), texts),
        st.builds(ContainsAny, st.just(name), texts),
    ]
    return draw(st.one_of(shapes))


def trees() -> st.SearchStrategy[Node]:
    """Return conditions of up to about 25 nodes."""

    def groups(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        members = st.lists(inner, min_size=1, max_size=4).map(tuple)
        return members.map(AllOf) | members.map(AnyOf) | members.map(NoneOf) | inner.map(Not)

    return st.recursive(leaves(), groups, max_leaves=12)


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Value]:
    """Draw values for all features: a third is missing, and a ratio may be no number."""
    found: dict[str, Value] = {}
    for known in REGISTRY:
        if draw(st.integers(0, 2)) == 0:
            found[known.name] = None
            continue
        value = draw(literals(known))
        match known.kind:
            case Kind.AMOUNT:
                found[known.name] = int(Fraction(value) * 10**6)
            case Kind.RATIO:
                found[known.name] = draw(
                    st.sampled_from([float(value), float(value), float("nan"), float("inf")])
                )
            case Kind.DAY:
                found[known.name] = 739617 if value == "2026-01-01" else 739981
            case _:
                found[known.name] = value
    return found


def vector(*items: dict[str, Value]) -> FeatureVector:
    """Return the feature vector of items; the header is that of the first."""
    return FeatureVector(
        header=tuple(items[0].get(known.name) for known in REGISTRY.header),
        items=tuple(tuple(row.get(known.name) for known in REGISTRY.items) for row in items),
    )


# -- the twin

_HALF = Fraction(1, 2)


def twin(node: Node, row: dict[str, Value]) -> bool | None:
    """Return the truth of *node* on *row*, by the numbers of Kleene's logic."""
    return {Fraction(0): False, _HALF: None, Fraction(1): True}[_degree(node, row)]


def _degree(node: Node, row: dict[str, Value]) -> Fraction:
    if isinstance(node, AllOf):
        return min((_degree(inner, row) for inner in node.nodes), default=Fraction(1))
    if isinstance(node, AnyOf):
        return max((_degree(inner, row) for inner in node.nodes), default=Fraction(0))
    if isinstance(node, NoneOf):
        return 1 - max((_degree(inner, row) for inner in node.nodes), default=Fraction(0))
    if isinstance(node, Not):
        return 1 - _degree(node.node, row)
    value = _known(row, node.feature)
    if isinstance(node, IsMissing):
        return Fraction(1 if value is None else 0)
    if value is None:
        return _HALF
    if isinstance(node, CompareFields):
        other = _known(row, node.other)
        return _HALF if other is None else Fraction(1 if _compared(node.operator, value, other) else 0)
    return Fraction(1 if _test(node, value) else 0)


def _known(row: dict[str, Value], name: str) -> Any:
    """Return a value as it is compared by the twin: amounts as fractions of the unit."""
    value = row[name]
    if isinstance(value, float) and not -1e300 < value < 1e300:
        return None
    if value is not None and REGISTRY[name].kind is Kind.AMOUNT:
        return Fraction(int(value), 10**6)
    return value


def _test(node: Any, value: Any) -> bool:
    if isinstance(node, Compare):
        return _compared(node.operator, value, _literal(node.feature, node.value))
    if isinstance(node, Between):
        return not (value < _literal(node.feature, node.low) or value > _literal(node.feature, node.high))
    if isinstance(node, In):
        return value in [_literal(node.feature, literal) for literal in node.values]
    if isinstance(node, InList):
        return sorted(LISTS[node.list]).count(value) > 0
    if isinstance(node, Prefix):
        return bool([prefix for prefix in node.prefixes if value[: len(prefix)] == prefix])
    return bool([text for text in node.texts if value.find(text) >= 0])


def _compared(operator: Comparison, one: Any, two: Any) -> bool:
    sign = (one > two) - (one < two)
    return sign in {"=": {0}, "!=": {-1, 1}, "<": {-1}, "<=": {-1, 0}, ">": {1}, ">=": {0, 1}}[operator.value]


def _literal(name: str, literal: Any) -> Any:
    kind = REGISTRY[name].kind
    if kind is Kind.AMOUNT:
        return Fraction(literal)
    if kind is Kind.RATIO:
        return float(literal)
    if kind is Kind.DAY:
        return {"2026-01-01": 739617, "2026-12-31": 739981}[literal]
    return literal
