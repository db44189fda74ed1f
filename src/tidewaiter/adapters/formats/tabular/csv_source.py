"""CSV bytes to rows, line by line: a broken line costs itself and never the lines after it.

A quote that is never closed makes most readers swallow the rest of the file into one cell.  Here a
record may run over at most :data:`RECORD_LINES_MAX` lines; when it does not end well, only its
first line is set aside and reading goes on with the next.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Final

from tidewaiter.adapters.formats.tabular.rows import RawRow
from tidewaiter.adapters.formats.tabular.rules import FormatRules
from tidewaiter.core.errors import Fault, InputError, shorten

__all__ = [
    "CELL_CHARACTERS_MAX", "LINE_BYTES_MAX", "RECORD_LINES_MAX", "csv_header", "csv_rows", "csv_table",
]  # fmt: skip

#: What a cell of a spreadsheet can hold.
CELL_CHARACTERS_MAX: Final = 32_767
LINE_BYTES_MAX: Final = 1024 * 1024
#: A cell with line breaks is an address or a description, not a chapter.
RECORD_LINES_MAX: Final = 50

_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_UTF8_MARK: Final = b"\xef\xbb\xbf"


def csv_header(path: Path, rules: FormatRules) -> list[str]:
    """Return the names in the first line; raises :class:`InputError` when there is none."""
    with path.open("rb") as file:
        first = file.readline(LINE_BYTES_MAX)
    if first.startswith(_UTF16):
        raise InputError(f"{path.name} is UTF-16 text; save it as UTF-8 and try again.")
    row = next(_records(_Lines(iter([first]), rules), rules, width=None), None)
    if row is None or row.fault is not None:
        reason = "it is empty" if row is None or row.fault is None else row.fault.message
        raise InputError(f"The header of {path.name} cannot be read: {reason}")
    return row.cells


def csv_rows(path: Path, rules: FormatRules, width: int) -> Iterator[RawRow]:
    """Yield the rows after the header, each with *width* cells or a fault; blank lines are not rows."""
    with path.open("rb") as file:
        records = _records(_Lines(_bounded(file), rules), rules, width)
        next(records)
        yield from records


def csv_table(content: bytes, rules: FormatRules) -> tuple[list[str], Iterator[RawRow]]:
    """Return the names in the first line of a table at hand, and its rows as :func:`csv_rows` has them.

    Raises :class:`InputError` when there is no first line that can be read.
    """
    if content.startswith(_UTF16):
        raise InputError("The table is UTF-16 text; save it as UTF-8 and try again.")
    lines = _Lines(_bounded(BytesIO(content)), rules)
    first = next(_records(lines, rules, width=None), None)
    if first is None:
        raise InputError("The table is empty; its first line names the columns.")
    if first.fault is not None:
        raise InputError("The first line of the table cannot be read.", faults=(first.fault,))
    return first.cells, _records(lines, rules, len(first.cells))


def _bounded(file: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of *file*; of a line that is too long only its first part, marked by its length."""
    while line := file.readline(LINE_BYTES_MAX + 1):
        rest = line
        while len(rest) > LINE_BYTES_MAX and not rest.endswith(b"\n"):
            rest = file.readline(LINE_BYTES_MAX + 1)
        yield line


