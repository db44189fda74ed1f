"""Reads that somebody must answer for: recorded in the ledger before anything is handed out.

Source: OWASP ASVS 5.0.0, 16.3.2 and 16.5.3 (a read that cannot be logged does not happen).
"""

from __future__ import annotations

from typing import Final

from tidewaiter.flow.ports import Clock, Store

__all__ = ["ACCESS", "Accesses"]

#: Kind of the entry.
ACCESS: Final = "access"


class Accesses:
    """Records accesses; whoever reads calls it first, and hands out nothing when it fails."""

    def __init__(self, *, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock

    def record(self, what: str, *, by: str, **details: str | int) -> None:
        """Record that *by* reads *what*; *details* say which part of it, and why.

        Raises Unavailable when the store cannot be written: then it must not be read either.
        """
        at = self._clock.now()
        content = {**details, "what": what, "by": by, "at": at.isoformat()}
        with self._store.write() as work:
            work.add_leaf(ACCESS, what, content, at)
