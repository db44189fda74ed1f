"""A table whose columns are found by their names, and what of it could not be mapped."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from tidewaiter.core.errors import Fault, InputError
from tidewaiter.core.plain import meant, names
from tidewaiter.core.rules.tables.table import TextRow

__all__ = ["NamedRow", "Unmapped", "named_rows"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedRow:
    """A row by the names of its columns."""

    line: int
    #: Texts without blanks around them; what is empty is left out.
    cells: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        """Return the text in a column; "" when there is none."""
        return self.cells.get(name, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmapped:
    """Something of a table that was left out, and why."""

    #: Name of the file.
    table: str
    line: int
    #: Criterion, list or lane that is left out.
    what: str
    reason: str


def named_rows(
    rows: Sequence[TextRow], file: str, *, needed: Collection[str], known: Collection[str]
) -> list[NamedRow]:
    """Return the rows after the first, which names the columns.

    Raises InputError when a column is missing, there twice, or not known: what a table says is never
    passed over.
    """
    header = [cell.strip() for cell in rows[0].cells] if rows else []
    faults = [
        Fault(code="column-missing", place=f"{file}:1", message=f"the column `{name}` is missing")
        for name in needed
        if name not in header
    ]
    for position, name in enumerate(header):
        if name not in known:
            hint = meant(name, known) or f"Known here: {names(known)}."
            message = "the column is not known here"
            faults.append(
                Fault(code="column-unknown", place=f"{file}:1", message=message, value=name[:80], hint=hint)
            )
        elif name in header[:position]:
            message = "the column is there twice"
            faults.append(Fault(code="column-twice", place=f"{file}:1", message=message, value=name))
    if faults:
        raise InputError(f"{file} cannot be used; correct its first row.", faults=tuple(faults))
    return [
        NamedRow(
            line=row.line,
            cells={name: text.strip() for name, text in zip(header, row.cells, strict=False) if text.strip()},
        )
        for row in rows[1:]
    ]
