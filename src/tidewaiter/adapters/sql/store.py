"""The operational store in SQL: one writer at a time, durable when a write has ended."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import URL

from tidewaiter.adapters.sql import engine, upgrade
from tidewaiter.adapters.sql.content import Content
from tidewaiter.adapters.sql.decisions import Decisions
from tidewaiter.adapters.sql.declarations import Declarations
from tidewaiter.adapters.sql.erasures import Erasures
from tidewaiter.adapters.sql.events import Events
from tidewaiter.adapters.sql.inspections import Inspections
from tidewaiter.adapters.sql.ledger import Ledger
from tidewaiter.adapters.sql.overrides import Overrides
from tidewaiter.adapters.sql.people import People
from tidewaiter.adapters.sql.profiles import Profiles
from tidewaiter.adapters.sql.sign_on import SignOn
from tidewaiter.adapters.sql.translate import translated
from tidewaiter.core.errors import Unavailable
from tidewaiter.flow.ports import UnitOfWork

__all__ = ["FILE_NAME", "SqlStore", "SqlUnitOfWork", "store_url"]

#: The store within a data folder.
FILE_NAME: Final = "tidewaiter.db"


def store_url(folder: Path) -> str:
    """Return the URL of the store in a data folder."""
    return URL.create("sqlite", database=str(folder / FILE_NAME)).render_as_string()


class SqlUnitOfWork(
    Declarations, Decisions, Content, Ledger, Events, Overrides, People, SignOn, Inspections, Erasures,
    Profiles,
):  # fmt: skip
    """One transaction on a SQL database: the port :class:`~tidewaiter.flow.ports.UnitOfWork`."""


class SqlStore:
    """The port :class:`~tidewaiter.flow.ports.Store` on a SQLite file or a PostgreSQL database.

    Opening it makes the file, but no database, and brings the schema to the newest version.  Raises
    ConfigurationError when it cannot serve, Unavailable when it cannot be reached now.
    """

    def __init__(self, url: str) -> None:
        self._database, self.url = engine.database(url)
        self._turn = threading.Lock()
        self._writing_thread: int | None = None
        self._writer = self._database.open_engine(self.url, writing=True)
        self._reader = self._database.open_engine(self.url, writing=False)
        self._clients = self._database.clients_watch(self._reader)
        with ExitStack() as undone:
            undone.callback(self.close)
            with translated():
                with self._writer.connect() as connection:
                    self._database.check_settings(connection)
                upgrade.upgrade(self._writer, self._reader)
            undone.pop_all()

    @contextmanager
    def write(self) -> Iterator[UnitOfWork]:
        """Open a writing transaction: commits at the end, rolls back when an exception leaves it.

        One writer at a time, in this process (a lock) and among processes (BEGIN IMMEDIATE on
        SQLite, an advisory lock on PostgreSQL); durable when the block has ended.  Raises Unavailable
        when the turn does not come within ten seconds, or when the database failed.  Then nothing of
        the block is recorded, unless it failed while it committed: what was sent is sent again, and
        found if it is recorded.
        """
        with self._one_at_a_time(), translated(), self._writer.connect() as connection, connection.begin():
            work = SqlUnitOfWork(connection, writing=True)
            yield work
            work.require_sound()

    @contextmanager
    def read(self) -> Iterator[UnitOfWork]:
        """Open a reading transaction: one consistent view, from its first look-up on."""
        with translated(), self._reader.connect() as connection, connection.begin():
            yield SqlUnitOfWork(connection, writing=False)

    @contextmanager
    def alone(self, work: str) -> Iterator[bool]:
        """Give whether this is the only one, among all processes on the store, that does *work* now.

        So it is until the block ends, or the process, in whatever way.  Raises Unavailable when the
        database does not answer.
        """
        with translated(), self._database.alone(self._reader, work) as ours:
            yield ours

    def clients_version(self) -> tuple[int, ...]:
        """Return what differs from before when a client was added or revoked since, by any process.

        Microseconds; raises Unavailable when the database does not answer.
        """
        with translated():
            return self._clients.version()

    def close(self) -> None:
        """Release connections and files; the writer goes last, so that it makes the last checkpoint."""
        with translated():
            self._clients.close()
            self._reader.dispose()
            self._writer.dispose()

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        """Wait for the turn to write."""
        if self._writing_thread == threading.get_ident():
            raise RuntimeError("BUG: a writing transaction was opened inside another one")
        if not self._turn.acquire(timeout=self._database.BUSY_TIMEOUT_SECONDS):
            raise Unavailable(
                "The store is busy: another writing transaction did not end in time. Try again."
            )
        self._writing_thread = threading.get_ident()
        try:
            yield
        finally:
            self._writing_thread = None
            self._turn.release()
