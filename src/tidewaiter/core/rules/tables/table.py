"""A whole decision table: names in its first row, operators in its second, a rule in each other one.

A column below which no operator stands is about the outcome: a member of the profile.  Every fault of
the table is found in one reading, each with row and column.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tidewaiter.core.errors import Fault, shorten
from tidewaiter.core.features.registry import Registry
from tidewaiter.core.plain import meant, names
from tidewaiter.core.rules.check import check_condition
from tidewaiter.core.rules.nodes import AllOf, Node
from tidewaiter.core.rules.profile import NamedList
from tidewaiter.core.rules.tables.cells import Cell, CellError, Operator, read_cell

__all__ = ["OUTCOMES", "PROFILE", "ROWS_MAX", "Rule", "Table", "TextRow", "read_table"]

ROWS_MAX: Final = 20_000
_COLUMNS_MAX: Final = 100
#: Faults that are told one by one; a table with more is told to be corrected first.
_FAULTS_MAX: Final = 200

#: The column that names the profile which a row belongs to.
PROFILE: Final = "profile"
#: Members of a profile that a column may hold; those of several words have them between semicolons.
OUTCOMES: Final[Mapping[str, bool]] = {
    PROFILE: False, "title": False, "description": False, "owner": False, "risk_area": False,
    "reference": False, "flows": True, "level": False, "offices": True, "valid_from": False,
    "valid_until": False, "lane": False, "share": False, "checks": True, "officer_text": False,
    "unknown": False,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRow:
    """A row of a table as it was read."""

    #: Number of the row in the file, from 1.
    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a row says."""

    line: int
    #: By column of conditions, in their order; what asks nothing is left out.
    cells: Mapping[str, Cell]
    #: By column of the outcome; what is empty is left out.
    outcome: Mapping[str, str | tuple[str, ...]]

    @property
    def node(self) -> Node:
        """Return the condition."""
        nodes = tuple(cell.node for cell in self.cells.values())
        return nodes[0] if len(nodes) == 1 else AllOf(nodes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A decision table without faults."""

    #: Columns of conditions: how each is called (``feature operator``), in their order.
    columns: tuple[str, ...]
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    """A column of conditions."""

    position: int
    feature: str
    operator: Operator

    @property
    def called(self) -> str:
        return f"{self.feature} {self.operator.value}"


def read_table(
    rows: Sequence[TextRow],
    registry: Registry,
    lists: Mapping[str, NamedList],
    file: str,
    faults: list[Fault],
) -> Table | None:
    """Return the table that *rows* write; record all faults, with *file*, row and column, and return None."""
    before = len(faults)
    reading = _Reading(registry, lists, file, faults)
    if len(rows) < 3:
        reading.fault("table-short", 1, "", "a table has names, operators and at least one rule")
        return None
    if len(rows) - 2 > ROWS_MAX:
        reading.fault("table-long", 1, "", f"a table has at most {ROWS_MAX:,} rules, not {len(rows) - 2:,}")
        return None
    conditions, outcomes = reading.columns(rows[0], rows[1])
    if len(faults) != before:
        return None
    rules = []
    for row in rows[2:]:
        rules.append(reading.rule(row, conditions, outcomes))
        if len(faults) - before > _FAULTS_MAX:
            reading.fault("more-faults", row.line, "", "there are more faults from here on")
            break
    if len(faults) != before:
        return None
    return Table(columns=tuple(column.called for column in conditions), rules=tuple(rules))


class _Reading:
    """One reading of a table; a cell that stands in many rows is judged once."""

    def __init__(
        self, registry: Registry, lists: Mapping[str, NamedList], file: str, faults: list[Fault]
    ) -> None:
        self.registry = registry
        self.lists = lists
        self.file = file
        self.faults = faults
        self.known: dict[tuple[_Column, str], Cell | None] = {}

    def fault(
        self, code: str, line: int, column: str, message: str, value: str | None = None,
        hint: str | None = None,
    ) -> None:  # fmt: skip
        """Record a fault at a row, and a column if it is about one."""
        place = f"{self.file}:{line}" + (f" column {column!r}" if column else "")
        shown = None if value is None else shorten(value)
        self.faults.append(Fault(code=code, place=place, message=message, value=shown, hint=hint))

    def columns(self, header: TextRow, second: TextRow) -> tuple[list[_Column], dict[int, str]]:
        """Return the columns of conditions and, by position, those of the outcome."""
        conditions: list[_Column] = []
        outcomes: dict[int, str] = {}
        if len(header.cells) > _COLUMNS_MAX:
            self.fault("columns-many", header.line, "", f"a table has at most {_COLUMNS_MAX} columns")
            return conditions, outcomes
        for position, cell in enumerate(header.cells):
            name = cell.strip()
            operator = second.cells[position].strip() if position < len(second.cells) else ""
            if operator:
                self.condition(position, name, operator, conditions, header.line, second.line)
            elif name not in OUTCOMES:
                known = [*OUTCOMES, *(feature.name for feature in self.registry)]
                hint = meant(name, known) or "Name its operator in the second row, if it is a condition."
                self.fault("column-unknown", header.line, name or str(position + 1),
                           f"a column without operator is one of {names(OUTCOMES)}", name, hint)  # fmt: skip
            elif name in outcomes.values():
                self.fault("column-twice", header.line, name, "the column is there twice", name)
            else:
                outcomes[position] = name
        if not conditions and not self.faults:
            self.fault("no-condition", second.line, "", "no column has an operator, so no row asks anything")
        return conditions, outcomes

    def condition(
        self, position: int, name: str, operator: str, conditions: list[_Column], line: int, second: int
    ) -> None:
        """Add a column of conditions."""
        known = [feature.name for feature in self.registry]
        if name not in known:
            hint = meant(name, known)
            self.fault(
                "feature-unknown", line, name or str(position + 1), "no feature has this name", name, hint
            )
        elif operator not in list(Operator):
            hint = meant(operator, list(Operator))
            message = f"an operator is one of {names(Operator)}"
            self.fault("operator-unknown", second, name, message, operator, hint)
        else:
            column = _Column(position=position, feature=name, operator=Operator(operator))
            if any(other.called == column.called for other in conditions):
                self.fault("column-twice", line, name, "the column is there twice with this operator", name)
            conditions.append(column)

    def rule(self, row: TextRow, conditions: Sequence[_Column], outcomes: Mapping[int, str]) -> Rule:
        """Return what a row says; faults are recorded."""
        cells: dict[str, Cell] = {}
        before = len(self.faults)
        for column in conditions:
            cell = self.cell(row, column)
            if cell is not None:
                cells[column.called] = cell
        if not cells and len(self.faults) == before:
            self.fault("rule-empty", row.line, "", "the row asks nothing, so everything would match")
        outcome: dict[str, str | tuple[str, ...]] = {}
        for position, name in outcomes.items():
            text = row.cells[position].strip() if position < len(row.cells) else ""
            if text.startswith(("=", "@")):
                self.fault("formula", row.line, name, "the cell holds a formula", text, "Paste values only.")
            elif text:
                several = tuple(part.strip() for part in text.split(";"))
                outcome[name] = several if OUTCOMES[name] else text
        return Rule(line=row.line, cells=cells, outcome=outcome)

    def cell(self, row: TextRow, column: _Column) -> Cell | None:
        """Return what a cell asks; None: nothing, or it has faults."""
        text = row.cells[column.position] if column.position < len(row.cells) else ""
        key = (column, text)
        if key not in self.known:
            kind = self.registry[column.feature].kind
            try:
                cell = read_cell(column.feature, kind, column.operator, text)
            except CellError as error:
                self.fault("cell-form", row.line, column.feature, str(error), text)
                return None
            wrong = [] if cell is None else check_condition(cell.node, self.registry, self.lists)
            for fault in wrong:
                value = text if fault.value is None else fault.value
                self.fault(fault.code, row.line, column.feature, fault.message, value, fault.hint)
            if wrong:
                return None
            self.known[key] = cell
        return self.known[key]
