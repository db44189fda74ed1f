"""The world: streams declarations in time order, knows their truth, and listens.

The same seed, size and reports give the same stream, byte for byte.  What is reported
(:meth:`World.observe_lane`, :meth:`World.inspect`) changes what adaptive traders do from the next
day on, and nothing else.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Final

import numpy as np

from tidewaiter.core.control import ControlKind, ControlResult
from tidewaiter.core.declaration import Declaration
from tidewaiter.core.errors import NotFound
from tidewaiter.demo.adaptation import Adaptation
from tidewaiter.demo.amendments import AMENDED, RESUBMITTED, amend, resubmit
from tidewaiter.demo.country import HOUR_WEIGHTS, NIGHT_OFFICES, WEEKDAY_WEIGHTS, Floats, Ints, build_country
from tidewaiter.demo.inspectors import LANE_CONTROLS, Inspectorate
from tidewaiter.demo.paper import Clerk, declaration_id, declaration_number
from tidewaiter.demo.schemes import plant_schemes
from tidewaiter.demo.shipments import Batch, make_batch
from tidewaiter.demo.traders import build_relations, mean_items
from tidewaiter.demo.truth import Missed, Truth, TruthLedger

__all__ = ["World"]

#: Declarations that are made at once: bounds memory whatever the size of the world.
_SLICE: Final = 4_000
#: Numbers of declarations that were lodged again.
_AGAIN: Final = 50_000_000
#: Prices rise by so much a year.
_INFLATION: Final = 0.03
#: Amendments follow within three days.
_LATE_SECONDS: Final = 3 * 86_400


class World:
    """A synthetic country over a period."""

    def __init__(
        self, *, seed: int = 1, size: int = 100_000, days: int = 365, start: date = date(2026, 1, 1),
        irregular_share: float = 0.04, new_scheme_day: int | None = None, corrupt_officer: str | None = None,
    ) -> None:  # fmt: skip
        """Make the country of *seed* with about *size* items in *days* from *start*.

        *irregular_share* (0 to 0.2) is the expected share of irregular declarations over the
        period, honest errors included.  The new scheme starts on *new_scheme_day* (from 0;
        default the middle).  *corrupt_officer* (such as ``PORT-1``) sells his results.
        """
        if size < 1 or days < 1 or not 0 <= irregular_share <= 0.2:
            raise ValueError("size and days start at 1, irregular_share lies between 0 and 0.2")
        self.seed, self.days, self.start = seed, days, start
        self.new_scheme_day = days // 2 if new_scheme_day is None else new_scheme_day
        self.country = build_country(seed)
        honest, importers, brokers = build_relations(self.country, seed, max(1, size * 3 // 10), days)
        self.relations, self.plot = plant_schemes(
            self.country, honest, seed, days, self.new_scheme_day, irregular_share, importers, brokers
        )
        #: Expected declarations of the whole period.
        self.expected = size / mean_items(self.relations, days)
        self._brokers = brokers
        self._inspectors = Inspectorate(self.country, seed, corrupt_officer)
        self._clerk = Clerk(self.country, self.relations)
        level = np.array([self._level(day) for day in range(days)])
        self._daily = self.expected * level / level.sum()
        self._begin()

    def _begin(self) -> None:
        """Forget all runs."""
        self._ledger = TruthLedger(self.country)
        self.adaptation = Adaptation(self.plot, self._brokers, self.seed)
        self._last_number = 0
        self._versions: dict[int, int] = {}
        self._again: dict[int, int] = {}
        self._found: set[int] = set()

    def _level(self, day: int) -> float:
        """Return the relative activity of *day*."""
        today = self.start + timedelta(days=day)
        return WEEKDAY_WEIGHTS[today.weekday()] * self.country.month_weight(today.month)

    # -- the stream

    def declarations(self) -> Iterator[Declaration]:
        """Yield all declarations in the order of lodging; each call begins the period anew."""
        self._begin()
        waiting: list[tuple[datetime, int, Declaration]] = []
        made = 0
        for day in range(self.days):
            today = self.start + timedelta(days=day)
            midnight = datetime.combine(today, time(), tzinfo=UTC)
            behaviour = self.adaptation.morning(day)
            generator = np.random.default_rng((self.seed, 5, day))
            count = int(generator.poisson(self._daily[day]))
            weights = self._weights(day, today.month)
            for low, high in _slices(count):
                second = self._seconds(generator, low, high, count)
                chosen = self._choose(generator, weights, second)
                level = 1 + _INFLATION * day / 365
                batch = make_batch(
                    self.country, self.relations, self.plot, behaviour, generator, chosen, second, day, level
                )
                self._ledger.add(batch, made + 1, day)
                self._remember(batch, made + 1)
                late = self._late(generator, high - low)
                for offset, declaration in enumerate(self._clerk.write(batch, made + 1, today, midnight)):
                    while waiting and waiting[0][0] <= declaration.lodged_at:
                        yield self._lodge_late(heapq.heappop(waiting)[2])
                    self._last_number = made + 1 + offset
                    if offset in late:
                        entry = self._second_lodging(declaration, *late[offset])
                        heapq.heappush(waiting, (entry.lodged_at, made + offset, entry))
                    yield declaration
                made += high - low
        end = datetime.combine(self.start + timedelta(days=self.days), time(), tzinfo=UTC)
        while waiting and waiting[0][0] < end:
            yield self._lodge_late(heapq.heappop(waiting)[2])

    def _weights(self, day: int, month: int) -> tuple[Floats, Floats]:
        """Return the cumulative activity of the relations on *day*, and at night."""
        relations = self.relations
        active = (relations.first_day <= day) & (day < relations.last_day)
        weight = relations.weight * active * self.country.season[relations.sector, month - 1]
        night = weight * np.isin(relations.office, NIGHT_OFFICES)
        return np.cumsum(weight), np.cumsum(night)

    def _seconds(self, generator: np.random.Generator, low: int, high: int, count: int) -> Ints:
        """Return the seconds of the day of declarations *low* to *high* of *count*, in order."""
        hours = np.concatenate([[0.0], np.cumsum(HOUR_WEIGHTS)]) / sum(HOUR_WEIGHTS)
        quantile = np.sort(low + (high - low) * generator.random(high - low)) / count
        second = np.interp(quantile, hours, np.arange(25) * 3600.0).astype(np.int64)
        found: Ints = np.minimum(second, 86_399)
        return found

    def _choose(self, generator: np.random.Generator, weights: tuple[Floats, Floats], second: Ints) -> Ints:
        """Return a relation for each declaration; at night those of the offices that are open."""
        by_day, by_night = weights
        night = ((second < 6 * 3600) | (second >= 20 * 3600)) & bool(by_night[-1] > 0)
        draw = generator.random(len(second))
        found: Ints = np.where(
            night,
            np.searchsorted(by_night, draw * by_night[-1], side="right"),
            np.searchsorted(by_day, draw * by_day[-1], side="right"),
        )
        return found

    def _remember(self, batch: Batch, first_number: int) -> None:
        numbers = np.arange(first_number, first_number + len(batch.relation))
        usual, original = self.relations.office[batch.relation], self.relations.importer[batch.relation]
        self.adaptation.remember(batch, numbers, usual, original)

    # -- what is lodged a second time

    def _late(self, generator: np.random.Generator, count: int) -> dict[int, tuple[bool, float, float]]:
        """Return which of *count* declarations are amended (True) or lodged again, with two draws each."""
        draw, when, what = generator.random(count), generator.random(count), generator.random(count)
        rows = np.flatnonzero(draw < AMENDED + RESUBMITTED).tolist()
        return {row: (bool(draw[row] < AMENDED), float(when[row]), float(what[row])) for row in rows}

    def _second_lodging(
        self, declaration: Declaration, amended: bool, when: float, what: float
    ) -> Declaration:
        """Return the amendment or the resubmission of *declaration*."""
        at = declaration.lodged_at + timedelta(seconds=3600 + int(when * (_LATE_SECONDS - 3600)))
        number = declaration_number(declaration.id)
        if amended:
            _, irregular = self._ledger.items(number)
            return amend(declaration, {item.number for item in irregular}, what, at)
        again = declaration_id(declaration.lodged_at.year, declaration.office, _AGAIN + number)
        return resubmit(declaration, again, at)

    def _lodge_late(self, declaration: Declaration) -> Declaration:
        """Enter an amendment or a resubmission when its time has come."""
        number = declaration_number(declaration.id)
        if number > _AGAIN:
            self._again[number] = number - _AGAIN
        else:
            self._versions[number] = declaration.version
        return declaration

    # -- truth, inspections, reports

    def truth(self, declaration_id: str, version: int = 1) -> Truth:
        """Return what a declaration that was lodged really is; NotFound when it was not."""
        number = self._number(declaration_id)
        if not 1 <= version <= self._versions.get(number, 1):
            raise NotFound(f"declaration {declaration_id!r} has no version {version} so far")
        scheme, items = self._ledger.items(self._again.get(number, number))
        return Truth(
            declaration_id=declaration_id, version=version, irregular=bool(items), scheme=scheme, items=items
        )

    def _number(self, text: str) -> int:
        """Return the number of a lodged declaration."""
        if not text[6:].isdigit() or not text[:2].isdigit():
            raise NotFound(
                f"declaration {text!r} is not of this country: its id is year, office, eight digits"
            )
        number = declaration_number(text)
        if not 1 <= number <= self._last_number and number not in self._again:
            raise NotFound(f"declaration {text!r} has not been lodged so far in this run")
        return number

    def inspect(
        self, declaration: Declaration, lane: str | ControlKind, at: datetime
    ) -> tuple[ControlResult, datetime]:
        """Control *declaration* from *at* on; return the result and when it becomes known.

        An importer that was found irregular may be burnt from then on.  Raises ValueError for a
        lane without a control, such as ``release``.
        """
        truth = self.truth(declaration.id, declaration.version)
        result, known_at = self._inspectors.inspect(declaration, truth, lane, at)
        if result.irregular:
            number = self._again.get(number := self._number(declaration.id), number)
            self.adaptation.caught(number, (known_at.date() - self.start).days)
            if truth.irregular:
                self._found.add(number)
        return result, known_at

    def observe_lane(self, declaration_id: str, lane: str) -> None:
        """Let the declarant see the *lane* of a declaration; it minds lanes with a control before release."""
        control = LANE_CONTROLS.get(lane)
        selected = control is not None and control is not ControlKind.POST_CLEARANCE_AUDIT
        self.adaptation.observe(self._number(declaration_id), selected)

    def missed(self, decisions: Mapping[str, str]) -> tuple[Missed, ...]:
        """Return per scheme what was irregular, controlled, found and missed so far in this run.

        *decisions* maps declaration ids to lanes; what was found is what :meth:`inspect` found.
        """
        numbers = {self._number(text) for text, lane in decisions.items() if lane in LANE_CONTROLS}
        controlled = {self._again.get(number, number) for number in numbers}
        return self._ledger.missed(self._last_number, controlled, self._found)


def _slices(count: int) -> list[tuple[int, int]]:
    """Return the bounds of slices of at most :data:`_SLICE` of *count* declarations."""
    parts = -(-count // _SLICE)
    edges = [count * part // parts for part in range(parts + 1)] if parts else [0]
    return list(pairwise(edges))
