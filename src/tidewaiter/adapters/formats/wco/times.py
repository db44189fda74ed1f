"""Times of the WCO Data Model: digits with a format code (UN/EDIFACT 2379), or ISO 8601."""

from __future__ import annotations

import re
from typing import Final

from tidewaiter.adapters.xml import Draft, Node
from tidewaiter.adapters.xml.draft import ValueFault

__all__ = ["moment", "take_time_format"]

#: Codes of the formats below; the digits show which it is, so a known code adds nothing.
_KNOWN: Final = frozenset({"102", "203", "204", "205", "208", "303", "304"})

#: 102 (date), 203 and 204 (local time), 303 and 304 (time with zone): yyyyMMdd[HHmm[ss[zone]]].
_DIGITS: Final = re.compile(
    r"([0-9]{4})([0-9]{2})([0-9]{2})(?:([0-9]{2})([0-9]{2})([0-9]{2})?(Z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?",
    re.ASCII,
)


def moment(text: str) -> str:
    """Return *text* as ISO 8601; raises ValueFault for a time of day without a zone.

    >>> moment("20260301083000+01"), moment("20260301")
    ('2026-03-01T08:30:00+01:00', '2026-03-01')
    """
    found = _DIGITS.fullmatch(text)
    if not found:
        return text
    year, month, day, hour, minute, second, zone = found.groups()
    date = f"{year}-{month}-{day}"
    if hour is None:
        return date
    if zone is None:
        hint = "Send the zone too: format 304, such as 20260301083000Z."
        raise ValueFault("time-without-offset", "is a time of day without a zone.", hint)
    if zone != "Z":
        zone = f"{zone[:3]}:{zone[3:].removeprefix(':') or '00'}"
    return f"{date}T{hour}:{minute}:{second or '00'}{zone}"


def take_time_format(draft: Draft, node: Node) -> None:
    """Count the format code of a time as read when it is a known one; another is told."""
    if node.attributes.get("formatCode") in _KNOWN:
        draft.attribute(node, "formatCode")
