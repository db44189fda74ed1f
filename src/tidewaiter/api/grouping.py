"""Group waiting requests: what waits together is decided and committed together.

A durable commit costs a few milliseconds whether it holds one decision or thirty, so one thread
takes all that waits (there is no timer: a lone request never waits for company), runs the use case
once and gives each caller its own reply.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Final, Generic, TypeVar

from tidewaiter.core.errors import Unavailable

__all__ = ["Grouping"]

Asked = TypeVar("Asked")
Given = TypeVar("Given")

GROUP_MAX: Final = 32
QUEUE_MAX: Final = 1024


class Grouping(Generic[Asked, Given]):
    """One worker thread in front of a use case that takes many requests at once."""

    def __init__(self, work: Callable[[Sequence[Asked]], Sequence[Given]], name: str) -> None:
        self._work = work
        self._waiting: queue.Queue[tuple[Asked, Future[Given]] | None] = queue.Queue(QUEUE_MAX)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._open = True
        self._thread.start()

    def submit(self, asked: Asked) -> Future[Given]:
        """Return the future reply to *asked*; raises Unavailable when too many wait or when closed."""
        if not self._open:
            raise Unavailable("The service is stopping; send the message again.")
        future: Future[Given] = Future()
        try:
            self._waiting.put_nowait((asked, future))
        except queue.Full:
            raise Unavailable(f"{QUEUE_MAX} requests wait already; send the message again later.") from None
        return future

    def close(self) -> None:
        """Take no more requests, answer those that wait, and stop."""
        self._open = False
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (first := self._waiting.get()) is not None:
            group = [first]
            stop = False
            while len(group) < GROUP_MAX and not stop:
                try:
                    following = self._waiting.get_nowait()
                except queue.Empty:
                    break
                if following is None:
                    stop = True
                else:
                    group.append(following)
            self._answer(group)
            if stop:
                return

    def _answer(self, group: Sequence[tuple[Asked, Future[Given]]]) -> None:
        try:
            replies = self._work([asked for asked, _ in group])
        except Exception as error:  # noqa: BLE001 - the edge of a request: each caller gets the error
            for _, future in group:
                future.set_exception(error)
            return
        for (_, future), reply in zip(group, replies, strict=True):
            future.set_result(reply)
