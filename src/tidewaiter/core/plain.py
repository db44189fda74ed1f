"""Reads plain data (mappings, lists, text, whole numbers, truths) strictly, and lists every fault.

Content that an administration writes (profiles, lists, lanes, vocabulary) arrives as plain data
from YAML or JSON.  Nothing is coerced: a number where text belongs is a fault, because ``0101``
read as a number has lost its zero.  A getter that meets a fault records it and returns a harmless
value of its type, so that reading goes on and the author sees all faults at once; the caller
discards what it read when there were any.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final, TypeVar

from tidewaiter.core.errors import Fault, shorten
from tidewaiter.core.quantities import QuantityError, amount

__all__ = ["Reader", "at", "calendar_day", "kind_of", "meant", "names", "quoted", "sequence"]

_Choice = TypeVar("_Choice", bound=StrEnum)

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def at(place: str, key: str | int) -> str:
    """Return the JSON pointer of *key* within *place* (RFC 6901).

    >>> at("/when", "a/b")
    '/when/a~1b'
    """
    return f"{place}/{str(key).replace('~', '~0').replace('/', '~1')}"


def calendar_day(text: str) -> date:
    """Return the day that *text* writes as ``YYYY-MM-DD``; ValueError for any other form."""
    if not _DAY.fullmatch(text):
        raise ValueError("a day is written as YYYY-MM-DD")
    return date.fromisoformat(text)


def kind_of(value: object) -> str:
    """Return what *value* is, in words."""
    if value is None:
        return "an empty value"
    if isinstance(value, bool):
        return "a truth value"
    if isinstance(value, int | float | Decimal):
        return "a number"
    if isinstance(value, str):
        return "text"
    if isinstance(value, Mapping):
        return "a mapping"
    return "a list" if isinstance(value, Sequence) else f"a {type(value).__name__}"


def quoted(value: object) -> str | None:
    """Return a hint to put a number in quotes; None when *value* is no number."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return f'Put it in quotes: "{shorten(value)}".' if number else None


def names(words: Iterable[str]) -> str:
    """Return *words* as a list for people, in their order.

    >>> names(["red", "green"])
    '`red`, `green`'
    """
    return ", ".join(f"`{word}`" for word in words)


