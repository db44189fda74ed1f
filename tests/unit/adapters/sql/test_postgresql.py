"""How PostgreSQL is opened: settings, the order of writers, and what a server can do to us."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, make_url

from tests.fakes import trade
from tests.fakes.postgresql_stores import order
from tests.fakes.site import Site
from tests.fakes.sql_stores import *  # noqa: F403 - fixtures are found by their names
from tests.fakes.store_values import SOURCE, new_declaration, write_all_kinds
from tidewaiter.adapters.sql import SqlStore, engine, postgresql, prepared
from tidewaiter.core.errors import ConfigurationError, InputError, Unavailable

Make = Callable[..., SqlStore]


@pytest.fixture
def store(make_postgresql_store: Make, tmp_path: Path) -> SqlStore:
    """Return an empty store."""
    return make_postgresql_store(tmp_path)


@pytest.fixture
def other(store: SqlStore, make_postgresql_store: Make, tmp_path: Path) -> SqlStore:
    """Return the same store as another process has it."""
    return make_postgresql_store(tmp_path)


@pytest.fixture
def connection(postgresql_url: str) -> Iterator[Connection]:
    """Return a writer's connection that has not begun."""
    kind, url = engine.database(postgresql_url)
    opened = kind.open_engine(url, writing=True)
    with opened.connect() as connection:
        yield connection
    opened.dispose()


# -- settings


@pytest.mark.parametrize("writing", [True, False])
def test_every_connection_is_durable_patient_and_of_its_kind(postgresql_url: str, writing: bool) -> None:
    expected = {
        "synchronous_commit": "on",
        "TimeZone": "UTC",
        "lock_timeout": "10s",
        "statement_timeout": "1min",
        "transaction_isolation": "read committed" if writing else "repeatable read",
        "transaction_read_only": "off" if writing else "on",
        "idle_in_transaction_session_timeout": "1min" if writing else "15min",
        "application_name": "tidewaiter",
    }
    kind, url = engine.database(postgresql_url)
    opened = kind.open_engine(url, writing=writing)
    with opened.connect() as connection:
        found = {name: connection.exec_driver_sql(f"SHOW {name}").scalar() for name in expected}
    opened.dispose()
    assert found == expected


def test_a_commit_that_returns_before_it_is_on_disk_is_seen(connection: Connection) -> None:
    postgresql.check_settings(connection)
    connection.exec_driver_sql("SET synchronous_commit = off")
    with pytest.raises(ConfigurationError, match="synchronous_commit = off"):
        postgresql.check_settings(connection)


def test_a_server_that_is_too_old_is_refused(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql, "_OLDEST", 990_000)
    with pytest.raises(ConfigurationError, match="99 or later"):
        postgresql.check_settings(connection)


