"""Deadlines and breakers: how long may be waited, and when waiting is of no use.

Time is passed in, in seconds of a clock that never goes back; nothing here reads one.

Source: the circuit breaker of M. Nygard, Release It!, 2nd edition, 2018, chapter 5.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

__all__ = ["FAILURES", "PROBE_SECONDS", "WINDOW_SECONDS", "Breaker", "Deadline"]

#: So many failures within the window open a breaker.
FAILURES: Final = 5
WINDOW_SECONDS: Final = 10.0
#: An open breaker lets one through so often, to see whether it succeeds.
PROBE_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """The instant by which an answer must have left, passed down to whoever works for it."""

    #: Seconds of the clock.
    at: float

    def left(self, now: float) -> float:
        """Return how many seconds are left, 0 when none are."""
        return max(0.0, self.at - now)


class Breaker:
    """Lets work through while it succeeds; after too many failures only a probe now and then."""

    def __init__(self) -> None:
        self._failed: deque[float] = deque(maxlen=FAILURES)
        #: When the last probe went, or the breaker opened; None: it is closed.
        self._probed: float | None = None

    @property
    def open(self) -> bool:
        """Tell whether only probes go through."""
        return self._probed is not None

    def allows(self, now: float) -> bool:
        """Tell whether work may go through *now*; an open breaker counts it as its probe."""
        if self._probed is None:
            return True
        if now - self._probed < PROBE_SECONDS:
            return False
        self._probed = now
        return True

    def succeeded(self) -> None:
        """Take note of a success: closes the breaker."""
        if self._probed is not None:
            self._probed = None
            self._failed.clear()

    def failed(self, now: float) -> None:
        """Take note of a failure; the last of too many within the window opens the breaker."""
        self._failed.append(now)
        if self._probed is None and len(self._failed) == FAILURES and now - self._failed[0] <= WINDOW_SECONDS:
            self._probed = now
