"""Random streams of events: new declarations, amendments, duplicates, results late, corrected and stale."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random  # noqa: TID251 - seeded, and passed in
from typing import Any

from hypothesis import strategies as st

from tests.unit.core.history import events as make
from tests.unit.core.history.events import Declared, Event, Resulted
from tidewaiter.core.control import Finding, Outcome
from tidewaiter.core.declaration import Declaration, Item, Party, PartyRole
from tidewaiter.core.times import end_of_day

Pick = Callable[[list[Any]], Any]

#: Hours between two arrivals, when trade is sparse and when it is dense; negative: a clock put back.
SPARSE = [0, 0, 0, 1, 5, 20, 24, 24 * 6, 24 * 29, 24 * 90, 24 * 364, -30]
DENSE = [0, 0, 0, 0, 1, 5, 20, 24, 24 * 3, 24 * 20, -30]
#: When a result is known, in hours from its arrival; None: at the end of the day.
DELAYS = [None, None, 0, 0, 3, 24 * 8, -1, -24 * 40]


@dataclass
class Scene:
    """What has arrived so far, and the clock."""

    pick: Pick
    now: datetime = make.START
    events: list[Event] = field(default_factory=list)

    def declarations(self) -> list[Declared]:
        """Return the declaration versions so far."""
        return [event for event in self.events if isinstance(event, Declared)]

    def results(self) -> list[Resulted]:
        """Return the result versions so far."""
        return [event for event in self.events if isinstance(event, Resulted)]


def parties(pick: Pick) -> tuple[Party, ...]:
    """Return some of the parties, a seller sometimes by name only."""
    chosen = [
        Party(role=PartyRole.IMPORTER, id=pick(["I1", "I2"])),
        Party(role=PartyRole.DECLARANT, id=pick(["D1", "D2"])),
        Party(role=PartyRole.SELLER, name=pick(["Acme  Ltd", "ACME LTD", "B"]), country=pick(["CN", None])),
        Party(role=PartyRole.EXPORTER, id=pick(["X1", None]), name=pick([None, "Acme Ltd"])),
    ]
    return tuple(party for party in chosen if pick([True, True, True, False]))


def an_item(pick: Pick, number: int) -> Item:
    """Return an item of one of a few kinds."""
    return make.item(
        number,
        pick([*["610910"] * 4, "6109100001", "610990", "611020", "620520"]),
        origin=pick(["CN", "CN", "VN", None]),
        net_mass_kg=pick([Decimal(10), Decimal("12.5"), Decimal(0), None, Decimal("333.333333")]),
        customs_value=pick([Decimal(100), Decimal(250), Decimal("0.07"), Decimal(0), None, Decimal(99999)]),
        duty_rate_percent=pick([Decimal(8), None]),
        supplementary_quantity=pick([Decimal(5), Decimal(7), None]),
        supplementary_unit=pick(["NAR", "NAR", None]),
    )


def content(pick: Pick, identifier: str, version: int) -> Declaration:
    """Return a declaration version."""
    return make.declaration(
        identifier,
        version=version,
        office=pick(["P1", "P2"]),
        departure_country=pick(["CN", "HK", None]),
        parties=parties(pick),
        items=tuple(an_item(pick, number + 1) for number in range(pick([1, 1, 2, 3]))),
    )


def findings(pick: Pick) -> tuple[Finding, ...]:
    """Return one or two findings, on the whole or on an item, with duty or without."""
    return tuple(
        Finding(
            outcome=pick([Outcome.IRREGULAR, Outcome.COMPLIANT, Outcome.COMPLIANT, Outcome.INCONCLUSIVE]),
            item_number=pick([None, 1, 2]),
            duty_effect=pick([None, Decimal("12.34"), Decimal(5000)]),
        )
        for _ in range(pick([1, 1, 2]))
    )


def declare(scene: Scene) -> Event:
    """A new declaration, of one of two sources that number theirs alike."""
    fresh = content(scene.pick, f"E{len(scene.events)}", 1)
    return Declared(declaration=fresh, at=scene.now, source=scene.pick(["", "other"]))


def declare_again(scene: Scene) -> Event:
    """An amendment, or the same or an older version again, or the same number from the other source."""
    old = scene.pick(scene.declarations())
    version = max(1, old.declaration.version + scene.pick([1, 1, 1, 2, 0, -1]))
    source = scene.pick([old.source, old.source, ""])
    return Declared(declaration=content(scene.pick, old.declaration.id, version), at=scene.now, source=source)


def find(scene: Scene) -> Event:
    """The result of a new control of some version of some declaration."""
    target = scene.pick(scene.declarations())
    result = make.result(
        *findings(scene.pick), identifier=f"C{len(scene.events)}", declaration_id=target.declaration.id
    )
    return Resulted(
        result=result, declaration=target.declaration, known_at=known_at(scene), source=target.source
    )


def find_again(scene: Scene) -> Event:
    """A corrected, repeated or stale version of a result."""
    old = scene.pick(scene.results())
    version = max(1, old.result.version + scene.pick([1, 1, 0, -1]))
    result = replace(old.result, version=version, findings=findings(scene.pick))
    return replace(old, result=result, known_at=known_at(scene))


def known_at(scene: Scene) -> datetime:
    """Return when a result that arrives now is known."""
    delay = scene.pick(DELAYS)
    return end_of_day(scene.now.date()) if delay is None else scene.now + timedelta(hours=delay)


def build(pick: Pick, length: int, gaps: list[int]) -> list[Event]:
    """Return a stream of *length* events with *gaps* between them, each choice made by *pick*."""
    scene = Scene(pick)
    for _ in range(length):
        scene.now += timedelta(hours=pick(gaps))
        moves = [declare, declare]
        if scene.declarations():
            moves += [declare_again, find, find]
        if scene.results():
            moves += [find_again]
        scene.events.append(pick(moves)(scene))
    return scene.events


@st.composite
def streams(draw: st.DrawFn, length_max: int = 30) -> list[Event]:
    """Streams of events that hypothesis can shrink."""
    length = draw(st.integers(2, length_max))
    gaps = draw(st.sampled_from([SPARSE, DENSE]))
    return build(lambda options: draw(st.sampled_from(options)), length, gaps)


def stream(seed: int, length: int) -> list[Event]:
    """Return a dense stream of any length; hypothesis draws short ones only."""
    return build(Random(seed).choice, length, DENSE)
