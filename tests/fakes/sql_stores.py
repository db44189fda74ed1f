"""Fixtures that make stores on disk; a suite imports them into its `conftest`.

A test that asks for `make_sql_store` runs on each database; one that looks into a file asks for
`make_sqlite_store`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes.postgresql_stores import (
    empty_database,
    make_postgresql_store,
    new_database,
    postgresql_url,
)
from tests.fakes.sqlite_stores import empty_file, make_sqlite_store
from tidewaiter.adapters.sql import SqlStore, store_url

__all__ = [
    "DATABASES",
    "empty_database",
    "empty_file",
    "make_postgresql_store",
    "make_sql_store",
    "make_sqlite_store",
    "new_database",
    "new_store_url",
    "postgresql_url",
]

DATABASES = ("sqlite", "postgresql")


@pytest.fixture(params=DATABASES)
def make_sql_store(request: pytest.FixtureRequest) -> Callable[..., SqlStore]:
    """Return a maker of stores on each database."""
    made: Callable[..., SqlStore] = request.getfixturevalue(f"make_{request.param}_store")
    return made


@pytest.fixture(params=DATABASES)
def new_store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Return a maker of URLs under which there is no store yet, on each database."""
    if request.param == "sqlite":
        return lambda: store_url(tmp_path / "data")
    made: Callable[[], str] = request.getfixturevalue("new_database")
    return made
