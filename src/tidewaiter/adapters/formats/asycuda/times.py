"""Dates of ASYCUDA: ISO where the specification is kept, else whatever the user's computer writes.

``8/24/16`` can only be August; ``3/4/26`` is two days.  All dates of a message come from one
computer, so one that can be read only in one way settles the order of them all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from tidewaiter.adapters.xml.draft import ValueFault

__all__ = ["date_order", "iso_date"]

_ISO: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ][0-9:.]{5,15})?(?:Z|[+-][0-9:]{4,6})?", re.ASCII
)
_LOCAL: Final = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})", re.ASCII)
#: A year of two digits is one from 1970 to 2069, as in the C library.
_CENTURY_TURNS: Final = 70


def date_order(texts: Iterable[str], told: bool | None) -> bool | None:
    """Return whether the day comes first in *texts*; as *told* when they do not show it.

    None: nobody knows.  Texts that contradict each other leave it unknown too.
    """
    found: set[bool] = set()
    for text in texts:
        parts = _LOCAL.fullmatch(text.strip())
        if parts is None:
            continue
        day, month = int(parts[1]) > 12, int(parts[3]) > 12
        if day != month or parts[2] == ".":  # the point is written only where the day comes first
            found.add(day or not month)
    return found.pop() if len(found) == 1 else told


def iso_date(text: str, day_first: bool | None) -> str:
    """Return *text* as an ISO date; raises ValueFault when it is none or could be two days.

    >>> iso_date("8/24/16", None), iso_date("3/4/26", True)
    ('2016-08-24', '2026-04-03')
    """
    if found := _ISO.fullmatch(text):
        return found[1]
    parts = _LOCAL.fullmatch(text)
    if not parts:
        raise ValueFault("time-not-iso", "is not a date.", "Write it as 2026-03-01.")
    first, second, year = int(parts[1]), int(parts[3]), int(parts[4])
    if len(parts[4]) == 2:
        year += 1900 if year >= _CENTURY_TURNS else 2000
    if first > 12 or second > 12:
        day_first = first > 12
    if day_first is None and first != second:
        hint = "Write it as 2026-03-01, or say which comes first (tidewaiter read --dates)."
        raise ValueFault("date-ambiguous", "can be read as two days.", hint)
    day, month = (first, second) if day_first else (second, first)
    return f"{year:04}-{month:02}-{day:02}"
