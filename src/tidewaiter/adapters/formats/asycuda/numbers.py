"""Numbers as ASYCUDA writes them: binary fractions of Java, printed with up to 17 digits."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

from tidewaiter.adapters.xml.draft import plain_decimal
from tidewaiter.core.quantities import PLACES_MAX, canonical

__all__ = ["is_zero", "number"]

#: Java writes 12345678.9 as 1.23456789E7.  Two digits bound the exponent: nothing larger is expanded.
_JAVA: Final = re.compile(r"([0-9])\.([0-9]{1,17})E(-?[0-9]{1,2})", re.ASCII)
_PLAIN: Final = re.compile(r"[0-9]{1,40}\.[0-9]{1,110}", re.ASCII)
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


def is_zero(text: object) -> bool:
    """Tell whether a converted number is 0, or was none."""
    return text is None or text == "0"
