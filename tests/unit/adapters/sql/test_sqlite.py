"""How SQLite is opened: settings, refusals, the file's mode, the version."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url

from tidewaiter.adapters.sql import FILE_NAME, SqlStore, sqlite, store_url
from tidewaiter.core.errors import ConfigurationError, Unavailable


def test_a_store_is_one_file_that_only_its_owner_can_read(data_folder: Path) -> None:
    store = SqlStore(store_url(data_folder))
    try:
        with store.write() as work:
            work.put_capacity_states({"040": b""})
        files = sorted(data_folder.iterdir())
        assert [path.name for path in files] == [FILE_NAME, f"{FILE_NAME}-shm", f"{FILE_NAME}-wal"]
        assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
        assert data_folder.stat().st_mode & 0o777 == 0o700
    finally:
        store.close()
    assert [path.name for path in data_folder.iterdir()] == [FILE_NAME]


def test_a_data_folder_may_have_any_name(tmp_path: Path) -> None:
    folder = tmp_path / "días 100% #1? & co"
    store = SqlStore(store_url(folder))
    store.close()
    assert (folder / FILE_NAME).stat().st_size > 0


@pytest.mark.parametrize("writing", [True, False])
def test_every_connection_is_durable_and_waits_its_turn(tmp_path: Path, writing: bool) -> None:
    opened = sqlite.open_engine(sqlite.prepared_url(make_url(store_url(tmp_path))), writing=writing)
    with opened.connect() as connection:
        sqlite.check_settings(connection)
        read_only = connection.exec_driver_sql("PRAGMA query_only").scalar()
        checkpoints = connection.exec_driver_sql("PRAGMA wal_autocheckpoint").scalar()
    opened.dispose()
    assert bool(read_only) is not writing
    assert bool(checkpoints) is writing


@pytest.mark.parametrize(
    "pragma", ["synchronous = NORMAL", "foreign_keys = OFF", "busy_timeout = 0", "journal_mode = DELETE"]
)
def test_a_setting_that_did_not_hold_is_seen(tmp_path: Path, pragma: str) -> None:
    opened = sqlite.open_engine(sqlite.prepared_url(make_url(store_url(tmp_path))), writing=True)
    with opened.connect() as connection:
        connection.rollback()
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute(f"PRAGMA {pragma}")
        with pytest.raises(ConfigurationError, match=pragma.partition(" ")[0]):
            sqlite.check_settings(connection)
    opened.dispose()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_what_is_no_file_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="not a SQLite file"):
        SqlStore(url)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Unavailable, match="file"):
        SqlStore(store_url(tmp_path / "file"))


def test_a_file_that_is_no_database_is_named_so_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    path.write_bytes(b"not a database, but long enough to be looked at " * 100)
    before = path.read_bytes()
    with pytest.raises(Unavailable, match="not a Tidewaiter store") as refusal:
        SqlStore(store_url(tmp_path))
    assert isinstance(refusal.value.__cause__.__cause__, sqlite3.DatabaseError)  # type: ignore[union-attr]
    assert path.read_bytes() == before


def test_a_sqlite_with_the_wal_reset_fault_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        sqlite.check_version((3, 51, 2))
    assert "3.51.2 carries the WAL-reset fault" in caplog.text


def test_a_sqlite_without_the_fault_is_not(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        sqlite.check_version((3, 51, 3))
    assert not caplog.text


def test_a_sqlite_that_is_too_old_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"3\.34\.1 is too old"):
        sqlite.check_version((3, 34, 1))


def test_sqlalchemy_would_begin_late_without_the_hooks(tmp_path: Path) -> None:
    """The recipe matters: a plain engine takes no lock at the beginning of a transaction."""
    url = sqlite.prepared_url(make_url(store_url(tmp_path)))
    plain, ours = create_engine(url), sqlite.open_engine(url, writing=True)
    with plain.connect() as first, first.begin(), ours.connect() as second, second.begin():
        assert second.connection.driver_connection.in_transaction  # type: ignore[union-attr]
        assert not first.connection.driver_connection.in_transaction  # type: ignore[union-attr]
    plain.dispose()
    ours.dispose()
