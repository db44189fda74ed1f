"""Numbers as ASYCUDA writes them: binary fractions of Java, printed with up to 17 digits."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

from tidewaiter.adapters.xml.draft import plain_decimal
from tidewaiter.core.quantities import PLACES_MAX, canonical

__all__ = ["comma_is_decimal", "is_zero", "number", "pointed"]

#: Java writes 12345678.9 as 1.23456789E7.  Two digits bound the exponent: nothing larger is expanded.
_JAVA: Final = re.compile(r"([0-9])\.([0-9]{1,17})E(-?[0-9]{1,2})", re.ASCII)
_PLAIN: Final = re.compile(r"[0-9]{1,40}\.[0-9]{1,110}", re.ASCII)
#: Bounded everywhere: a text of digits costs what its length is.
_COMMA_DECIMAL: Final = re.compile(
    r"[0-9]{1,40},(?:[0-9]{1,2}|[0-9]{4,40})|0,[0-9]{1,40}|"
    r"[0-9]{1,3}(?:[. \u00a0][0-9]{3}){1,12},[0-9]{1,40}",
    re.ASCII,
)
_COMMA_GROUPS: Final = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3}){1,12}\.[0-9]{1,40}", re.ASCII)
_POINT_DECIMAL: Final = re.compile(r"[0-9]{1,40}\.(?:[0-9]{1,2}|[0-9]{4,40})", re.ASCII)
_WITH_COMMA: Final = re.compile(
    r"[0-9]{1,40},[0-9]{1,40}|[0-9]{1,3}(?:[. \u00a0][0-9]{3}){1,12}(?:,[0-9]{1,40})?", re.ASCII
)
_EXPONENT_MAX: Final = 17
_EXACT: Final = Context(prec=160)
_LAST_PLACE: Final = Decimal(1).scaleb(-PLACES_MAX)


def number(text: str) -> str:
    """Return *text* plainly, rounded to the 6 places that are kept: 0.30000000000000004 is 0.3.

    What is no such number is left as it is, and the canonical message refuses it.

    >>> number("1.23456789E7"), number("0.30000000000000004"), number("1e400000")
    ('12345678.9', '0.3', '1e400000')
    """
    java = _JAVA.fullmatch(text)
    if java and abs(int(java[3])) <= _EXPONENT_MAX:
        text = format(Decimal(text), "f")
    plain = plain_decimal(text)
    if len(plain.partition(".")[2]) > PLACES_MAX and _PLAIN.fullmatch(plain):
        return canonical(Decimal(plain).quantize(_LAST_PLACE, ROUND_HALF_EVEN, _EXACT))
    return plain


def comma_is_decimal(texts: Iterable[str]) -> bool | None:
    """Return whether the comma of *texts* marks decimals, as many languages write it; None: nobody knows.

    ``1250,5`` can be read in one way only; ``1,250`` in two.  One text of the first kind settles a
    message, unless another contradicts it.
    """
    found: set[bool] = set()
    for text in texts:
        if _COMMA_DECIMAL.fullmatch(text):
            found |= {True}
        elif _COMMA_GROUPS.fullmatch(text) or ("," not in text and _POINT_DECIMAL.fullmatch(text)):
            found |= {False}
    return found.pop() if len(found) == 1 else None


def pointed(text: str, comma: bool | None) -> str:
    """Return *text* with a decimal point and without marks of grouping; as it is where that is open.

    >>> pointed("1.250,5", True), pointed("1,250.5", False), pointed("1,250", None)
    ('1250.5', '1250.5', '1,250')
    """
    if comma is True and _WITH_COMMA.fullmatch(text):
        return text.replace(".", "").replace("\u00a0", "").replace(" ", "").replace(",", ".")
    if comma is False and _COMMA_GROUPS.fullmatch(text):
        return text.replace(",", "")
    return text


def is_zero(text: object) -> bool:
    """Tell whether a converted number is 0, or was none."""
    return text is None or text == "0"
