"""How often somebody may try to sign in: the port :class:`~tidewaiter.flow.ports.AttemptLimit`.

Counted in the memory of this process.  What holds among processes is the growing delay after
failures, which is in the store.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from limits import RateLimitItem
    from limits.strategies import MovingWindowRateLimiter

__all__ = ["MovingWindow"]

#: A person mistypes a few times; a whole office may share one address.
_PER_NAME: Final = 10
_PER_ADDRESS: Final = 30


class MovingWindow:
    """Ten attempts a minute with a name, thirty from an address, over any sixty seconds."""

    def __init__(self, *, per_name: int = _PER_NAME, per_address: int = _PER_ADDRESS) -> None:
        self._per_name = per_name
        self._per_address = per_address

    def admits(self, name: str, address: str) -> bool:
        """Count an attempt with a name from an address; tell whether it may be looked at.

        An attempt that the address is refused does not count against the name.
        """
        limiter, per_name, per_address = self._limits
        return limiter.hit(per_address, "address", address) and limiter.hit(per_name, "name", name)

    @cached_property
    def _limits(self) -> tuple[MovingWindowRateLimiter, RateLimitItem, RateLimitItem]:
        """Return what counts, and the limits by name and by address; a start need not wait for it."""
        from limits import RateLimitItemPerMinute
        from limits.storage import MemoryStorage
        from limits.strategies import MovingWindowRateLimiter

        limiter = MovingWindowRateLimiter(MemoryStorage())
        return limiter, RateLimitItemPerMinute(self._per_name), RateLimitItemPerMinute(self._per_address)
