"""Parquet and Excel to rows: every cell as text, exactly.

A number is written with the fewest digits that give the same number back, and never with an
exponent: ``0.30000000000000004`` stays visible, and is not rounded behind anyone's back.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zipfile import BadZipFile, ZipFile, is_zipfile

from tidewaiter.adapters.formats.tabular.csv_source import CELL_CHARACTERS_MAX
from tidewaiter.adapters.formats.tabular.rows import RawRow
from tidewaiter.adapters.formats.tabular.rules import FormatRules
from tidewaiter.core.errors import Fault, InputError, shorten

if TYPE_CHECKING:
    import polars as pl

__all__ = ["excel_header", "excel_rows", "parquet_header", "parquet_rows"]

_BATCH_ROWS: Final = 20_000
#: A workbook unpacks to about ten times its size; far more is an attack (a "zip bomb").
_UNPACKED_BYTES_MAX: Final = 1024**3
_UNPACKED_RATIO_MAX: Final = 100
_UNPACKED_FILES_MAX: Final = 1000


def parquet_header(path: Path) -> list[str]:
    """Return the names of the columns; raises :class:`InputError` when it is no Parquet file."""
    return list(_schema(path))


def parquet_rows(path: Path, needed: set[str]) -> Iterator[RawRow]:
    """Yield the rows, batch by batch; columns that are not *needed* stay empty.

    Raises :class:`InputError` when a needed column holds lists, structures or bytes.
    """
    import polars as pl

    schema = _schema(path)
    for name in needed & set(schema):
        if schema[name].is_nested() or schema[name] in {pl.Binary, pl.Object}:
            raise InputError(f"Column {name!r} of {path.name} holds {schema[name]}; a cell is one value.")
    names = [name for name in schema if name in needed]
    _require_bearable(path, names)
    positions = [list(schema).index(name) for name in names]
    line = 0
    try:
        batches = (
            pl.scan_parquet(path, glob=False).select(names).collect_batches(chunk_size=_BATCH_ROWS, lazy=True)
        )
        for batch in batches:
            columns = [_texts(batch[name]) for name in names]
            for values in zip(*columns, strict=True):
                line += 1
                cells = [""] * len(schema)
                for position, value in zip(positions, values, strict=True):
                    cells[position] = value
                yield RawRow(line=line, cells=cells, fault=_too_large(cells))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        # On damaged bytes the reader may panic, which Python sees as no ordinary exception.
        raise InputError(f"{path.name} cannot be read after row {line}: {shorten(error, 200)}.") from error


#: Reads all that will be read, and keeps nothing.  What it can say, the reading itself says better.
_PROBE: Final = """
import sys
import polars as pl
try:
    for _ in pl.scan_parquet(sys.argv[1], glob=False).select(sys.argv[2:]).collect_batches(lazy=True):
        pass
except BaseException:
    pass
