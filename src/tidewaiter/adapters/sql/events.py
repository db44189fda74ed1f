"""Events: what is to leave, who subscribed, and what waits to be tried again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, exists, false, or_, select, true, update

from tidewaiter.adapters.sql import tables as t
from tidewaiter.adapters.sql.work import Work
from tidewaiter.flow.ports.events import Delivery, Event, Subscriber
from tidewaiter.flow.ports.leaves import reassessment_leaf, recall_alert, subscriber_leaf
from tidewaiter.flow.ports.standin import Reassessment

__all__ = ["Events"]

_o, _s, _d = t.outbox.c, t.subscriber.c, t.delivery.c

_EVENT: Final = (_o.seq, _o.topic, _o.source, _o.declaration_id, _o.payload, _o.created_at)
_NEXT: Final = (
    select(*_EVENT)
    .where(
        _o.seq > bindparam("after"),
        or_(_o.source == bindparam("source"), _o.source.is_(None)),
    )
    .order_by(_o.seq)
    .limit(bindparam("limit"))
)
_SUBSCRIBERS: Final = select(t.subscriber).order_by(_s.created_at, _s.id)
_SUBSCRIBER: Final = select(t.subscriber).where(_s.id == bindparam("id"))
_DELIVERIES: Final = select(*_EVENT, _d.attempts, _d.due_at, _d.dead, _d.error).select_from(
    t.delivery.join(t.outbox, _o.seq == _d.position)
)
_DEAD: Final = _DELIVERIES.where(_d.subscriber == bindparam("subscriber"), _d.dead == true()).order_by(_o.seq)
_OLDER, _OLDER_EVENT = t.delivery.alias("older"), t.outbox.alias("older_event")
#: An older event of the same declaration waits too.
_BEHIND: Final = exists().where(
    _OLDER.c.subscriber == _d.subscriber,
    _OLDER.c.dead == false(),
    _OLDER.c.position < _d.position,
    _OLDER_EVENT.c.seq == _OLDER.c.position,
    _OLDER_EVENT.c.source == _o.source,
    _OLDER_EVENT.c.declaration_id == _o.declaration_id,
)
_DUE: Final = (
    _DELIVERIES.where(
        _d.subscriber == bindparam("subscriber"), _d.dead == false(), _d.due_at <= bindparam("at"), ~_BEHIND
    )
    .order_by(_o.seq)
    .limit(bindparam("limit"))
)
_WAITING: Final = (
    select(_o.declaration_id)
    .select_from(t.delivery.join(t.outbox, _o.seq == _d.position))
    .where(_d.subscriber == bindparam("subscriber"), _d.dead == false(), _o.declaration_id.is_not(None))
    .distinct()
)
_CHANGE_SUBSCRIBER: Final = update(t.subscriber).where(_s.id == bindparam("row_key"))
_THIS: Final = (_d.subscriber == bindparam("of"), _d.position == bindparam("at_position"))
_CHANGE_DELIVERY: Final = update(t.delivery).where(*_THIS)
_DROP: Final = delete(t.delivery).where(*_THIS)


class Events(Work):
    """The part of a unit of work that leaves."""

    def events(
        self, after: int, *, source: str, topics: Collection[str], limit: int
    ) -> tuple[Sequence[Event], int]:
        """Return the next events of a source, in order, and the position up to which that is all.

        At most *limit* events of all topics are looked at.
        """
        found = self._rows(_NEXT, {"after": after, "source": source, "limit": limit})
        reached = found[-1].seq if len(found) == limit else max(after, self.events_end())
        return [_event(row) for row in found if row.topic in topics], reached

    def events_end(self) -> int:
        """Return the position of the last event, 0 when there is none."""
        return self._last_seq(t.outbox)

    def add_reassessment(self, found: Reassessment) -> None:
        """Record what came of a stand-in as a ledger leaf, and its recall alert, if it has one, to leave."""
        leaf = reassessment_leaf(found)
        self._add_leaf_told(leaf)
        if found.recalled:
            concerns = (found.source, found.declaration_id)
            self._add_outbox("recall", leaf.subject, recall_alert(found), leaf.at, concerns=concerns)

    def put_subscriber(self, subscriber: Subscriber) -> None:
        """Record a subscriber, or its new state; with a ledger leaf, unless only its events moved on."""
        row = {
            "name": subscriber.name,
            "source": subscriber.source,
            "topics": sorted(subscriber.topics),
            "url": subscriber.url,
            "generation": subscriber.generation,
            "rotated_at": subscriber.rotated_at,
            "position": subscriber.position,
            "failures": subscriber.failures,
            "paused_until": subscriber.paused_until,
            "created_at": subscriber.created_at,
            "stopped_at": subscriber.stopped_at,
        }
        before = self._first(_SUBSCRIBER, {"id": subscriber.id})
        if self._change(_CHANGE_SUBSCRIBER, {"row_key": subscriber.id, **row}, tuple(row)) == 0:
            self._insert(t.subscriber, {"id": subscriber.id, **row})
        if before is None or subscriber_leaf(_subscriber(before)) != subscriber_leaf(subscriber):
            self._add_leaf_told(subscriber_leaf(subscriber))

    def subscribers(self) -> Sequence[Subscriber]:
        """Return all subscribers, oldest first."""
        return [_subscriber(row) for row in self._rows(_SUBSCRIBERS)]

    def due(self, subscriber: str, at: datetime, limit: int) -> Sequence[Delivery]:
        """Return what is to be tried again by *at*, oldest first; of one declaration only the oldest."""
        found = self._rows(_DUE, {"subscriber": subscriber, "at": at, "limit": limit})
        return [_delivery(row) for row in found]

    def waiting_declarations(self, subscriber: str) -> frozenset[str]:
        """Return the declarations of which an event waits to be tried again."""
        return frozenset(row.declaration_id for row in self._rows(_WAITING, {"subscriber": subscriber}))

    def dead_letters(self, subscriber: str) -> Sequence[Delivery]:
        """Return what was given up, oldest first."""
        return [_delivery(row) for row in self._rows(_DEAD, {"subscriber": subscriber})]

    def put_delivery(self, subscriber: str, delivery: Delivery) -> None:
        """Record that an event was not taken, or its new state."""
        row = {
            "attempts": delivery.attempts,
            "due_at": delivery.due_at,
            "dead": delivery.dead,
            "error": delivery.error,
        }
        position = delivery.event.position
        if (
            self._change(_CHANGE_DELIVERY, {"of": subscriber, "at_position": position, **row}, tuple(row))
            == 0
        ):
            self._insert(t.delivery, {"subscriber": subscriber, "position": position, **row})

    def drop_delivery(self, subscriber: str, position: int) -> None:
        """Forget an event that was taken at last."""
        self._change(_DROP, {"of": subscriber, "at_position": position})


def _subscriber(row: Row[Any]) -> Subscriber:
    """Return a row as a subscriber."""
    return Subscriber(**{**row._asdict(), "topics": frozenset(row.topics)})


def _event(row: Row[Any]) -> Event:
    """Return a row as an event."""
    return Event(
        position=row.seq,
        topic=row.topic,
        source=row.source,
        declaration_id=row.declaration_id,
        payload=row.payload,
        at=row.created_at,
    )


def _delivery(row: Row[Any]) -> Delivery:
    """Return a row as a delivery."""
    return Delivery(
        event=_event(row), attempts=row.attempts, due_at=row.due_at, dead=row.dead, error=row.error
    )
