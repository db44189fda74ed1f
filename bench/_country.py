"""A seeded data folder for benchmarks: a year of the synthetic country, and messages that follow it."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import islice

from tidewaiter.bootstrap import Installation
from tidewaiter.core.control import ControlResult
from tidewaiter.core.declaration import Declaration
from tidewaiter.demo import World
from tidewaiter.flow.import_history import PastDeclaration

__all__ = ["SOURCE", "past", "messages", "with_items", "world"]

SOURCE = "national"
PAST_DAYS = 365
FUTURE_DAYS = 35
#: Items of an average declaration: the size of a country is told in items.
ITEMS = 3.27
#: Share of the past, in hundredths, that was examined, and that had its documents checked.
EXAMINED, CHECKED = 12, 18


def world(seed: int, declarations: int) -> World:
    """Return a country with about *declarations* in the year that ended today, and a month to come."""
    start = datetime.now(UTC).date() - timedelta(days=PAST_DAYS)
    days = PAST_DAYS + FUTURE_DAYS
    return World(seed=seed, size=int(declarations * ITEMS) * days // PAST_DAYS, days=days, start=start)


def past(country: World) -> Iterator[PastDeclaration]:
    """Yield the past of *country* with the results of an old regime, which chose blindly."""
    until = datetime.combine(country.start + timedelta(days=PAST_DAYS), time(), UTC)
    for declaration in country.declarations():
        if declaration.lodged_at >= until:
            return
        results: tuple[ControlResult, ...] = ()
        chosen = zlib.crc32(declaration.id.encode()) % 100
        if chosen < EXAMINED + CHECKED and declaration.version == 1:
            lane = "examination" if chosen < EXAMINED else "documents"
            result, known_at = country.inspect(declaration, lane, declaration.lodged_at)
            if known_at < until:
                results = (replace(result, ended_at=known_at),)
        yield PastDeclaration(declaration=declaration, results=results)


def messages(country: World, count: int) -> list[Declaration]:
    """Return *count* first versions with new identities, like the last that *country* lodged."""
    found: list[Declaration] = []
    pool = [declaration for declaration in country.declarations() if declaration.version == 1][-count:]
    for number in range(count):
        declaration = pool[number % len(pool)]
        found.append(replace(declaration, id=f"{declaration.id}-{number}"))  # type: ignore[arg-type]
    return found


def with_items(declarations: Sequence[Declaration], count: int) -> Iterator[Declaration]:
    """Yield each declaration with exactly *count* items: its own, then those of the declarations after it."""
    items = [item for declaration in declarations for item in declaration.items]
    first = 0
    for declaration in declarations:
        own = [items[(first + at) % len(items)] for at in range(count)]
        first += len(declaration.items)
        yield replace(declaration, items=tuple(replace(item, number=at) for at, item in enumerate(own, 1)))


def import_past(here: Installation, country: World, declarations: int | None = None) -> int:
    """Import the past of *country* (only the first *declarations* when given); return how many there were."""
    return here.import_history(SOURCE, islice(past(country), declarations)).declarations
