"""How far everything is: journal, ledger, events that wait, age of the model, and whether all can be kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tidewaiter.core.errors import Unavailable
from tidewaiter.flow.ports import Clock, Store
from tidewaiter.flow.present import MODEL

__all__ = ["SPACE_BYTES_MIN", "Levels", "Measure"]

#: Below this much free space the service is not ready: the database writes its journal beside itself
#: before it writes itself, and must be able to finish what it has begun.
SPACE_BYTES_MIN: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """What is known at one moment; nothing in it comes from a message."""

    #: Position of the last entry of history.
    journal: int
    #: Position of the last ledger entry, sealed or not.
    ledger: int
    #: Events that the slowest subscriber has not been sent.
    events_waiting: int
    #: Events that no further attempt is made to send.
    dead_letters: int
    #: Seconds since the model in force was put there; None: no model.
    model_age_seconds: float | None
    #: Offices that have a plan.
    offices: frozenset[str]
    #: Free bytes where the data lie; None: not known here.
    space_bytes: int | None


class Measure:
    """Reads levels, and tries whether the store takes what is written."""

    def __init__(self, *, store: Store, clock: Clock, space: Callable[[], int] | None = None) -> None:
        self._store, self._clock, self._space = store, clock, space

    def levels(self) -> Levels:
        """Return how far everything is; raises Unavailable when the store does not answer."""
        with self._store.read() as uow:
            end, model, plan = uow.events_end(), uow.published(MODEL), uow.published("plan")
            active = [one for one in uow.subscribers() if one.stopped_at is None]
            capacity = {} if plan is None else json.loads(plan.body).get("capacity", {})
            return Levels(
                journal=uow.journal_end(),
                ledger=uow.ledger_end(),
                events_waiting=max((end - one.position for one in active), default=0),
                dead_letters=sum(len(uow.dead_letters(one.id)) for one in active),
                model_age_seconds=None
                if model is None or not model.version
                else (self._clock.now() - model.at).total_seconds(),
                offices=frozenset(capacity.get("offices", ())),
                space_bytes=None if self._space is None else self._space(),
            )

    def require_writable(self) -> None:
        """Raise Unavailable when nothing could be recorded now: no space, or a store that takes nothing."""
        if self._space is not None and self._space() < SPACE_BYTES_MIN:
            raise Unavailable(
                f"Less than {SPACE_BYTES_MIN // 2**20} MiB are free where the data lie; make space there."
            )
        with self._store.write():
            pass
