"""An answer in time: the decision if it comes within the budget, else the stand-in.

What may be waited for is a deadline that is given when the message was read.  Whoever would wait
longer in the queue, meets a store that fails, or comes while it has just failed often, is stood in
for at once; now and then one is let through, to see whether the store answers again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

import structlog

from tidewaiter.api.grouping import Grouping
from tidewaiter.core.deadline import Breaker, Deadline
from tidewaiter.core.declaration import Declaration
from tidewaiter.core.errors import StandInNotKept, Unavailable
from tidewaiter.flow.messages import Incoming, Reply
from tidewaiter.flow.standin import StandIns

__all__ = ["BATCH_SECONDS", "InTime"]

_log = structlog.get_logger(__name__)

#: How long a batch of hundreds may wait for its decisions.
BATCH_SECONDS: Final = 8.0
#: Stand-ins that are made durable together.
_THREADS: Final = 8

_Asked = Incoming[Declaration]
_Read = TypeVar("_Read")


class InTime:
    """Stands in front of the queue; used on the event loop alone."""

    def __init__(
        self,
        grouping: Grouping[_Asked, Reply],
        assess: Callable[[Sequence[_Asked]], Sequence[Reply]],
        stand_ins: StandIns | None,
        *,
        budget: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._grouping, self._assess, self._stand_ins = grouping, assess, stand_ins
        self._budget, self._clock = budget, clock
        self._breaker = Breaker()
        # Threads of their own: those of everybody may all wait for the store.
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="stand in")

    async def one(self, asked: _Asked) -> tuple[Reply, bool]:
        """Return the reply, and whether it stands in; raises StandInNotKept, or what the store says."""
        if self._stand_ins is None:
            return await asyncio.wrap_future(self._grouping.submit(asked)), False
        now = self._clock()
        deadline = Deadline(at=now + self._budget)
        try:
            if not self._too_many(deadline, now) and self._breaker.allows(now):
                return await self._decided(asked, deadline), False
        except (Unavailable, TimeoutError) as why:
            self._failed(why)
        reply = await asyncio.get_running_loop().run_in_executor(self._threads, self._stand_ins, asked)
        return reply, True

    async def read(self, reading: Callable[[], _Read]) -> _Read:
        """Return what *reading* gives, which may need the store; raises StandInNotKept when that is slow.

        Nothing can stand in for what could not be read: an amendment, say, that names what it changes.
        """
        if self._stand_ins is None:
            return await asyncio.to_thread(reading)
        try:
            async with asyncio.timeout(self._budget):
                return await asyncio.to_thread(reading)
        except (Unavailable, TimeoutError) as why:
            raise StandInNotKept from why

    async def many(self, asked: Sequence[_Asked]) -> list[Reply]:
        """Return the replies of a batch, in order; where it cannot be decided, all of it is stood in for."""
        if not asked:
            return []
        if self._stand_ins is None:
            return list(await asyncio.to_thread(self._assess, asked))
        try:
            if self._breaker.allows(self._clock()):
                async with asyncio.timeout(BATCH_SECONDS):
                    replies = list(await asyncio.to_thread(self._assess, asked))
                self._breaker.succeeded()
                return replies
        except (Unavailable, TimeoutError) as why:
            self._failed(why)
        running, stand_ins = asyncio.get_running_loop(), self._stand_ins
        stated = [running.run_in_executor(self._threads, stand_ins, each) for each in asked]
        return await asyncio.gather(*stated)

    def close(self) -> None:
        """Give the threads back."""
        self._threads.shutdown()

    def _too_many(self, deadline: Deadline, now: float) -> bool:
        """Tell whether *deadline* would pass in the queue; that says nothing of the store.

        A lone caller is let through: nothing but a try shows that groups are fast again.
        """
        return self._grouping.waiting > 0 and self._grouping.expected_wait > deadline.left(now)

    async def _decided(self, asked: _Asked, deadline: Deadline) -> Reply:
        """Return the decision; raises TimeoutError when it does not come before *deadline*."""
        # Whoever goes away while he waits is taken out of the queue; what is being decided is decided.
        async with asyncio.timeout(deadline.left(self._clock())):
            reply = await asyncio.wrap_future(self._grouping.submit(asked))
        self._breaker.succeeded()
        return reply

    def _failed(self, why: Exception) -> None:
        was_open = self._breaker.open
        self._breaker.failed(self._clock())
        if self._breaker.open and not was_open:
            _log.error(
                "Declarations are stood in for.", action="standing_in",
                why=str(why) or f"no decision within {self._budget} s",
            )  # fmt: skip
