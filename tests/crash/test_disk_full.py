"""A full disk makes the store unavailable, leaves nothing half written, and passes."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from tests.crash.ingest_child import answer_in
from tests.crash.test_kill import faults_of
from tests.fakes.store_values import new_declaration, new_result
from tidewaiter.adapters.sql import FILE_NAME, SqlStore, store_url
from tidewaiter.core.errors import Unavailable

#: Answers messages until the file may not grow any more, then says what it met and how far it came.
FILE_LIMIT = """
import resource, sys
from tests.crash.ingest_child import answer_in
from tidewaiter.adapters.sql import SqlStore
from tidewaiter.core.errors import Unavailable

store = SqlStore(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))
number = 0
try:
    while True:
        with store.write() as work:
            answer_in(work, number + 1)
        number += 1
except Unavailable as failure:
    print(number, type(failure).__name__, failure.message)
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    """Return a store with ten answers."""
    with closing(SqlStore(store_url(tmp_path))) as made:
        for number in range(1, 11):
            with made.write() as work:
                answer_in(work, number)
        yield made


def limit_pages(store: SqlStore, more: int) -> None:
    """Let the database grow by so many pages and no further."""
    with store._writer.connect() as connection, connection.begin():
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + more}")


def answered(path: Path) -> set[str]:
    """Return the messages that were answered, after looking for anything that is half written."""
    with closing(sqlite3.connect(path)) as connection:
        assert faults_of(connection, {}) == []
        return {row[0] for row in connection.execute("SELECT message_id FROM message")}


def answer_until_unavailable(store: SqlStore, done: int) -> tuple[int, Unavailable]:
    """Answer messages until the store is unavailable; return the last one that was answered, and why."""
    while True:
        try:
            with store.write() as work:
                answer_in(work, done + 1)
        except Unavailable as failure:
            return done, failure
        done += 1


@pytest.mark.parametrize("more", range(12))
def test_a_full_disk_is_unavailable_and_leaves_nothing_half_written(
    store: SqlStore, tmp_path: Path, more: int
) -> None:
    limit_pages(store, more)
    done, failure = answer_until_unavailable(store, 10)
    assert "free space" in failure.message
    assert isinstance(failure.__cause__, DBAPIError)
    assert isinstance(failure.__cause__.orig, sqlite3.OperationalError)
    assert answered(tmp_path / FILE_NAME) == {f"m{number}" for number in range(1, done + 1)}
    with store.read() as work:
        assert work.kept_answer("port", "m1") is not None
    limit_pages(store, 1_000)
    with store.write() as work:
        answer_in(work, done + 1)
    assert len(answered(tmp_path / FILE_NAME)) == done + 1


def test_a_bulk_that_does_not_fit_is_not_there_at_all(store: SqlStore, tmp_path: Path) -> None:
    before = answered(tmp_path / FILE_NAME)
    limit_pages(store, 20)
    with pytest.raises(Unavailable, match="free space"), store.write() as work:
        work.add_declarations([new_declaration(number) for number in range(1_000, 2_000)])
    with store.read() as work:
        assert work.journal_end() == 12
        assert work.declaration("sydonia", "D1000") is None
    limit_pages(store, 1_000)
    with store.write() as work:
        work.add_result(new_result(1_000))
    assert answered(tmp_path / FILE_NAME) == before


def test_a_log_that_cannot_grow_is_unavailable_and_loses_nothing(tmp_path: Path) -> None:
    """The log of SQLite meets the limit: the write itself fails, as on a disk that is full for everybody."""
    environment = {**os.environ, "PYTHONPATH": ":".join(path for path in sys.path if path)}
    done = subprocess.run(
        [sys.executable, "-c", FILE_LIMIT, store_url(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    number, kind, sentence = done.stdout.split(maxsplit=2)
    assert kind == "Unavailable"
    assert "The store is not available" in sentence
    assert int(number) > 10
    assert answered(tmp_path / FILE_NAME) == {f"m{each}" for each in range(1, int(number) + 1)}
