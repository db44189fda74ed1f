"""Connections to PostgreSQL: settings, the order of writers, and what is checked at open.

The settings, and why:

- A writer begins by taking one advisory lock, which it holds until its transaction has ended.  So
  writers of all processes come one after the other, as on SQLite, and each sees all that the
  earlier ones committed (decision 0012).
- A writer is at READ COMMITTED: under REPEATABLE READ its view would be as old as its wait for the
  lock.  A reader is at REPEATABLE READ and read only: one consistent view, and no lock.
- ``synchronous_commit=on``: a commit returns when it is on disk.
- Who waits, runs or idles in a transaction too long is ended by the server, so that a process that
  hangs cannot keep the others from writing.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import URL, Connection, Dialect, Engine, create_engine, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from tidewaiter.adapters.sql.watching import NotifiedClients
from tidewaiter.core.errors import ConfigurationError

__all__ = [
    "BUSY_TIMEOUT_SECONDS",
    "RETRY_SECONDS",
    "WRITE_LOCK",
    "alone",
    "check_settings",
    "clients_watch",
    "open_engine",
    "prepared_url",
    "unhurried",
]

#: How long a writer waits for its turn.
BUSY_TIMEOUT_SECONDS: Final = 10
#: The advisory lock of writers: a number that nobody else takes by chance.
WRITE_LOCK: Final = int.from_bytes(b"tidewait", "big")

#: How long a server that could not be reached is left alone.
RETRY_SECONDS: Final = 0.25

_OLDEST: Final = 150_000
_READERS_KEPT: Final = 5
_READERS_MORE: Final = 5

logger = logging.getLogger(__name__)
# Without logging set up, a warning must not appear in the output of every command.
logger.addHandler(logging.NullHandler())

#: Settings of every connection.
_SETTINGS: Final = {
    "TimeZone": "UTC",
    "synchronous_commit": "on",
    "lock_timeout": f"{BUSY_TIMEOUT_SECONDS}s",
    "statement_timeout": "60s",
}
_WRITER: Final = {
    "default_transaction_isolation": "read committed",
    "default_transaction_read_only": "off",
    "idle_in_transaction_session_timeout": "60s",
}
_READER: Final = {
    "default_transaction_isolation": "repeatable read",
    "default_transaction_read_only": "on",
    # A walk through all of history may think for a while between two look-ups.
    "idle_in_transaction_session_timeout": "15min",
}
#: Options of the driver, where the URL does not give them: a machine that went away is noticed.
_NETWORK: Final = {
    "connect_timeout": "5",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
    "application_name": "tidewaiter",
    "client_encoding": "utf8",
}
#: Settings of the server without which a power cut or a bad disk may take what was acknowledged.
_SAFE: Final = ("fsync", "full_page_writes", "data_checksums")


def prepared_url(url: URL) -> URL:
    """Return the URL with our driver and its options; raises ConfigurationError without a database."""
    if url.drivername not in {"postgresql", "postgresql+psycopg"}:
        raise ConfigurationError(f"The store names the driver {url.drivername!r}: write postgresql://.")
    if not url.database:
        raise ConfigurationError(
            f"The store {url.render_as_string()!r} names no database: write postgresql://person@machine/database."
        )
    return url.set(drivername="postgresql+psycopg", query={**_NETWORK, **url.query})


def open_engine(url: URL, *, writing: bool) -> Engine:
    """Return an engine of connections that only read, or of the one connection that writes."""
    sizes = (1, 0) if writing else (_READERS_KEPT, _READERS_MORE)
    engine = create_engine(
        url,
        pool_size=sizes[0],
        max_overflow=sizes[1],
        pool_timeout=BUSY_TIMEOUT_SECONDS,
        # After a restart of the server the first request finds a new connection, not an error.
        pool_pre_ping=True,
        # `prepared` gives values by position.
        paramstyle="format",
    )
    settings = {**_SETTINGS, **(_WRITER if writing else _READER)}
    event.listen(engine, "do_connect", _Reaching())

    @event.listens_for(engine, "connect")
    def connect(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        driver: Any = connection
        driver.execute(
            f"SELECT {', '.join(['set_config(%s, %s, false)'] * len(settings))}",
            [word for setting in settings.items() for word in setting],
        )
        driver.commit()  # what a transaction sets goes with it

    if writing:

        @event.listens_for(engine, "begin")
        def do_begin(connection: Connection) -> None:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITE_LOCK})")

    return engine


class _Reaching:
    """Connects; while the server cannot be reached, tries once in a while and refuses at once in between.

    A try can take as long as ``connect_timeout``.  Were each request to try, all would wait for a
    machine that went away, one behind the other; so all but the first are told at once.
    """

    def __init__(self) -> None:
        self._failure: Exception | None = None
        self._again_at = 0.0

    def __call__(
        self, dialect: Dialect, _record: ConnectionPoolEntry, given: tuple[Any, ...], named: dict[str, Any]
    ) -> DBAPIConnection:
        """Return a connection; raises the driver's OperationalError."""
        failure = self._failure
        if failure is not None and time.monotonic() < self._again_at:
            raise dialect.loaded_dbapi.OperationalError(str(failure)) from failure
        # Whoever comes meanwhile does not wait for this try, if the last one failed.
        self._again_at = time.monotonic() + int(named.get("connect_timeout", 0)) + RETRY_SECONDS
        try:
            connection = dialect.connect(*given, **named)
        except dialect.loaded_dbapi.OperationalError as error:
            self._failure, self._again_at = error, time.monotonic() + RETRY_SECONDS
            raise
        self._failure = None
        return connection


