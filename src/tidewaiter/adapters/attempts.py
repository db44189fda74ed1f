"""How often somebody may try to sign in: the port :class:`~tidewaiter.flow.ports.AttemptLimit`.

Counted in the memory of this process.  What holds among processes is the growing delay after
failures, which is in the store.
"""

from __future__ import annotations

from typing import Final

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

__all__ = ["MovingWindow"]

#: A person mistypes a few times; a whole office may share one address.
_PER_NAME: Final = RateLimitItemPerMinute(10)
_PER_ADDRESS: Final = RateLimitItemPerMinute(30)


class MovingWindow:
    """Ten attempts a minute with a name, thirty from an address, over any sixty seconds."""

    def __init__(
        self, *, per_name: RateLimitItem = _PER_NAME, per_address: RateLimitItem = _PER_ADDRESS
    ) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._per_name = per_name
        self._per_address = per_address

    def admits(self, name: str, address: str) -> bool:
        """Count an attempt with a name from an address; tell whether it may be looked at.

        An attempt that the address is refused does not count against the name.
        """
        return self._limiter.hit(self._per_address, "address", address) and self._limiter.hit(
            self._per_name, "name", name
        )
