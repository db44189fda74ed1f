"""A mapping laid over a header: which cell fills which field of the message.

The plan is made once per table and used for every row, so that looking up names, kinds and
readers costs nothing per row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from tidewaiter.adapters.formats.tabular.cells import CellFault, Reader, reader_for
from tidewaiter.adapters.formats.tabular.mapping import (
    OF_DECLARATION,
    OF_ITEM,
    Section,
    TableMapping,
    field_kinds,
    sections,
)
from tidewaiter.adapters.formats.tabular.rules import FieldRule
from tidewaiter.core.errors import Fault, InputError, shorten

__all__ = ["Part", "Plan", "needed_columns", "plan_for"]


@dataclass(frozen=True, slots=True)
class _Cell:
    """The column that fills one field."""

    field: str
    index: int
    column: str
    #: None: the text is the value.
    read: Reader | None


@dataclass(frozen=True, slots=True)
class Part:
    """How one object of the message is filled from a row."""

    cells: tuple[_Cell, ...]
    constants: dict[str, Any]

    def fill(self, row: list[str], faults: list[Fault]) -> dict[str, Any]:
        """Return the fields that *row* declares; what cannot be read goes to *faults* and is left out."""
        data: dict[str, Any] = {}
        for cell in self.cells:
            text = row[cell.index]
            if not text:
                continue
            if cell.read is None:
                data[cell.field] = text
                continue
            try:
                value = cell.read(text)
            except CellFault as fault:
                shown = shorten(text)
                faults.append(
                    Fault(
                        code=fault.code,
                        place=cell.column,
                        message=fault.sentence,
                        value=shown,
                        hint=fault.hint,
                    )
                )
            else:
                if value is not None:
                    data[cell.field] = value
        return data

    def fill_any(self, row: list[str], faults: list[Fault]) -> dict[str, Any] | None:
        """Return the fields with their constants, or None when no column declares anything."""
        data = self.fill(row, faults)
        return {**self.constants, **data} if data else None

    def column(self, field: str) -> str | None:
        """Return the column that fills *field*, or None."""
        return next((cell.column for cell in self.cells if cell.field == field), None)

    def index(self, field: str) -> int | None:
        """Return the position of the column that fills *field*, or None."""
        return next((cell.index for cell in self.cells if cell.field == field), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How rows become messages."""

    width: int
    several: bool
    trim: bool
    declaration: Part
    transport: Part
    parties: tuple[Part, ...]
    item: Part
    #: List of the declaration -> how each of its objects is filled; and the same of an item.
    lists: Mapping[str, tuple[Part, ...]]
    item_lists: Mapping[str, tuple[Part, ...]]
    #: None: the table has no labels, or the mapping does not want any.
    control: Part | None
    findings: tuple[Part, ...]
    delay_days: int

    def text(self, cell: str) -> str:
        """Return *cell* as the mapping wants cells to be seen."""
        return cell.strip() if self.trim else cell

    @property
    def header_cells(self) -> tuple[tuple[int, str], ...]:
        """Return position and name of the columns that say the same in every row of a declaration."""
        listed = (part for parts in self.lists.values() for part in parts)
        parts = (self.declaration, self.transport, *self.parties, *listed)
        parts = parts if self.control is None else (*parts, self.control)
        return tuple(sorted({(cell.index, cell.column) for part in parts for cell in part.cells}))


def needed_columns(mapping: TableMapping) -> set[str]:
    """Return the columns that *mapping* reads."""
    return {rule.column for section in sections(mapping) for rule in section.rules.values() if rule.column}


def plan_for(mapping: TableMapping, header: list[str]) -> Plan:
    """Return the plan of *mapping* over a table with this *header*.

    Label columns may be absent: a finding whose outcome column is not there is not made, and
    without findings there are no results.  Raises :class:`InputError` that names every other
    column that is missing, or is there twice.
    """
    names = [name.strip() for name in header]
    present = set(names)
    wanted = [section for section in sections(mapping) if not _is_result(section)]
    labels = _label_sections(mapping, present)
    _check_columns([*wanted, *labels], names)
    trim = mapping.format.trim
    parts = {section.place: _part(section, names, trim=trim) for section in (*wanted, *labels)}
    return Plan(
        width=len(header),
        trim=trim,
        several=mapping.rows_per_declaration == "several",
        declaration=parts["declaration",],
        transport=parts["transport",],
        parties=_all(parts, "parties"),
        item=parts["item",],
        lists={name: found for name in OF_DECLARATION if (found := _all(parts, name))},
        item_lists={name.removeprefix("item_"): found for name in OF_ITEM if (found := _all(parts, name))},
        control=parts.get(("results", "control")),
        findings=tuple(part for place, part in parts.items() if place[:2] == ("results", "findings")),
        delay_days=0 if mapping.results is None else mapping.results.delay_days,
    )


def _is_result(section: Section) -> bool:
    return section.place[0] == "results"


def _label_sections(mapping: TableMapping, present: set[str]) -> list[Section]:
    """Return the sections of control results for which the table has label columns."""
    results = [section for section in sections(mapping) if _is_result(section)]
    labelled = [
        section
        for section in results
        if len(section.place) == 3 and section.rules["outcome"].column in {*present, None}
    ]
    return [results[0], *labelled] if labelled else []


def _all(parts: dict[tuple[str | int, ...], Part], name: str) -> tuple[Part, ...]:
    return tuple(part for place, part in parts.items() if place[0] == name)


def _check_columns(wanted: list[Section], names: list[str]) -> None:
    """Raise with every column that is missing or there twice."""
    faults: list[Fault] = []
    rules = [rule for section in wanted for rule in section.rules.values() if rule.column]
    for column in dict.fromkeys(rule.column for rule in rules if not rule.optional):
        if column and column.strip() not in names:
            near = get_close_matches(column, names, n=1, cutoff=0.6)
            found = ", ".join(shorten(name, 40) for name in names[:40])
            hint = f"Did you mean {near[0]!r}?" if near else f"The header has: {found}."
            faults.append(
                Fault(code="column-missing", place=column, message="is not in the header.", hint=hint)
            )
    for column in dict.fromkeys(rule.column for rule in rules):
        if column and names.count(column.strip()) > 1:
            hint = "Rename or remove one of the two."
            faults.append(
                Fault(code="column-twice", place=column, message="is twice in the header.", hint=hint)
            )
    if faults:
        raise InputError("The table does not fit the mapping; nothing was read.", faults=tuple(faults))


def _part(section: Section, names: list[str], *, trim: bool) -> Part:
    """Return how the fields of *section* are filled from a table with these column *names*."""
    kinds = field_kinds(section.model)
    cells: list[_Cell] = []
    constants: dict[str, Any] = {"role": section.place[1]} if section.place[0] == "parties" else {}
    for field, rule in section.rules.items():
        read = reader_for(kinds[field], rule, trim=trim)
        if rule.constant is not None:
            constants[field] = rule.constant if read is None else read(rule.constant)
        elif (column := _column(rule)) in names:
            cells.append(_Cell(field, names.index(column), column, read))
    return Part(tuple(cells), constants)


def _column(rule: FieldRule) -> str:
    return (rule.column or "").strip()
