"""Plain data: what a parsed message is made of, with names and places for error texts."""

from __future__ import annotations

from typing import Final

from tidewaiter.core.errors import shorten

__all__ = ["FAULTS_MAX", "RefusedNumber", "json_type", "pointer"]

#: Faults that are reported of one message; a message with more is not corrected fault by fault anyway.
FAULTS_MAX: Final = 50


class RefusedNumber:
    """A number that no field accepts: a fraction, an exponent, NaN, Infinity, or 19 digits and more."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        """Return the number as it was written."""
        return self.text


def json_type(value: object) -> str:
    """Return the JSON name of the type of *value*."""
    for kind, name in ((bool, "boolean"), (str, "string"), (dict, "object"), (list, "array")):
        if isinstance(value, kind):
            return name
    return "null" if value is None else "number"


def pointer(*steps: str | int) -> str:
    """Return the JSON pointer (RFC 6901) of *steps*, printable and at most 200 characters.

    >>> pointer("items", 0, "hs_code")
    '/items/0/hs_code'
    """
    text = "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)
    return shorten(text, 200)
