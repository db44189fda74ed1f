"""The schema is the sum of its migrations, and a migration keeps the data or does not happen."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Index, MetaData, Table, Text, UniqueConstraint
from sqlalchemy.exc import OperationalError

from tests.fakes.store_values import write_all_kinds
from tidewaiter.adapters.sql import FILE_NAME, SqlStore, engine, store_url, tables, upgrade
from tidewaiter.core.errors import ConfigurationError, Unavailable

ADVICE = "write a migration in src/tidewaiter/adapters/sql/migrations/versions and raise upgrade.HEAD"

NEXT = '''"""Note who reviewed a decision."""

import sqlalchemy as sa
from alembic import op

revision = "9001"
down_revision = "0003"


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
        return list(compare_metadata(context, metadata))


def rows(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return the content of every table, without columns that came later."""
    opened = engine.open_engine(engine.prepare_file(store_url(folder)), writing=False)
    with opened.connect() as connection:
        found = {
            table.name: [tuple(row) for row in connection.execute(table.select())]
            for table in tables.metadata.sorted_tables
        }
    opened.dispose()
    return found


@pytest.fixture
def migrations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the migrations to which one may be added."""
    copy = tmp_path / "migrations"
    shutil.copytree(upgrade.MIGRATIONS, copy)
    monkeypatch.setattr(upgrade, "MIGRATIONS", copy)
    return copy / "versions"


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """Return a data folder at today's schema with one of everything."""
    folder = tmp_path / "data"
    with closing(SqlStore(store_url(folder))) as store, store.write() as work:
        write_all_kinds(work, 1)
    return folder


@pytest.fixture
def store(filled: Path) -> Iterator[SqlStore]:
    """Return an open store."""
    with closing(SqlStore(store_url(filled))) as opened:
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


def test_a_migration_keeps_the_data(filled: Path, migrations: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = rows(filled)
    (migrations / "m9001_review.py").write_text(NEXT.format(more=""))
    monkeypatch.setattr(upgrade, "HEAD", "9001")
    monkeypatch.setattr(upgrade.upgrade, "__defaults__", ("9001",))
    with closing(SqlStore(store_url(filled))) as store:
        with store._reader.connect() as connection:
            reviewed = connection.exec_driver_sql("SELECT reviewed_by FROM decision").scalars().all()
        with store.write() as work:
            assert work.journal_end() == 5
            write_all_kinds(work, 2)
    assert set(reviewed) == {"nobody"}
    after = rows(filled)
    assert {
        name: content[: len(before[name])] for name, content in after.items() if name != "capacity_state"
    } == {name: content for name, content in before.items() if name != "capacity_state"}
    assert all(before.values())


def test_a_migration_that_fails_changes_nothing(
    filled: Path, migrations: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows(filled)
    (migrations / "m9001_review.py").write_text(
        NEXT.format(more='op.execute("INSERT INTO absent VALUES (1)")')
    )
    monkeypatch.setattr(upgrade.upgrade, "__defaults__", ("9001",))
    with pytest.raises(Unavailable, match="absent"):
        SqlStore(store_url(filled))
    monkeypatch.setattr(upgrade.upgrade, "__defaults__", (upgrade.HEAD,))
    assert rows(filled) == before
    with closing(SqlStore(store_url(filled))) as store:
        assert differences(store) == []


def test_a_schema_from_the_future_is_refused_and_left_alone(filled: Path) -> None:
    opened = engine.open_engine(engine.prepare_file(store_url(filled)), writing=True)
    with opened.connect() as connection, connection.begin():
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    opened.dispose()
    content = (filled / FILE_NAME).read_bytes()
    with pytest.raises(ConfigurationError, match=r"9999.*newer"):
        SqlStore(store_url(filled))
    assert (filled / FILE_NAME).read_bytes() == content


def test_two_openings_of_a_new_store_make_it_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one waited for the first, and finds nothing to do."""
    first = engine.open_engine(engine.prepare_file(store_url(tmp_path)), writing=True)
    reader = engine.open_engine(engine.prepare_file(store_url(tmp_path)), writing=False)
    upgrade.upgrade(first, reader)
    with monkeypatch.context() as late:
        late.setattr(upgrade, "current", first_none_then(upgrade.current))
        upgrade.upgrade(first, reader)
    with first.connect() as connection, pytest.raises(OperationalError, match="already exists"):
        connection.exec_driver_sql("CREATE TABLE decision (x)")
    first.dispose()
    reader.dispose()


def first_none_then(function: Any) -> Any:
    """Return *function*, but for its first answer, which is None: the schema is not there yet."""
    answers = iter([None])
    return lambda connection: next(answers, function(connection))
