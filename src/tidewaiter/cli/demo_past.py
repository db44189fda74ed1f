"""The past of the demonstration: a year under an old regime, and the weeks since Tidewaiter decides.

The old regime controlled a fixed share, blindly, as in an administration that begins with Tidewaiter.
The weeks after it are lived through as they would have been: each declaration is decided at its
instant by the service itself, and each result comes back when its officer was done.  What is not done
yet waits in the queues of the offices.
"""

from __future__ import annotations

import heapq
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

from tidewaiter.bootstrap import Installation, content_of
from tidewaiter.core.control import ControlResult
from tidewaiter.core.declaration import Declaration
from tidewaiter.demo import World
from tidewaiter.demo.country import OFFICES
from tidewaiter.flow.import_history import PastDeclaration
from tidewaiter.flow.messages import declaration_message, result_message

__all__ = ["CLIENT", "Country", "Past", "SteppingClock", "decide", "known"]

#: Who sends the declarations and results of the demonstration.
CLIENT: Final = "demo"
_PAST_DAYS: Final = 365
_FUTURE_DAYS: Final = 60
#: For so long Tidewaiter has been deciding, and a new scheme has been running.
_RECENT_DAYS: Final = 21
#: The inspections of so long are not done yet: the queues of the offices.
_BACKLOG: Final = timedelta(days=5)
#: Items of an average declaration: the size of a country is told in items.
_ITEMS: Final = 3
#: Share of the past that the old regime inspected, in hundredths, and how.
_OLD_REGIME: Final = ((12, "examination"), (30, "documents"))
#: Share of the declarations that each office can control.
_CAPACITY: Final = 0.10
_FILE_NAME: Final = "country.json"


@dataclass(frozen=True, kw_only=True)
class Country:
    """What a second start needs to go on with the same country."""

    seed: int
    #: Items of the past year.
    size: int
    #: First day of the past, as ISO 8601.
    start: str

    @classmethod
    def of(cls, data: Path, *, seed: int, declarations: int, today: date) -> Country:
        """Return the country that is kept in *data*, or a new one with a year until *today*."""
        path = data / _FILE_NAME
        if path.exists():
            return cls(**json.loads(path.read_text(encoding="utf-8")))
        start = today - timedelta(days=_PAST_DAYS)
        return cls(seed=seed, size=declarations * _ITEMS, start=start.isoformat())

    def keep(self, data: Path) -> None:
        """Write down that the past of this country is made."""
        (data / _FILE_NAME).write_text(json.dumps(asdict(self)), encoding="utf-8")

    @staticmethod
    def kept(data: Path) -> bool:
        """Tell whether a past was made in *data*."""
        return (data / _FILE_NAME).exists()

    def world(self) -> World:
        """Return the country from its first day to some weeks after today."""
        return World(
            seed=self.seed,
            size=self.size * (_PAST_DAYS + _FUTURE_DAYS) // _PAST_DAYS,
            days=_PAST_DAYS + _FUTURE_DAYS,
            start=date.fromisoformat(self.start),
            new_scheme_day=_PAST_DAYS - _RECENT_DAYS,
        )

    @property
    def recent(self) -> datetime:
        """Since when Tidewaiter decides."""
        day = date.fromisoformat(self.start) + timedelta(days=_PAST_DAYS - _RECENT_DAYS)
        return datetime.combine(day, time(), tzinfo=UTC)

    @property
    def per_office(self) -> float:
        """Declarations of an average office on an average day."""
        return max(1.0, self.size / _ITEMS / _PAST_DAYS / len(OFFICES))


