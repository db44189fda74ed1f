"""One thread that does a step of work whenever some is due."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Self

from tidewaiter.core.errors import TidewaiterError

__all__ = ["Loop"]

logger = logging.getLogger(__name__)


class Loop:
    """Runs *step* every so many seconds, and at once again while it says that there is more.

    A step that fails is logged and tried again at the next turn: the store may be busy, a file may be
    locked.  A fault of ours ends the thread with its traceback in the log, and never the service.
    """

    def __init__(self, name: str, step: Callable[[], bool], *, every_seconds: float) -> None:
        self._step = step
        self._every = every_seconds
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def __enter__(self) -> Self:
        """Start."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop after the step in progress."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                more = self._step()
            except TidewaiterError as error:
                logger.warning("background work failed", extra={"work": self._thread.name, "why": str(error)})
                more = False
            if not more:
                self._stopping.wait(self._every)
