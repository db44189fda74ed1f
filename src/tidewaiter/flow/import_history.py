"""Import history: declarations of the past with their control results, in the order of time.

Nothing is decided; the past becomes known.  What was imported before is passed over, so a file may
be imported again after an interruption.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from tidewaiter.core.control import ControlResult
from tidewaiter.core.declaration import Declaration
from tidewaiter.core.times import end_of_day
from tidewaiter.flow.messages import body_digest
from tidewaiter.flow.ports import Clock, MessageFormat, NewDeclaration, NewResult, Store, UnitOfWork

__all__ = ["ImportHistory", "Imported", "PastDeclaration", "known_at"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PastDeclaration:
    """A declaration of the past with its results."""

    declaration: Declaration
    results: tuple[ControlResult, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import did."""

    declarations: int
    results: int
    #: Known before, passed over.
    known: int


def known_at(result: ControlResult) -> datetime:
    """Return when a result of the past became known: its end, or the end of its day."""
    return end_of_day(result.ended_at.date()) if result.ended_on_date_only else result.ended_at


class ImportHistory:
    """The use case."""

    def __init__(self, *, store: Store, clock: Clock, messages: MessageFormat) -> None:
        self._store = store
        self._clock = clock
        self._messages = messages

    def __call__(self, source: str, past: Iterable[PastDeclaration]) -> Imported:
        """Record *past* in the order of time, all of it or nothing.

        The journal is in the order in which things became known: a result comes after all
        declarations lodged up to that instant.
        """
        received_at = self._clock.now()
        with self._store.write() as uow:
            events, passed = self._events(source, past, uow, received_at)
            for declarations, together in groupby(
                events, key=lambda event: isinstance(event, NewDeclaration)
            ):
                if declarations:
                    uow.add_declarations([event for event in together if isinstance(event, NewDeclaration)])
                else:
                    uow.add_results([event for event in together if isinstance(event, NewResult)])
        count = sum(isinstance(event, NewDeclaration) for event in events)
        return Imported(declarations=count, results=len(events) - count, known=passed)

    def _events(
        self, source: str, past: Iterable[PastDeclaration], uow: UnitOfWork, received_at: datetime
    ) -> tuple[list[NewDeclaration | NewResult], int]:
        """Return what is new in the order in which it became known, and how many versions were known."""
        empty = uow.journal_end() == 0
        passed = 0
        events: list[tuple[datetime, int, NewDeclaration | NewResult]] = []
        for entry in past:
            declaration = entry.declaration
            if not empty and uow.declaration(source, declaration.id, declaration.version) is not None:
                passed += 1
                continue
            at = declaration.lodged_at
            events.append((at, 0, self._declaration(source, declaration, received_at)))
            events.extend(
                (max(at, known_at(result)), 1, self._result(source, result, received_at))
                for result in entry.results
            )
        events.sort(key=lambda event: event[:2])
        return [event for _, _, event in events], passed

    def _declaration(self, source: str, declaration: Declaration, received_at: datetime) -> NewDeclaration:
        body = self._messages.write_declaration(declaration)
        return NewDeclaration(
            source=source,
            declaration=declaration,
            body=body,
            body_sha256=body_digest(body),
            at=declaration.lodged_at,
            received_at=received_at,
        )

    def _result(self, source: str, result: ControlResult, recorded_at: datetime) -> NewResult:
        body = self._messages.write_control_result(result)
        return NewResult(
            source=source,
            result=result,
            body=body,
            body_sha256=body_digest(body),
            known_at=known_at(result),
            recorded_at=recorded_at,
        )
