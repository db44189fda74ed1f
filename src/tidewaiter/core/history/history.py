"""History: a pure fold over events in the order of the journal, read at an instant.

Effective time never runs back: an event that claims an earlier instant than the last declaration
counts from the instant of that declaration.  A result that is known at an instant changes only
what is read strictly after it.  An amendment takes the old content back on its original day and
puts the new content on that same day; a corrected result replaces the older version from the
instant at which the correction is known.  Reading changes nothing that a later reader could see.
"""

from __future__ import annotations

from datetime import UTC, datetime
from heapq import heappop, heappush
from typing import Final, NamedTuple

from tidewaiter.core.control import ControlResult
from tidewaiter.core.declaration import Declaration, Item
from tidewaiter.core.history.counters import Track
from tidewaiter.core.history.keys import HEADER_KEYS, ITEM_KEYS, header_keys, item_keys
from tidewaiter.core.history.measures import millionths, ratio_millionths, step_of
from tidewaiter.core.history.reference import LEVELS, Reference, Usual, level_keys
from tidewaiter.core.history.verdict import Verdict, verdict_of
from tidewaiter.core.times import utc

__all__ = ["History", "SetAside"]

_NEVER: Final = datetime.min.replace(tzinfo=UTC)


class _Content(NamedTuple):
    """What the latest version of a declaration has added to history."""

    version: int
    #: The original day, which amendments keep.
    day: int
    tracks: tuple[Track, ...]
    #: (reference, step) of each unit value, on each level.
    values: tuple[tuple[Reference, int], ...]


class _Pending(NamedTuple):
    """A result version that is not applied yet; sorts by instant, then by the order of the journal."""

    known_at: datetime
    order: int
    control: tuple[str, str]
    version: int
    verdict: Verdict


class _Applied(NamedTuple):
    """The version of a control's result that counts now."""

    version: int
    #: The day on which it became known.
    day: int
    verdict: Verdict


#: What :meth:`History.set_aside` took out, to be handed back to :meth:`History.put_back`.
SetAside = _Content


