"""The stores behind the port, and a look at what they wrote besides what the port gives back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from sqlalchemy import select

from tests.fakes.memory_store import MemoryStore
from tests.fakes.sql_stores import *  # noqa: F403 - fixtures are found by their names
from tests.fakes.sql_stores import DATABASES
from tests.fakes.store_values import unsalted
from tidewaiter.adapters.sql import SqlStore, tables
from tidewaiter.core.ledger import leaf_hash
from tidewaiter.flow.ports import Store


@dataclass(frozen=True)
class Written:
    """What leaves, and what the ledger will hold, in the order of writing."""

    #: (topic, key, payload).
    outbox: list[tuple[str, str, bytes]]
    #: (kind, subject, leaf hash).
    leaves: list[tuple[str, str, bytes]]


def written(store: Store) -> Written:
    """Return the outbox and the ledger leaves of a store; the hashes are those without salt."""
    if isinstance(store, MemoryStore):
        left = [(event.topic, key, event.payload) for key, event in store.state.outbox]
        return Written(left, _unsalted(store, [leaf[:2] for leaf in store.state.leaves]))
    assert isinstance(store, SqlStore)
    o, leaf = tables.outbox.c, tables.ledger_leaf.c
    with store._reader.connect() as connection:
        outbox = connection.execute(select(o.topic, o.key, o.payload).order_by(o.seq))
        leaves = connection.execute(select(leaf.kind, leaf.subject).order_by(leaf.seq))
        return Written(
            [tuple(row) for row in outbox], _unsalted(store, [(row.kind, row.subject) for row in leaves])
        )


def _unsalted(store: Store, about: Sequence[tuple[str, str]]) -> list[tuple[str, str, bytes]]:
    """Return kind, subject and the leaf hash that each entry had without its salt."""
    with store.read() as work:
        hashes = [leaf_hash(unsalted(entry.body)) for entry in work.ledger()]
    return [(*each, hash_) for each, hash_ in zip(about, hashes, strict=True)]


@pytest.fixture(params=[*DATABASES, "memory"])
def store(request: pytest.FixtureRequest) -> Store:
    """Return an empty store of each kind."""
    if request.param == "memory":
        return MemoryStore()
    made: SqlStore = request.getfixturevalue(f"make_{request.param}_store")()
    return made
