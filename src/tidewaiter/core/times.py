"""Times are aware and in UTC; a day is a UTC calendar day, written as its ordinal."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

__all__ = ["day_of", "end_of_day", "utc"]


def utc(moment: datetime) -> datetime:
    """Return *moment* in UTC; a naive time is a programmer's fault."""
    if moment.tzinfo is None:
        raise ValueError("BUG: a naive time reached the core")
    return moment.astimezone(UTC)


def day_of(moment: datetime) -> int:
    """Return the proleptic ordinal of the UTC day of *moment* (a plain int, cheap to compare)."""
    return utc(moment).toordinal()


def end_of_day(day: date) -> datetime:
    """Return the last microsecond of *day*: when a fact that carries only a date becomes known.

    So a result dated today changes no decision of today (`docs/decisions`).
    """
    return datetime.combine(day, time.max, tzinfo=UTC)
