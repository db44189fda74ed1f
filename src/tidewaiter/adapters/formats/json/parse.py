"""Bytes to plain data, with limits *before* the parser: size, encoding, depth, duplicate keys.

What a lenient parser lets through is where two systems read one message differently: the last of
two equal keys, ``NaN``, ``1e999``, integers of 5,000 digits, half a surrogate pair.  Here each is
either refused on the spot or left as a :class:`RefusedNumber`, which no field accepts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate, islice
from json import JSONDecodeError, JSONDecoder
from typing import Any, Final

from tidewaiter.adapters.canonical.plain import FAULTS_MAX, RefusedNumber, json_type, pointer
from tidewaiter.core.errors import Fault, UnreadableMessage, shorten

__all__ = ["BODY_BYTES_MAX", "DEPTH_MAX", "parse"]

#: A declaration of 500 items with documents takes about 400 kB.
BODY_BYTES_MAX: Final = 1024 * 1024
#: The wire models need 5 levels.
DEPTH_MAX: Final = 64
#: The place of a fault that the message has as a whole.
WHOLE: Final = "message"

_INTEGER_DIGITS_MAX: Final = 18
#: A string, or the rest of the bytes when it never ends: so no character is looked at twice.
_STRING: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
_NOT_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))
_STEP: Final = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}


class _Members(list[tuple[str, Any]]):
    """The members of an object in which a key occurs twice."""


def parse(body: bytes, what: str) -> dict[str, Any]:
    """Return the JSON object that *body* holds; *what* names the message for error texts.

    Raises :class:`UnreadableMessage` with every duplicate key, or the one reason why the bytes
    are not a JSON object at all.
    """
    text = _text(body, what)
    duplicates: list[_Members] = []
    try:
        data = _decoder(duplicates).decode(text)
    except JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        rest = text[error.pos : error.pos + 20]
        raise _refusal(what, "json-not-valid", place, f"is not valid JSON: {error.msg}.", rest) from error
    if duplicates:
        faults = tuple(islice(_duplicate_faults(data), FAULTS_MAX))
        raise UnreadableMessage(f"The {what} cannot be read: a key occurs twice.", faults=faults)
    if not isinstance(data, dict):
        raise _refusal(what, "not-an-object", WHOLE, f"is a JSON {json_type(data)}; a {what} is one object.")
    return data


def _text(body: bytes, what: str) -> str:
    """Return *body* as text once size, encoding and depth are within the limits."""
    if len(body) > BODY_BYTES_MAX:
        raise _refusal(what, "too-large", WHOLE, f"has {len(body)} bytes; at most {BODY_BYTES_MAX} are read.")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        wrong = body[error.start : error.start + 4].hex(" ")
        raise _refusal(what, "not-utf-8", f"byte {error.start}", "is not UTF-8 text.", wrong) from error
    if text.startswith("\ufeff"):
        raise _refusal(what, "byte-order-mark", "byte 0", "begins with a byte order mark; leave it out.")
    # The number of opening brackets bounds the depth, and is cheap to know.
    if body.count(b"[") + body.count(b"{") > DEPTH_MAX and (depth := _depth(body)) > DEPTH_MAX:
        raise _refusal(
            what, "too-deep", WHOLE, f"is nested {depth} deep; at most {DEPTH_MAX} levels are read."
        )
    return text


def _depth(body: bytes) -> int:
    """Return the nesting depth, brackets inside strings left out."""
    brackets = _STRING.sub(b"", body).translate(None, _NOT_BRACKETS)
    return max(accumulate(map(_STEP.__getitem__, brackets)), default=0)


def _integer(text: str) -> int | RefusedNumber:
    return int(text) if len(text) <= _INTEGER_DIGITS_MAX else RefusedNumber(text)


def _decoder(duplicates: list[_Members]) -> JSONDecoder:
    """Return a decoder that appends to *duplicates* each object with a key that occurs twice."""

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any] | _Members:
        found = dict(pairs)
        if len(found) == len(pairs):
            return found
        duplicates.append(_Members(pairs))
        return duplicates[-1]

    return JSONDecoder(
        object_pairs_hook=members, parse_int=_integer, parse_float=RefusedNumber, parse_constant=RefusedNumber
    )


def _duplicate_faults(data: Any) -> Iterator[Fault]:
    """Yield a fault for each key that occurs twice, in the order of the message."""
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), data)]
    while waiting:
        place, value = waiting.pop()
        if isinstance(value, _Members):
            members = value
            seen: set[str] = set()
            for key, member in members:
                if key in seen:
                    yield _duplicate(pointer(*place, key), member)
                seen.add(key)
        else:
            members = _Members(value.items()) if isinstance(value, dict) else _Members()
        inner = list(enumerate(value)) if type(value) is list else list(members)
        waiting.extend(((*place, key), member) for key, member in reversed(inner))


def _duplicate(place: str, value: object) -> Fault:
    shown = shorten(value)
    if isinstance(value, dict | list):
        shown = "object" if isinstance(value, _Members) else json_type(value)
    return Fault(
        code="key-duplicate",
        place=place,
        message="occurs twice in the same object.",
        value=shown,
        hint="Send each key once; which of the two is meant cannot be known.",
    )


def _refusal(what: str, code: str, place: str, message: str, value: str | None = None) -> UnreadableMessage:
    """Return the error for a message that is not even a JSON object."""
    shown = None if value is None else shorten(value)
    fault = Fault(code=code, place=place, message=message, value=shown, hint="Send one JSON object in UTF-8.")
    return UnreadableMessage(f"The {what} cannot be read.", faults=(fault,))
