"""What only the SQL store promises: faults of the driver become ours, and records cannot be changed."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Connection, MetaData, Table, Text
from sqlalchemy.exc import DBAPIError, IntegrityError

from tests.fakes.sql_stores import *  # noqa: F403 - fixtures are found by their names
from tests.fakes.store_values import SOURCE, new_decision, new_declaration, new_result, write_all_kinds
from tidewaiter.adapters.sql import FILE_NAME, SqlStore, prepared, sqlite, store_url, tables
from tidewaiter.adapters.sql.prepared import execute
from tidewaiter.core.errors import Conflict, Unavailable
from tidewaiter.flow.ports import MessageKey


@pytest.fixture
def store(make_sqlite_store: Callable[..., SqlStore], tmp_path: Path) -> SqlStore:
    """Return a store with one of everything, in a file."""
    return filled(make_sqlite_store(tmp_path / "data"))


@pytest.fixture
def each_store(make_sql_store: Callable[..., SqlStore]) -> SqlStore:
    """Return a store with one of everything, on each database."""
    return filled(make_sql_store())


def filled(store: SqlStore) -> SqlStore:
    """Write one of everything."""
    with store.write() as work:
        write_all_kinds(work, 1)
        work.add_result(new_result(99))
    return store


def raw(tmp_path: Path) -> sqlite3.Connection:
    """Return a connection of somebody else."""
    return sqlite3.connect(tmp_path / "data" / FILE_NAME, isolation_level=None, timeout=0)


def change(store: SqlStore, statement: str) -> None:
    """Execute a statement as somebody would who has the database but not our code."""
    with store._writer.connect() as connection, connection.begin():
        connection.exec_driver_sql(statement)


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
KEPT = "keeps what is recorded"


def test_a_record_cannot_be_deleted(each_store: SqlStore) -> None:
    for table in APPEND_ONLY:
        with pytest.raises(IntegrityError, match=f"{table} {KEPT}"):
            change(each_store, f"DELETE FROM {table}")  # noqa: S608 - names of our tables


def test_no_column_of_a_record_can_be_changed(each_store: SqlStore) -> None:
    for name in APPEND_ONLY:
        for column in tables.metadata.tables[name].columns:
            if column.name != "parked":
                with pytest.raises(IntegrityError, match=f"{name} {KEPT}"):
                    change(each_store, f"UPDATE {name} SET {column.name} = {column.name}")  # noqa: S608


def test_no_record_is_emptied_at_once_on_postgresql(make_postgresql_store: Callable[..., SqlStore]) -> None:
    store = filled(make_postgresql_store())
    for table in APPEND_ONLY:
        with pytest.raises(IntegrityError, match=KEPT):
            change(store, f"TRUNCATE {table} CASCADE")


def test_a_result_may_leave_its_park_but_not_enter_it_again(each_store: SqlStore) -> None:
    for parked in ("TRUE", "FALSE"):
        with pytest.raises(IntegrityError, match="parked"):
            change(each_store, f"UPDATE control_result SET parked = {parked} WHERE control_id = 'C1'")  # noqa: S608
    change(each_store, "UPDATE control_result SET parked = FALSE WHERE control_id = 'C99'")


def test_a_result_cannot_enter_the_journal_twice(each_store: SqlStore) -> None:
    with pytest.raises(IntegrityError, match=r"(?i)unique.*result_seq"):
        change(
            each_store,
            "INSERT INTO journal (seq, kind, at, declaration_seq, result_seq) VALUES (99, 'result', 0, 1, 1)",
        )


@pytest.mark.parametrize("entry", ["'result', 0, 1, NULL", "'declaration', 0, 1, 3"])
def test_a_journal_entry_is_of_its_kind(each_store: SqlStore, entry: str) -> None:
    columns = "seq, kind, at, declaration_seq, result_seq"
    with pytest.raises(IntegrityError, match="ck_journal_kind"):
        change(each_store, f"INSERT INTO journal ({columns}) VALUES (99, {entry})")  # noqa: S608


def test_the_bytes_of_every_leaf_are_kept_once(each_store: SqlStore) -> None:
    with each_store._reader.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT l.kind, l.body IS NULL, d.evidence IS NULL FROM ledger_leaf l "
            "LEFT JOIN decision d ON l.kind = 'decision' AND d.id = l.subject"
        ).fetchall()
    assert {tuple(row) for row in rows if row[0] == "decision"} == {("decision", True, False)}
    assert {tuple(row[1:]) for row in rows if row[0] != "decision"} == {(False, True)}


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
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_SECONDS", 0.05)
    with store.write():
        monkeypatch.setattr(store, "_writing_thread", None)  # as another thread would find it
        with pytest.raises(Unavailable, match="busy"), store.write():
            pass


def test_a_unit_of_work_that_met_a_failure_does_nothing_more(each_store: SqlStore) -> None:
    """SQLite may have rolled back by itself, and what follows would be committed alone."""
    store = each_store
    absent = Table("absent", MetaData(), Column("x", Text)).select()

    def go_on_after_a_failure() -> None:
        with store.write() as work:
            work.add_declaration(new_declaration(7))
            with pytest.raises(Unavailable):
                work._rows(absent)  # type: ignore[attr-defined]
            with pytest.raises(Unavailable):
                work.add_declaration(new_declaration(8))

    with pytest.raises(Unavailable, match=r"no such table|does not exist"):
        go_on_after_a_failure()
    with store.read() as work:
        assert work.declaration(SOURCE, "D7") is None
        assert work.journal_end() == 5


def test_a_damaged_file_is_said_to_be_damaged(store: SqlStore, tmp_path: Path) -> None:
    with store.write() as work:
        for number in range(200, 260):
            write_all_kinds(work, number * 100)
    store.close()
    path = tmp_path / "data" / FILE_NAME
    whole = bytearray(path.read_bytes())
    for page in range(8, len(whole) // 4096):
        whole[page * 4096 : page * 4096 + 16] = b"\xff" * 16
    path.write_bytes(whole)
    with pytest.raises(Unavailable, match="restore a backup"):
        read_all(tmp_path)


def read_all(tmp_path: Path) -> None:
    """Open a store and read its journal."""
    with closing(SqlStore(store_url(tmp_path / "data"))) as store, store.read() as work:
        list(work.journal())


def test_a_closed_store_can_be_opened_again(store: SqlStore, tmp_path: Path) -> None:
    store.close()
    again = SqlStore(store_url(tmp_path / "data"))
    with again.read() as work:
        assert work.journal_end() == 5
    again.close()


def test_only_unique_keys_are_conflicts_of_the_caller(store: SqlStore) -> None:
    with pytest.raises(Conflict) as refusal, store.write() as work:
        work.add_declaration(new_declaration(1))
    assert isinstance(refusal.value.__cause__, DBAPIError)


# -- speed

#: A walk through what the statement itself brings.
VALUES = re.compile(r"SCAN (asked$|.*CONSTANT)")


def test_no_statement_walks_through_a_table_of_history(
    each_store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every look-up that an assessment makes goes through an index."""
    store, seen = each_store, dict[str, Any]()

    def noting(connection: Connection, text: str, given: Any = (), *, many: bool = False) -> Any:
        seen[text] = given
        return execute(connection, text, given, many=many)

    monkeypatch.setattr(prepared, "execute", noting)
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
        assert work.unheard([MessageKey("port", f"m{n}", SOURCE, f"D{n}") for n in range(20)])[3:5] == [
            False,
            True,
        ]
        work.kept_answer("port", "m1")
    queries = {text: values for text, values in seen.items() if text.startswith(("SELECT", "WITH"))}
    assert len(queries) >= 19
    with store._reader.connect() as connection:
        explain, walk = planned(connection)
        for text, values in queries.items():
            plan = [str(row[-1]) for row in connection.exec_driver_sql(f"{explain} {text}", values)]
            walks = [step for step in plan if not VALUES.match(step) and re.search(walk, step)]
            assert not walks, f"{text}\n{plan}"


def planned(connection: Connection) -> tuple[str, str]:
    """Return how the database tells its plan, and what in it walks through a table or sorts."""
    if connection.dialect.name == "sqlite":
        return "EXPLAIN QUERY PLAN", "SCAN|TEMP B-TREE"
    # A small table is read whole if an index may be used or not; now only if it may not.
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    connection.exec_driver_sql("SET LOCAL enable_sort = off")
    return "EXPLAIN", "Seq Scan|Sort"


def test_opening_a_store_at_head_does_not_import_alembic(store: SqlStore, tmp_path: Path) -> None:
    code = (
        "import sys; from tidewaiter.adapters.sql import SqlStore; "
        f"store = SqlStore({store_url(tmp_path / 'data')!r}); store.close(); print('alembic' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=child_env()
    )
    assert done.stdout.strip() == "False"
    assert done.stderr == ""


def child_env() -> dict[str, str]:
    """Return the environment of a child process that imports what this one imports."""
    return {"PYTHONPATH": ":".join(path for path in sys.path if path)}
