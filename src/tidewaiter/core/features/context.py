"""What a feature may look at: the declaration, the instant, and what history knew then.

A context is made for one declaration and thrown away.  It reads each count and each reference once,
for all the features that need it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple, TypeAlias

from tidewaiter.core.declaration import Declaration, Document, Item, Party, PartyRole
from tidewaiter.core.history.counters import Track
from tidewaiter.core.history.history import History
from tidewaiter.core.history.keys import (
    HEADER_KEYS,
    ITEM_KEYS,
    RESULT_WINDOWS,
    KeyFamily,
    header_keys,
    item_keys,
)
from tidewaiter.core.history.measures import millionths, ratio_millionths, step_of
from tidewaiter.core.history.reference import Usual

__all__ = ["HEADER_COUNTS", "ITEM_COUNTS", "Context", "ItemMeasures"]

Counts: TypeAlias = "tuple[int | None, ...]"


class _Plan(NamedTuple):
    """How the counts of one family of keys are read."""

    name: str
    windows: tuple[int, ...]
    #: What is read where there is no key, and for a key that history has never met.
    missing: Counts
    unknown: Counts


def _plan(family: KeyFamily) -> _Plan:
    """Return the plan of *family*."""
    declared, results = len(family.windows) + 1, 2 * (len(RESULT_WINDOWS) + 1)
    unknown = (*(0,) * declared, None, *(0,) * results)
    return _Plan(family.name, family.windows, (None,) * len(unknown), unknown)


_HEADER_PLAN: Final = tuple(_plan(family) for family in HEADER_KEYS)
_ITEM_PLAN: Final = tuple(_plan(family) for family in ITEM_KEYS)
#: How many counts are read for a header, and for an item.
HEADER_COUNTS: Final = sum(len(plan.unknown) for plan in _HEADER_PLAN)
ITEM_COUNTS: Final = sum(len(plan.unknown) for plan in _ITEM_PLAN)

_WINDOWS: Final = {RESULT_WINDOWS, *(plan.windows for plan in (*_HEADER_PLAN, *_ITEM_PLAN))}

#: Stands for a key that history has never met; nothing is ever counted on it.
_UNKNOWN: Final = Track()


class ItemMeasures:
    """The integer measures of one item, each in millionths or None, and what is usual for it."""

    __slots__ = (
        "customs_value", "duty_rate", "net_mass", "unit_mass", "unit_value", "unit_value_step",
        "usual_unit_mass", "usual_unit_value",
    )  # fmt: skip

    def __init__(self, item: Item, known: History, today: int) -> None:
        self.net_mass = millionths(item.net_mass_kg)
        self.customs_value = millionths(item.customs_value)
        self.duty_rate = millionths(item.duty_rate_percent)
        #: Customs value per kg of net mass.
        self.unit_value = ratio_millionths(self.customs_value, self.net_mass)
        self.unit_value_step = step_of(self.unit_value)
        self.usual_unit_value: Usual | None = known.usual_unit_value(item.hs_code, item.origin, today)
        #: Net mass per supplementary unit.
        self.unit_mass = ratio_millionths(self.net_mass, millionths(item.supplementary_quantity))
        unit = item.supplementary_unit
        self.usual_unit_mass: Usual | None = None
        if unit is not None:
            self.usual_unit_mass = known.usual_unit_mass(item.hs_code, unit, today)


class Context:
    """One declaration at one instant."""

    __slots__ = (
        "at", "day", "declaration", "header_counts", "header_tracks", "item_counts", "item_tracks",
        "measures", "parties",
    )  # fmt: skip

    def __init__(self, declaration: Declaration, known: History, at: datetime) -> None:
        self.declaration = declaration
        #: The effective instant: never before the last declaration that history has seen.
        self.at = known.advance(at)
        #: Its UTC day, proleptic ordinal.
        self.day = self.at.toordinal()
        #: The first party in each role.
        self.parties: dict[PartyRole, Party] = {}
        for party in declaration.parties:
            self.parties.setdefault(party.role, party)
        self.measures = [ItemMeasures(item, known, self.day) for item in declaration.items]
        reader = _Reader(known, self.day)
        keys = header_keys(declaration)
        rows = [item_keys(declaration, item, keys) for item in declaration.items]
        #: What is counted for each key of the header, by family; None where there is no key.
        self.header_tracks = reader.tracks(_HEADER_PLAN, keys)
        #: The same for each item.
        self.item_tracks = [reader.tracks(_ITEM_PLAN, row) for row in rows]
        #: All counts of the header, family after family.
        self.header_counts = reader.counts(_HEADER_PLAN, self.header_tracks)
        #: The same for each item.
        self.item_counts = [reader.counts(_ITEM_PLAN, tracks) for tracks in self.item_tracks]

    def documents(self, index: int) -> tuple[Document, ...]:
        """Return the documents of the item with *index*: its own and those of the header."""
        return self.declaration.items[index].documents + self.declaration.documents


class _Reader:
    """Reads what history counts for keys on one day."""

    __slots__ = ("_day", "_known", "_starts")

    def __init__(self, known: History, day: int) -> None:
        self._known = known
        self._day = day
        #: Windows in use -> the first day of each.
        self._starts = {windows: tuple([day - width + 1 for width in windows]) for windows in _WINDOWS}

    def tracks(self, plans: tuple[_Plan, ...], keys: tuple[str | None, ...]) -> dict[str, Track | None]:
        """Return what is counted for each key, by family; None where there is no key."""
        tracks: dict[str, Track | None] = {}
        for plan, key in zip(plans, keys, strict=True):
            tracks[plan.name] = None if key is None else self._known.track(plan.name, key) or _UNKNOWN
        return tracks

    def counts(self, plans: tuple[_Plan, ...], tracks: dict[str, Track | None]) -> Counts:
        """Return the counts of each family, one after the other."""
        counts: list[int | None] = []
        results = self._starts[RESULT_WINDOWS]
        for plan, track in zip(plans, tracks.values(), strict=True):
            if track is None:
                counts += plan.missing
            elif track is _UNKNOWN:
                counts += plan.unknown
            else:
                counts += track.reading(self._starts[plan.windows], results, self._day)
        return tuple(counts)
