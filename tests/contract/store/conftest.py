"""Both twins of the store port, and a look at what they wrote besides what the port gives back."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.fakes.memory_store import MemoryStore
from tidewaiter.adapters.sql import FILE_NAME, SqlStore, store_url, tables
from tidewaiter.flow.ports import Store


@dataclass(frozen=True)
class Written:
    """What leaves, and what the ledger will hold, in the order of writing."""

    #: (topic, key, payload).
    outbox: list[tuple[str, str, bytes]]
    #: (kind, subject, leaf hash).
    leaves: list[tuple[str, str, bytes]]


def written(store: Store) -> Written:
    """Return the outbox and the ledger leaves of a store."""
    if isinstance(store, MemoryStore):
        return Written(list(store.state.outbox), list(store.state.leaves))
    assert isinstance(store, SqlStore)
    o, leaf = tables.outbox.c, tables.ledger_leaf.c
    with store._reader.connect() as connection:
        outbox = connection.execute(select(o.topic, o.key, o.payload).order_by(o.seq))
        leaves = connection.execute(select(leaf.kind, leaf.subject, leaf.leaf_hash).order_by(leaf.seq))
        return Written([tuple(row) for row in outbox], [tuple(row) for row in leaves])


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store file at the newest schema version, to be copied."""
    folder = tmp_path_factory.mktemp("empty-store")
    SqlStore(store_url(folder)).close()
    return folder / FILE_NAME


@pytest.fixture
def make_sql_store(empty_file: Path, tmp_path: Path) -> Iterator[Callable[[], SqlStore]]:
    """Return a maker of new stores on SQLite."""
    opened: list[SqlStore] = []

    def make() -> SqlStore:
        folder = tmp_path / f"store-{len(opened)}"
        folder.mkdir()
        shutil.copy(empty_file, folder / FILE_NAME)
        opened.append(SqlStore(store_url(folder)))
        return opened[-1]

    yield make
    for store in opened:
        store.close()


@pytest.fixture(params=["sql", "memory"])
def store(request: pytest.FixtureRequest) -> Store:
    """Return an empty store of each kind."""
    if request.param == "memory":
        return MemoryStore()
    made: SqlStore = request.getfixturevalue("make_sql_store")()
    return made
