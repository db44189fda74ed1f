"""A store whose writing transactions fail: at the commit, as on a full disk, or before they begin."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from tidewaiter.core.errors import Unavailable
from tidewaiter.flow.ports import Store, UnitOfWork

__all__ = ["FailingStore"]


class FailingStore:
    """The port `Store` in front of another store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        #: How many of the next writing transactions fail.
        self.failures = 0
        #: Whether none can begin.
        self.locked = False

    @contextmanager
    def write(self) -> Iterator[UnitOfWork]:
        """Open a writing transaction; while failures are due, it rolls back at its end."""
        if self.locked:
            raise Unavailable("The store is not available: locked.")
        with self.store.write() as uow:
            yield uow
            if self.failures:
                self.failures -= 1
                raise Unavailable("The store is not available: disk full.")

    def read(self) -> AbstractContextManager[UnitOfWork]:
        """Open a reading transaction."""
        return self.store.read()

    def alone(self, work: str) -> AbstractContextManager[bool]:
        """Give whether this is the only one that does *work* now."""
        return self.store.alone(work)

    def clients_version(self) -> tuple[int, ...]:
        """Return what differs when a client changed."""
        return self.store.clients_version()

    def close(self) -> None:
        """Close the store behind."""
        self.store.close()
