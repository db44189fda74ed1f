"""A table to declarations: good rows go on, bad rows are set aside, nothing is lost.

Every row of the table is in exactly one outcome: in the lines of a declaration, or as a bad row.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, TypeAlias

from tidewaiter.adapters.formats.tabular.assemble import assemble, set_aside
from tidewaiter.adapters.formats.tabular.csv_source import csv_header, csv_rows
from tidewaiter.adapters.formats.tabular.mapping import TableMapping
from tidewaiter.adapters.formats.tabular.plan import Plan, needed_columns, plan_for
from tidewaiter.adapters.formats.tabular.rows import RawRow, Row, RowOutcome
from tidewaiter.adapters.formats.tabular.sheet_source import (
    excel_header,
    excel_rows,
    parquet_header,
    parquet_rows,
)
from tidewaiter.core.declaration import ITEMS_MAX
from tidewaiter.core.errors import Fault, InputError, shorten

__all__ = ["read_table"]

#: Id and version of a declaration.
_Key: TypeAlias = tuple[str, str]

_CSV: Final = frozenset({".csv", ".tsv", ".txt"})
_EXCEL: Final = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})


def read_table(path: Path, mapping: TableMapping) -> Iterator[RowOutcome]:
    """Return the outcomes of the rows of the table at *path*, in order, read as they are asked for.

    CSV, Parquet and Excel are told apart by the ending of the name.  Raises :class:`InputError`
    before any row when the file cannot be opened or lacks columns that *mapping* needs.
    """
    kind = path.suffix.lower()
    try:
        if kind in _CSV:
            plan = plan_for(mapping, csv_header(path, mapping.format))
            rows = csv_rows(path, mapping.format, plan.width)
        elif kind == ".parquet":
            plan = plan_for(mapping, parquet_header(path))
            rows = parquet_rows(path, needed_columns(mapping))
        elif kind in _EXCEL:
            plan = plan_for(mapping, excel_header(path, mapping.format))
            rows = excel_rows(path, mapping.format, plan.width)
        else:
            endings = ", ".join(sorted(_CSV | _EXCEL | {".parquet"}))
            raise InputError(f"{path.name} has an unknown ending. Tables end in: {endings}.")
    except OSError as error:
        raise InputError(f"{path} cannot be opened: {error.strerror or error}.") from error
    return _outcomes(plan, rows)


def _outcomes(plan: Plan, rows: Iterator[RawRow]) -> Iterator[RowOutcome]:
    """Yield the outcome of each declaration; one that comes again later in the table is set aside."""
    seen: set[_Key] = set()
    for written, group in _groups(plan, rows):
        outcome = assemble(plan, group)
        key = written
        if isinstance(outcome, Row):
            key = outcome.declaration.id, str(outcome.declaration.version)
        if key in seen:
            outcome = set_aside(group, [[row.fault or _again(plan, row)] for row in group])
        # A row that is a whole declaration may stand again, readable, after a broken one; the rows
        # of a declaration of several would lack those that were broken.
        if key is not None and (plan.several or isinstance(outcome, Row)):
            seen.add(key)
        if isinstance(outcome, Row):
            yield outcome
        else:
            yield from outcome


def _groups(plan: Plan, rows: Iterator[RawRow]) -> Iterator[tuple[_Key | None, list[RawRow]]]:
    """Yield the rows of each declaration with its identity; None where a row does not tell it."""
    key: _Key | None = None
    group: list[RawRow] = []
    for row in rows:
        found = _key(plan, row)
        same = plan.several and found is not None and found == key and len(group) <= ITEMS_MAX
        if group and not same:
            yield key, group
            group = []
        key = found
        group.append(row)
    if group:
        yield key, group


def _key(plan: Plan, row: RawRow) -> _Key | None:
    """Return (id, version) as the row writes them, or None when it has no id."""
    identity = _cell(plan, row, "id")
    return (identity, _cell(plan, row, "version") or "1") if identity else None


def _cell(plan: Plan, row: RawRow, field: str) -> str:
    index = plan.declaration.index(field)
    return plan.text(row.cells[index]) if index is not None and index < len(row.cells) else ""


def _again(plan: Plan, row: RawRow) -> Fault:
    return Fault(
        code="declaration-again",
        place=plan.declaration.column("id") or "",
        message="is in earlier rows of this table too.",
        value=shorten(_cell(plan, row, "id")),
        hint="Put all rows of a declaration one after another, or give an amendment its own version.",
    )
