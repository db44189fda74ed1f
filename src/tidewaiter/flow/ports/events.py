"""Events that leave: who subscribed to them, what waits, and the channel that carries them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tidewaiter.core.errors import TidewaiterError
from tidewaiter.flow.ports.standin import Reassessment

__all__ = ["Channel", "Delivery", "Event", "EventRecords", "Subscriber", "Undelivered", "WebhookSecrets"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened, as it was written in the transaction that caused it."""

    #: Order of the commits, from 1; never used twice.
    position: int
    #: ``decision``, ``result``, ``override``, ``publication`` or ``recall``.
    topic: str
    #: The declaration system that it concerns; None: all of them.
    source: str | None
    #: The declaration that it concerns; None: none.
    declaration_id: str | None
    #: What is sent, as JSON.
    payload: bytes
    at: datetime

    @property
    def id(self) -> str:
        """Return the identity by which a receiver knows an event that comes twice."""
        return f"event-{self.position}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """A system that is sent events."""

    id: str
    name: str
    #: The declaration system whose events it gets.
    source: str
    topics: frozenset[str]
    #: Where they are sent.
    url: str
    #: Number of its secret, from 1; each rotation adds one.
    generation: int = 1
    #: When the secret was rotated last; the one before signs along for a day.
    rotated_at: datetime | None = None
    #: Position of the last event that was sent or put aside.
    position: int = 0
    #: Attempts in a row that did not reach it, and until when it is left alone.
    failures: int = 0
    paused_until: datetime | None = None
    created_at: datetime
    stopped_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """An event that a subscriber did not take yet."""

    event: Event
    attempts: int
    due_at: datetime
    #: No further attempt is made until a person asks for one.
    dead: bool
    #: Why the last attempt failed.
    error: str


class EventRecords(Protocol):
    """The part of a unit of work that knows what is to leave, and for whom."""

    def events(
        self, after: int, *, source: str, topics: Collection[str], limit: int
    ) -> tuple[Sequence[Event], int]:
        """Return the next events of a source, in order, and the position up to which that is all.

        At most *limit* events of all topics are looked at.
        """
        ...

    def events_end(self) -> int:
        """Return the position of the last event, 0 when there is none."""
        ...

    def add_reassessment(self, found: Reassessment) -> None:
        """Record what came of a stand-in as a ledger leaf, and its recall alert, if it has one, to leave."""
        ...

    def put_subscriber(self, subscriber: Subscriber) -> None:
        """Record a subscriber, or its new state."""
        ...

    def subscribers(self) -> Sequence[Subscriber]:
        """Return all subscribers, oldest first."""
        ...

    def due(self, subscriber: str, at: datetime, limit: int) -> Sequence[Delivery]:
        """Return what is to be tried again by *at*, oldest first; of one declaration only the oldest."""
        ...

    def waiting_declarations(self, subscriber: str) -> frozenset[str]:
        """Return the declarations of which an event waits to be tried again."""
        ...

    def dead_letters(self, subscriber: str) -> Sequence[Delivery]:
        """Return what was given up, oldest first."""
        ...

    def put_delivery(self, subscriber: str, delivery: Delivery) -> None:
        """Record that an event was not taken, or its new state."""
        ...

    def drop_delivery(self, subscriber: str, position: int) -> None:
        """Forget an event that was taken at last."""
        ...


class Undelivered(TidewaiterError):
    """The event was not taken."""

    code = "undelivered"

    def __init__(self, message: str, *, reached: bool) -> None:
        super().__init__(message)
        #: The target answered and refused this event; False: it cannot be reached, or is not well.
        self.reached = reached


class Channel(Protocol):
    """A way out."""

    def send(self, url: str, *, event_id: str, at: datetime, body: bytes, secrets: Sequence[bytes]) -> None:
        """Send *body*, signed with each of *secrets*; return once it was taken.  Raises Undelivered."""
        ...


class WebhookSecrets(Protocol):
    """The secrets that sign what is sent."""

    def secret(self, subscriber: str, generation: int) -> bytes:
        """Return the secret of a subscriber, the same at each call; 32 bytes."""
        ...