def test_a_server_that_may_forget_is_warned_of(
    connection: Connection, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(postgresql, "_SAFE", ("zero_damaged_pages", "synchronous_commit"))
    with caplog.at_level(logging.WARNING):
        postgresql.check_settings(connection)
    assert [record.message.partition(":")[0] for record in caplog.records] == [
        "PostgreSQL runs with zero_damaged_pages = off"
    ]


@pytest.mark.parametrize(
    "made", ["ENCODING 'SQL_ASCII' LOCALE 'C'", "ENCODING 'UTF8' LOCALE 'C.UTF-8'"], ids=["encoding", "order"]
)
def test_a_database_whose_order_of_text_may_change_is_refused(postgresql_url: str, made: str) -> None:
    name = f"test_of_order_{threading.get_native_id()}"
    order(postgresql_url, f"CREATE DATABASE {name} TEMPLATE template0 {made}")
    try:
        url = make_url(postgresql_url).set(database=name).render_as_string(hide_password=False)
        with pytest.raises(ConfigurationError, match="LOCALE 'C' TEMPLATE template0"):
            SqlStore(url)
    finally:
        order(postgresql_url, f"DROP DATABASE {name}")


# -- the order of writers


def commit_while_another_waits(first: SqlStore, second: SqlStore) -> int:
    """Let *second* wait for its turn while *first* writes; return where it then finds the journal's end."""
    with ThreadPoolExecutor(1) as pool:
        with first.write() as work:
            ended = pool.submit(end_of_journal, second)
            until_somebody_waits(first)
            work.add_declaration(new_declaration(1))
        return ended.result(20)


def end_of_journal(store: SqlStore) -> int:
    """Return the end of the journal as a writer sees it."""
    with store.write() as work:
        return work.journal_end()


def until_somebody_waits(store: SqlStore) -> None:
    """Wait until a writer of another process waits for its turn."""
    waiting = 0
    until = time.monotonic() + 20
    while not waiting and time.monotonic() < until:
        with store._reader.connect() as connection:
            waiting = connection.exec_driver_sql(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted "
                "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            ).scalar_one()
    assert waiting == 1


def test_a_writer_that_waited_sees_what_the_one_before_it_committed(store: SqlStore, other: SqlStore) -> None:
    assert commit_while_another_waits(store, other) == 1


def test_a_writer_whose_view_began_before_its_turn_would_not(
    store: SqlStore, make_postgresql_store: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted = {**postgresql._WRITER, "default_transaction_isolation": "repeatable read"}
    monkeypatch.setattr(postgresql, "_WRITER", planted)
    assert commit_while_another_waits(store, make_postgresql_store(tmp_path)) == 0


def test_a_turn_that_does_not_come_is_told(
    store: SqlStore, make_postgresql_store: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "_SETTINGS", {**postgresql._SETTINGS, "lock_timeout": "50ms"})
    with store.write() as work:
        with pytest.raises(Unavailable, match="Another process writes"):
            make_postgresql_store(tmp_path)
        assert work.journal_end() == 0


def test_a_writer_that_hangs_is_ended_and_another_one_goes_on(
    store: SqlStore, make_postgresql_store: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted = {**postgresql._WRITER, "idle_in_transaction_session_timeout": "100ms"}
    with monkeypatch.context() as impatient:
        impatient.setattr(postgresql, "_WRITER", planted)
        hanging = make_postgresql_store(tmp_path)

    def hang() -> None:
        with hanging.write() as work:
            work.add_declaration(new_declaration(1))
            assert end_of_journal(store) == 0  # waits until the server has ended the other
            work.add_declaration(new_declaration(2))

    with pytest.raises(Unavailable):
        hang()
    assert end_of_journal(hanging) == 0


# -- what a server can do to us


def test_a_connection_that_the_server_ends_is_made_again(store: SqlStore) -> None:
    def write_while_it_ends() -> None:
        with store.write() as work:
            work.add_declaration(new_declaration(1))
            end_all_writers(store)
            work.add_declaration(new_declaration(2))

    with pytest.raises(Unavailable, match="try again"):
        write_while_it_ends()
    end_all_writers(store)
    with store.write() as work:
        write_all_kinds(work, 1)
    with store.read() as work:
        assert work.journal_end() == 5
        assert work.declaration(SOURCE, "D2") is None


def end_all_writers(store: SqlStore) -> None:
    """End the connections of the store but this one, as an administrator of the server can."""
    with store._reader.connect() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_a_commit_that_did_not_reach_the_server_is_told(store: SqlStore) -> None:
    def commit_without_a_server() -> None:
        with store.write() as work:
            work.add_declaration(new_declaration(1))
            end_all_writers(store)

    with pytest.raises(Unavailable):
        commit_without_a_server()
    assert end_of_journal(store) == 0


def test_text_that_cannot_be_kept_is_the_callers_mistake(store: SqlStore) -> None:
    with store.read() as work, pytest.raises(InputError, match="NUL"):
        work.decision("a\0b")


@pytest.mark.parametrize("planted", ["database", "server"])
def test_what_is_not_there_is_named(postgresql_url: str, tmp_path: Path, planted: str) -> None:
    url = make_url(postgresql_url).set(database="no_such_database")
    if planted == "server":
        url = url.set(host=None, port=None, query={"host": str(tmp_path)})
    with pytest.raises(Unavailable, match=r"no_such_database|No such file") as failure:
        SqlStore(url.render_as_string(hide_password=False))
    assert failure.value.message.endswith("then try again.")


class Away:
    """A dialect whose server cannot be reached until it is told otherwise."""

    loaded_dbapi = psycopg

    def __init__(self) -> None:
        self.asked = 0
        self.away = True

    def connect(self, **_: object) -> str:
        """Return a connection, or fail."""
        self.asked += 1
        if self.away:
            raise psycopg.OperationalError("nobody is there")
        return "a connection"


def test_a_server_that_is_away_is_asked_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    server: Any = Away()
    connect, times = postgresql._Reaching(), [100.0]
    record: Any = object()
    monkeypatch.setattr(postgresql.time, "monotonic", lambda: times[0])
    for _ in range(5):
        with pytest.raises(psycopg.OperationalError, match="nobody"):
            connect(server, record, (), {})
    assert server.asked == 1
    times[0] += postgresql.RETRY_SECONDS
    with pytest.raises(psycopg.OperationalError, match="nobody"):
        connect(server, record, (), {})
    assert server.asked == 2
    server.away = False
    times[0] += postgresql.RETRY_SECONDS
    assert [connect(server, record, (), {}) for _ in range(3)] == ["a connection"] * 3


# -- few round trips


@pytest.mark.parametrize("count", [1, 20])
def test_a_group_of_messages_costs_few_round_trips(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    site, trips = Site(store), []
    site.assess(trade.declaration(1_000))

    def counted(before: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            trips.append(before.__name__)
            return before(*given, **named)

        return call

    monkeypatch.setattr(prepared, "execute", counted(prepared.execute))
    site.assess(*(trade.declaration(number) for number in range(1, count + 1)))
    assert len(site.decisions()) == count + 1
    # The ends of the journals, what is known of the messages, one for each table, the pacing.
    assert len(trips) <= 11, trips
