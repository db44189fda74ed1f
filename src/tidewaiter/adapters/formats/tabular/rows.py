"""What reading a table gives: declarations with their results, and rows that were set aside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from tidewaiter.core.control import ControlResult
from tidewaiter.core.declaration import Declaration
from tidewaiter.core.errors import Fault

__all__ = ["BadRow", "RawRow", "Row", "RowOutcome"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRow:
    """A row as it stands in the file."""

    #: Line of a CSV file or row of a sheet, from 1 with the header; row of a Parquet file, from 1.
    line: int
    #: One text per column of the header, unless the row is faulty.
    cells: list[str]
    #: Why the row cannot be read at all.
    fault: Fault | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A declaration, with the lines that it was read from."""

    lines: tuple[int, ...]
    declaration: Declaration
    #: One control result when the row has labels, else none.
    results: tuple[ControlResult, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRow:
    """A row that was set aside, with everything that is wrong with it."""

    line: int
    #: At least one; the place of each is a column name, or empty for the whole row.
    faults: tuple[Fault, ...]
    #: The row as it stands in the file.
    cells: tuple[str, ...]

    @property
    def column(self) -> str:
        """Return the column of the first fault."""
        return self.faults[0].place

    @property
    def value(self) -> str | None:
        """Return the value of the first fault."""
        return self.faults[0].value

    @property
    def reason(self) -> str:
        """Return what is wrong first."""
        return self.faults[0].message

    @property
    def hint(self) -> str | None:
        """Return what to do about the first fault."""
        return self.faults[0].hint


RowOutcome: TypeAlias = Row | BadRow
