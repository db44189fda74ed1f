"""Codes as types: what a customs code may look like, checked once, at the edge.

Codes are text: ``NA`` is Namibia and HS codes keep their leading zeros.  A code that does not
have its form raises :class:`CodeError`, whose message names the form that is expected.
"""

from __future__ import annotations

import re
from typing import Final, NewType

__all__ = [
    "CodeError",
    "Country",
    "Currency",
    "HsCode",
    "Identifier",
    "country",
    "currency",
    "hs_code",
    "identifier",
]

#: A commodity code: 6 digits of the Harmonized System, then up to 6 national digits.
HsCode = NewType("HsCode", str)
#: ISO 3166-1 alpha-2, plus the user-assigned codes that customs use (``QU``, ``XK``, ``ZZ`` …).
Country = NewType("Country", str)
#: ISO 4217 alphabetic.
Currency = NewType("Currency", str)
#: An identifier or national code: printable, no blanks at the ends, at most 70 characters.
Identifier = NewType("Identifier", str)

_HS: Final = re.compile(r"[0-9]{6,12}", re.ASCII)
_COUNTRY: Final = re.compile(r"[A-Z]{2}", re.ASCII)
_CURRENCY: Final = re.compile(r"[A-Z]{3}", re.ASCII)
_LIMIT: Final = 70


class CodeError(ValueError):
    """A code does not have the form that its type demands."""


def hs_code(text: str) -> HsCode:
    """Return *text* as a commodity code of 6 to 12 digits.

    >>> hs_code("010121")
    '010121'
    """
    if not _HS.fullmatch(text):
        raise CodeError("a commodity code has 6 to 12 digits, leading zeros kept")
    return HsCode(text)


def country(text: str) -> Country:
    """Return *text* as a two-letter country code in capitals.

    >>> country("NA")
    'NA'
    """
    if not _COUNTRY.fullmatch(text):
        raise CodeError("a country code has two capital letters (ISO 3166-1 alpha-2)")
    return Country(text)


def currency(text: str) -> Currency:
    """Return *text* as a three-letter currency code in capitals."""
    if not _CURRENCY.fullmatch(text):
        raise CodeError("a currency code has three capital letters (ISO 4217)")
    return Currency(text)


def identifier(text: str) -> Identifier:
    """Return *text* as an identifier: 1 to 70 printable characters without blanks at the ends."""
    if not text or len(text) > _LIMIT or text != text.strip() or not text.isprintable():
        raise CodeError(f"an identifier has 1 to {_LIMIT} printable characters and no blanks at its ends")
    return Identifier(text)
