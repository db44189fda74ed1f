"""When to try again what could not be delivered: growing waits, and after three days a person decides."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Final

__all__ = ["PAUSE_MAX", "WAITS", "pause_after", "wait_after"]

#: The wait after the first, second … failure; they grow, as Standard Webhooks recommends.
WAITS: Final = (
    timedelta(seconds=5),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
#: The longest pause before a subscriber that cannot be reached is tried again.
PAUSE_MAX: Final = timedelta(minutes=5)
#: Part of a wait by which it may be longer.
_SPREAD: Final = 0.2


def wait_after(failures: int, event: str) -> timedelta | None:
    """Return the wait after so many *failures* (from 1) to deliver *event*; None: give up.

    Waits of events that failed together differ by up to a fifth, so that they do not come back
    together; the same event and count give the same wait.
    """
    if failures > len(WAITS):
        return None
    digest = hashlib.sha256(f"{event}|{failures}".encode()).digest()
    part = int.from_bytes(digest[:4], "big") / 2**32
    return WAITS[failures - 1] * (1 + _SPREAD * part)


def pause_after(failures: int) -> timedelta:
    """Return the pause after so many *failures* in a row (from 1) to reach a subscriber: 1, 2, 4 … s."""
    return min(timedelta(seconds=2 ** min(failures - 1, 20)), PAUSE_MAX)
