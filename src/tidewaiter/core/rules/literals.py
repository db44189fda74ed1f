"""What a literal may be for each kind of feature, and the exact value that it stands for.

There is no coercion between kinds: an amount is written as a decimal in quotes, a count as a whole
number, a truth as ``true`` or ``false``, a day as ``YYYY-MM-DD``.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from tidewaiter.core.codes import CodeError, identifier
from tidewaiter.core.features.registry import Kind, Value
from tidewaiter.core.history.measures import normalised
from tidewaiter.core.plain import calendar_day
from tidewaiter.core.quantities import PLACES_MAX, QuantityError, amount
from tidewaiter.core.rules.nodes import Literal

__all__ = ["LiteralError", "literal_value"]

_COUNT_MAX: Final = 10**15


class LiteralError(ValueError):
    """A literal does not have the form that the kind of its feature demands."""


def literal_value(kind: Kind, literal: Literal) -> Value:
    """Return the value that *literal* stands for when it is compared with a feature of *kind*.

    Raises :class:`LiteralError` with the form that is expected.

    >>> literal_value(Kind.AMOUNT, "0.5"), literal_value(Kind.RATIO, "0.5"), literal_value(Kind.COUNT, 3)
    (500000, 0.5, 3)
    """
    match kind:
        case Kind.COUNT:
            return _count(literal)
        case Kind.FLAG:
            if not isinstance(literal, bool):
                raise LiteralError("a truth is written `true` or `false`, without quotes")
            return literal
    if not isinstance(literal, str):
        raise LiteralError(_TEXTUAL[kind])
    match kind:
        case Kind.CODE:
            return _code(literal)
        case Kind.TEXT:
            return _text(literal)
        case Kind.AMOUNT:
            return int(_decimal(literal) * 10**PLACES_MAX)
        case Kind.RATIO:
            return float(_decimal(literal))
        case Kind.DAY:
            return _day(literal)


_TEXTUAL: Final = {
    Kind.CODE: 'a code is text in quotes, such as "0101"',
    Kind.TEXT: "text is written in quotes",
    Kind.AMOUNT: 'an amount is a decimal number in quotes, such as "1000.50"',
    Kind.RATIO: 'a ratio is a decimal number in quotes, such as "0.5"',
    Kind.DAY: 'a day is text in quotes, such as "2026-12-31"',
}


def _count(literal: Literal) -> int:
    if isinstance(literal, bool) or not isinstance(literal, int) or not 0 <= literal <= _COUNT_MAX:
        raise LiteralError("a count is a whole number from 0, without quotes")
    return literal


def _code(literal: str) -> str:
    try:
        return identifier(literal)
    except CodeError as error:
        raise LiteralError(str(error)) from None


def _text(literal: str) -> str:
    normal = normalised(literal)
    if normal is None:
        raise LiteralError("a text has more than blanks")
    if literal != normal:
        raise LiteralError(f"texts are compared in capitals with single blanks; write {normal!r}")
    return literal


def _decimal(literal: str) -> Decimal:
    sign = -1 if literal.startswith("-") else 1
    try:
        return sign * amount(literal.removeprefix("-"))
    except QuantityError:
        raise LiteralError(
            "a number is a plain decimal in quotes: at most 18 digits, at most 6 after the point"
        ) from None


def _day(literal: str) -> int:
    try:
        return calendar_day(literal).toordinal()
    except ValueError:
        raise LiteralError('a day is a real calendar day written as "YYYY-MM-DD"') from None
