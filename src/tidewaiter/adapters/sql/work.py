"""What all parts of a unit of work share: running statements, positions, refusal and soundness."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any, Final, NamedTuple, TypeVar

from sqlalchemy import Connection, Insert, Table, func, insert, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.exc import DBAPIError, IntegrityError

from tidewaiter.adapters.sql import tables as t
from tidewaiter.adapters.sql.prepared import (
    Prepared,
    Statement,
    Values,
    insert_together,
    prepared,
    rows_together,
)
from tidewaiter.adapters.sql.translate import translation
from tidewaiter.core.errors import Conflict, TidewaiterError
from tidewaiter.core.ledger import canonical_json, leaf_hash

__all__ = ["CHUNK_ROWS", "Work", "WrittenVersion"]

_Given = TypeVar("_Given")
_Found = TypeVar("_Found")

#: Rows that are read or looked up at a time: bounds memory, and the variables of a statement.
CHUNK_ROWS: Final = 2_000
#: Rows that are inserted with one statement; PostgreSQL takes 65,535 values.
TOGETHER_MAX: Final = 500

_NUMBERED: Final = tuple(table for table in t.metadata.tables.values() if "seq" in table.c)
_LAST_SEQS: Final = select(
    *(
        select(func.coalesce(func.max(table.c.seq), 0)).scalar_subquery().label(table.name)
        for table in _NUMBERED
    )
)


class WrittenVersion(NamedTuple):
    """A declaration version that was written."""

    seq: int
    body: bytes


class Work:
    """One transaction on one connection."""

    def __init__(self, connection: Connection, *, writing: bool) -> None:
        self._connection = connection
        self._writing = writing
        self._on_postgresql = connection.dialect.name == "postgresql"
        self._failure: TidewaiterError | None = None
        self._last: dict[Table, int] = {}
        #: Inserts that cannot contradict what is recorded: they wait for company (PostgreSQL).
        self._waiting: dict[Prepared, list[Values]] = {}
        #: What was read before it is asked; gone with the first change.
        self._ahead: dict[tuple[Statement, tuple[tuple[str, Any], ...]], list[Any]] = {}
        #: Keys that this transaction looked up and did not find.
        self._absent: set[tuple[object, ...]] = set()
        #: Declaration versions that this transaction wrote and nobody has decided on.
        self._written: dict[tuple[str, str, int], WrittenVersion] = {}
        #: Rows of the results that wait for a declaration, as this transaction read them last.
        self._parked: dict[tuple[str, str], list[Any]] = {}

    def finish(self) -> None:
        """Make what waits, and raise what the database said earlier; the commit comes next."""
        self._make_waiting()
        self.require_sound()

    def require_sound(self) -> None:
        """Raise what the database said, when it failed earlier in this transaction.

        SQLite may have rolled back by itself (disk full, I/O error), and what follows would be
        committed alone; PostgreSQL would roll back at the commit, and say nothing.  So a unit of work
        that met such a failure does nothing any more.
        """
        if self._failure is not None:
            raise self._failure

    def _rows(self, query: Statement, values: Values | None = None) -> list[Any]:
        """Return the rows that *query* finds, as named tuples."""
        ahead = self._ahead.pop(_asked(query, values), None) if self._ahead and values else None
        return self._run(self._prepared(query).rows, values or {}) if ahead is None else ahead

    def _first(self, query: Statement, values: Values | None = None) -> Any:
        """Return the first row that *query* finds, as a named tuple, or None."""
        ahead = self._ahead.pop(_asked(query, values), None) if self._ahead and values else None
        if ahead is None:
            return self._run(self._prepared(query).first, values or {})
        return ahead[0] if ahead else None

    def _read_ahead(self, queries: Sequence[tuple[Statement, Values]]) -> None:
        """Read what will be asked next in one round trip, where a round trip costs something."""
        if not (self._on_postgresql and self._writing):
            return

        def read(connection: Connection, asked: Sequence[tuple[Statement, Values]]) -> list[list[Any]]:
            return rows_together(connection, [(self._prepared(query), values) for query, values in asked])

        found = self._run(read, queries)
        self._ahead = {
            _asked(query, values): rows for (query, values), rows in zip(queries, found, strict=True)
        }

    def _change(self, statement: Statement, values: Values, columns: tuple[str, ...] = ()) -> int:
        """Execute a statement that writes; return how many rows it changed."""
        self._require_writing()
        return self._run(self._prepared(statement, columns).change, values)

    def _change_all(
        self, statement: Statement, values: Sequence[Values], columns: tuple[str, ...] = ()
    ) -> int:
        """Execute a statement that writes, once for each of *values*; return how many rows it changed."""
        self._require_writing()
        return self._run(self._prepared(statement, columns).change_all, values)

    def _insert(self, table: Table, row: Values, *, new: bool = False) -> None:
        """Insert one row; raises Conflict when its key is recorded.

        *new*: this transaction knows that it is not, because it looked and only one writes at a time.
        On PostgreSQL such a row waits until something is asked, or for the end: then all go to the
        server in one round trip, where a decision alone would take seven.
        """
        if not (new and self._on_postgresql):
            self._insert_all(table, [row])
            return
        self._require_writing()
        statement = self._prepared(_insert_into(table, skip=True), tuple(row))
        waiting = self._waiting.setdefault(statement, [])
        waiting.append(row)
        if len(waiting) >= TOGETHER_MAX:
            self._make_waiting()

    def _insert_all(self, table: Table, rows: Sequence[Values]) -> None:
        """Insert rows with the same columns; raises Conflict when the key of one is recorded."""
        if not rows:
            return
        statement, columns = _insert_into(table, skip=self._on_postgresql), tuple(rows[0])
        if len(rows) == 1:
            inserted = self._change(statement, rows[0], columns)
        else:
            inserted = self._change_all(statement, rows, columns)
        if inserted < len(rows):
            raise Conflict(f"This contradicts what is recorded: a key of {table.name} is there already.")

    def _make_waiting(self) -> None:
        """Make the inserts that wait, table by table: what is referred to is inserted before who refers."""
        if not self._waiting:
            return
        self.require_sound()
        made, self._waiting = self._waiting, {}
        try:
            counts = insert_together(self._connection, made)
        except DBAPIError as error:
            self._failure = translation(error)
            raise self._failure from error
        for (statement, rows), count in zip(made.items(), counts, strict=True):
            if count != len(rows):
                raise AssertionError(f"BUG: a key was taken for new and is recorded: {statement.text}")

    def _prepared(self, statement: Statement, columns: tuple[str, ...] = ()) -> Prepared:
        return prepared(statement, self._connection.dialect, columns)

    def _require_writing(self) -> None:
        self._ahead.clear()  # every change comes by here, and may make it another answer
        if not self._writing:
            raise RuntimeError("BUG: a reading transaction was asked to write")

    def _run(self, action: Callable[[Connection, _Given], _Found], given: _Given) -> _Found:
        """Do something with the connection; driver exceptions come out as errors of ours."""
        self._make_waiting()
        self.require_sound()
        try:
            return action(self._connection, given)
        except DBAPIError as error:
            ours = translation(error)
            # SQLite undoes a refused statement by itself; PostgreSQL then refuses all that follows.
            if self._on_postgresql or not isinstance(error, IntegrityError):
                self._failure = ours
            raise ours from error

    def _last_seq(self, table: Table) -> int:
        """Return the last position of *table*; 0 when it is empty."""
        if not self._writing:
            return int(getattr(self._first(_LAST_SEQS), table.name))
        if not self._last:
            self._last = dict(zip(_NUMBERED, self._first(_LAST_SEQS), strict=True))
        return self._last[table]

    def _next_seq(self, table: Table) -> int:
        """Take the next position of *table*.

        Only one transaction writes at a time, so positions are given here, without gaps, and the
        rows of a bulk insert know theirs beforehand.
        """
        self._last[table] = self._last_seq(table) + 1
        return self._last[table]

    @contextmanager
    def _all_or_nothing(self, sentence: str, *, rows: int = 1) -> Iterator[None]:
        """Run a block of changes; when it contradicts what is recorded, undo it and raise Conflict.

        The transaction may go on after the Conflict.  Of one row only the first statement can be
        refused, and a refused statement has changed nothing; more rows need a savepoint.
        """
        last, done = dict(self._last), False
        if rows > 1:
            self._savepoint("SAVEPOINT step")
        try:
            yield
            done = True
        except Conflict as conflict:
            raise Conflict(f"{sentence} {conflict.message}") from conflict.__cause__
        finally:
            if not done:
                self._last = last
            if rows > 1 and self._failure is None:
                if not done:
                    self._savepoint("ROLLBACK TO step")
                self._savepoint("RELEASE step")

    def _savepoint(self, command: str) -> None:
        """Execute a savepoint command."""
        self._make_waiting()
        try:
            self._connection.exec_driver_sql(command)
        except DBAPIError as error:
            self._failure = translation(error)
            raise self._failure from error

    def _add_leaf(
        self, kind: str, subject: str, body: bytes, at: datetime, *, kept_elsewhere: bool = False
    ) -> None:
        """Record a ledger leaf; *kept_elsewhere*: its bytes are recorded in another table."""
        self._insert(
            t.ledger_leaf,
            {
                "seq": self._next_seq(t.ledger_leaf),
                "kind": kind,
                "subject": subject,
                "body": None if kept_elsewhere else body,
                "leaf_hash": leaf_hash(body),
                "created_at": at,
            },
            new=True,
        )

    def _add_leaf_of(self, kind: str, subject: str, content: Mapping[str, Any], at: datetime) -> None:
        """Record a ledger leaf whose bytes are the canonical JSON of *content*."""
        self._add_leaf(kind, subject, canonical_json({"kind": kind, **content}), at)

    def _add_outbox(
        self, topic: str, key: str, payload: bytes, at: datetime, *, concerns: tuple[str, str] | None = None
    ) -> None:
        """Record what is to leave after the commit; *concerns* is a declaration: its source and identity."""
        source, declaration_id = concerns or (None, None)
        row = {"topic": topic, "key": key, "source": source, "declaration_id": declaration_id}
        self._insert(t.outbox, {**row, "payload": payload, "created_at": at}, new=True)


def _asked(query: Statement, values: Values) -> tuple[Statement, tuple[tuple[str, Any], ...]]:
    """Return a query with its values as a key; a statement is one object, and equal to itself alone."""
    return query, tuple(sorted(values.items()))


@cache
def _insert_into(table: Table, *, skip: bool) -> Insert:
    """Return the insert into *table*: one object, because what is prepared is found by it.

    *skip*: a row whose key is recorded is passed over, and missing from the count.  On PostgreSQL a
    refused row would end the transaction; a savepoint before each takes as long as the insert.
    """
    return postgresql_insert(table).on_conflict_do_nothing() if skip else insert(table)
