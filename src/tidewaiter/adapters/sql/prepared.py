"""Prepared statements: compiled once, then run on the driver's own cursor.

SQLAlchemy's way from a statement to the driver takes ten times as long as SQLite takes to answer
it, and an assessment makes a dozen statements.  Tables, types and texts stay SQLAlchemy's; a
prepared statement keeps what would be worked out anew at each execution.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, TypeAlias

from sqlalchemy import Connection, Delete, Dialect, Double, Insert, Select, Update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

__all__ = ["Prepared", "Statement", "Values", "insert_together", "prepared", "rows_together"]

Statement: TypeAlias = Select[Any] | Insert | Update | Delete
Values: TypeAlias = Mapping[str, Any]
Convert: TypeAlias = Callable[[Any], Any]

#: More than the statements of a unit of work, each on a few engines.
_KEPT_MAX: Final = 512


class Prepared:
    """One statement for one dialect; an insert into the columns *keys*."""

    def __init__(self, statement: Statement, dialect: Dialect, keys: tuple[str, ...] = ()) -> None:
        if isinstance(statement, Insert):
            statement = statement.inline()  # no row id is asked back: nobody reads it
        compiled: SQLCompiler = statement.compile(dialect=dialect, column_keys=list(keys) or None)
        if compiled.positiontup is None:
            raise TypeError("BUG: statements are prepared for drivers that take values by position")
        self.text: Final[str] = compiled.string
        #: Values that are part of the statement, by name.
        self._fixed: Final = {
            name: value for name, value in compiled.params.items() if not compiled.binds[name].required
        }
        #: In the order of the text: the name of a value, and how it goes in.
        self._in: Final = tuple(
            (name, _going_in(compiled.binds[name].type, dialect)) for name in compiled.positiontup
        )
        columns = list(statement.selected_columns) if isinstance(statement, Select) else []
        #: Position of a column and how its value comes out, where it does not come out as it is.
        self._out: Final = tuple(
            (at, convert)
            for at, column in enumerate(columns)
            if (convert := _coming_out(column.type, dialect)) is not None
        )
        # The columns are known only here, so a row cannot be a class that is written down.
        row: Any = namedtuple("Row", [column.key for column in columns])  # type: ignore[misc]  # noqa: PYI024
        self._make: Final = row._make

    def rows(self, connection: Connection, values: Values) -> list[Any]:
        """Run a query and return its rows as named tuples; raises DBAPIError."""
        cursor = self._execute(connection, self.ordered(values), many=False)
        found = [self.row(row) for row in cursor.fetchall()]
        cursor.close()
        return found

    def first(self, connection: Connection, values: Values) -> Any:
        """Run a query and return its first row, or None; raises DBAPIError."""
        cursor = self._execute(connection, self.ordered(values), many=False)
        row = cursor.fetchone()
        cursor.close()
        return None if row is None else self.row(row)

    def change(self, connection: Connection, values: Values) -> int:
        """Run a change and return how many rows it changed; raises DBAPIError."""
        cursor = self._execute(connection, self.ordered(values), many=False)
        count: int = cursor.rowcount
        cursor.close()
        return count

    def change_all(self, connection: Connection, values: Sequence[Values]) -> int:
        """Run a change once for each of *values*; return how many rows that changed; raises DBAPIError."""
        cursor = self._execute(connection, [self.ordered(each) for each in values], many=True)
        count: int = cursor.rowcount
        cursor.close()
        return count

    def of_rows(self, count: int) -> str:
        """Return the text that inserts so many rows at once."""
        head, values, row_and_rest = self.text.partition(" VALUES ")
        row, conflict, rest = row_and_rest.partition(" ON CONFLICT ")
        return f"{head}{values}{', '.join([row] * count)}{conflict}{rest}"

    def ordered(self, values: Values) -> tuple[Any, ...]:
        """Return *values* as the driver takes them, in the order of the text."""
        given = {**self._fixed, **values} if self._fixed else values
        return tuple([
            given[name] if convert is None else convert(given[name]) for name, convert in self._in
        ])  # fmt: skip

    def row(self, row: Sequence[Any]) -> Any:
        """Return what the driver gave for one row as a named tuple."""
        if not self._out:
            return self._make(row)
        found = list(row)
        for at, convert in self._out:
            found[at] = convert(found[at])
        return self._make(found)

    def _execute(self, connection: Connection, given: Any, *, many: bool) -> Any:
        """Run the text; what the driver raises comes out as SQLAlchemy's exception for it."""
        driver: Any = connection.connection.driver_connection
        cursor = driver.cursor()
        try:
            if many:
                cursor.executemany(self.text, given)
            else:
                cursor.execute(self.text, given)
        except driver.Error as error:
            raise DBAPIError.instance(self.text, given, error, driver.Error) from error
        return cursor


def insert_together(connection: Connection, inserts: Mapping[Prepared, Sequence[Values]]) -> list[int]:
    """Insert rows with one statement a table, all in one round trip; return how many each inserted.

    With PostgreSQL's driver alone: its pipeline sends all before it reads the first answer.
    Raises DBAPIError.
    """
    work = [
        (statement.of_rows(len(rows)), [value for row in rows for value in statement.ordered(row)])
        for statement, rows in inserts.items()
    ]
    return [cursor.rowcount for cursor in _together(connection, work)]


def rows_together(connection: Connection, queries: Sequence[tuple[Prepared, Values]]) -> list[list[Any]]:
    """Run queries in one round trip, as :func:`insert_together`; return the rows of each."""
    work = [(statement.text, statement.ordered(values)) for statement, values in queries]
    found = _together(connection, work)
    return [
        [statement.row(row) for row in cursor.fetchall()]
        for (statement, _), cursor in zip(queries, found, strict=True)
    ]


def _together(connection: Connection, work: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
    """Run texts with their values in one round trip; return a cursor for each; raises DBAPIError."""
    driver: Any = connection.connection.driver_connection
    cursors = [driver.cursor() for _ in work]
    try:
        with driver.pipeline():
            for cursor, (text, values) in zip(cursors, work, strict=True):
                cursor.execute(text, values)
    except driver.Error as error:
        texts = "; ".join(dict.fromkeys(text for text, _ in work))
        raise DBAPIError.instance(texts, None, error, driver.Error) from error
    return cursors


@lru_cache(maxsize=_KEPT_MAX)
def prepared(statement: Statement, dialect: Dialect, keys: tuple[str, ...] = ()) -> Prepared:
    """Return *statement*, prepared at its first use."""
    return Prepared(statement, dialect, keys)


def _going_in(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    """Return how a value of a column type goes to the driver; None: as it is."""
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _coming_out(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    """Return how a value of a column type comes from the driver; None: as it is."""
    if isinstance(kind, Double):
        return None  # a float on every driver; SQLAlchemy asks for the driver's type of the number, too late
    return kind.dialect_impl(dialect).result_processor(dialect, None)
