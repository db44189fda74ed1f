"""The living demonstration: a synthetic country with a past, and a present that goes on.

Declarations arrive every few seconds and are decided by the service itself, and inspectors send their
results back.  The inspections that the past left open are for whoever signs in.
"""

from __future__ import annotations

import heapq
import threading
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from tidewaiter.bootstrap import Installation
from tidewaiter.cli.demo_past import CLIENT, Country, decide, known
from tidewaiter.cli.demo_people import DemoPeople
from tidewaiter.core.control import ControlResult, Finding, Outcome
from tidewaiter.core.declaration import Declaration
from tidewaiter.core.errors import TidewaiterError
from tidewaiter.flow.administer import Scope
from tidewaiter.flow.messages import result_message
from tidewaiter.flow.ports.inspections import Wanted

__all__ = ["Demonstration"]

_log = structlog.get_logger(__name__)

#: Seconds between two arrivals.
_ARRIVAL_SECONDS: Final = 2.0
#: Officers are done after one to ten times as many seconds.
_INSPECTION_SECONDS: Final = 60.0


class Demonstration:
    """Tells how to use a seeded installation, and keeps it alive."""

    def __init__(self, here: Installation, country: Country, *, say: Callable[[str], None]) -> None:
        self._here = here
        self._say = say
        self._world = country.world()
        self._stop = threading.Event()

    def introduce(self) -> None:
        """Print where to look, who can sign in, and the key to use."""
        path = self._here.settings.data / "demo-key.txt"
        if not path.exists():
            made = self._here.services.administration.add_key(
                CLIENT, self._here.settings.source, frozenset(Scope)
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
    def going_on(self, backlog: Sequence[ControlResult] = ()) -> Iterator[None]:
        """Let declarations arrive and results come back, also those of *backlog*, while the block runs."""
        thread = threading.Thread(target=self._go_on, args=(backlog,), name="country", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join(timeout=10)

    def _go_on(self, backlog: Sequence[ControlResult]) -> None:
        """Send the present, one declaration after the other, and inspect what was selected."""
        waiting = [self._due(result) for result in backlog]
        heapq.heapify(waiting)
        for declaration in self._arrivals():
            while not self._stop.wait(_ARRIVAL_SECONDS):
                now = self._here.services.clock.now()
                if not waiting or waiting[0][0] > now:
                    break
                result = heapq.heappop(waiting)[2]
                if self._is_open(result):
                    self._send_result(result, now)
            if self._stop.is_set():
                return
            try:
                found = self._send(declaration)
            except TidewaiterError as error:
                _log.warning(
                    "A declaration of the demonstration was not decided.", action="demo", error=str(error)
                )
                continue
            if found is not None:
                heapq.heappush(waiting, self._due(found))

    def _due(self, result: ControlResult) -> tuple[datetime, str, ControlResult]:
        """Return when the officer is done: some are sooner than others."""
        takes = _INSPECTION_SECONDS * (1 + zlib.crc32(result.id.encode()) % 10)
        return self._here.services.clock.now() + timedelta(seconds=takes), str(result.id), result

    def _is_open(self, result: ControlResult) -> bool:
        """Tell whether nobody who is signed in has taken the inspection, or done it."""
        source, declaration_id = self._here.settings.source, str(result.declaration_id)
        with self._here.store.read() as uow:
            wanted = Wanted(source=source, declaration_id=declaration_id)
            taken = any(each.assigned_to for each in uow.find_decisions(wanted, after=None, limit=10))
            return not taken and not uow.results_of(source, declaration_id)

    def _arrivals(self) -> Iterator[Declaration]:
        """Yield what is not known yet, in order."""
        for declaration in self._world.declarations():
            if self._stop.is_set():
                return
            if not known(self._here, declaration):
                yield declaration

    def _send(self, declaration: Declaration) -> ControlResult | None:
        """Have a declaration decided; return the result of its control, if it is selected."""
        now = self._here.services.clock.now()
        present = replace(declaration, lodged_at=now)
        answer: dict[str, Any] = decide(self._here, present)
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
        message = result_message(finished, client=CLIENT, source=source, messages=messages)
        services.record([message])[0].bytes_or_raise()
        if finished.irregular:
            kinds = ", ".join(sorted({_kind(f) for f in finished.findings if f.outcome is Outcome.IRREGULAR}))
            subject = f"{now:%H:%M:%S}  {finished.office}  {finished.declaration_id}"
            self._say(f"{subject}  found irregular: {kinds}, {finished.duty_effect:,.0f} more duty")


def _kind(finding: Finding) -> str:
    """Return the kind of an irregular finding in words."""
    return "other" if finding.irregularity is None else finding.irregularity.value.replace("_", " ")
