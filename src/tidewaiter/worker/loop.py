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
        self._told: str | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def __enter__(self) -> Self:
        """Start."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop after the step in progress, and do a last one for what came meanwhile."""
        self._stopping.set()
        self._thread.join()
        self._stepped()

    def _run(self) -> None:
        while not self._stopping.is_set():
            if not self._stepped():
                self._stopping.wait(self._every)

    def _stepped(self) -> bool:
        """Do a step; return whether there is more.  A failure is told once, until it is another one."""
        try:
            more = self._step()
        except TidewaiterError as error:
            if self._told != error.message:
                told = {"work": self._thread.name, "why": error.message}
                logger.warning("background work failed", extra=told)
            self._told = error.message
            return False
        self._told = None
        return more
