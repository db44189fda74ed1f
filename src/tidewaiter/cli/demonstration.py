"""The living demonstration: a synthetic country with a past, and a present that goes on.

The past was inspected by an old regime (a fixed share, blindly), as in an administration that begins
with Tidewaiter.  From then on declarations arrive every few seconds and are decided by the service
itself, and inspectors send their results back.
"""

from __future__ import annotations

import heapq
import json
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

import structlog

from tidewaiter.bootstrap import Installation, content_of
from tidewaiter.cli.demo_people import DemoPeople
from tidewaiter.core.control import ControlResult, Finding, Outcome
from tidewaiter.core.declaration import Declaration
from tidewaiter.core.errors import TidewaiterError
from tidewaiter.demo import World
from tidewaiter.demo.country import OFFICES
from tidewaiter.flow.administer import Scope
from tidewaiter.flow.import_history import PastDeclaration
from tidewaiter.flow.messages import declaration_message, result_message

__all__ = ["Demonstration"]

_log = structlog.get_logger(__name__)

_PAST_DAYS: Final = 365
_FUTURE_DAYS: Final = 60
#: Items of an average declaration: the size of a country is told in items.
_ITEMS: Final = 3
#: Share of the past that the old regime inspected, in hundredths, and how.
_OLD_REGIME: Final = ((12, "examination"), (30, "documents"))
#: Seconds between two arrivals, and until an inspector is done.
_ARRIVAL_SECONDS: Final = 2.0
_INSPECTION_SECONDS: Final = 45.0
_CLIENT: Final = "demo"
#: Share of the declarations that each office can control.
_CAPACITY: Final = 0.10


@dataclass(frozen=True, kw_only=True)
class _Country:
    """What a second start needs to go on with the same country."""

    seed: int
    size: int
    start: str


