"""The schema is the sum of its migrations, and a migration keeps the data or does not happen."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Engine, Index, MetaData, Table, Text, UniqueConstraint
from sqlalchemy.exc import DBAPIError

from tests.fakes.sql_stores import *  # noqa: F403 - fixtures are found by their names
from tests.fakes.store_values import write_all_kinds
from tidewaiter.adapters.sql import SqlStore, engine, tables, upgrade
from tidewaiter.core.errors import ConfigurationError, Unavailable

ADVICE = "write a migration in src/tidewaiter/adapters/sql/migrations/versions and raise upgrade.HEAD"

NEXT = '''"""Note who reviewed a decision."""

import sqlalchemy as sa
from alembic import op

revision = "9000"
down_revision = "{head}"


def upgrade() -> None:
    op.add_column("decision", sa.Column("reviewed_by", sa.Text(), nullable=False, server_default="nobody"))
    op.create_table("review", sa.Column("id", sa.Integer(), primary_key=True))
    {more}
'''


def differences(store: SqlStore, metadata: Any = tables.metadata) -> list[Any]:
    """Return what would have to be done to the schema to make it fit *metadata*."""
    with store._reader.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        found = compare_metadata(context, metadata)
    steps = [step for each in found for step in (each if isinstance(each, list) else [each])]
    # What the tables say about themselves is for the reference, not for the database.
    return [step for step in steps if "comment" not in step[0]]


def opened(place: str, *, writing: bool) -> Engine:
    """Return an engine as the store opens it."""
    database, url = engine.database(place)
    return database.open_engine(url, writing=writing)


def rows(place: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return the content of every table, without columns that came later."""
    reader = opened(place, writing=False)
    with reader.connect() as connection:
        found = {
            table.name: [tuple(row) for row in connection.execute(table.select())]
            for table in tables.metadata.sorted_tables
        }
    reader.dispose()
    return found


@pytest.fixture
def migrations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the migrations to which one may be added."""
    copy = tmp_path / "migrations"
    shutil.copytree(upgrade.MIGRATIONS, copy)
    monkeypatch.setattr(upgrade, "MIGRATIONS", copy)
    return copy / "versions"


@pytest.fixture
def filled(new_store_url: Callable[[], str]) -> str:
    """Return the URL of a store at today's schema with one of everything."""
    place = new_store_url()
    with closing(SqlStore(place)) as store, store.write() as work:
        write_all_kinds(work, 1)
    return place


@pytest.fixture
def store(filled: str) -> Iterator[SqlStore]:
    """Return an open store."""
    with closing(SqlStore(filled)) as opened:
        yield opened


def test_the_migrations_make_the_tables_of_the_code(store: SqlStore) -> None:
    assert differences(store) == [], ADVICE


@pytest.mark.parametrize("planted", ["column", "index", "unique", "nullable", "type", "table"])
def test_the_comparison_sees_a_planted_difference(store: SqlStore, planted: str) -> None:
    metadata = MetaData(naming_convention=tables.metadata.naming_convention)
    for table in tables.metadata.tables.values():
        table.to_metadata(metadata)
    decision = metadata.tables["decision"]
    if planted == "column":
        decision.append_column(Column("extra", Text))
    elif planted == "index":
        Index("ix_extra", decision.c.lane)
    elif planted == "unique":
        decision.append_constraint(UniqueConstraint("lane"))
    elif planted == "nullable":
        decision.c.lane.nullable = True
    elif planted == "type":
        decision.c.version.type = Text()
    else:
        Table("extra", metadata, Column("x", Text))
    assert differences(store, metadata)


def test_the_version_that_the_code_knows_is_the_newest_migration(store: SqlStore) -> None:
    with store._reader.connect() as connection:
        script = ScriptDirectory.from_config(upgrade.alembic_config(connection))
        assert script.get_heads() == [upgrade.HEAD], ADVICE
        assert upgrade.current(connection) == upgrade.HEAD
    for revision in script.walk_revisions():
        assert revision.doc.endswith("."), f"{revision.revision} opens with no sentence"


#: Tables whose rows say how far something has come.
MOVING = {"capacity_state", "profile_tally_position"}


def test_a_migration_keeps_the_data(filled: str, migrations: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = rows(filled)
    (migrations / "m9000_review.py").write_text(NEXT.format(head=upgrade.HEAD, more=""))
    monkeypatch.setattr(upgrade, "HEAD", "9000")
    monkeypatch.setattr(upgrade.upgrade, "__defaults__", ("9000",))
    with closing(SqlStore(filled)) as store:
        with store._reader.connect() as connection:
            reviewed = connection.exec_driver_sql("SELECT reviewed_by FROM decision").scalars().all()
        with store.write() as work:
            assert work.journal_end() == 5
            write_all_kinds(work, 2)
    assert set(reviewed) == {"nobody"}
    after = rows(filled)
    assert {name: content[: len(before[name])] for name, content in after.items() if name not in MOVING} == {
        name: content for name, content in before.items() if name not in MOVING
    }
    assert all(before.values())


def test_a_migration_that_fails_changes_nothing(
    filled: str, migrations: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows(filled)
    (migrations / "m9000_review.py").write_text(
        NEXT.format(head=upgrade.HEAD, more='op.execute("INSERT INTO absent VALUES (1)")')
    )
    monkeypatch.setattr(upgrade.upgrade, "__defaults__", ("9000",))
    with pytest.raises(Unavailable, match="absent"):
        SqlStore(filled)
    monkeypatch.setattr(upgrade.upgrade, "__defaults__", (upgrade.HEAD,))
    assert rows(filled) == before
    with closing(SqlStore(filled)) as store:
        assert differences(store) == []


def test_a_schema_from_the_future_is_refused_and_left_alone(filled: str) -> None:
    writer = opened(filled, writing=True)
    with writer.connect() as connection, connection.begin():
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    before = rows(filled)
    with pytest.raises(ConfigurationError, match=r"9999.*newer"):
        SqlStore(filled)
    assert rows(filled) == before
    with writer.connect() as connection:
        assert upgrade.current(connection) == "9999"
    writer.dispose()


def test_two_openings_of_a_new_store_make_it_once(
    new_store_url: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one waited for the first, and finds nothing to do."""
    place = new_store_url()
    first, reader = opened(place, writing=True), opened(place, writing=False)
    upgrade.upgrade(first, reader)
    with monkeypatch.context() as late:
        late.setattr(upgrade, "current", first_none_then(upgrade.current))
        upgrade.upgrade(first, reader)
    with first.connect() as connection, pytest.raises(DBAPIError, match="already exists"):
        connection.exec_driver_sql("CREATE TABLE decision (x text)")
    first.dispose()
    reader.dispose()


def first_none_then(function: Any) -> Any:
    """Return *function*, but for its first answer, which is None: the schema is not there yet."""
    answers = iter([None])
    return lambda connection: next(answers, function(connection))
