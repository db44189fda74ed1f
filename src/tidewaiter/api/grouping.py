"""Group waiting requests: what waits together is decided and committed together.

A durable commit costs a millisecond or more, and so does the model, whether for one decision or for
thirty; so one thread takes all that waits, runs the use case once and gives each caller its own reply.

Systems that speak over several connections answer each reply with their next message, so the thread
gives those whom it has just answered a moment to come back.  Without it groups fall apart into
halves that wait for each other (`bench/service.py` measures it).  A lone caller never waits for
company.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Final, Generic, TypeVar

from tidewaiter.core.errors import TidewaiterError, Unavailable

__all__ = ["Grouping"]

Asked = TypeVar("Asked")
Given = TypeVar("Given")

GROUP_MAX: Final = 32
QUEUE_MAX: Final = 1024

#: How long those who were answered together have to come back together.
RETURN_SECONDS: Final = 0.005


class Grouping(Generic[Asked, Given]):
    """One worker thread in front of a use case that takes many requests at once."""

    def __init__(self, work: Callable[[Sequence[Asked]], Sequence[Given]], name: str) -> None:
        self._work = work
        self._waiting: deque[tuple[Asked, Future[Given]]] = deque()
        #: Held while what waits is changed; notified when enough wait, and at the end.
        self._change = threading.Condition()
        #: How many must wait for the worker to begin.
        self._enough = 1
        #: Seconds that the last group took.
        self._took = 0.0
        self._open = True
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """Return how many wait."""
        return len(self._waiting)

    @property
    def expected_wait(self) -> float:
        """Return how many seconds one who comes now will wait, if groups go on taking as long as the last."""
        return self._took * (1 + len(self._waiting) // GROUP_MAX)

    def submit(self, asked: Asked) -> Future[Given]:
        """Return the future reply to *asked*; raises Unavailable when too many wait or when closed."""
        future: Future[Given] = Future()
        with self._change:
            if not self._open:
                raise Unavailable("The service is stopping; send the message again.")
            if len(self._waiting) >= QUEUE_MAX:
                raise Unavailable(f"{QUEUE_MAX} requests wait already; send the message again later.")
            self._waiting.append((asked, future))
            if len(self._waiting) >= self._enough:
                self._change.notify()
        return future

    def close(self) -> None:
        """Answer what waits, then stop."""
        with self._change:
            self._open = False
            self._change.notify()
        self._thread.join()

    def _run(self) -> None:
        company = 1
        while group := self._next(company):
            # Nobody works for a caller who went away while waiting; from here on he cannot go any more.
            self._answer([entry for entry in group if entry[1].set_running_or_notify_cancel()])
            company = len(group) + len(self._waiting)

    def _next(self, company: int) -> list[tuple[Asked, Future[Given]]]:
        """Take the next group; *company* are expected shortly.  Empty: closed, and nothing waits."""
        with self._change:
            self._enough = min(company, GROUP_MAX)
            self._change.wait_for(self._is_enough, RETURN_SECONDS)
            self._enough = 1
            self._change.wait_for(self._is_enough)
            return [self._waiting.popleft() for _ in range(min(GROUP_MAX, len(self._waiting)))]

    def _is_enough(self) -> bool:
        return len(self._waiting) >= self._enough or not self._open

    def _answer(self, group: Sequence[tuple[Asked, Future[Given]]]) -> None:
        """Give each caller of *group* the reply, or the error."""
        if not group:
            return
        began = time.monotonic()
        try:
            replies = self._work([asked for asked, _ in group])
            answered = list(zip((future for _, future in group), replies, strict=True))
        except TidewaiterError as error:
            for _, future in group:
                future.set_exception(error)
        except Exception as error:  # noqa: BLE001 - the edge of a request: its caller gets the error
            if len(group) == 1:
                group[0][1].set_exception(error)
                return
            # One of them is the cause, and only that one shall fail.
            for entry in group:
                self._answer([entry])
        else:
            self._took = time.monotonic() - began
            for future, reply in answered:
                future.set_result(reply)