class SteppingClock:
    """A clock that stands at the instant that is lived through."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        """Return the instant."""
        return self.at


@dataclass(kw_only=True)
class Past:
    """Makes the past of a country in an installation whose clock is *clock*."""

    here: Installation
    clock: SteppingClock
    country: Country
    say: Callable[[str], None]
    #: Results on their way: when they become known, and what is found.
    waiting: list[tuple[datetime, str, ControlResult]] = field(default_factory=list)

    def make(self, until: datetime) -> list[ControlResult]:
        """Import the old regime's time, train on it, and live through the weeks until *until*.

        Returns what the officers will find who have not come to it yet.
        """
        world = self.country.world()
        self.say("Making a country and a year of its trade …")
        done = self.here.import_history(self.here.settings.source, self._imported(world))
        self.say(f"{done.declarations:,} declarations of the past year, {done.results:,} inspected.")
        self._publish_capacity()
        if self.here.services.learning.models()[1] is None:
            self.say("Training the first model …")
            trained = self.here.services.learning.train()
            self.say(f"Model {trained.version}: learned from {trained.examples:,} results.")
        self.say(f"Living through the last {_RECENT_DAYS} days …")
        decided = self._live_through(world, until)
        self.say(f"{decided:,} declarations decided; {len(self.waiting)} inspections are not done yet.")
        self.country.keep(self.here.settings.data)
        return [result for _, _, result in sorted(self.waiting, key=lambda entry: entry[:2])]

    def _imported(self, world: World) -> Iterator[PastDeclaration]:
        for declaration in world.declarations():
            if declaration.lodged_at >= self.country.recent:
                return
            lane = _old_regime(declaration)
            results: tuple[ControlResult, ...] = ()
            if lane is not None and declaration.version == 1:
                result, known_at = world.inspect(declaration, lane, declaration.lodged_at)
                result = replace(result, ended_at=known_at)
                if known_at < self.country.recent:
                    results = (result,)
                else:
                    heapq.heappush(self.waiting, (known_at, str(result.id), result))
            yield PastDeclaration(declaration=declaration, results=results)

    def _publish_capacity(self) -> None:
        """Fit the capacity to a country of this size: the starter's offices are larger ones."""
        bodies = dict(content_of(self.here.settings))
        capacity = {
            "default": {"share": _CAPACITY, "arrivals_per_day": self.country.per_office}, "offices": {},
        }  # fmt: skip
        bodies["plan"] = {**bodies["plan"], "id": "demo", "capacity": capacity}
        self.here.services.administration.publish(bodies, by="demo")

    def _live_through(self, world: World, until: datetime) -> int:
        """Decide what was lodged since the old regime ended, results coming back in between; count it."""
        decided = 0
        for declaration in world.declarations():
            if declaration.lodged_at >= until:
                break
            if known(self.here, declaration):
                continue
            self._take_results(declaration.lodged_at)
            self.clock.at = declaration.lodged_at
            answer = decide(self.here, declaration)
            world.observe_lane(declaration.id, answer["lane"])
            decided += 1
            if answer["control"]:
                result, known_at = world.inspect(declaration, answer["lane"], declaration.lodged_at)
                late = declaration.lodged_at >= until - _BACKLOG
                heapq.heappush(
                    self.waiting, (max(known_at, until) if late else known_at, str(result.id), result)
                )
        self._take_results(until)
        return decided

    def _take_results(self, until: datetime) -> None:
        """Record what became known before *until*, each result at its instant."""
        services = self.here.services
        while self.waiting and self.waiting[0][0] < until:
            known_at, _, result = heapq.heappop(self.waiting)
            self.clock.at = max(self.clock.at, known_at)
            found = replace(result, ended_at=known_at)
            source = self.here.settings.source
            message = result_message(found, client=CLIENT, source=source, messages=services.messages)
            services.record([message])[0].bytes_or_raise()


def known(here: Installation, declaration: Declaration) -> bool:
    """Tell whether this version was imported or decided."""
    with here.store.read() as uow:
        stored = uow.declaration(here.settings.source, declaration.id, declaration.version)
    return stored is not None


def decide(here: Installation, declaration: Declaration) -> dict[str, Any]:
    """Return the answer of the service to a declaration."""
    services = here.services
    message = declaration_message(
        declaration, client=CLIENT, source=here.settings.source, messages=services.messages
    )
    answer: dict[str, Any] = json.loads(services.assess([message])[0].bytes_or_raise())
    return answer


def _old_regime(declaration: Declaration) -> str | None:
    """Return the lane that the old regime gave: a fixed share of the declarations, whatever they hold."""
    draw = zlib.crc32(declaration.id.encode()) % 100
    return next((lane for below, lane in _OLD_REGIME if draw < below), None)