def meant(word: str, known: Iterable[str]) -> str | None:
    """Return a hint that names the known word closest to *word*, or None when none is close."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"Did you mean `{close[0]}`?" if close else None


def sequence(
    value: object, place: str, faults: list[Fault], *, at_most: int, at_least: int = 1
) -> Sequence[object]:
    """Return *value* when it is a list of an accepted length, else record the fault and return ()."""
    if isinstance(value, str) or not isinstance(value, Sequence):
        message = f"a list is expected here, not {kind_of(value)}"
        faults.append(Fault(code="not-a-list", place=place, message=message, value=shorten(value)))
        return ()
    if not at_least <= len(value) <= at_most:
        bounds = f"exactly {at_most}" if at_least == at_most else f"{at_least} to {at_most}"
        message = f"{bounds} entries are expected here, not {len(value)}"
        faults.append(Fault(code="list-length", place=place, message=message))
        return ()
    return value


class Reader:
    """Reads one mapping of plain data, key by key, and at the end reports the keys nobody asked for."""

    def __init__(self, data: object, place: str, faults: list[Fault]) -> None:
        self.place = place
        self.faults = faults
        self._asked: list[str] = []
        self._data: Mapping[object, object] | None = data if isinstance(data, Mapping) else None
        if self._data is None:
            message = f"a mapping of names to values is expected here, not {kind_of(data)}"
            self.fault("not-a-mapping", None, message, data)

    def fault(
        self, code: str, key: str | None, message: str, value: object = None, hint: str | None = None
    ) -> None:
        """Record a fault at *key* of this mapping (None: at the mapping itself)."""
        place = self.place if key is None else at(self.place, key)
        shown = None if value is None else shorten(value)
        self.faults.append(Fault(code=code, place=place or "/", message=message, value=shown, hint=hint))

    def raw(self, key: str, *, required: bool = True) -> object:
        """Return what is at *key* as it is; None when nothing is there."""
        self._asked.append(key)
        if self._data is None:
            return None
        value = self._data.get(key)
        if value is None and required:
            self.fault("missing-key", key, f"`{key}` is missing", hint=f"Add `{key}`.")
        return value

    def text(self, key: str, *, required: bool = True, at_most: int = 200) -> str:
        """Return the text at *key*, 1 to *at_most* characters, unblank at its ends; "" when there is none."""
        value = self.raw(key, required=required)
        if value is None:
            return ""
        if not isinstance(value, str):
            message = f"text is expected here, not {kind_of(value)}"
            self.fault("not-text", key, message, value, quoted(value))
            return ""
        if not 1 <= len(value) <= at_most or value != value.strip() or not value.isprintable():
            message = f"text of 1 to {at_most} printable characters without blanks at its ends is expected"
            self.fault("text-form", key, message, value)
            return ""
        return value

    def code(self, key: str, form: re.Pattern[str], expected: str) -> str:
        """Return the text at *key* when all of it matches *form*, which *expected* says in words."""
        value = self.text(key)
        if value and not form.fullmatch(value):
            self.fault("code-form", key, f"`{key}` must be {expected}", value)
            return ""
        return value

    def integer(self, key: str, *, at_least: int, at_most: int) -> int:
        """Return the whole number at *key*, within bounds."""
        value = self.raw(key)
        if value is None:
            return at_least
        if not isinstance(value, int) or isinstance(value, bool) or not at_least <= value <= at_most:
            message = f"a whole number from {at_least} to {at_most} is expected"
            self.fault("not-an-integer", key, message, value)
            return at_least
        return value

    def truth(self, key: str) -> bool:
        """Return the truth value at *key*."""
        value = self.raw(key)
        if value is not None and not isinstance(value, bool):
            self.fault("not-a-truth", key, "`true` or `false` is expected", value)
        return value is True

    def day(self, key: str) -> date:
        """Return the day at *key*, written as text ``YYYY-MM-DD``."""
        value = self.text(key)
        try:
            return calendar_day(value) if value else date.min
        except ValueError:
            self.fault("not-a-day", key, 'a day is written as "YYYY-MM-DD"', value)
            return date.min

    def decimal(self, key: str, *, at_most: Decimal, required: bool = True) -> Decimal:
        """Return the exact decimal at *key*, written as text, from 0 to *at_most*; 0 when there is none."""
        value = self.text(key, required=required)
        try:
            number = amount(value) if value else Decimal(0)
        except QuantityError as error:
            self.fault("not-a-decimal", key, str(error), value)
            return Decimal(0)
        if number > at_most:
            self.fault("decimal-range", key, f"a number from 0 to {at_most} is expected", value)
        return number

    def choice(self, key: str, kind: type[_Choice]) -> _Choice:
        """Return the member of *kind* that *key* names."""
        value = self.text(key)
        first = next(iter(kind))
        if not value:
            return first
        known = [member.value for member in kind]
        if value not in known:
            self.fault("unknown-word", key, f"`{key}` is one of {names(known)}", value, meant(value, known))
            return first
        return kind(value)

    def texts(
        self, key: str, *, required: bool = True, at_most: int = 50, length: int = 70
    ) -> tuple[str, ...]:
        """Return the list of distinct texts at *key*, in its order; () when there is none."""
        value = self.raw(key, required=required)
        if value is None:
            return ()
        found: list[str] = []
        least = 1 if required else 0
        entries = sequence(value, at(self.place, key), self.faults, at_least=least, at_most=at_most)
        for position, entry in enumerate(entries):
            inner = Reader({str(position): entry}, at(self.place, key), self.faults)
            text = inner.text(str(position), at_most=length)
            if text in found:
                inner.fault("duplicate", str(position), "the entry is there twice", text)
            elif text:
                found.append(text)
        return tuple(found)

    def close(self) -> None:
        """Record each key that nobody asked for: a misspelt key must not be ignored."""
        for key in self._data or ():
            if key not in self._asked:
                hint = meant(str(key), self._asked) or f"Known here: {names(self._asked)}."
                self.fault("unknown-key", str(key), "the key is not known here", key, hint)
