"""Sequence: seal what was recorded, again and again while the service runs, and say how it stands.

A contradiction between store, files and key ends the sealing of this process for good: a ledger must
not go on as if nothing had happened.  Decisions go on, the readiness says it, and people look.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from tidewaiter.core.errors import Conflict
from tidewaiter.flow.seal import Sealed

__all__ = ["Sequencing"]

logger = logging.getLogger(__name__)


class Sequencing:
    """What the background does for the ledger."""

    def __init__(self, seal: Callable[[], Sealed]) -> None:
        self._seal = seal
        self._fault: str | None = None
        self._newest: str | None = None

    @property
    def fault(self) -> str | None:
        """Return why nothing is sealed any more; None: it goes on."""
        return self._fault

    @property
    def newest(self) -> str | None:
        """Return the newest signed checkpoint that this process made or found; None: none yet."""
        return self._newest

    def step(self) -> bool:
        """Seal what is new; return False: entries that come meanwhile wait for the next turn.

        Raises Unavailable when another process seals now, or when the store cannot be read.
        """
        if self._fault is None:
            try:
                self._newest = self._seal().note
            except Conflict as contradiction:
                self._fault = contradiction.message
                logger.exception("the ledger is not sealed any more")
        return False
