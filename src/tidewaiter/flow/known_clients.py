"""The clients with a valid key: read when one of them changed, and kept while the store does not answer.

A key is asked for on every request, on the event loop: a read that takes long would keep everybody
waiting.  Whether a client changed costs next to nothing to ask, so that is asked each time.  A read is
given a moment; after that, what was read last is used, for a quarter of an hour at most, and the store is
asked again every two seconds.
"""

from __future__ import annotations

import hmac
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from tidewaiter.core.errors import TidewaiterError, Unavailable
from tidewaiter.flow.ports import Client, Clock

__all__ = ["KnownClients", "valid_client"]

#: How old they may be while the store tells of no change: should its word be lost on the way (a network
#: that is cut, say), a revoked key is not taken for longer than this.
_AGE_MAX: Final = timedelta(seconds=1)
#: The same while the store does not answer.
_AGE_MAX_ALONE: Final = timedelta(minutes=15)
#: How long a read may take, seconds, and when the next one is tried after one that failed.
_READ_SECONDS: Final = 0.15
_REST: Final = timedelta(seconds=2)


class _Read(NamedTuple):
    """What the store said."""

    at: datetime
    #: Said before they were read: a change in between makes them be read once more, not once less.
    version: tuple[int, ...]
    clients: Sequence[Client]


class KnownClients:
    """What *read* said last, as long as *version* says the same as then."""

    def __init__(
        self, read: Callable[[], Sequence[Client]], version: Callable[[], tuple[int, ...]], clock: Clock
    ) -> None:
        self._read, self._version, self._clock = read, version, clock
        #: None: to be read.
        self._known: _Read | None = None
        #: Until then the store is not asked.
        self._resting_until: datetime | None = None

    def forget(self) -> None:
        """Read them before the next answer: one was changed here."""
        self._known = self._resting_until = None

    def with_key(self, digest: str) -> Client | None:
        """Return the client whose valid key has this digest, or None.

        Raises Unavailable when the store does not answer, and what is known does not tell, or is too old.
        """
        now, known = self._clock.now(), self._known
        if known is not None and self._is_as_it_was(known, now):
            return valid_client(known.clients, digest)
        try:
            known = self._known = self._in_time(now)
        except Unavailable:
            found = None
            if known is not None and now < known.at + _AGE_MAX_ALONE:
                found = valid_client(known.clients, digest)
            if found is None:
                raise
            return found
        return valid_client(known.clients, digest)

    def _is_as_it_was(self, known: _Read, now: datetime) -> bool:
        """Tell whether no client changed since, as far as the store can be asked without waiting."""
        # Who had to wait for the store does not ask it here again, but where waiting has an end.
        if self._resting_until is not None or not known.at <= now < known.at + _AGE_MAX:
            return False
        try:
            return self._version() == known.version
        except Unavailable:
            return False

    def _in_time(self, now: datetime) -> _Read:
        """Read them; raises Unavailable when that fails, takes too long, or did so a moment ago."""
        if self._known is None:  # nothing else can tell, so there is nothing to be gained
            return self._now(now)
        if self._resting_until is not None and now < self._resting_until:
            raise Unavailable("The store does not answer; the key cannot be looked up now.")
        reading: Future[_Read] = Future()
        threading.Thread(target=self._into, args=(reading, now), name="read clients", daemon=True).start()
        try:
            known = reading.result(_READ_SECONDS)
        except (Unavailable, TimeoutError) as error:
            self._resting_until = now + _REST
            raise Unavailable("The store does not answer; the key cannot be looked up now.") from error
        self._resting_until = None
        return known

    def _now(self, now: datetime) -> _Read:
        version = self._version()
        return _Read(now, version, self._read())

    def _into(self, reading: Future[_Read], now: datetime) -> None:
        try:
            reading.set_result(self._now(now))
        except TidewaiterError as error:
            reading.set_exception(error)


def valid_client(clients: Sequence[Client], digest: str) -> Client | None:
    """Return the client whose key has this digest and is not revoked."""
    found = None
    # No early end: the time of a look-up tells nothing of how near a guess came.
    for client in clients:
        if hmac.compare_digest(client.key_sha256, digest) and client.revoked_at is None:
            found = client
    return found
