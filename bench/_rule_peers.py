"""Conditions for other engines: every literal as ``present and test``, negation moved inward.

None of them has three truth values, and some refuse to compare null; this form gives them our *true* and
nothing else.  Membership in named lists is looked up for them beforehand, because most would scan the list.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Final, Protocol

import polars as pl

from tidewaiter.core.features import REGISTRY
from tidewaiter.core.features.registry import Value
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
    Leaf,
    Node,
    NoneOf,
    Not,
    Prefix,
    children,
)

__all__ = ["Cel", "JsonLogic", "Language", "PolarsExpressions", "Sql", "Zen", "rendered", "with_lists"]

CONTRARY: Final = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}


class Language(Protocol):
    """How one engine writes conditions."""

    def every(self, parts: Sequence[Any]) -> Any: ...
    def some(self, parts: Sequence[Any]) -> Any: ...
    def no(self, part: Any) -> Any: ...
    def present(self, name: str) -> Any: ...
    def compared(self, name: str, sign: str, value: Any) -> Any: ...
    def fields(self, name: str, sign: str, other: str) -> Any: ...
    def member(self, name: str, values: Sequence[Any]) -> Any: ...
    def begins(self, name: str, prefix: str) -> Any: ...
    def contains(self, name: str, text: str) -> Any: ...


def rendered(node: Node, language: Language, *, holds: bool = True) -> Any:
    """Return the condition that *node* is true, or that it is false."""
    if isinstance(node, Not):
        return rendered(node.node, language, holds=not holds)
    if isinstance(node, NoneOf):
        return rendered(AnyOf(node.nodes), language, holds=not holds)
    if isinstance(node, AllOf | AnyOf):
        parts = [rendered(child, language, holds=holds) for child in children(node)]
        return (language.every if isinstance(node, AllOf) is holds else language.some)(parts)
    names = [node.feature, node.other] if isinstance(node, CompareFields) else [node.feature]
    return language.every([*map(language.present, names), _test(node, language, holds=holds)])


def _test(leaf: Leaf, language: Language, *, holds: bool) -> Any:
    name, kind = leaf.feature, REGISTRY[leaf.feature].kind

    def sign(comparison: Comparison) -> str:
        written = "==" if comparison is Comparison.EQUAL else comparison.value
        return written if holds else CONTRARY[written]

    match leaf:
        case Compare(_, comparison, literal):
            return language.compared(name, sign(comparison), literal_value(kind, literal))
        case CompareFields(_, comparison, other):
            return language.fields(name, sign(comparison), other)
        case Between(_, low, high):
            bounds = (">=", literal_value(kind, low)), ("<=", literal_value(kind, high))
            test = language.every([language.compared(name, *bound) for bound in bounds])
        case In(_, values):
            test = language.member(name, [literal_value(kind, literal) for literal in values])
        case InList(_, code):
            return language.compared(f"{name}_in_{code}", "==", holds)
        case Prefix(_, prefixes):
            test = language.some([language.begins(name, prefix) for prefix in prefixes])
        case ContainsAny(_, texts):
            test = language.some([language.contains(name, text) for text in texts])
        case _:
            raise TypeError(f"no rules of the bench ask {leaf!r}")
    return test if holds else language.no(test)


def with_lists(row: dict[str, Value], lists: dict[str, frozenset[str]]) -> dict[str, Value]:
    """Return *row* with the membership of the importer in each list."""
    importer = row["importer"]
    return row | {f"importer_in_{code}": importer in entries for code, entries in lists.items()}


class _Infix:
    """What expression languages share."""

    null = "null"
    and_, or_ = " and ", " or "
    not_: str = "not {}"
    begins_, contains_ = "startsWith({}, {})", "contains({}, {})"

    def every(self, parts: Sequence[str]) -> str:
        return f"({self.and_.join(parts)})"

    def some(self, parts: Sequence[str]) -> str:
        return f"({self.or_.join(parts)})"

    def no(self, part: str) -> str:
        return self.not_.format(part)

    def present(self, name: str) -> str:
        return f"{name} != {self.null}"

    def compared(self, name: str, sign: str, value: Any) -> str:
        return f"{name} {sign} {json.dumps(value)}"

    def fields(self, name: str, sign: str, other: str) -> str:
        return f"{name} {sign} {other}"

    def member(self, name: str, values: Sequence[Any]) -> str:
        return f"{name} in {json.dumps(values)}"

    def begins(self, name: str, prefix: str) -> str:
        return self.begins_.format(name, json.dumps(prefix))

    def contains(self, name: str, text: str) -> str:
        return self.contains_.format(name, json.dumps(text))


class Zen(_Infix):
    """The expressions of zen-engine."""

    not_ = "not({})"


class Cel(_Infix):
    """The Common Expression Language."""

    and_, or_, not_ = " && ", " || ", "!({})"
    begins_, contains_ = "{}.startsWith({})", "{}.contains({})"


class Sql(_Infix):
    """SQL as one would write it by hand for DuckDB."""

    and_, or_, not_ = " AND ", " OR ", "NOT ({})"
    begins_, contains_ = "starts_with({}, {})", "contains({}, {})"

    def constant(self, value: Any) -> str:
        return f"'{value}'" if isinstance(value, str) else repr(value)

    def present(self, name: str) -> str:
        return f"{name} IS NOT NULL"

    def compared(self, name: str, sign: str, value: Any) -> str:
        return f"{name} {sign} {self.constant(value)}"

    def member(self, name: str, values: Sequence[Any]) -> str:
        return f"{name} IN ({', '.join(map(self.constant, values))})"

    def begins(self, name: str, prefix: str) -> str:
        return self.begins_.format(name, self.constant(prefix))

    def contains(self, name: str, text: str) -> str:
        return self.contains_.format(name, self.constant(text))


class JsonLogic:
    """JsonLogic, which has no prefixes: a part of the text is compared."""

    def every(self, parts: Sequence[Any]) -> Any:
        return {"and": list(parts)}

    def some(self, parts: Sequence[Any]) -> Any:
        return {"or": list(parts)}

    def no(self, part: Any) -> Any:
        return {"!": part}

    def present(self, name: str) -> Any:
        return {"!==": [{"var": name}, None]}

    def compared(self, name: str, sign: str, value: Any) -> Any:
        return {{"==": "===", "!=": "!=="}.get(sign, sign): [{"var": name}, value]}

    def fields(self, name: str, sign: str, other: str) -> Any:
        return {{"==": "===", "!=": "!=="}.get(sign, sign): [{"var": name}, {"var": other}]}

    def member(self, name: str, values: Sequence[Any]) -> Any:
        return {"in": [{"var": name}, list(values)]}

    def begins(self, name: str, prefix: str) -> Any:
        return {"===": [{"substr": [{"var": name}, 0, len(prefix)]}, prefix]}

    def contains(self, name: str, text: str) -> Any:
        return {"in": [text, {"var": name}]}


class PolarsExpressions:
    """Expressions of Polars."""

    def every(self, parts: Sequence[pl.Expr]) -> pl.Expr:
        return pl.all_horizontal(parts)

    def some(self, parts: Sequence[pl.Expr]) -> pl.Expr:
        return pl.any_horizontal(parts)

    def no(self, part: pl.Expr) -> pl.Expr:
        return ~part

    def present(self, name: str) -> pl.Expr:
        return pl.col(name).is_not_null()

    def compared(self, name: str, sign: str, value: Any) -> pl.Expr:
        return _SIGNS[sign](pl.col(name), pl.lit(value))

    def fields(self, name: str, sign: str, other: str) -> pl.Expr:
        return _SIGNS[sign](pl.col(name), pl.col(other))

    def member(self, name: str, values: Sequence[Any]) -> pl.Expr:
        return pl.col(name).is_in(list(values))

    def begins(self, name: str, prefix: str) -> pl.Expr:
        return pl.col(name).str.starts_with(prefix)

    def contains(self, name: str, text: str) -> pl.Expr:
        return pl.col(name).str.contains(text, literal=True)


_SIGNS: Final[dict[str, Callable[[pl.Expr, pl.Expr], pl.Expr]]] = {
    "==": pl.Expr.eq, "!=": pl.Expr.ne, "<": pl.Expr.lt, "<=": pl.Expr.le, ">": pl.Expr.gt, ">=": pl.Expr.ge,
}  # fmt: skip
