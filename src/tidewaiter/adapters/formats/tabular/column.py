"""One column of a table in CSV, row by row; what cannot be read is told and costs no other row."""

from __future__ import annotations

from itertools import islice

from tidewaiter.adapters.formats.tabular.csv_source import csv_table
from tidewaiter.adapters.formats.tabular.rules import FormatRules
from tidewaiter.core.errors import InputError
from tidewaiter.core.plain import meant, names
from tidewaiter.flow.ports.tables import ListedRow, ListedRows

__all__ = ["read_column"]

_COLUMNS_SHOWN = 20


def read_column(content: bytes, column: str, *, rows_max: int) -> ListedRows:
    """Return the first *rows_max* rows of *column*, as in the port ``ReadColumn``.

    The first line names the columns.  Blanks around a cell are not part of it.
    """
    header, records = csv_table(content, FormatRules())
    cells = [name.strip() for name in header]
    if cells.count(column) != 1:
        known = names(cells[:_COLUMNS_SHOWN])
        hint = meant(column, cells) or f"Its columns: {known}."
        times = "no column" if column not in cells else "more than one column"
        raise InputError(f"The first line names {times} {column!r}. {hint}")
    position = cells.index(column)
    rows = []
    for record in islice(records, rows_max):
        text = record.cells[position].strip() if position < len(record.cells) else ""
        if text or record.fault is not None or any(cell.strip() for cell in record.cells):
            rows.append(ListedRow(line=record.line, text=text, fault=record.fault))
    return ListedRows(rows=rows, more=next(records, None) is not None)
