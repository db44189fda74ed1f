"""Bad rows as a CSV file that people open in a spreadsheet, without any cell becoming a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Self

from tidewaiter.adapters.formats.tabular.csv_source import CELL_CHARACTERS_MAX
from tidewaiter.adapters.formats.tabular.rows import BadRow

__all__ = ["BadRowsFile", "safe_cell", "write_bad_rows"]

_HEADER: Final = ("line", "column", "value", "reason", "hint", "row")
#: A cell that begins so is a formula, or can be made one (OWASP ASVS 1.2.10); full-width twins too.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "|", "＝", "＋", "－", "＠")


def write_bad_rows(path: Path, rows: Iterable[BadRow]) -> int:
    """Write *rows* to *path*, one line per fault; return how many rows there were."""
    with BadRowsFile(path) as file:
        for row in rows:
            file.add(row)
        return file.count


def safe_cell(text: str) -> str:
    """Return *text* so that no spreadsheet takes it for a formula, at most as long as a cell may be.

    >>> safe_cell("=1+1")
    "'=1+1"
    """
    safe = "'" + text if text.lstrip(" ").startswith(_FORMULA) else text
    return safe.replace("\0", "\\x00")[:CELL_CHARACTERS_MAX]


class BadRowsFile:
    """A file of bad rows that is written while a table is read; no bad row, no file."""

    def __init__(self, path: Path) -> None:
        #: Rows written so far.
        self.count = 0
        self._path = path
        self._file: io.TextIOWrapper | None = None

    def __enter__(self) -> Self:
        """Begin; a file of an earlier run is removed, so that it is not taken for this one's."""
        self._path.unlink(missing_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def add(self, row: BadRow) -> None:
        """Write *row*, one line per fault."""
        if self._file is None:
            # The mark tells spreadsheets that the text is UTF-8.
            self._file = self._path.open("w", encoding="utf-8-sig", newline="", errors="backslashreplace")
            csv.writer(self._file).writerow(_HEADER)
        writer = csv.writer(self._file, quoting=csv.QUOTE_ALL)
        original = _line(row.cells)
        for fault in row.faults:
            cells = (str(row.line), fault.place, fault.value or "", fault.message, fault.hint or "", original)
            writer.writerow([safe_cell(cell) for cell in cells])
        self.count += 1


def _line(cells: tuple[str, ...]) -> str:
    """Return *cells* as one line of CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(cells)
    return text.getvalue()
