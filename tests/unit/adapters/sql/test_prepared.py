"""A prepared statement says and gives what the same statement says and gives through SQLAlchemy."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Double,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    bindparam,
    create_engine,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError, OperationalError

from tidewaiter.adapters.sql.column_types import Instant, Packed
from tidewaiter.adapters.sql.prepared import Prepared, prepared

THINGS = Table(
    "thing",
    MetaData(),
    Column("name", Text, primary_key=True),
    Column("at", Instant),
    Column("body", Packed),
    Column("raw", LargeBinary),
    Column("parked", Boolean),
    Column("share", Double),
    Column("count", Integer),
    Column("card", JSON),
)
ALL = select(THINGS).order_by(THINGS.c.name)
ROW: dict[str, Any] = {
    "name": "a", "at": datetime(2026, 1, 1, tzinfo=UTC), "body": b"{" * 5000, "raw": b"\x00", "parked": True,
    "share": 0.1, "count": 3, "card": {"a": [1, None]},
}  # fmt: skip


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        THINGS.metadata.create_all(connection)
        yield connection
    engine.dispose()


def of(statement: Any, connection: Connection, keys: tuple[str, ...] = ()) -> Prepared:
    return prepared(statement, connection.dialect, keys)


ROWS = st.fixed_dictionaries({
    "at": st.datetimes(timezones=st.just(UTC)) | st.none(),
    "body": st.binary(max_size=3000).map(lambda body: b"{" + body) | st.none(),
    "raw": st.binary(max_size=5) | st.none(),
    "parked": st.booleans() | st.none(),
    "share": st.floats(allow_nan=False) | st.none(),
    "count": st.integers(-(2**63), 2**63 - 1) | st.none(),
    "card": st.dictionaries(st.text(max_size=3), st.integers(-9, 9) | st.none(), max_size=3),
})  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROWS, max_size=4))
def test_both_ways_write_and_read_the_same(connection: Connection, rows: list[dict[str, Any]]) -> None:
    named = [{"name": f"n{number}", **row} for number, row in enumerate(rows)]
    connection.execute(delete(THINGS))
    if named:
        of(insert(THINGS), connection, tuple(named[0])).change_all(connection, named)
    theirs = [tuple(row) for row in connection.execute(ALL)]
    ours = of(ALL, connection).rows(connection, {})
    assert ours == theirs == [tuple(row[each.name] for each in THINGS.columns) for row in named]
    connection.execute(delete(THINGS))
    if named:
        connection.execute(insert(THINGS), named)
    assert of(ALL, connection).rows(connection, {}) == ours


def test_a_row_is_named_by_its_columns_and_labels(connection: Connection) -> None:
    of(insert(THINGS), connection, tuple(ROW)).change(connection, ROW)
    query = select(THINGS.c.at, THINGS.c.body.label("content")).where(THINGS.c.name == bindparam("wanted"))
    row = of(query, connection).first(connection, {"wanted": "a"})
    assert row._asdict() == {"at": ROW["at"], "content": ROW["body"]}
    assert of(query, connection).first(connection, {"wanted": "b"}) is None


def test_only_the_named_columns_are_inserted(connection: Connection) -> None:
    of(insert(THINGS), connection, ("name", "count")).change(connection, {"name": "a", "count": 1})
    assert of(ALL, connection).first(connection, {})[1:] == (None, None, None, None, None, 1, None)


def test_a_value_in_the_statement_is_kept_and_the_changed_rows_are_counted(connection: Connection) -> None:
    of(insert(THINGS), connection, tuple(ROW)).change(connection, ROW)
    unpark = update(THINGS).where(THINGS.c.name == bindparam("wanted")).values(parked=False)
    assert of(unpark, connection).change(connection, {"wanted": "b"}) == 0
    assert of(unpark, connection).change(connection, {"wanted": "a"}) == 1
    assert of(ALL.limit(5), connection).first(connection, {}).parked is False


def test_a_value_that_is_not_given_is_a_fault_and_never_null(connection: Connection) -> None:
    query = select(THINGS.c.name).where(THINGS.c.name == bindparam("wanted"))
    with pytest.raises(KeyError, match="wanted"):
        of(query, connection).first(connection, {})
    with pytest.raises(KeyError, match="count"):
        of(insert(THINGS), connection, ("name", "count")).change(connection, {"name": "a"})


def test_what_the_driver_refuses_has_the_exception_of_sqlalchemy(connection: Connection) -> None:
    of(insert(THINGS), connection, tuple(ROW)).change(connection, ROW)
    with pytest.raises(IntegrityError, match="UNIQUE") as refusal:
        of(insert(THINGS), connection, tuple(ROW)).change_all(connection, [ROW])
    assert isinstance(refusal.value.orig, sqlite3.IntegrityError)
    absent = Table("absent", MetaData(), Column("x", Text))
    with pytest.raises(OperationalError, match="no such table"):
        of(select(absent), connection).rows(connection, {})


def test_a_statement_is_prepared_once(connection: Connection) -> None:
    assert of(ALL, connection) is of(ALL, connection)
    assert of(insert(THINGS), connection, ("name",)) is not of(insert(THINGS), connection, ("name", "count"))
