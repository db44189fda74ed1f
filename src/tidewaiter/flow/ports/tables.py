"""Tables that people keep in files, as rows of text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from tidewaiter.core.errors import Fault

__all__ = ["ListedRow", "ListedRows", "ReadColumn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedRow:
    """One cell of a column."""

    #: Number of the line in the file, from 1.
    line: int
    text: str
    #: Why the row cannot be read; None: it can.
    fault: Fault | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedRows:
    """A column of a table."""

    #: Every row that is not blank, also those that cannot be read.
    rows: Sequence[ListedRow]
    #: Whether the table had more rows than were to be read.
    more: bool


class ReadColumn(Protocol):
    """Reads a column of a table in CSV."""

    def __call__(self, content: bytes, column: str, *, rows_max: int) -> ListedRows:
        """Return the first *rows_max* rows of the named column; raises InputError for no such table."""
        ...