class _Lines:
    """Decoded lines with their numbers, and the way back to lines that were looked at too far ahead."""

    def __init__(self, lines: Iterator[bytes], rules: FormatRules) -> None:
        self._lines = lines
        self._encoding = rules.encoding
        self._waiting: deque[tuple[int, str, Fault | None]] = deque()
        self._number = 0

    def take(self) -> tuple[int, str, Fault | None] | None:
        """Return the next line: its number, its text, and why it cannot be used; None at the end."""
        if self._waiting:
            return self._waiting.popleft()
        line = next(self._lines, None)
        if line is None:
            return None
        self._number += 1
        if self._number == 1 and self._encoding == "utf-8":
            line = line.removeprefix(_UTF8_MARK)
        if len(line) > LINE_BYTES_MAX:
            text = line[:200].decode(self._encoding, "replace")
            message = f"the line has more than {LINE_BYTES_MAX} bytes."
            return self._number, text, _fault("line-too-long", message, text, "Look for a lost line break.")
        try:
            text = line.decode(self._encoding)
        except UnicodeDecodeError as error:
            text = line.decode(self._encoding, "replace")
            message = f"byte {error.start + 1} of the line is not {self._encoding} text."
            shown = line[error.start : error.start + 4].hex(" ")
            hint = "Save the file in the encoding of the mapping, or correct `encoding` there."
            return self._number, text, _fault("not-decodable", message, shown, hint)
        if "\0" in text:
            hint = "Export the file again; it may be damaged."
            return self._number, text, _fault("nul-character", "the line holds a NUL character.", text, hint)
        return self._number, text, None

    def give_back(self, lines: list[tuple[int, str, Fault | None]]) -> None:
        """Let *lines* be taken again, in this order."""
        self._waiting.extendleft(reversed(lines))


def _records(lines: _Lines, rules: FormatRules, width: int | None) -> Iterator[RawRow]:
    """Yield one row per record; *width* None: any number of cells."""
    while (line := lines.take()) is not None:
        number, text, fault = line
        if fault is not None:
            yield RawRow(line=number, cells=_roughly(text, rules), fault=fault)
            continue
        try:
            cells = _cells([text], rules)
        except csv.Error as error:
            cells, fault = _continued(text, str(error), lines, rules, width)
        if not cells and fault is None:
            continue
        if fault is None and (len(cells) != width or len(text) > CELL_CHARACTERS_MAX):
            fault = _shape_fault(cells, width)
        yield RawRow(line=number, cells=cells, fault=fault)


def _cells(texts: list[str], rules: FormatRules) -> list[str]:
    """Return the cells of one record; raises :class:`csv.Error` when its quotes do not fit."""
    reader = csv.reader(texts, delimiter=rules.delimiter, quotechar=rules.quote, strict=True)
    return next(reader, [])


def _continued(
    text: str, problem: str, lines: _Lines, rules: FormatRules, width: int | None
) -> tuple[list[str], Fault | None]:
    """Return the record that begins with *text* and runs over several lines, or why it does not end well."""
    ahead: list[tuple[int, str, Fault | None]] = []
    while "unexpected end of data" in problem and len(ahead) < RECORD_LINES_MAX - 1:
        line = lines.take()
        if line is None:
            break
        ahead.append(line)
        if line[2] is not None or sum(len(text) for _, text, _ in ahead) > LINE_BYTES_MAX:
            break
        try:
            cells = _cells([text, *(more for _, more, _ in ahead)], rules)
        except csv.Error as error:
            problem = str(error)
            continue
        if width is None or len(cells) == width:
            return cells, None
        break
    lines.give_back(ahead)
    hint = "Close the quote, or double a quote that belongs to the text."
    return _roughly(text, rules), _fault("quotes-broken", "the quotes of the line do not fit.", text, hint)


def _shape_fault(cells: list[str], width: int | None) -> Fault | None:
    """Return what is wrong with the number or the size of *cells*."""
    if width is not None and len(cells) != width:
        message = f"the line has {len(cells)} cells, the header {width}."
        hint = "Look for a delimiter inside a text without quotes, or a lost line break."
        return _fault("cell-count-wrong", message, None, hint)
    for index, cell in enumerate(cells):
        if len(cell) > CELL_CHARACTERS_MAX:
            message = f"cell {index + 1} has {len(cell)} characters; at most {CELL_CHARACTERS_MAX}."
            return _fault("cell-too-large", message, cell, "Shorten the text.")
    return None


def _roughly(text: str, rules: FormatRules) -> list[str]:
    """Return the cells of a line that cannot be read properly: good enough to find it again."""
    return text.rstrip("\r\n").split(rules.delimiter)


def _fault(code: str, message: str, value: str | None, hint: str) -> Fault:
    shown = None if value is None else shorten(value.rstrip("\r\n"))
    return Fault(code=code, place="", message=message, value=shown, hint=hint)
