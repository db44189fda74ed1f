"""What all parts of a unit of work share: running statements, positions, refusal and soundness."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, CursorResult, Table, func, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.sql.base import Executable

from tidewaiter.adapters.sql import tables as t
from tidewaiter.adapters.sql.translate import translation
from tidewaiter.core.errors import Conflict, TidewaiterError
from tidewaiter.core.ledger import canonical_json, leaf_hash

__all__ = ["CHUNK_ROWS", "Work", "chunks"]

#: Rows that are read or looked up at a time: bounds memory, and the variables of a statement.
CHUNK_ROWS: Final = 2_000

_INSERT: Final = {table: insert(table) for table in t.metadata.tables.values()}
_LAST_SEQ: Final = {
    table: select(func.coalesce(func.max(table.c.seq), 0))
    for table in t.metadata.tables.values()
    if "seq" in table.c
}


def chunks(values: Sequence[Any], size: int = CHUNK_ROWS) -> Iterator[Sequence[Any]]:
    """Iterate over *values* in slices of at most *size*."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


class Work:
    """One transaction on one connection."""

    def __init__(self, connection: Connection, *, writing: bool) -> None:
        self._connection = connection
        self._writing = writing
        self._failure: TidewaiterError | None = None
        self._last: dict[Table, int] = {}

    def require_sound(self) -> None:
        """Raise what the database said, when it failed earlier in this transaction.

        SQLite may have rolled back by itself (disk full, I/O error), and what follows would be
        committed alone, so a unit of work that met such a failure does nothing any more.
        """
        if self._failure is not None:
            raise self._failure

    def _run(self, statement: Executable, values: Any = None) -> CursorResult[Any]:
        """Execute a statement; driver exceptions come out as errors of ours."""
        self.require_sound()
        try:
            return self._connection.execute(statement, values)
        except DBAPIError as error:
            ours = translation(error)
            if not isinstance(error, IntegrityError):
                self._failure = ours
            raise ours from error

    def _change(self, statement: Executable, values: Any = None) -> CursorResult[Any]:
        """Execute a statement that writes."""
        if not self._writing:
            raise RuntimeError("BUG: a reading transaction was asked to write")
        return self._run(statement, values)

    def _insert(self, table: Table, row: Mapping[str, Any]) -> None:
        """Insert one row."""
        self._change(_INSERT[table], row)

    def _insert_all(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert many rows by one prepared statement."""
        if rows:
            self._change(_INSERT[table], rows)

    def _last_seq(self, table: Table) -> int:
        """Return the last position of *table*; 0 when it is empty."""
        if table not in self._last or not self._writing:
            self._last[table] = int(self._run(_LAST_SEQ[table]).scalar_one())
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
        refused, and SQLite undoes a refused statement by itself; more rows need a savepoint.
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
        )

    def _add_leaf_of(self, kind: str, subject: str, content: Mapping[str, Any], at: datetime) -> None:
        """Record a ledger leaf whose bytes are the canonical JSON of *content*."""
        self._add_leaf(kind, subject, canonical_json({"kind": kind, **content}), at)

    def _add_outbox(self, topic: str, key: str, payload: bytes, at: datetime) -> None:
        """Record what is to leave after the commit."""
        self._insert(t.outbox, {"topic": topic, "key": key, "payload": payload, "created_at": at})
