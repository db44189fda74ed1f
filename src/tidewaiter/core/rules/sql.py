"""Conditions as SQL, for people and their tools; it decides nothing.

The same text runs on DuckDB 2 and on PostgreSQL 11 or later.  The null logic of a database is never
reached: a condition becomes two expressions of two values, one for *true* and one for *false*, in which
each literal is ``present and test``; what is neither is unknown.

A column has the name of its feature; a code and a text is TEXT, an amount an exact number of millionths, a
ratio DOUBLE PRECISION, a count an integer, a flag BOOLEAN, and a day its proleptic ordinal; NULL is missing.
Comparison of texts is by code point where the column's collation is deterministic.  ``LIKE`` is not used:
it has wildcards.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from tidewaiter.core.features.registry import Kind, Registry, Value
from tidewaiter.core.rules.evaluate import Lists
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

__all__ = ["SqlCondition", "quoted", "render_sql"]

_CONTRARY: Final = {
    Comparison.EQUAL: "<>",
    Comparison.NOT_EQUAL: "=",
    Comparison.LESS: ">=",
    Comparison.AT_MOST: ">",
    Comparison.GREATER: "<=",
    Comparison.AT_LEAST: "<",
}
_SAME: Final = {comparison: comparison.value.replace("!=", "<>") for comparison in Comparison}


#: The largest finite number of IEEE 754 binary64.
_LARGEST: Final = 1.7976931348623157e308


class SqlCondition(NamedTuple):
    """A condition as two expressions that are never null; what is neither true nor false is unknown."""

    true: str
    false: str


def render_sql(node: Node, registry: Registry, lists: Lists) -> SqlCondition:
    """Return *node* over columns named like its features; the entries of its lists are written out.

    Raises ValueError when a text has a NUL character, which PostgreSQL cannot hold.
    """
    renderer = _Renderer(registry, lists)
    return SqlCondition(renderer.render(node, holds=True), renderer.render(node, holds=False))


def quoted(text: str) -> str:
    r"""Return *text* as an SQL string that means the same under every setting of the server.

    >>> print(quoted("it's"), quoted("back\\slash"))
    'it''s' E'back\\slash'
    """
    if "\0" in text:
        raise ValueError(f"the text {text!r} has a NUL character, which SQL cannot hold; remove it")
    doubled = text.replace("'", "''")
    # A backslash is plain or an escape by a setting of PostgreSQL; in E'' it is an escape on both.
    return f"'{doubled}'" if "\\" not in text else "E'" + doubled.replace("\\", "\\\\") + "'"


def _constant(value: Value) -> str:
    """Return a present value as an SQL constant."""
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, bool):
        return str(value).upper()
    return f"CAST('{value!r}' AS DOUBLE PRECISION)" if isinstance(value, float) else str(value)


def _joined(expressions: Iterable[str], operator: str, none: str) -> str:
    """Return the expressions in parentheses, joined; *none* when there are none."""
    inner = f" {operator} ".join(expressions)
    return f"({inner})" if inner else none


def _one_of(column: str, constants: Iterable[str]) -> str:
    """Return the test that a column has one of the constants."""
    inner = ", ".join(constants)
    return f"({column} IN ({inner}))" if inner else "FALSE"


class _Renderer:
    """Renders the nodes of conditions over one registry."""

    def __init__(self, registry: Registry, lists: Lists) -> None:
        self._registry = registry
        self._lists = lists

    def render(self, node: Node, *, holds: bool) -> str:
        """Return the expression that is true where *node* is true (*holds*), or where it is false."""
        match node:
            case Not(inner):
                return self.render(inner, holds=not holds)
            case NoneOf(nodes):
                return self.render(AnyOf(nodes), holds=not holds)
            case AllOf(nodes) | AnyOf(nodes):
                every = isinstance(node, AllOf) is holds
                members = (self.render(child, holds=holds) for child in nodes)
                return _joined(members, "AND" if every else "OR", "TRUE" if every else "FALSE")
            case IsMissing(feature):
                present = self._present(feature)
                return f"NOT {present}" if holds else present
            case _:
                return f"({self._all_present(node)} AND {self._test(node, holds=holds)})"

    def _column(self, feature: str) -> str:
        """Return the column of a feature, whose name is an identifier; KeyError when there is none."""
        return f'"{self._registry[feature].name}"'

    def _present(self, feature: str) -> str:
        """Return the expression that is true where the feature has a value."""
        column = self._column(feature)
        if self._registry[feature].kind is Kind.RATIO:
            # Not a number and infinity are no knowledge; both databases sort the former above all numbers.
            return f"({column} IS NOT NULL AND abs({column}) <= {_constant(_LARGEST)})"
        return f"({column} IS NOT NULL)"

    def _all_present(self, leaf: Leaf) -> str:
        """Return the expression that is true where everything has a value that the literal reads."""
        if isinstance(leaf, CompareFields):
            return f"{self._present(leaf.feature)} AND {self._present(leaf.other)}"
        return self._present(leaf.feature)

    def _test(self, leaf: Leaf, *, holds: bool) -> str:
        """Return the test of values that are there, or its contrary."""
        column, kind = self._column(leaf.feature), self._registry[leaf.feature].kind
        signs = _SAME if holds else _CONTRARY
        no = "" if holds else "NOT "
        match leaf:
            case Compare(_, comparison, literal):
                return f"{column} {signs[comparison]} {_constant(literal_value(kind, literal))}"
            case CompareFields(_, comparison, other):
                return f"{column} {signs[comparison]} {self._column(other)}"
            case Between(_, low, high):
                bounds = [_constant(literal_value(kind, bound)) for bound in (low, high)]
                return f"{no}({column} BETWEEN {bounds[0]} AND {bounds[1]})"
            case In(_, literals):
                return no + _one_of(column, (_constant(literal_value(kind, literal)) for literal in literals))
            case InList(_, name):
                return no + _one_of(column, map(quoted, sorted(self._lists[name])))
            case Prefix(_, prefixes):
                tests = (f"starts_with({column}, {quoted(prefix)})" for prefix in prefixes)
                return no + _joined(tests, "OR", "FALSE")
            case ContainsAny(_, texts):
                tests = (f"strpos({column}, {quoted(text)}) > 0" for text in texts)
                return no + _joined(tests, "OR", "FALSE")
            case _:
                raise TypeError(f"BUG: {leaf!r} has no rendering")