class Demonstration:
    """Seeds an installation, tells how to use it and keeps it alive."""

    def __init__(
        self, here: Installation, *, seed: int, declarations: int, say: Callable[[str], None]
    ) -> None:
        self._here = here
        self._say = say
        self._path = here.settings.data / "country.json"
        today = here.services.clock.now().date()
        country = _Country(
            seed=seed, size=declarations * _ITEMS, start=(today - timedelta(days=_PAST_DAYS)).isoformat()
        )
        if self._path.exists():
            country = _Country(**json.loads(self._path.read_text(encoding="utf-8")))
        self._country = country
        self._world = World(
            seed=country.seed,
            size=country.size * (_PAST_DAYS + _FUTURE_DAYS) // _PAST_DAYS,
            days=_PAST_DAYS + _FUTURE_DAYS,
            start=date.fromisoformat(country.start),
            new_scheme_day=_PAST_DAYS - 21,
        )
        self._stop = threading.Event()

    def seed(self) -> None:
        """Import the past and train the first model, unless a former start did."""
        now = self._here.services.clock.now()
        if not self._path.exists():
            self._say("Making a country and a year of its trade …")
            done = self._here.import_history(self._here.settings.source, self._past(now))
            self._say(f"{done.declarations:,} declarations of the past year, {done.results:,} inspected.")
            self._publish_capacity()
            self._path.write_text(json.dumps(asdict(self._country)), encoding="utf-8")
        if self._here.services.learning.models()[1] is None:
            self._say("Training the first model …")
            trained = self._here.services.learning.train()
            self._say(f"Model {trained.version}: learned from {trained.examples:,} results.")

    def _publish_capacity(self) -> None:
        """Fit the capacity to a country of this size: the starter's offices are larger ones."""
        bodies = dict(content_of(self._here.settings))
        per_office = max(1.0, self._country.size / _ITEMS / _PAST_DAYS / len(OFFICES))
        capacity = {"default": {"share": _CAPACITY, "arrivals_per_day": per_office}, "offices": {}}
        bodies["plan"] = {**bodies["plan"], "id": "demo", "capacity": capacity}
        self._here.services.administration.publish(bodies, by="demo")

    def introduce(self) -> None:
        """Print where to look, who can sign in, and the key to use."""
        path = self._here.settings.data / "demo-key.txt"
        if not path.exists():
            made = self._here.services.administration.add_key(
                "demo", self._here.settings.source, frozenset(Scope)
            )
            path.touch(mode=0o600)
            path.write_text(made.key + "\n", encoding="utf-8")
        key = path.read_text(encoding="utf-8").strip()
        people = DemoPeople(here=self._here)
        people.make()
        address = f"http://{self._here.settings.host}:{self._here.settings.port}"
        self._say(f"Open {address} and sign in. Name, password and role:")
        for line in people.told():
            self._say(line)
        self._say(
            "`make codes` prints the six digits of each. A proposal of ada waits for the approval of max."
        )
        self._say(f"For the API, this demonstration's key is:\n  {key}")
        self._say(f"Try: curl -s -H 'Authorization: Bearer {key}' {address}/api/v1/health/ready")

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """Let declarations arrive and results come back while the block runs."""
        thread = threading.Thread(target=self._go_on, name="country", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join(timeout=10)

    def _past(self, until: datetime) -> Iterator[PastDeclaration]:
        for declaration in self._world.declarations():
            if declaration.lodged_at >= until:
                return
            lane = _old_regime(declaration)
            results: tuple[ControlResult, ...] = ()
            if lane is not None and declaration.version == 1:
                result, known_at = self._world.inspect(declaration, lane, declaration.lodged_at)
                if known_at < until:
                    results = (replace(result, ended_at=known_at),)
            yield PastDeclaration(declaration=declaration, results=results)

    def _go_on(self) -> None:
        """Send the present, one declaration after the other, and inspect what was selected."""
        waiting: list[tuple[datetime, str, ControlResult]] = []
        for declaration in self._arrivals():
            while not self._stop.wait(_ARRIVAL_SECONDS):
                now = self._here.services.clock.now()
                if not waiting or waiting[0][0] > now:
                    break
                self._send_result(heapq.heappop(waiting)[2], now)
            if self._stop.is_set():
                return
            try:
                result = self._send(declaration)
            except TidewaiterError as error:
                _log.warning(
                    "A declaration of the demonstration was not decided.", action="demo", error=str(error)
                )
                continue
            if result is not None:
                due = self._here.services.clock.now() + timedelta(seconds=_INSPECTION_SECONDS)
                heapq.heappush(waiting, (due, str(result.id), result))

    def _arrivals(self) -> Iterator[Declaration]:
        """Yield what is not known yet, in order."""
        source = self._here.settings.source
        for declaration in self._world.declarations():
            if self._stop.is_set():
                return
            with self._here.store.read() as uow:
                known = uow.declaration(source, declaration.id, declaration.version) is not None
            if not known:
                yield declaration

    def _send(self, declaration: Declaration) -> ControlResult | None:
        """Have a declaration decided; return the result of its control, if it is selected."""
        services = self._here.services
        now = services.clock.now()
        present = replace(declaration, lodged_at=now)
        source, messages = self._here.settings.source, services.messages
        message = declaration_message(present, client=_CLIENT, source=source, messages=messages)
        answer = json.loads(services.assess([message])[0].bytes_or_raise())
        self._world.observe_lane(present.id, answer["lane"])
        reason = f"  {answer['reasons'][0]}" if answer["reasons"] else ""
        self._say(f"{now:%H:%M:%S}  {present.office}  {present.id}  {answer['lane_words']['en']}{reason}")
        if not answer["control"]:
            return None
        result, _ = self._world.inspect(declaration, answer["lane"], declaration.lodged_at)
        return result

    def _send_result(self, result: ControlResult, now: datetime) -> None:
        services = self._here.services
        finished = replace(result, started_at=None, ended_at=now)
        source, messages = self._here.settings.source, services.messages
        message = result_message(finished, client=_CLIENT, source=source, messages=messages)
        services.record([message])[0].bytes_or_raise()
        if finished.irregular:
            kinds = ", ".join(sorted({_kind(f) for f in finished.findings if f.outcome is Outcome.IRREGULAR}))
            subject = f"{now:%H:%M:%S}  {finished.office}  {finished.declaration_id}"
            self._say(f"{subject}  found irregular: {kinds}, {finished.duty_effect:,.0f} more duty")


def _kind(finding: Finding) -> str:
    """Return the kind of an irregular finding in words."""
    return "other" if finding.irregularity is None else finding.irregularity.value.replace("_", " ")


def _old_regime(declaration: Declaration) -> str | None:
    """Return the lane that the old regime gave: a fixed share of the declarations, whatever they hold."""
    draw = zlib.crc32(declaration.id.encode()) % 100
    return next((lane for below, lane in _OLD_REGIME if draw < below), None)
