"""Family history: what was declared, inspected and found irregular for each key, from a table.

Windows are UTC days that end with the day of the decision.  A result counts on the day on which it
became known, and only strictly after that instant.  A count of results is a count of controls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from tidewaiter.core.features.context import Context
from tidewaiter.core.features.family import Family
from tidewaiter.core.features.registry import Kind, Scope, Value
from tidewaiter.core.history.keys import HEADER_KEYS, ITEM_KEYS, RESULT_WINDOWS, KeyFamily

__all__ = ["FAMILY"]

FAMILY: Final = Family("history")


def _span(width: int | None) -> tuple[str, str]:
    """Return the end of a name and the words of a window of *width* days; None: all time."""
    return ("all", "in all") if width is None else (str(width), f"in the past {width} days")


def _columns(family: KeyFamily, things: str) -> Iterator[tuple[str, str, str]]:
    """Yield name, unit and sentence of each count of a key, in the order of ``Track.reading``."""
    shared = family.shared
    for width in (*family.windows, None):
        end, words = _span(width)
        yield f"{family.name}_declared_{end}", things, f"How many {things} had {shared} {words}."
    yield f"{family.name}_days_since_first", "days", f"Days since {shared} was first declared."
    for verb, what in (("inspected", "were controlled"), ("irregular", "were found irregular")):
        for width in (*RESULT_WINDOWS, None):
            end, words = _span(width)
            sentence = f"How many times {things} with {shared} {what} {words}."
            yield f"{family.name}_{verb}_{end}", "controls", sentence


def _header_count(position: int) -> Callable[[Context], Value]:
    """Return the feature that reads one count of the header."""
    return lambda context: context.header_counts[position]


def _item_count(position: int) -> Callable[[Context, int], Value]:
    """Return the feature that reads one count of an item."""
    return lambda context, index: context.item_counts[index][position]


def _register(families: tuple[KeyFamily, ...], scope: Scope, things: str) -> None:
    """Register every count of *families*."""
    position = 0
    for family in families:
        never = " or it was never declared before"
        for name, unit, sentence in _columns(family, things):
            missing = f"an element of the key is not declared ({family.source})"
            if name.endswith("_since_first"):
                missing += never
            source = f"history by {family.source}"
            function = _header_count(position) if scope is Scope.HEADER else _item_count(position)
            FAMILY.add(name, scope, Kind.COUNT, unit, source, missing, sentence, function)
            position += 1


@FAMILY.header(
    Kind.COUNT, unit="declarations", source="history by parties (importer)", missing="no importer is declared"
)
def declarations_of_importer_today(context: Context) -> Value:
    """How many declarations the importer has lodged on this day so far."""
    track = context.header_tracks["importer"]
    return None if track is None else track.window(context.day, 1)


@FAMILY.header(
    Kind.AMOUNT,
    unit="national currency",
    source="history by parties (importer)",
    missing="no importer is declared",
)
def importer_duty_found_365(context: Context) -> Value:
    """Additional duty and tax that controls found for the importer in the past 365 days."""
    track = context.header_tracks["importer"]
    return None if track is None else track.duty_found(context.day, 365)


@FAMILY.item(
    Kind.AMOUNT,
    unit="national currency",
    source="history by hs_code, departure_country, origin, duty_rate_percent, duty_regime_code, net_mass_kg",
    missing="no net mass is declared",
)
def goods_duty_found_all(context: Context, index: int) -> Value:
    """Additional duty and tax that controls found for the same goods in all."""
    track = context.item_tracks[index]["goods"]
    return None if track is None else track.duty_found(context.day)


# Last in the family, which is last in the registry: ``compute`` takes these counts over as one block.
_register(HEADER_KEYS, Scope.HEADER, "declarations")
_register(ITEM_KEYS, Scope.ITEM, "items")
