"""What only the SQL store promises: faults of the driver become ours, and records cannot be changed."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Connection, MetaData, Table, Text
from sqlalchemy.exc import DBAPIError

from tests.fakes.store_values import SOURCE, new_decision, new_declaration, new_result, write_all_kinds
from tidewaiter.adapters.sql import FILE_NAME, SqlStore, engine, store_url, tables
from tidewaiter.adapters.sql.prepared import Prepared
from tidewaiter.core.errors import Conflict, Unavailable


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    """Return a store with one of everything."""
    made = SqlStore(store_url(tmp_path))
    with made.write() as work:
        write_all_kinds(work, 1)
        work.add_result(new_result(99))
    yield made
    made.close()


def raw(tmp_path: Path) -> sqlite3.Connection:
    """Return a connection of somebody else."""
    return sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None, timeout=0)


# -- records cannot be changed

APPEND_ONLY = [
    "message",
    "declaration_version",
    "control_result",
    "journal",
    "decision",
    "ledger_leaf",
    "publication",
]


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_a_record_cannot_be_deleted(store: SqlStore, tmp_path: Path, table: str) -> None:
    with (
        closing(raw(tmp_path)) as other,
        pytest.raises(sqlite3.IntegrityError, match="keeps what is recorded"),
    ):
        other.execute(f"DELETE FROM {table}")  # noqa: S608 - names of our tables


@pytest.mark.parametrize(
    ("table", "column"),
    [
        (name, column.name)
        for name in APPEND_ONLY
        for column in tables.metadata.tables[name].columns
        if column.name != "parked"
    ],
)
def test_no_column_of_a_record_can_be_changed(
    store: SqlStore, tmp_path: Path, table: str, column: str
) -> None:
    with (
        closing(raw(tmp_path)) as other,
        pytest.raises(sqlite3.IntegrityError, match="keeps what is recorded"),
    ):
        other.execute(f"UPDATE {table} SET {column} = {column}")  # noqa: S608 - names of our tables


def test_a_result_may_leave_its_park_but_not_enter_it_again(store: SqlStore, tmp_path: Path) -> None:
    with closing(raw(tmp_path)) as other:
        with pytest.raises(sqlite3.IntegrityError, match="parked"):
            other.execute("UPDATE control_result SET parked = 1 WHERE control_id = 'C1'")
        with pytest.raises(sqlite3.IntegrityError, match="parked"):
            other.execute("UPDATE control_result SET parked = 0 WHERE control_id = 'C1'")
        other.execute("UPDATE control_result SET parked = 0 WHERE control_id = 'C99'")


def test_a_result_cannot_enter_the_journal_twice(store: SqlStore, tmp_path: Path) -> None:
    with closing(raw(tmp_path)) as other, pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        other.execute(
            "INSERT INTO journal (kind, at, declaration_seq, result_seq) VALUES ('result', 0, 1, 1)"
        )


@pytest.mark.parametrize(("kind", "result"), [("result", "NULL"), ("declaration", "3")])
def test_a_journal_entry_is_of_its_kind(store: SqlStore, tmp_path: Path, kind: str, result: str) -> None:
    with closing(raw(tmp_path)) as other, pytest.raises(sqlite3.IntegrityError, match="CHECK"):
        other.execute(
            f"INSERT INTO journal (kind, at, declaration_seq, result_seq) VALUES ('{kind}', 0, 1, {result})"  # noqa: S608
        )


def test_the_bytes_of_every_leaf_are_kept_once(store: SqlStore, tmp_path: Path) -> None:
    with closing(raw(tmp_path)) as other:
        rows = other.execute(
            "SELECT l.kind, l.body IS NULL, d.evidence IS NULL FROM ledger_leaf l "
            "LEFT JOIN decision d ON l.kind = 'decision' AND d.id = l.subject"
        ).fetchall()
    assert {row for row in rows if row[0] == "decision"} == {("decision", 1, 0)}
    assert {row[1:] for row in rows if row[0] != "decision"} == {(0, 1)}


# -- faults of the driver


def test_a_locked_store_is_unavailable_with_its_cause(store: SqlStore, tmp_path: Path) -> None:
    with store._writer.connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA busy_timeout = 20")  # type: ignore[union-attr]
    with closing(raw(tmp_path)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="Another process writes") as failure, store.write():
            pass
        with store.read() as work:
            assert work.journal_end() == 5
        other.execute("ROLLBACK")
    assert isinstance(failure.value.__cause__, DBAPIError)
    assert isinstance(failure.value.__cause__.orig, sqlite3.OperationalError)
    with store.write() as work:
        assert work.add_declaration(new_declaration(7)) == 6


def test_a_writer_that_does_not_end_makes_the_others_unavailable(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_SECONDS", 0.05)
    with store.write():
        monkeypatch.setattr(store, "_writing_thread", None)  # as another thread would find it
        with pytest.raises(Unavailable, match="busy"), store.write():
            pass


def test_a_unit_of_work_that_met_a_failure_does_nothing_more(store: SqlStore) -> None:
    """SQLite may have rolled back by itself; what follows would be committed alone."""
    absent = Table("absent", MetaData(), Column("x", Text)).select()

    def go_on_after_a_failure() -> None:
        with store.write() as work:
            work.add_declaration(new_declaration(7))
            with pytest.raises(Unavailable):
                work._rows(absent)  # type: ignore[attr-defined]
            with pytest.raises(Unavailable):
                work.add_declaration(new_declaration(8))

    with pytest.raises(Unavailable, match="no such table"):
        go_on_after_a_failure()
    with store.read() as work:
        assert work.declaration(SOURCE, "D7") is None
        assert work.journal_end() == 5


def test_a_damaged_file_is_said_to_be_damaged(store: SqlStore, tmp_path: Path) -> None:
    with store.write() as work:
        for number in range(200, 260):
            write_all_kinds(work, number * 100)
    store.close()
    path = tmp_path / FILE_NAME
    whole = bytearray(path.read_bytes())
    for page in range(8, len(whole) // 4096):
        whole[page * 4096 : page * 4096 + 16] = b"\xff" * 16
    path.write_bytes(whole)
    with pytest.raises(Unavailable, match="restore a backup"):
        read_all(tmp_path)


def read_all(tmp_path: Path) -> None:
    """Open a store and read its journal."""
    with closing(SqlStore(store_url(tmp_path))) as store, store.read() as work:
        list(work.journal())


def test_a_closed_store_can_be_opened_again(store: SqlStore, tmp_path: Path) -> None:
    store.close()
    again = SqlStore(store_url(tmp_path))
    with again.read() as work:
        assert work.journal_end() == 5
    again.close()


def test_only_unique_keys_are_conflicts_of_the_caller(store: SqlStore) -> None:
    with pytest.raises(Conflict) as refusal, store.write() as work:
        work.add_declaration(new_declaration(1))
    assert isinstance(refusal.value.__cause__, DBAPIError)


# -- speed


def test_no_statement_walks_through_a_table_of_history(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every look-up that an assessment makes goes through an index."""
    seen: dict[str, Any] = {}

    execute = Prepared._execute

    def noting(statement: Prepared, connection: Connection, given: Any, *, many: bool) -> Any:
        seen[statement.text] = given
        return execute(statement, connection, given, many=many)

    monkeypatch.setattr(Prepared, "_execute", noting)
    with store.write() as work:
        write_all_kinds(work, 3)
        work.add_result(new_result(60, declaration=61))
        work.add_declarations([new_declaration(61), new_declaration(62)])
    with store.read() as work:
        list(work.journal(2))
        list(work.labels())
        work.decisions(1)
        for version in (None, 1):
            work.declaration(SOURCE, "D1", version)
            work.result(SOURCE, "C1", version)
            work.published("rules", None if version is None else "r1")
        work.latest_decision(SOURCE, "D1")
        work.decision(new_decision(1)[0].id)
        work.parked_results(SOURCE, "D1")
        work.kept_answer("port", "m1")
    queries = {text: values for text, values in seen.items() if text.startswith("SELECT")}
    assert len(queries) >= 16
    with store._reader.connect() as connection:
        for text, values in queries.items():
            plan = [str(row[3]) for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)]
            walks = [
                step for step in plan if step != "SCAN CONSTANT ROW" and re.search("SCAN|TEMP B-TREE", step)
            ]
            assert not walks, f"{text}\n{plan}"


def test_opening_a_store_at_head_does_not_import_alembic(store: SqlStore, tmp_path: Path) -> None:
    code = (
        "import sys; from tidewaiter.adapters.sql import SqlStore; "
        f"store = SqlStore({store_url(tmp_path)!r}); store.close(); print('alembic' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=child_env()
    )
    assert done.stdout.strip() == "False"
    assert done.stderr == ""


def child_env() -> dict[str, str]:
    """Return the environment of a child process that imports what this one imports."""
    return {"PYTHONPATH": ":".join(path for path in sys.path if path)}
