"""Cells to values: the few rewritings that a mapping asks for, and nothing else.

A reader takes the text of a cell and returns the value that the canonical message has there, or
None when nothing is declared.  What it cannot rewrite raises :class:`CellFault`; what it can is
still checked by the canonical message, so that a table has no laxer way in than JSON.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import ROUND_HALF_EVEN, Context, Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final, TypeAlias

from tidewaiter.adapters.formats.tabular.rules import FieldRule
from tidewaiter.core.quantities import canonical

__all__ = ["CellFault", "FieldKind", "Reader", "reader_for"]

Reader: TypeAlias = Callable[[str], Any]

#: Enough digits that rounding a number of any cell loses nothing before the wanted place.
_EXACT: Final = Context(prec=80)
_NUMBER: Final = re.compile(r"[0-9]{1,24}(\.[0-9]{1,40})?", re.ASCII)
_WHOLE: Final = re.compile(r"([0-9]{1,18})(?:\.0+)?", re.ASCII)
_LOCAL_TIME: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?", re.ASCII
)


class FieldKind(StrEnum):
    """What a field holds, as far as cells are concerned."""

    TEXT = "text"
    QUANTITY = "quantity"
    COUNT = "count"
    MOMENT = "moment"
    FLAG = "flag"
    LIST = "list"


class CellFault(ValueError):
    """A cell cannot be rewritten as its mapping says."""

    def __init__(self, code: str, sentence: str, hint: str) -> None:
        self.code = code
        self.sentence = sentence
        self.hint = hint
        super().__init__(sentence)


def reader_for(kind: FieldKind, rule: FieldRule, *, trim: bool) -> Reader | None:
    """Return the reader of cells of a field of *kind* under *rule*; None: the text is the value."""
    convert = _converter(kind, rule)
    missing = frozenset(rule.missing)
    values = rule.values
    if convert is None and values is None and not missing and not trim:
        return None

    def read(cell: str) -> Any:
        text = cell.strip() if trim else cell
        if not text or text in missing:
            return None
        if values is not None:
            if text not in values:
                raise CellFault(
                    "value-unknown", "is not in the list of values.", "Add it to `values` in the mapping."
                )
            translated = values[text]
            if translated is None:
                return None
            text = translated
        return text if convert is None else convert(text)

    return read


def _converter(kind: FieldKind, rule: FieldRule) -> Callable[[str], Any] | None:
    """Return what makes a value of the text of a cell that is not empty; None: the text is the value."""
    if kind is FieldKind.QUANTITY:
        return _quantity(rule)
    if kind is FieldKind.COUNT:
        return _count
    if kind is FieldKind.MOMENT:
        return _moment(rule)
    if kind is FieldKind.FLAG:
        return _flag
    if kind is FieldKind.LIST:
        return lambda text: [part.strip() for part in text.split(rule.separator)]
    return _code(rule) if rule.drop_point_zero or rule.pad_zeros else None


def _code(rule: FieldRule) -> Callable[[str], str]:
    width = rule.pad_zeros or 0

    def convert(text: str) -> str:
        if rule.drop_point_zero and (whole := _WHOLE.fullmatch(text)):
            text = whole[1]
        return text.zfill(width) if len(text) < width and text.isascii() and text.isdigit() else text

    return convert


def _quantity(rule: FieldRule) -> Callable[[str], str] | None:
    """Return the converter of quantities; a number written plainly is left to the canonical message."""
    plain = rule.decimal_mark == "." and rule.grouping_mark is None
    if plain and rule.round_places is None:
        return None
    places_max = rule.round_places or 0
    places = None if rule.round_places is None else Decimal(1).scaleb(-places_max)

    def convert(text: str) -> str:
        if not plain:
            text = _plainly(text, rule)
        if places is None or len(text.partition(".")[2]) <= places_max or not _NUMBER.fullmatch(text):
            return text
        return canonical(Decimal(text).quantize(places, ROUND_HALF_EVEN, _EXACT))

    return convert


def _plainly(text: str, rule: FieldRule) -> str:
    """Return *text* with a decimal point and without marks between its thousands."""
    whole, mark, fraction = text.partition(rule.decimal_mark)
    groups = whole.split(rule.grouping_mark) if rule.grouping_mark else [whole]
    if len(groups) > 1 and (not 1 <= len(groups[0]) <= 3 or any(len(group) != 3 for group in groups[1:])):
        hint = "Write groups of three digits, or correct grouping_mark in the mapping."
        raise CellFault("grouping-wrong", "has thousands that are not groups of three.", hint)
    if rule.decimal_mark == "," and "." in "".join(groups) + fraction:
        hint = "Correct decimal_mark or grouping_mark in the mapping."
        raise CellFault("decimal-mark-wrong", "has a point where the mapping says comma.", hint)
    return "".join(groups) + ("." + fraction if mark else "")


def _count(text: str) -> int:
    whole = _WHOLE.fullmatch(text)
    if not whole:
        raise CellFault("count-not-whole", "is not a whole number.", "Write it in digits, without marks.")
    return int(whole[1])


def _flag(text: str) -> bool:
    if text not in {"true", "false"}:
        hint = 'Translate it with `values`, such as {"Y": "true", "N": "false"}.'
        raise CellFault("flag-unknown", "is neither true nor false.", hint)
    return text == "true"


def _moment(rule: FieldRule) -> Callable[[str], str]:
    """Return the converter of dates and times; tables repeat few days, so answers are kept."""

    @lru_cache(maxsize=4096)
    def convert(text: str) -> str:
        for pattern in rule.date_formats:
            try:
                # Without an offset in the pattern the time is local; it gets its offset below.
                found = datetime.strptime(text, pattern)  # noqa: DTZ007
            except ValueError:
                continue
            return _iso(found, rule, date_only=not _has_time(pattern))
        if _LOCAL_TIME.fullmatch(text):
            return _iso(datetime.fromisoformat(text), rule, date_only=False) if _possible(text) else text
        return text

    return convert


def _possible(text: str) -> bool:
    """Tell whether there is such a time; if not, the canonical message says so."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _has_time(pattern: str) -> bool:
    return any(directive in pattern for directive in ("%H", "%I", "%M", "%S", "%T", "%X", "%c"))


def _iso(found: datetime, rule: FieldRule, *, date_only: bool) -> str:
    if date_only:
        return date(found.year, found.month, found.day).isoformat()
    if found.tzinfo is not None:
        return found.isoformat()
    if rule.utc_offset is None:
        hint = "Set utc_offset in the mapping, such as '+09:00'."
        raise CellFault("time-without-offset", "has a time of day but no offset from UTC.", hint)
    moment = datetime.combine(found.date(), time(found.hour, found.minute, found.second, found.microsecond))
    return moment.isoformat() + rule.utc_offset
