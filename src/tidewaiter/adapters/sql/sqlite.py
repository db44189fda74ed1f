"""Connections to SQLite: pragmas, the kind of BEGIN, and what is checked at open.

The settings, and why (`bench/store.py` measures what durability costs):

- WAL with ``synchronous=FULL``: the log is synced at each commit.  With NORMAL a power cut loses
  acknowledged decisions (the power-cut test shows it).
- A writer begins with BEGIN IMMEDIATE: it waits for its turn before it reads, so it never finds
  at commit that what it read is stale.
- Readers are separate connections, cannot write (``query_only``) and never checkpoint.
- SQLite 3.7.0 to 3.51.2 can corrupt a database when two connections write or checkpoint at the
  same instant while the WAL is reset (fixed in 3.51.3).  Inside one process this cannot happen
  here: one writer at a time, and only the writer checkpoints, within its commit.  Several
  processes on one file with such a version run a small risk, so the version is checked and a
  warning is logged.
"""

from __future__ import annotations

import fcntl
import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from tidewaiter.adapters.sql.watching import CountedClients
from tidewaiter.core.errors import ConfigurationError, Unavailable

__all__ = [
    "BUSY_TIMEOUT_SECONDS",
    "PRAGMAS",
    "alone",
    "check_settings",
    "check_version",
    "clients_watch",
    "open_engine",
    "prepared_url",
]

#: How long a writer waits for its turn.
BUSY_TIMEOUT_SECONDS: Final = 10
_WAL_RESET_FIXED: Final = (3, 51, 3)
_OLDEST: Final = (3, 35, 0)
_READERS_KEPT: Final = 5
_READERS_MORE: Final = 27

logger = logging.getLogger(__name__)
# Without logging set up, the version warning must not appear in the output of every command.
logger.addHandler(logging.NullHandler())

#: Settings of every connection.
PRAGMAS: Final = (
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_SECONDS * 1000}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    # A large import must not leave a log of its size on the disk for as long as a process runs.
    "PRAGMA journal_size_limit = 67108864",
)
_READER: Final = ("PRAGMA wal_autocheckpoint = 0", "PRAGMA query_only = ON")
#: Pragma -> what it must say, checked on the writer at open.
_EXPECTED: Final[dict[str, str | int]] = {
    "journal_mode": "wal",
    "synchronous": 2,
    "foreign_keys": 1,
    "busy_timeout": BUSY_TIMEOUT_SECONDS * 1000,
}


def prepared_url(url: URL) -> URL:
    """Return the URL of the store, whose file exists afterwards, readable by its owner alone.

    Raises ConfigurationError for a store that is no file or a SQLite that is too old, Unavailable
    when the file cannot be made.
    """
    check_version()
    if url.database in {None, "", ":memory:"}:
        raise ConfigurationError(
            f"The store {url.render_as_string()!r} is not a SQLite file: write sqlite:///folder/tidewaiter.db."
        )
    path = Path(str(url.database))
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # SQLite gives its -wal and -shm files the mode of the database file.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise Unavailable(f"The store cannot be opened at {path}: {error.strerror}.") from error
    return url


def open_engine(url: URL, *, writing: bool) -> Engine:
    """Return an engine of connections that only read, or of the one connection that writes."""
    sizes = (1, 0) if writing else (_READERS_KEPT, _READERS_MORE)
    engine = create_engine(url, pool_size=sizes[0], max_overflow=sizes[1], pool_timeout=BUSY_TIMEOUT_SECONDS)
    pragmas = PRAGMAS if writing else PRAGMAS + _READER
    begin = "BEGIN IMMEDIATE" if writing else "BEGIN"

    @event.listens_for(engine, "connect")
    def connect(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        # SQLAlchemy's recipe: the driver begins nothing by itself, the hook below does.
        driver: Any = connection
        driver.isolation_level = None
        cursor = driver.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine, "begin")
    def do_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


@contextmanager
def alone(reader: Engine, work: str) -> Iterator[bool]:
    """Give whether this is the only one that does *work* now: a lock on a file beside the database.

    Raises Unavailable when the file cannot be made.
    """
    path = Path(f"{reader.url.database}-{work}.lock")
    try:
        lock = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise Unavailable(f"The file {path} cannot be opened: {error.strerror}.") from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            ours = True
        except BlockingIOError:
            ours = False
        yield ours
    finally:
        os.close(lock)  # gives the lock back, too


def clients_watch(reader: Engine) -> CountedClients:
    """Return what says whether clients changed."""
    return CountedClients(reader)


def check_settings(connection: Connection) -> None:
    """Raise ConfigurationError when the database did not take a setting that durability needs."""
    for pragma, expected in _EXPECTED.items():
        found = connection.exec_driver_sql(f"PRAGMA {pragma}").scalar()
        if found != expected:
            raise ConfigurationError(
                f"SQLite keeps {pragma} = {found} where {expected} is needed; "
                "put the data folder on a local disk (network file systems have no shared memory)."
            )


def check_version(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> None:
    """Refuse a SQLite that is too old; warn of one that carries the WAL-reset fault."""
    shown = ".".join(map(str, version))
    if version < _OLDEST:
        raise ConfigurationError(
            f"SQLite {shown} is too old: {'.'.join(map(str, _OLDEST))} or later is needed."
        )
    if version < _WAL_RESET_FIXED:
        logger.warning(
            "SQLite %s carries the WAL-reset fault (fixed in %s): let only one process at a time write.",
            shown,
            ".".join(map(str, _WAL_RESET_FIXED)),
            extra={"action": "sqlite_version_old", "version": shown},
        )
