"""What a feature may look at: the declaration, the instant, and what history knew then.

A context is made for one declaration and thrown away.  It reads each count and each reference once,
for all the features that need it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, TypeAlias

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

__all__ = ["Context", "ItemMeasures", "reading_length"]

Counts: TypeAlias = "tuple[int | None, ...]"


def reading_length(family: KeyFamily) -> int:
    """Return how many counts are read for a key: declared, age, inspected, irregular."""
    return len(family.windows) + 2 + 2 * (len(RESULT_WINDOWS) + 1)


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
        "_header_tracks", "_item_tracks", "at", "day", "declaration", "header_counts", "header_keys",
        "item_counts", "measures", "parties",
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
        keys = header_keys(declaration)
        #: Key of each family of the header; None where an element of it is missing.
        self.header_keys = dict(zip(_HEADER_NAMES, keys, strict=True))
        self._header_tracks = _tracks(known, _HEADER_NAMES, keys)
        self._item_tracks = [
            _tracks(known, _ITEM_NAMES, item_keys(declaration, item, keys)) for item in declaration.items
        ]
        #: Counts of the families of keys of the header, one after the other.
        self.header_counts = self._counts(HEADER_KEYS, self._header_tracks)
        #: The same for each item.
        self.item_counts = [self._counts(ITEM_KEYS, tracks) for tracks in self._item_tracks]

    def header_track(self, family: str) -> Track | None:
        """Return what is counted for the key of a family of the header; None where there is no key."""
        return self._header_tracks[family]

    def item_track(self, index: int, family: str) -> Track | None:
        """Return what is counted for the key of a family of an item; None where there is no key."""
        return self._item_tracks[index][family]

    def documents(self, index: int) -> tuple[Document, ...]:
        """Return the documents of the item with *index*: its own and those of the header."""
        return self.declaration.items[index].documents + self.declaration.documents

    def _counts(self, families: tuple[KeyFamily, ...], tracks: dict[str, Track | None]) -> Counts:
        """Return the counts of each key, one after the other; None where there is no key."""
        counts: list[int | None] = []
        for family, track in zip(families, tracks.values(), strict=True):
            if track is None:
                counts += (None,) * reading_length(family)
            else:
                counts += track.reading(self.day, family.windows)
        return tuple(counts)


def _tracks(known: History, names: tuple[str, ...], keys: tuple[str | None, ...]) -> dict[str, Track | None]:
    """Return what is counted for each key, by family; None where there is no key."""
    return {
        name: None if key is None else known.track(name, key) or _UNKNOWN
        for name, key in zip(names, keys, strict=True)
    }


_HEADER_NAMES: Final = tuple(family.name for family in HEADER_KEYS)
_ITEM_NAMES: Final = tuple(family.name for family in ITEM_KEYS)
