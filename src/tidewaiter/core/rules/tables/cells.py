"""A cell of a decision table: the condition that it writes, and the values that it reaches.

The operator stands once, below the name of its column; so a cell holds values alone, and a value that
lost its zeros or its meaning is seen for what it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from tidewaiter.core.features.registry import Kind
from tidewaiter.core.rules.literals import LiteralError, literal_value
from tidewaiter.core.rules.nodes import (
    AnyOf,
    Between,
    Compare,
    Comparison,
    ContainsAny,
    In,
    InList,
    IsMissing,
    Literal,
    Node,
    Not,
    Prefix,
)

__all__ = ["ANY", "Bound", "Cell", "CellError", "Operator", "Reach", "read_cell"]

#: What a cell holds that asks nothing; an empty one asks nothing either.
ANY: Final = "-"
_RANGE: Final = ".."
_STAR: Final = "*"
_BETWEEN: Final = ";"
_ORDERED: Final = frozenset({Kind.AMOUNT, Kind.RATIO, Kind.COUNT, Kind.DAY})
_TRUTHS: Final = {"true": True, "false": False}

#: An end of an interval: the value, and -1, 0 or 1 for just below it, at it, just above it.
Bound: TypeAlias = tuple[float, int]
_LOWEST: Final[Bound] = (float("-inf"), 0)
_HIGHEST: Final[Bound] = (float("inf"), 0)


class Operator(StrEnum):
    """What stands below the name of a column of conditions."""

    #: A value; several with semicolons; a range ``low..high``; a prefix ``87*``.
    IS = "is"
    #: None of those.
    IS_NOT = "is not"
    LESS = "<"
    AT_MOST = "<="
    GREATER = ">"
    AT_LEAST = ">="
    #: The code of a list.
    IN_LIST = "in list"
    #: A text that is contained; several with semicolons.
    CONTAINS = "contains"
    #: ``true``: there is no value; ``false``: there is one.
    MISSING = "missing"


class CellError(ValueError):
    """A cell does not have the form that its column asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What a cell lets pass, as far as two cells can be compared."""

    #: Codes that pass, and prefixes of codes that do.
    values: frozenset[str] = frozenset()
    prefixes: frozenset[str] = frozenset()
    #: The ends of the interval that passes; None: it is none.
    interval: tuple[Bound, Bound] | None = None
    #: What only the same cell is compared with; "": it is one of the others.
    opaque: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell that asks something."""

    node: Node
    reach: Reach


def read_cell(feature: str, kind: Kind, operator: Operator, text: str) -> Cell | None:
    """Return what a cell asks of *feature*; None: nothing.  Raises CellError.

    >>> read_cell("hs_code", Kind.CODE, Operator.IS, "87*").node
    Prefix(feature='hs_code', prefixes=('87',))
    """
    text = text.strip()
    if text in {"", ANY}:
        return None
    if text.startswith(("=", "@")):
        raise CellError(
            "the cell holds a formula; paste values only, and name the operator in the second row"
        )
    opaque = Reach(opaque=f"{operator.value} {text}")
    match operator:
        case Operator.IS:
            return _is(feature, kind, text)
        case Operator.IS_NOT:
            return Cell(node=_negated(_is(feature, kind, text).node), reach=opaque)
        case Operator.IN_LIST:
            return Cell(node=InList(feature, text), reach=opaque)
        case Operator.CONTAINS:
            return Cell(node=ContainsAny(feature, tuple(_parts(text))), reach=opaque)
        case Operator.MISSING:
            if text not in _TRUTHS:
                raise CellError("`true` or `false` is expected")
            missing = IsMissing(feature)
            return Cell(node=missing if _TRUTHS[text] else Not(missing), reach=opaque)
        case _:
            return _compared(feature, kind, Comparison(operator.value), text)


def _is(feature: str, kind: Kind, text: str) -> Cell:
    """Return a cell of values, a range or prefixes."""
    low, dots, high = text.partition(_RANGE)
    if dots and kind in _ORDERED:
        ends = _literal(kind, low.strip()), _literal(kind, high.strip())
        interval = ((_order(kind, ends[0]), 0), (_order(kind, ends[1]), 0))
        return Cell(node=Between(feature, *ends), reach=Reach(interval=interval))
    parts = _parts(text)
    prefixes = tuple(part.removesuffix(_STAR) for part in parts if part.endswith(_STAR))
    values = tuple(_literal(kind, part) for part in parts if not part.endswith(_STAR))
    return Cell(node=_either(feature, values, prefixes), reach=_reach(kind, text, values, prefixes))


def _either(feature: str, values: tuple[Literal, ...], prefixes: tuple[str, ...]) -> Node:
    nodes: list[Node] = []
    if len(values) == 1:
        nodes.append(Compare(feature, Comparison.EQUAL, values[0]))
    elif values:
        nodes.append(In(feature, values))
    if prefixes:
        nodes.append(Prefix(feature, prefixes))
    return nodes[0] if len(nodes) == 1 else AnyOf(tuple(nodes))


def _reach(kind: Kind, text: str, values: tuple[Literal, ...], prefixes: tuple[str, ...]) -> Reach:
    if kind in _ORDERED and len(values) == 1 and not prefixes:
        at = (_order(kind, values[0]), 0)
        return Reach(interval=(at, at))
    if kind in _ORDERED:
        return Reach(opaque=f"{Operator.IS.value} {text}")
    return Reach(values=frozenset(map(str, values)), prefixes=frozenset(prefixes))


def _compared(feature: str, kind: Kind, comparison: Comparison, text: str) -> Cell:
    literal = _literal(kind, text)
    node = Compare(feature, comparison, literal)
    if kind not in _ORDERED:  # whether it makes sense is judged with all other literals
        return Cell(node=node, reach=Reach(opaque=f"{comparison.value} {text}"))
    value = _order(kind, literal)
    # Between whole numbers there is nothing: above 5 is from 6 on.
    step: Bound = (0, 1) if kind is Kind.RATIO else (1, 0)
    below, above = (value - step[0], -step[1]), (value + step[0], step[1])
    intervals = {
        Comparison.LESS: (_LOWEST, below),
        Comparison.AT_MOST: (_LOWEST, (value, 0)),
        Comparison.GREATER: (above, _HIGHEST),
        Comparison.AT_LEAST: ((value, 0), _HIGHEST),
    }
    return Cell(node=node, reach=Reach(interval=intervals[comparison]))


def _negated(node: Node) -> Node:
    if isinstance(node, Compare):
        return Compare(node.feature, Comparison.NOT_EQUAL, node.value)
    return Not(node)


def _parts(text: str) -> list[str]:
    parts = [part.strip() for part in text.split(_BETWEEN)]
    if not all(part.removesuffix(_STAR) for part in parts):
        raise CellError("a value between semicolons is empty")
    return parts


def _literal(kind: Kind, text: str) -> Literal:
    """Return the literal that *text* writes; raises CellError with the form that is expected."""
    literal: Literal = text
    if kind is Kind.COUNT and text.isascii() and text.isdigit() and len(text) <= len(str(10**15)):
        literal = int(text)
    elif kind is Kind.FLAG:
        literal = _TRUTHS.get(text, text)
    try:
        literal_value(kind, literal)
    except LiteralError as error:
        raise CellError(str(error)) from error
    return literal


def _order(kind: Kind, literal: Literal) -> float:
    """Return where a literal stands among those of its kind, exactly."""
    value = literal_value(kind, literal)
    if not isinstance(value, int | float):
        raise TypeError(f"BUG: values of kind {kind.value} have no order")
    return value