@contextmanager
def alone(reader: Engine, work: str) -> Iterator[bool]:
    """Give whether this is the only one that does *work* now: an advisory lock of a transaction.

    The lock goes with the connection, so who lost the server has lost it, and learns so at the end.
    """
    number = int.from_bytes(sha256(f"tidewaiter {work}".encode()).digest()[:8], "big", signed=True)
    with reader.connect() as connection, connection.begin():
        yield connection.exec_driver_sql(f"SELECT pg_try_advisory_xact_lock({number})").scalar_one()


def clients_watch(reader: Engine) -> NotifiedClients:
    """Return what says whether clients changed."""
    return NotifiedClients(reader)


def unhurried(connection: Connection) -> None:
    """Let the statements of this transaction take as long as they need: a migration of a large table."""
    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")


def check_settings(connection: Connection) -> None:
    """Raise ConfigurationError when the database lacks what durability or order needs; warn of the rest."""
    found = connection.execute(
        text(
            "SELECT current_setting('server_version_num')::int AS version,"
            " current_setting('server_version') AS shown,"
            " current_setting('synchronous_commit') AS synchronous,"
            " pg_encoding_to_char(encoding) AS encoding, datlocprovider AS provider, datcollate AS collation "
            "FROM pg_database WHERE datname = current_database()"
        )
    ).one()
    if found.version < _OLDEST:
        raise ConfigurationError(
            f"PostgreSQL {found.shown} is too old: {_OLDEST // 10_000} or later is needed."
        )
    if found.synchronous != "on":
        raise ConfigurationError(
            f"PostgreSQL keeps synchronous_commit = {found.synchronous} where on is needed: "
            "a commit that returns before it is on disk can be lost after its answer has left."
        )
    if found.encoding != "UTF8" or not _bytewise(found.provider, found.collation):
        raise ConfigurationError(
            f"The database has the encoding {found.encoding}, the collation {found.collation}: make it with "
            "ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0. Any other order of text can change with the "
            "operating system, and then an index no longer finds what is recorded."
        )
    for setting in _SAFE:
        if connection.exec_driver_sql(f"SHOW {setting}").scalar() != "on":
            logger.warning(
                "PostgreSQL runs with %s = off: a power cut or a bad disk can take what was acknowledged.",
                setting,
                extra={"action": "postgresql_setting_unsafe", "setting": setting},
            )


def _bytewise(provider: str, collation: str) -> bool:
    """Tell whether text is ordered by its bytes, for ever: the C library's C, or PostgreSQL's own."""
    return collation in {"C", "POSIX"} if provider == "c" else provider == "b"
