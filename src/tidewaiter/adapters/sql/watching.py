"""Whether a client changed since it was last read, asked with each request, so it must cost next to nothing.

SQLite counts the rows, 5 microseconds; a client is only ever added or revoked, so two numbers tell.
PostgreSQL would take a round trip for that, so there a trigger notifies every process as a change
commits, and asking looks whether something has arrived on the socket, without waiting (decision 0017).
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from typing import Any, Final

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

__all__ = ["ClientsWatch", "CountedClients", "NotifiedClients"]

#: What the trigger of migration 0011 notifies.
_CHANNEL: Final = "tidewaiter_client"


class ClientsWatch(ABC):
    """Says whether clients may have changed; one connection, opened when it is first asked."""

    def __init__(self, reader: Engine) -> None:
        self._reader = reader
        self._connection: Any = None
        self._turn = threading.Lock()

    def version(self) -> tuple[int, ...]:
        """Return what differs from before when a client was added or revoked since, by any process.

        Raises DBAPIError when the database cannot be asked.
        """
        with self._turn:
            try:
                if self._connection is None:
                    self._connection = self._opened()
                return self._asked(self._connection)
            except self._reader.dialect.loaded_dbapi.Error as error:
                self._forget()
                # As SQLAlchemy does for its own statements, so that one place translates.
                raise DBAPIError.instance(
                    None, None, error, self._reader.dialect.loaded_dbapi.Error
                ) from error

    def close(self) -> None:
        """Close the connection."""
        with self._turn:
            self._forget()

    def _opened(self) -> Any:
        """Return a connection of the driver that no pool waits for."""
        checked_out = self._reader.raw_connection()
        connection = checked_out.driver_connection
        checked_out.detach()
        return connection

    def _forget(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @abstractmethod
    def _asked(self, connection: Any) -> tuple[int, ...]:
        """Ask it."""


class CountedClients(ClientsWatch):
    """Counts clients, and those revoked, in the file."""

    def _asked(self, connection: Any) -> tuple[int, ...]:
        found: tuple[int, int] = connection.execute(
            "SELECT count(*), count(revoked_at) FROM client"
        ).fetchone()
        return found


class NotifiedClients(ClientsWatch):
    """Counts what the server notified; a connection that was lost counts as a change."""

    def __init__(self, reader: Engine) -> None:
        super().__init__(reader)
        self._changes = 0

    def _opened(self) -> Any:
        connection = super()._opened()
        connection.autocommit = True
        connection.execute(f"LISTEN {_CHANNEL}")
        self._changes += 1
        return connection

    def _asked(self, connection: Any) -> tuple[int, ...]:
        connection.pgconn.consume_input()
        while connection.pgconn.notifies() is not None:
            self._changes += 1
        return (self._changes,)
