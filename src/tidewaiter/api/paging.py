"""Where the next page of a list begins, as a word in the address."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from fastapi import Query

from tidewaiter.flow.ports.inspections import Place

__all__ = ["After", "place_in", "word_of"]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

#: Digits of an instant up to the year 2286, and of a position.
After = Annotated[
    str | None,
    Query(pattern=r"^[0-9]{1,16}-[0-9]{1,18}$", description="The `next` of the page before."),
]


def word_of(place: Place | None) -> str | None:
    """Return a place as a word; None stays None.

    >>> word_of(Place(datetime(2026, 6, 1, tzinfo=UTC), 7))
    '1780272000000000-7'
    """
    return None if place is None else f"{(place.at - _EPOCH) // _MICROSECOND}-{place.seq}"


def place_in(word: str | None) -> Place | None:
    """Return the place that :func:`word_of` wrote; None stays None."""
    if word is None:
        return None
    at, seq = word.split("-")
    return Place(_EPOCH + int(at) * _MICROSECOND, int(seq))
