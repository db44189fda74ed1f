"""The clients with a valid key, read anew each second, and kept while the store does not answer.

A key is asked for on every request, on the event loop: a read that takes long would keep everybody
waiting.  So a read is given a moment; after that, what was read last is used, for a quarter of an hour
at most, and the store is asked again every two seconds.
"""

from __future__ import annotations

import hmac
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import datetime, timedelta
from typing import Final

from tidewaiter.core.errors import TidewaiterError, Unavailable
from tidewaiter.flow.ports import Client, Clock

__all__ = ["KnownClients"]

#: How long a key that another process revoked may still be taken.
_AGE_MAX: Final = timedelta(seconds=1)
#: The same while the store does not answer.
_AGE_MAX_ALONE: Final = timedelta(minutes=15)
#: How long a read may take, seconds, and when the next one is tried after one that failed.
_READ_SECONDS: Final = 0.15
_REST: Final = timedelta(seconds=2)


class KnownClients:
    """What *read* said last."""

    def __init__(self, read: Callable[[], Sequence[Client]], clock: Clock) -> None:
        self._read, self._clock = read, clock
        #: When they were read, and who they are; None: to be read.
        self._known: tuple[datetime, Sequence[Client]] | None = None
        #: Until then the store is not asked.
        self._resting_until: datetime | None = None

    def forget(self) -> None:
        """Read them before the next answer: one was changed here."""
        self._known = self._resting_until = None

    def with_key(self, digest: str) -> Client | None:
        """Return the client whose valid key has this digest, or None.

        A key that is not known is looked up anew.  Raises Unavailable when the store does not answer,
        and what is known does not tell, or is too old.
        """
        now = self._clock.now()
        if self._known is not None and self._known[0] <= now < self._known[0] + _AGE_MAX:
            found = _valid(self._known[1], digest)
            if found is not None:
                return found
        try:
            clients = self._in_time(now)
        except Unavailable:
            found = None
            if self._known is not None and now < self._known[0] + _AGE_MAX_ALONE:
                found = _valid(self._known[1], digest)
            if found is None:
                raise
            return found
        self._known = (now, clients)
        return _valid(clients, digest)

    def _in_time(self, now: datetime) -> Sequence[Client]:
        """Read them; raises Unavailable when that fails, takes too long, or did so a moment ago."""
        if self._known is None:  # nothing else can tell, so there is nothing to be gained
            return self._read()
        if self._resting_until is not None and now < self._resting_until:
            raise Unavailable("The store does not answer; the key cannot be looked up now.")
        reading: Future[Sequence[Client]] = Future()
        threading.Thread(target=self._into, args=(reading,), name="read clients", daemon=True).start()
        try:
            clients = reading.result(_READ_SECONDS)
        except (Unavailable, TimeoutError) as error:
            self._resting_until = now + _REST
            raise Unavailable("The store does not answer; the key cannot be looked up now.") from error
        self._resting_until = None
        return clients

    def _into(self, reading: Future[Sequence[Client]]) -> None:
        try:
            reading.set_result(self._read())
        except TidewaiterError as error:
            reading.set_exception(error)


def _valid(clients: Sequence[Client], digest: str) -> Client | None:
    """Return the client whose key has this digest and is not revoked."""
    found = None
    # No early end: the time of a look-up tells nothing of how near a guess came.
    for client in clients:
        if hmac.compare_digest(client.key_sha256, digest) and client.revoked_at is None:
            found = client
    return found
