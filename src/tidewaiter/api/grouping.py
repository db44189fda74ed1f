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

from tidewaiter.core.errors import TidewaiterError, Unavailable

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
        #: Held while something enters the queue, so that nothing enters behind its end.
        self._entry = threading.Lock()
        self._open = True
        self._thread.start()

    def submit(self, asked: Asked) -> Future[Given]:
        """Return the future reply to *asked*; raises Unavailable when too many wait or when closed."""
        future: Future[Given] = Future()
        with self._entry:
            if not self._open:
                raise Unavailable("The service is stopping; send the message again.")
            try:
                self._waiting.put_nowait((asked, future))
            except queue.Full:
                raise Unavailable(
                    f"{QUEUE_MAX} requests wait already; send the message again later."
                ) from None
        return future

    def close(self) -> None:
        """Answer what waits, then stop."""
        with self._entry:
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
            # Nobody works for a caller who went away while waiting; from here on he cannot go any more.
            self._answer([entry for entry in group if entry[1].set_running_or_notify_cancel()])
            if stop:
                return

    def _answer(self, group: Sequence[tuple[Asked, Future[Given]]]) -> None:
        """Give each caller of *group* the reply, or the error."""
        if not group:
            return
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
            for future, reply in answered:
                future.set_result(reply)
