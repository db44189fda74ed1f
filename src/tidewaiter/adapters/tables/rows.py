"""A table of rules as rows of text, from CSV or Excel; whatever cannot be a table is refused in words.

A formula is refused, not computed: what a spreadsheet last made of it need not be what its author sees.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final
from zipfile import is_zipfile

from tidewaiter.adapters.formats.tabular.csv_source import csv_table
from tidewaiter.adapters.formats.tabular.rules import FormatRules
from tidewaiter.adapters.formats.tabular.sheet_source import excel_header, excel_rows
from tidewaiter.adapters.tables.workbook import require_plain_workbook
from tidewaiter.core.errors import Fault, InputError
from tidewaiter.core.rules.tables.table import ROWS_MAX, TextRow

__all__ = ["read_rows"]

_FILE_BYTES_MAX: Final = 16 * 1024 * 1024
_FAULTS_MAX: Final = 50


def read_rows(file: Path, delimiter: str = ",", *, rows_max: int = ROWS_MAX + 2) -> list[TextRow]:
    """Return every row of *file* (``.csv`` or ``.xlsx``), the first with the names of the columns.

    Raises InputError with every row that cannot be read: a rule that is left out would be missed.
    """
    size = file.stat().st_size
    if size > _FILE_BYTES_MAX:
        raise InputError(f"{file.name} has {size:,} bytes; a table of rules has at most {_FILE_BYTES_MAX:,}.")
    if file.suffix.lower() == ".xlsx":
        return _without_margin(_excel(file, rows_max))
    if file.suffix.lower() != ".csv":
        raise InputError(f"{file.name} is no table of rules: its name ends in .csv or .xlsx.")
    header, records = csv_table(file.read_bytes(), FormatRules(delimiter=delimiter))
    rows = [TextRow(line=1, cells=tuple(header))]
    faults: list[Fault] = []
    for record in records:
        if record.fault is not None:
            faults.append(_at(record.fault, file, record.line))
        rows.append(TextRow(line=record.line, cells=tuple(record.cells)))
        _require_bearable(file, rows, rows_max, faults)
    _refuse(file, faults)
    return _without_margin(rows)


def _without_margin(rows: list[TextRow]) -> list[TextRow]:
    """Return the rows that hold something, without the columns at the right that hold nothing."""
    widths = [max((n for n, cell in enumerate(row.cells, 1) if cell.strip()), default=0) for row in rows]
    most = max(widths, default=0)
    return [
        TextRow(line=row.line, cells=row.cells[:most])
        for row, width in zip(rows, widths, strict=True)
        if width
    ]


def _excel(file: Path, rows_max: int) -> list[TextRow]:
    """Return the rows of the first sheet."""
    if not is_zipfile(file):
        raise InputError(f"{file.name} is no Excel workbook (.xlsx); save it as one, or as CSV.")
    require_plain_workbook(file, rows_max)
    header = excel_header(file, FormatRules())
    rows = [TextRow(line=1, cells=tuple(header))]
    faults: list[Fault] = []
    for record in excel_rows(file, FormatRules(), len(header)):
        if record.fault is not None:
            faults.append(_at(record.fault, file, record.line))
        rows.append(TextRow(line=record.line, cells=tuple(record.cells)))
        _require_bearable(file, rows, rows_max, faults)
    _refuse(file, faults)
    return rows


def _require_bearable(file: Path, rows: list[TextRow], rows_max: int, faults: list[Fault]) -> None:
    """Raise InputError as soon as there are too many rows or faults."""
    if len(rows) > rows_max:
        raise InputError(f"{file.name} has more than {rows_max:,} rows; divide it.")
    if len(faults) >= _FAULTS_MAX:
        _refuse(file, faults)


def _at(fault: Fault, file: Path, line: int) -> Fault:
    return Fault(
        code=fault.code,
        place=f"{file.name}:{line}",
        message=fault.message,
        value=fault.value,
        hint=fault.hint,
    )


def _refuse(file: Path, faults: list[Fault]) -> None:
    if faults:
        raise InputError(f"{file.name} cannot be read; correct the rows named here.", faults=tuple(faults))