"""


def _require_bearable(path: Path, names: list[str]) -> None:
    """Raise InputError when reading *path* would end the process.

    A page that claims more values than there is memory makes the library abort, which nothing in
    Python can catch; so a child reads the file first, and only the child ends.
    """
    done = subprocess.run(  # noqa: S603 - our own interpreter and code, without a shell
        [sys.executable, "-I", "-c", _PROBE, str(path.resolve()), *names],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode != 0:
        raise InputError(f"{path.name} is damaged: reading it ends the process that does; write it again.")


def _schema(path: Path) -> dict[str, Any]:
    import polars as pl

    try:
        return dict(pl.read_parquet_schema(path))
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise InputError(f"{path.name} is not a Parquet file: {shorten(error, 200)}.") from error


def _texts(column: pl.Series) -> list[str]:
    """Return the values of *column* as cell texts."""
    import polars as pl

    if column.dtype == pl.Float32:
        # The shortest text of the 32-bit number, not of the 64-bit number that Python would make of it.
        shortest = column.cast(pl.String).to_list()
        return ["" if text is None else _plain(text) for text in shortest]
    return [cell_text(value) for value in column.to_list()]


def excel_header(path: Path, rules: FormatRules) -> list[str]:
    """Return the texts of the first row of the sheet; raises :class:`InputError` when there is none."""
    with _Sheet(path, rules) as rows:
        first = next(rows, None)
    if first is None:
        raise InputError(f"The sheet of {path.name} is empty.")
    return [cell_text(value) for value in first]


def excel_rows(path: Path, rules: FormatRules, width: int) -> Iterator[RawRow]:
    """Yield the rows after the header; rows without any value are not rows."""
    with _Sheet(path, rules) as rows:
        for number, values in enumerate(islice(rows, 1, None), start=2):
            cells = [cell_text(value) for value in values]
            if any(cells):
                yield RawRow(line=number, cells=cells[:width], fault=_too_large(cells))


class _Sheet:
    """The rows of a sheet, from its first row and column on, while it is open."""

    def __init__(self, path: Path, rules: FormatRules) -> None:
        self._path = path
        self._name = rules.sheet

    def __enter__(self) -> Iterator[list[Any]]:
        from python_calamine import CalamineError, CalamineWorkbook

        _check_size(self._path)
        try:
            self._book = CalamineWorkbook.from_path(self._path)
            names = self._book.sheet_names
            if not names or (self._name is not None and self._name not in names):
                known = ", ".join(names) or "none"
                raise InputError(f"{self._path.name} has no sheet {self._name!r}. Its sheets: {known}.")
            sheet = self._book.get_sheet_by_name(self._name or names[0])
            return iter(sheet.to_python(skip_empty_area=False))
        except CalamineError as error:
            raise InputError(f"{self._path.name} cannot be read as Excel: {shorten(error, 200)}.") from error

    def __exit__(self, *_: object) -> None:
        self._book.close()


def _check_size(path: Path) -> None:
    """Refuse a workbook that unpacks to far more than it is."""
    if not is_zipfile(path):
        return
    try:
        with ZipFile(path) as archive:
            parts = archive.infolist()
    except (BadZipFile, NotImplementedError, ValueError) as error:
        raise InputError(f"{path.name} cannot be read as Excel: {shorten(error, 200)}.") from error
    unpacked = sum(part.file_size for part in parts)
    limit = min(_UNPACKED_BYTES_MAX, max(path.stat().st_size * _UNPACKED_RATIO_MAX, 1024**2))
    if unpacked > limit or len(parts) > _UNPACKED_FILES_MAX:
        raise InputError(
            f"{path.name} unpacks to {unpacked} bytes in {len(parts)} parts; that is no workbook."
        )


def cell_text(value: Any) -> str:
    """Return a cell value as text: numbers plainly, times in ISO 8601, nothing as the empty text."""
    writer = _WRITERS.get(type(value))
    return str(value) if writer is None else writer(value)


def _plain(number: str) -> str:
    """Return the text of a float without exponent; a whole number without ``.0``."""
    if number[-1] not in "0123456789":
        return number  # nan, inf: the field says what is wrong with it
    text = format(Decimal(number), "f") if "e" in number else number
    return text.removesuffix(".0")


_WRITERS: Final[dict[type, Callable[[Any], str]]] = {
    type(None): lambda _: "",
    str: lambda text: text,
    bool: lambda flag: "true" if flag else "false",
    float: lambda number: _plain(repr(number)),
    Decimal: lambda number: format(number, "f"),
    datetime: datetime.isoformat,
    date: date.isoformat,
}


def _too_large(cells: list[str]) -> Fault | None:
    for index, cell in enumerate(cells):
        if len(cell) > CELL_CHARACTERS_MAX:
            message = f"cell {index + 1} has {len(cell)} characters; at most {CELL_CHARACTERS_MAX}."
            return Fault(
                code="cell-too-large", place="", message=message, value=shorten(cell), hint="Shorten it."
            )
    return None
