"""Stores on PostgreSQL for tests: one server a session, one database a test, copied from an empty one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import NullPool, create_engine, make_url

from tests.fakes.postgresql import server
from tidewaiter.adapters.sql import SqlStore

__all__ = ["empty_database", "make_postgresql_store", "new_database", "postgresql_url"]

#: The server to test on, instead of one of our own; its user may make databases.
ANOTHER_SERVER = "TEST_POSTGRESQL_URL"


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """Return the URL of a database of a running server; a test that gets none fails."""
    if ANOTHER_SERVER in os.environ:
        yield os.environ[ANOTHER_SERVER]
    else:
        with server() as here:
            yield here.url()


@pytest.fixture(scope="session")
def empty_database(postgresql_url: str) -> Iterator[str]:
    """Return the URL of a store at the newest schema version, to be copied."""
    with fresh_database(postgresql_url) as url:
        SqlStore(url).close()
        yield url


@pytest.fixture
def new_database(postgresql_url: str) -> Iterator[Callable[[], str]]:
    """Return a maker of databases in which there is nothing; it returns their URLs."""
    with ExitStack() as made:
        yield lambda: made.enter_context(fresh_database(postgresql_url))


@pytest.fixture
def make_postgresql_store(empty_database: str) -> Iterator[Callable[..., SqlStore]]:
    """Return a maker of stores on PostgreSQL: new ones, or another connection to the one of *folder*."""
    with ExitStack() as made:
        urls: dict[Path | None, str] = {}

        def make(folder: Path | None = None) -> SqlStore:
            if folder is None or folder not in urls:
                urls[folder] = made.enter_context(fresh_database(empty_database, copied=True))
            store = SqlStore(urls[folder])
            made.callback(store.close)
            return store

        yield make


@contextmanager
def fresh_database(url: str, *, copied: bool = False) -> Iterator[str]:
    """Make a database on the server of *url*, empty or a copy of the one it names; drop it at the end."""
    there = make_url(url)
    name, template = f"test_{uuid4().hex}", there.database if copied else "template0"
    order(url, f"CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8' LOCALE 'C'")
    try:
        yield there.set(database=name).render_as_string(hide_password=False)
    finally:
        order(url, f"DROP DATABASE {name} WITH (FORCE)")


def order(url: str, command: str) -> None:
    """Execute a command that no transaction may hold, from another database of the server."""
    there = make_url(url).set(drivername="postgresql+psycopg", database="postgres")
    engine = create_engine(there, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(command)
