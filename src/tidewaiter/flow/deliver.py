"""Deliver: send each subscriber what it has not taken yet, in order, at least once.

A receiver that refuses one event does not hold up the others: the event waits for another try, and
only what concerns the same declaration waits behind it, so that nobody learns of an older lane last.
A receiver that cannot be reached is left alone for a while.  Positions are recorded after sending,
so a crash sends again and loses nothing; the identity of an event tells the receiver.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from tidewaiter.core.delivery import pause_after, wait_after
from tidewaiter.flow.ports import Clock, Store
from tidewaiter.flow.ports.events import Channel, Delivery, Event, Subscriber, Undelivered, WebhookSecrets

__all__ = ["SECRET_OVERLAP", "Delivering", "envelope"]

#: How long the secret before a rotation signs along.
SECRET_OVERLAP: Final = timedelta(hours=24)
#: Events of a subscriber in one step, so that none waits long for another.
_BATCH: Final = 50

logger = logging.getLogger(__name__)


def envelope(event: Event) -> dict[str, object]:
    """Return an event as a receiver sees it, in the form that Standard Webhooks recommends."""
    return {
        "type": f"{event.topic}.recorded",
        "timestamp": event.at.isoformat(),
        "data": json.loads(event.payload),
    }


@dataclass(slots=True)
class _Sent:
    """What became of the events of one step."""

    taken: list[int] = field(default_factory=list)
    put_aside: list[Delivery] = field(default_factory=list)
    #: The last new event that was sent or put aside.
    position: int = 0
    reached: bool = True


class Delivering:
    """Sends events to all subscribers."""

    def __init__(self, *, store: Store, clock: Clock, channel: Channel, secrets: WebhookSecrets) -> None:
        self._store = store
        self._clock = clock
        self._channel = channel
        self._secrets = secrets

    def step(self) -> bool:
        """Send every subscriber what is due, up to a bound; return whether there may be more to do now.

        One process of an installation does so at a time: else each event would leave once for each.
        """
        with self._store.alone("deliver") as ours:
            return ours and self._step()

    def _step(self) -> bool:
        with self._store.read() as uow:
            subscribers = [s for s in uow.subscribers() if s.stopped_at is None]
        more = False
        for subscriber in subscribers:
            if subscriber.paused_until is None or subscriber.paused_until <= self._clock.now():
                more = self._serve(subscriber) or more
        return more

    def _serve(self, subscriber: Subscriber) -> bool:
        """Send one subscriber what is due; return whether there may be more now."""
        with self._store.read() as uow:
            retried = uow.due(subscriber.id, self._clock.now(), _BATCH)
            blocked = set(uow.waiting_declarations(subscriber.id))
            events, end = uow.events(
                subscriber.position, source=subscriber.source, topics=subscriber.topics, limit=_BATCH
            )
        sent = _Sent(position=subscriber.position)
        self._retry(subscriber, retried, sent)
        self._send_new(subscriber, events, end, blocked, sent)
        if sent.taken or sent.put_aside or sent.position != subscriber.position:
            self._record(subscriber, sent)
        return sent.reached and end > subscriber.position

    def _retry(self, subscriber: Subscriber, retried: Sequence[Delivery], sent: _Sent) -> None:
        """Try again what is due, until the subscriber cannot be reached."""
        for delivery in retried:
            if not sent.reached:
                return
            failure = self._attempt(subscriber, delivery.event)
            if failure is None:
                sent.taken.append(delivery.event.position)
            else:
                sent.put_aside.append(self._after(failure, delivery.event, delivery.attempts + 1))
                sent.reached = failure.reached

    def _send_new(
        self, subscriber: Subscriber, events: Sequence[Event], end: int, blocked: set[str], sent: _Sent
    ) -> None:
        """Send new events in order, until the subscriber cannot be reached."""
        for event in events:
            if not sent.reached:
                return
            if event.declaration_id is not None and event.declaration_id in blocked:
                sent.put_aside.append(self._behind(event))
            else:
                failure = self._attempt(subscriber, event)
                if failure is not None:
                    sent.put_aside.append(self._after(failure, event, 1))
                    sent.reached = failure.reached
                    if event.declaration_id is not None:
                        blocked.add(event.declaration_id)
            sent.position = event.position
        if sent.reached:
            sent.position = end

    def _attempt(self, subscriber: Subscriber, event: Event) -> Undelivered | None:
        """Send one event; return why it was not taken, or None."""
        body = json.dumps(envelope(event), ensure_ascii=False, separators=(",", ":")).encode()
        now = self._clock.now()
        try:
            self._channel.send(
                subscriber.url, event_id=event.id, at=now, body=body, secrets=self._live(subscriber, now)
            )
        except Undelivered as failure:
            told = {"subscriber": subscriber.name, "event": event.id, "why": failure.message}
            logger.warning("event not taken", extra=told)
            return failure
        return None

    def _live(self, subscriber: Subscriber, now: datetime) -> list[bytes]:
        """Return every secret that signs now: after a rotation two for a day."""
        generations = [subscriber.generation]
        if subscriber.rotated_at is not None and now < subscriber.rotated_at + SECRET_OVERLAP:
            generations.append(subscriber.generation - 1)
        return [self._secrets.secret(subscriber.id, generation) for generation in generations]

    def _after(self, failure: Undelivered, event: Event, attempts: int) -> Delivery:
        """Return what waits after a failed attempt."""
        now, wait = self._clock.now(), wait_after(attempts, event.id)
        return Delivery(
            event=event,
            attempts=attempts,
            due_at=now if wait is None else now + wait,
            dead=wait is None,
            error=failure.message,
        )

    def _behind(self, event: Event) -> Delivery:
        """Return an event that waits because an older one of its declaration does."""
        why = "an older event of the same declaration waits"
        return Delivery(event=event, attempts=0, due_at=self._clock.now(), dead=False, error=why)

    def _record(self, subscriber: Subscriber, sent: _Sent) -> None:
        """Record what became of a step; what was changed by hand in the meantime stays."""
        with self._store.write() as uow:
            now = next(s for s in uow.subscribers() if s.id == subscriber.id)
            failures = 0 if sent.reached else now.failures + 1
            paused_until = None if sent.reached else self._clock.now() + pause_after(failures)
            uow.put_subscriber(
                replace(
                    now,
                    position=max(now.position, sent.position),
                    failures=failures,
                    paused_until=paused_until,
                )
            )
            for position in sent.taken:
                uow.drop_delivery(subscriber.id, position)
            for delivery in sent.put_aside:
                uow.put_delivery(subscriber.id, delivery)