class History:
    """All counts and references, and when they were last changed."""

    def __init__(self) -> None:
        #: The latest instant at which a declaration was observed; later events count from it at least.
        self.last_at: datetime = _NEVER
        self._tracks: dict[str, dict[str, Track]] = {family.name: {} for family in (*HEADER_KEYS, *ITEM_KEYS)}
        self._header_tracks = tuple(self._tracks[family.name] for family in HEADER_KEYS)
        self._item_tracks = tuple(self._tracks[family.name] for family in ITEM_KEYS)
        self._references: tuple[dict[str, Reference], ...] = tuple({} for _ in LEVELS)
        self._unit_masses: dict[str, Reference] = {}
        self._contents: dict[tuple[str, str], _Content] = {}
        self._controls: dict[tuple[str, str], _Applied] = {}
        self._pending: list[_Pending] = []
        #: Applied by a reader ahead of the last event, with what each replaced; undone for an earlier reader.
        self._ahead: list[tuple[_Pending, _Applied | None]] = []
        self._order = 0

    # -- events

    def observe_declaration(self, declaration: Declaration, at: datetime, *, source: str = "") -> None:
        """Take in a declaration version at *at*; one that is not newer than the known changes nothing."""
        name = (source, declaration.id)
        old = self._contents.get(name)
        if old is not None and declaration.version <= old.version:
            return
        self.last_at = self.advance(at)
        # Whatever was applied so far was known before this instant, and nobody reads before it again.
        self._ahead.clear()
        today = self.last_at.toordinal()
        if old is not None:
            _count(old, -1)
        day = today if old is None else old.day
        new = self._content(declaration, day)
        _count(new, 1)
        for reference, _ in new.values:
            reference.forget(today)
        self._contents[name] = new

    def observe_result(
        self, result: ControlResult, declaration: Declaration, known_at: datetime, *, source: str = ""
    ) -> None:
        """Take in a result version of a control of *declaration*, which counts strictly after *known_at*.

        It never counts before the last declaration that was observed.  Of the versions of one
        control that are known, the highest counts.
        """
        self._order += 1
        verdict = verdict_of(result, declaration, self._own_tracks(declaration))
        effective = max(utc(known_at), self.last_at)
        entry = _Pending(effective, self._order, (source, result.id), result.version, verdict)
        # A reader may have gone past this instant: undo, so that results are applied in their order.
        self._undo(effective)
        heappush(self._pending, entry)

    # -- reads

    def advance(self, at: datetime) -> datetime:
        """Let every result count that was known strictly before *at*; return the effective instant.

        The effective instant is *at*, but never before ``last_at``.
        """
        effective = max(utc(at), self.last_at)
        self._undo(effective)
        while self._pending and self._pending[0].known_at < effective:
            entry = heappop(self._pending)
            self._ahead.append((entry, self._controls.get(entry.control)))
            self._apply(entry)
        return effective

    def set_aside(self, declaration_id: str, *, source: str = "") -> SetAside | None:
        """Take a declaration out while its amendment is read: nobody is his own precedent."""
        content = self._contents.get((source, declaration_id))
        if content is not None:
            _count(content, -1)
        return content

    def put_back(self, content: SetAside | None) -> None:
        """Undo :meth:`set_aside`."""
        if content is not None:
            _count(content, 1)

    def track(self, family: str, key: str) -> Track | None:
        """Return the counts of *key* in a family of keys, or None when nothing was ever counted."""
        return self._tracks[family].get(key)

    def usual_unit_value(self, hs_code: str, origin: str | None, today: int) -> Usual | None:
        """Return the usual customs value per kg on the narrowest level with enough values, or None."""
        for level, key in enumerate(level_keys(hs_code, origin)):
            reference = None if key is None else self._references[level].get(key)
            usual = None if reference is None else reference.usual(today, level)
            if usual is not None:
                return usual
        return None

    def usual_unit_mass(self, hs_code: str, unit: str, today: int) -> Usual | None:
        """Return the usual net mass per supplementary unit of the HS6, or None without enough values."""
        reference = self._unit_masses.get(hs_code[:6] + unit)
        return None if reference is None else reference.usual(today, 0)

    # -- the fold

    def _content(self, declaration: Declaration, day: int) -> _Content:
        """Return what *declaration* adds, with the counts and references made where they are new."""
        header, rows = self._own_tracks(declaration)
        tracks = header + tuple([track for row in rows for track in row])
        values = tuple([value for item in declaration.items for value in self._item_values(item)])
        return _Content(declaration.version, day, tracks, values)

    def _own_tracks(
        self, declaration: Declaration
    ) -> tuple[tuple[Track, ...], tuple[tuple[Track, ...], ...]]:
        """Return the counts of the keys of *declaration*: of the header, and of each item."""
        header = header_keys(declaration)
        rows = [
            _needed(self._item_tracks, item_keys(declaration, item, header)) for item in declaration.items
        ]
        return _needed(self._header_tracks, header), tuple(rows)

    def _item_values(self, item: Item) -> list[tuple[Reference, int]]:
        """Return the references that take in a value of *item*, with its step."""
        mass = millionths(item.net_mass_kg)
        values = []
        step = step_of(ratio_millionths(millionths(item.customs_value), mass))
        if step is not None:
            for level, key in enumerate(level_keys(item.hs_code, item.origin)):
                if key is not None:
                    values.append((_reference(self._references[level], key), step))
        unit_step = step_of(ratio_millionths(mass, millionths(item.supplementary_quantity)))
        if unit_step is not None and item.supplementary_unit is not None:
            key = item.hs_code[:6] + item.supplementary_unit
            values.append((_reference(self._unit_masses, key), unit_step))
        return values

    def _apply(self, entry: _Pending) -> None:
        """Let a result version count, unless a version as high or higher counts already."""
        old = self._controls.get(entry.control)
        if old is not None and old.version >= entry.version:
            return
        new = _Applied(entry.version, entry.known_at.toordinal(), entry.verdict)
        if old is not None:
            old.verdict.add(old.day, -1)
        new.verdict.add(new.day, 1)
        self._controls[entry.control] = new

    def _undo(self, at: datetime) -> None:
        """Take back what a reader ahead of the events has applied and what is not known before *at*."""
        while self._ahead and self._ahead[-1][0].known_at >= at:
            entry, old = self._ahead.pop()
            heappush(self._pending, entry)
            new = self._controls[entry.control]
            if new is old:  # it was not higher than the version that counted
                continue
            new.verdict.add(new.day, -1)
            if old is None:
                del self._controls[entry.control]
            else:
                old.verdict.add(old.day, 1)
                self._controls[entry.control] = old


def _needed(families: tuple[dict[str, Track], ...], keys: tuple[str | None, ...]) -> tuple[Track, ...]:
    """Return the counts of the keys that are there, made where they are new."""
    found = []
    for family, key in zip(families, keys, strict=True):
        if key is not None:
            track = family.get(key)
            if track is None:
                track = family[key] = Track()
            found.append(track)
    return tuple(found)


def _reference(references: dict[str, Reference], key: str) -> Reference:
    """Return the reference of *key*, made where it is new."""
    found = references.get(key)
    if found is None:
        found = references[key] = Reference()
    return found


def _count(content: _Content, sign: int) -> None:
    """Count *content* on its day (*sign* 1), or take it back (-1)."""
    day = content.day
    for track in content.tracks:
        track.add(day, sign)
    for reference, step in content.values:
        if sign > 0:
            reference.add(day, step)
        else:
            reference.remove(day, step)
