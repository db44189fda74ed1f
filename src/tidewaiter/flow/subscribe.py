"""Subscribe: which systems are sent events, and what they may ask for again."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from tidewaiter.core.errors import Conflict, InputError, NotFound
from tidewaiter.flow.deliver import envelope
from tidewaiter.flow.ports import Clock, Store
from tidewaiter.flow.ports.events import Delivery, Subscriber, WebhookSecrets

__all__ = ["Subscribed", "Subscriptions", "Topic"]


class Topic(StrEnum):
    """What can be subscribed to."""

    DECISION = "decision"
    RESULT = "result"
    OVERRIDE = "override"
    PUBLICATION = "publication"
    RECALL = "recall"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribed:
    """A subscriber with its new secret, in the form that receivers' libraries take; shown once."""

    subscriber: Subscriber
    secret: str


class Subscriptions:
    """The use cases around those who are told what happened."""

    def __init__(
        self, *, store: Store, clock: Clock, secrets: WebhookSecrets, targets: Collection[str]
    ) -> None:
        self._store = store
        self._clock = clock
        self._secrets = secrets
        self._targets = frozenset(targets)

    def add(self, name: str, *, source: str, topics: Collection[str], url: str) -> Subscribed:
        """Send a system the events of *source* from now on; raises InputError or Conflict.

        Only targets that the settings allow: who may add subscribers must not reach every machine.
        """
        self._require_allowed(url)
        with self._store.write() as uow:
            if any(s.name == name and s.stopped_at is None for s in uow.subscribers()):
                raise Conflict(f"There is a subscriber named {name!r} already; stop it first.")
            subscriber = Subscriber(
                id=secrets.token_hex(6),
                name=name,
                source=source,
                topics=frozenset(topics),
                url=url,
                position=uow.events_end(),
                created_at=self._clock.now(),
            )
            uow.put_subscriber(subscriber)
        return self._with_secret(subscriber)

    def rotate(self, name: str) -> Subscribed:
        """Give a subscriber a new secret; the one before signs along for a day.  Raises NotFound."""
        with self._store.write() as uow:
            found = _named(uow.subscribers(), name)
            subscriber = replace(found, generation=found.generation + 1, rotated_at=self._clock.now())
            uow.put_subscriber(subscriber)
        return self._with_secret(subscriber)

    def stop(self, name: str) -> Subscriber:
        """Send a subscriber nothing any more; raises NotFound."""
        with self._store.write() as uow:
            stopped = replace(_named(uow.subscribers(), name), stopped_at=self._clock.now())
            uow.put_subscriber(stopped)
        return stopped

    def all(self) -> Sequence[tuple[Subscriber, int, Sequence[Delivery]]]:
        """Return each subscriber with the events that it lags behind and its dead letters."""
        with self._store.read() as uow:
            end = uow.events_end()
            return [(s, max(0, end - s.position), uow.dead_letters(s.id)) for s in uow.subscribers()]

    def retry(self, name: str) -> int:
        """Try the dead letters of a subscriber again, as if for the first time; return how many."""
        with self._store.write() as uow:
            subscriber = _named(uow.subscribers(), name)
            dead = uow.dead_letters(subscriber.id)
            for delivery in dead:
                again = replace(delivery, attempts=0, due_at=self._clock.now(), dead=False)
                uow.put_delivery(subscriber.id, again)
        return len(dead)

    def pull(self, after: int, *, source: str, topics: Collection[str], limit: int) -> dict[str, Any]:
        """Return the events of a source after a position, and the position to ask from next time."""
        with self._store.read() as uow:
            events, position = uow.events(after, source=source, topics=topics, limit=limit)
        told = [{"position": event.position, "id": event.id, **envelope(event)} for event in events]
        return {"events": told, "position": position}

    def _with_secret(self, subscriber: Subscriber) -> Subscribed:
        secret = self._secrets.secret(subscriber.id, subscriber.generation)
        return Subscribed(subscriber=subscriber, secret=f"whsec_{base64.b64encode(secret).decode()}")

    def _require_allowed(self, url: str) -> None:
        """Raise InputError unless the settings allow the origin of *url*."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._targets:
            allowed = ", ".join(sorted(self._targets)) or "none"
            raise InputError(
                f"Events may not be sent to {origin}: allowed are {allowed}. "
                "Name it in TIDEWAITER_WEBHOOK_TARGETS, a JSON list of origins such as "
                '["https://declarations.example"].'
            )


def _named(subscribers: Sequence[Subscriber], name: str) -> Subscriber:
    """Return the subscriber of this name; raises NotFound."""
    for subscriber in subscribers:
        if subscriber.name == name and subscriber.stopped_at is None:
            return subscriber
    raise NotFound(f"There is no subscriber named {name!r}.")
