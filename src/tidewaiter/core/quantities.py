"""Money, mass and rates as exact, bounded decimals.

A number is read from text by a pattern *before* :class:`decimal.Decimal` sees it, because an
exponent such as ``1e400000`` costs seconds in later arithmetic.  At most 18 digits in all, at
most 6 after the point.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

__all__ = ["DIGITS_MAX", "PLACES_MAX", "QuantityError", "amount", "canonical"]

DIGITS_MAX: Final = 18
PLACES_MAX: Final = 6

_PLAIN: Final = re.compile(r"(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,6})?", re.ASCII).fullmatch


class QuantityError(ValueError):
    """A quantity does not have the form that is accepted."""


def amount(text: str) -> Decimal:
    """Return the non-negative decimal that *text* writes plainly (no sign, exponent or grouping).

    >>> amount("372254.40")
    Decimal('372254.4')
    """
    if not _PLAIN(text) or (len(text) > DIGITS_MAX and len(text) - text.count(".") > DIGITS_MAX):
        raise QuantityError(
            f"a quantity is a plain decimal number from 0: at most {DIGITS_MAX} digits, "
            f"at most {PLACES_MAX} after the point, no sign, exponent or grouping"
        )
    # The same as Decimal(canonical(Decimal(text))) at half the cost: a declaration has dozens of these.
    return Decimal(text.rstrip("0").rstrip(".") if text[-1] == "0" and "." in text else text)


def canonical(value: Decimal) -> str:
    """Return the one text of *value*: no exponent, no trailing zeros after the point.

    >>> canonical(Decimal("8.50")), canonical(Decimal("100"))
    ('8.5', '100')
    """
    text = str(value)
    if "E" in text:  # seldom; and format takes five times as long
        text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
