"""Reads plain data (mappings, lists, text, numbers, truths) strictly, and lists every fault.

Content that an administration writes (profiles, lists, lanes, plan, vocabulary) arrives as plain
data from YAML or JSON.  Nothing is coerced: a number where text belongs is a fault, because ``0101``
read as a number has lost its zero.  A getter that meets a fault records it and returns a harmless
value of its type, so that reading goes on and the author sees all faults at once; the caller
discards what it read when there were any (:func:`refuse`).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final, TypeVar

from tidewaiter.core.errors import ConfigurationError, Fault, shorten
from tidewaiter.core.quantities import QuantityError, amount

__all__ = [
    "Reader", "at", "calendar_day", "distinct", "kind_of", "meant", "names", "quoted", "record", "refuse",
    "sequence", "text_of",
]  # fmt: skip

_Choice = TypeVar("_Choice", bound=StrEnum)

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_NUMBER: Final = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?", re.ASCII)
_CODE: Final = re.compile(r"[a-z][a-z0-9_]{1,59}", re.ASCII)
_CODE_WORDS: Final = "2 to 60 small letters, digits and underscores, with a letter first"
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", re.ASCII)
#: Characters that are not seen and yet belong to words: Persian and the scripts of India need them.
_JOINERS: Final = str.maketrans("", "", "\u200c\u200d")


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


def record(
    faults: list[Fault], code: str, place: str, message: str, value: object = None, hint: str | None = None
) -> None:
    """Add a fault at *place* to *faults*, with *value* shortened (None: nothing was there)."""
    shown = None if value is None else shorten(value)
    faults.append(Fault(code=code, place=place or "/", message=message, value=shown, hint=hint))


def refuse(what: str, faults: Sequence[Fault]) -> None:
    """Raise :class:`ConfigurationError` with all *faults* of *what*, if there are any."""
    if faults:
        count = f"{len(faults)} fault{'' if len(faults) == 1 else 's'}"
        raise ConfigurationError(f"The {what} cannot be read: {count}.", faults=tuple(faults))


def sequence(
    value: object,
    place: str,
    faults: list[Fault],
    *,
    at_most: int,
    at_least: int = 1,
    hint: str | None = None,
) -> Sequence[object]:
    """Return *value* when it is a list of an accepted length, else record the fault and return ()."""
    if isinstance(value, str) or not isinstance(value, Sequence):
        record(faults, "not-a-list", place, f"a list is expected here, not {kind_of(value)}", value, hint)
        return ()
    if not at_least <= len(value) <= at_most:
        bounds = f"exactly {at_most}" if at_least == at_most else f"{at_least} to {at_most}"
        message = f"{bounds} entries are expected here, not {len(value)}"
        record(faults, "list-length", place, message, hint=hint)
        return ()
    return value


def text_of(value: object, place: str, faults: list[Fault], *, at_most: int, joiners: bool = False) -> str:
    """Return *value* when it is text of 1 to *at_most* characters, unblank at its ends, else "".

    Every character is printable; *joiners* are accepted as well where people read the text.
    """
    if not isinstance(value, str):
        record(
            faults, "not-text", place, f"text is expected here, not {kind_of(value)}", value, quoted(value)
        )
        return ""
    printable = (value.translate(_JOINERS) if joiners else value).isprintable()
    if not 1 <= len(value) <= at_most or value != value.strip() or not printable:
        message = f"text of 1 to {at_most} printable characters without blanks at its ends is expected"
        record(faults, "text-form", place, message, value)
        return ""
    return value


class Reader:
    """Reads one mapping of plain data, key by key, and at the end reports the keys nobody asked for."""

    def __init__(self, data: object, place: str, faults: list[Fault]) -> None:
        self.place = place
        self.faults = faults
        self._asked: dict[object, None] = {}
        self._data: Mapping[object, object] | None = data if isinstance(data, Mapping) else None
        if self._data is None:
            message = f"a mapping of names to values is expected here, not {kind_of(data)}"
            self.fault("not-a-mapping", None, message, data)

    def fault(
        self, code: str, key: str | None, message: str, value: object = None, hint: str | None = None
    ) -> None:
        """Record a fault at *key* of this mapping (None: at the mapping itself)."""
        record(self.faults, code, self.place if key is None else at(self.place, key), message, value, hint)

    def unknown(self, key: str, word: str, known: Iterable[str], what: str | None = None) -> None:
        """Record that *word*, written at *key*, is none of the *known* words for *what*."""
        known = list(known)
        message = f"{what or f'`{key}`'} is one of {names(known)}"
        self.fault("unknown-word", key, message, word, meant(word, known))

    # -- what is there

    def raw(self, key: str, *, required: bool = True, hint: str | None = None) -> object:
        """Return what is at *key* as it is; None when nothing is there."""
        self._asked[key] = None
        if self._data is None:
            return None
        value = self._data.get(key)
        if value is None and required:
            self.fault("missing-key", key, f"`{key}` is missing", hint=hint or f"Add `{key}`.")
        return value

    def has(self, key: str) -> bool:
        """Tell whether something is at *key*."""
        return self.raw(key, required=False) is not None

    def own_keys(self, known: Iterable[str] | None = None, what: str | None = None) -> list[str]:
        """Return all keys, for a mapping whose keys are the author's own; some of *known*, when given."""
        found: list[str] = []
        accepted = None if known is None else list(known)
        for key in self._data or ():
            self._asked[key] = None
            if not isinstance(key, str):
                self.fault(
                    "not-text", str(key), f"a key is text, not {kind_of(key)}", key, "Put it in quotes."
                )
            elif accepted is not None and key not in accepted:
                self.unknown(key, key, accepted, what)
            elif text_of(key, at(self.place, key), self.faults, at_most=70):
                found.append(key)
        return found

    def close(self) -> None:
        """Record each key that nobody asked for: a misspelt key must not be ignored."""
        for key in self._data or ():
            if key not in self._asked:
                known = [str(asked) for asked in self._asked]
                hint = meant(str(key), known) or f"Known here: {names(known)}."
                self.fault("unknown-key", str(key), "the key is not known here", key, hint)

    # -- text

    def text(self, key: str, *, required: bool = True, at_most: int = 200) -> str:
        """Return the text at *key*, 1 to *at_most* characters, unblank at its ends; "" when there is none."""
        value = self.raw(key, required=required)
        if value is None:
            return ""
        return text_of(value, at(self.place, key), self.faults, at_most=at_most, joiners=True)

    def code(self, key: str) -> str:
        """Return the code at *key*: a name of the author's own, which records and programs use too."""
        value = self.text(key)
        if value and not _CODE.fullmatch(value):
            self.fault("code-form", key, f"`{key}` must be {_CODE_WORDS}", value)
            return ""
        return value

    def one_of(
        self, key: str, known: Iterable[str], what: str | None = None, *, required: bool = True
    ) -> str:
        """Return the text at *key* when it is one of the *known* words for *what*; "" when there is none."""
        value = self.text(key, required=required)
        known = list(known)
        if value and value not in known:
            self.unknown(key, value, known, what)
            return ""
        return value

    def choice(self, key: str, kind: type[_Choice]) -> _Choice:
        """Return the member of *kind* that *key* names."""
        value = self.one_of(key, kind)
        return kind(value) if value else next(iter(kind))

    def words(self, key: str, *, example: str, required: bool = True) -> dict[str, str]:
        """Return the texts at *key* by language tag (BCP 47); *example* is such a text in English."""
        value = self.raw(key, required=required)
        if value is None:
            return {}
        if not isinstance(value, Mapping) or not value:
            message = f"a text per language is expected here, not {kind_of(value) if value else 'none'}"
            self.fault("not-a-mapping", key, message, value, f'Write, for example, `en: "{example}"`.')
            return {}
        inner = Reader(value, at(self.place, key), self.faults)
        tags = inner.own_keys()
        for tag in tags:
            if not _LANGUAGE.fullmatch(tag):
                inner.fault("language-form", tag, "a language is a tag such as `en` or `pt-BR`", tag)
        return {tag: inner.text(tag, at_most=300) for tag in tags}

    # -- numbers, truths and days

    def integer(self, key: str, *, at_least: int, at_most: int) -> int:
        """Return the whole number at *key*, within bounds."""
        found = self._number(key, at_least, at_most, whole=True, required=True)
        return at_least if found is None else int(found)

    def number(self, key: str, *, at_least: float, at_most: float, default: float | None = None) -> float:
        """Return the number at *key*, within bounds; *default* when there is none (None: one is required)."""
        found = self._number(key, at_least, at_most, whole=False, required=default is None)
        if found is None:
            return at_least if default is None else default
        return float(found)

    def _number(
        self, key: str, at_least: float, at_most: float, *, whole: bool, required: bool
    ) -> float | None:
        """Return the number at *key*; None when there is none within bounds."""
        value = self.raw(key, required=required)
        if value is None:
            return None
        message = f"a {'whole ' if whole else ''}number from {at_least} to {at_most} is expected"
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
            bare = isinstance(value, str) and _NUMBER.fullmatch(value)
            hint = f"Write it without quotes: {value}." if bare else None
            self.fault("not-an-integer" if whole else "not-a-number", key, message, value, hint)
            return None
        if not at_least <= value <= at_most:  # holds for NaN too
            self.fault("number-range", key, message, value)
            return None
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
            self.fault("number-range", key, f"a number from 0 to {at_most} is expected", value)
        return number

    # -- lists and mappings

    def listed(
        self, key: str, *, at_most: int, at_least: int = 1, required: bool = True, hint: str | None = None
    ) -> Sequence[object]:
        """Return the list at *key* when it has an accepted length; () when there is none."""
        value = self.raw(key, required=required, hint=hint)
        if value is None:
            return ()
        least = at_least if required else 0
        return sequence(value, at(self.place, key), self.faults, at_least=least, at_most=at_most, hint=hint)

    def texts(
        self, key: str, *, required: bool = True, at_most: int = 50, length: int = 70
    ) -> tuple[str, ...]:
        """Return the list of distinct texts at *key*, in its order; () when there is none."""
        found: list[str] = []
        for index, entry in enumerate(self.listed(key, required=required, at_most=at_most)):
            here = at(at(self.place, key), index)
            text = text_of(entry, here, self.faults, at_most=length)
            if text in found:
                record(self.faults, "entry-twice", here, "the entry is there twice", text)
            elif text:
                found.append(text)
        return tuple(found)

    def choices(self, key: str, kind: type[_Choice], *, required: bool = True) -> tuple[_Choice, ...]:
        """Return the distinct members of *kind* that the list at *key* names; () when there is none."""
        known = [member.value for member in kind]
        words = self.texts(key, required=required, at_most=len(known))
        for word in words:
            if word not in known:
                self.unknown(key, word, known, f"each of `{key}`")
        return tuple(kind(word) for word in words if word in known)

    def child(self, key: str) -> Reader:
        """Return a reader of the mapping at *key*; where nothing is, of an empty one."""
        value = self.raw(key, required=False)
        inner = Reader({} if value is None else value, at(self.place, key), self.faults)
        if self._data is None:  # a fault already: what it should hold need not be missed
            inner._data = None
        return inner

    def children(
        self, key: str, *, at_most: int, at_least: int = 1, required: bool = True, hint: str | None = None
    ) -> list[Reader]:
        """Return a reader of each mapping in the list at *key*; none when there is no list."""
        entries = self.listed(key, at_most=at_most, at_least=at_least, required=required, hint=hint)
        here = at(self.place, key)
        return [Reader(entry, at(here, index), self.faults) for index, entry in enumerate(entries)]


def distinct(readers: Iterable[Reader], key: str, what: str) -> None:
    """Record a fault at *key* wherever two of *readers*, which read *what*, have the same there."""
    seen: set[object] = set()
    for reader in readers:
        value = reader.raw(key, required=False)
        if not isinstance(value, str | int):
            continue
        if value in seen:
            reader.fault(f"{key}-twice", key, f"two {what} have this {key}", value)
        seen.add(value)
