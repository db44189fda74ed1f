"""Rows to one declaration and its control results, with every fault back at its column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from tidewaiter.adapters.canonical import control_result_from_data, declaration_from_data
from tidewaiter.adapters.formats.tabular.plan import Part, Plan
from tidewaiter.adapters.formats.tabular.rows import BadRow, RawRow, Row
from tidewaiter.core.control import ControlResult
from tidewaiter.core.declaration import Declaration
from tidewaiter.core.errors import Fault, UnreadableMessage, shorten

__all__ = ["assemble", "set_aside"]


@dataclass(slots=True)
class _Draft:
    """The message that the rows of a declaration make, and where each of its objects came from."""

    plan: Plan
    rows: Sequence[RawRow]
    #: Faults of each row, by position.
    faults: list[list[Fault]]
    #: JSON pointer of an object -> how it was filled, and the position of its row.
    origins: dict[str, tuple[Part, int]] = field(default_factory=dict)

    def object(self, place: str, part: Part, position: int) -> dict[str, Any]:
        """Return the object at *place*, filled from the row at *position*, constants and all."""
        self.origins[place] = (part, position)
        return {**part.constants, **part.fill(self.rows[position].cells, self.faults[position])}

    def objects(self, place: str, parts: Sequence[Part], position: int) -> list[dict[str, Any]]:
        """Return the objects of a list that the row at *position* declares anything of."""
        found: list[dict[str, Any]] = []
        for part in parts:
            data = part.fill_any(self.rows[position].cells, self.faults[position])
            if data is not None:
                self.origins[f"{place}/{len(found)}"] = (part, position)
                found.append(data)
        return found

    def report(self, faults: Sequence[Fault]) -> None:
        """Put each of the message's *faults* at its row, with its column instead of its pointer."""
        for fault in faults:
            part, position, name = self._origin(fault.place)
            column = (part.column(name) if name else None) or (part.cells[0].column if part.cells else "")
            known = self.faults[position]
            if fault.code == "field-missing" and any(other.place == column for other in known):
                continue  # the cell is there and was already found faulty
            hint = "Fill the cell." if fault.code == "field-missing" else fault.hint
            known.append(replace(fault, place=column, hint=hint))

    def _origin(self, place: str) -> tuple[Part, int, str]:
        """Return what filled the object that holds *place*, its row, and the field below it."""
        name = ""
        while place and place not in self.origins:
            place, _, name = place.rpartition("/")
        part, position = self.origins[place]
        return part, position, name


def assemble(plan: Plan, rows: Sequence[RawRow]) -> Row | list[BadRow]:
    """Return the declaration that *rows* make, or all of them set aside with their faults.

    A declaration is whole or not at all: one faulty row takes the other rows of the declaration
    with it, because a declaration that lacks an item would be assessed as if it never had it.
    """
    draft = _Draft(plan, rows, [[row.fault] if row.fault else [] for row in rows])
    if not any(draft.faults):
        _compare_headers(draft)
        declaration = _declaration(draft)
        results = _results(draft, declaration)
        if declaration is not None and not any(draft.faults):
            return Row(lines=tuple(row.line for row in rows), declaration=declaration, results=results)
    return set_aside(rows, draft.faults)


def set_aside(rows: Sequence[RawRow], faults: Sequence[Sequence[Fault]]) -> list[BadRow]:
    """Return every row as a bad row; one without faults of its own names the row that has them."""
    first = next((row.line for row, found in zip(rows, faults, strict=True) if found), rows[0].line)
    companion = Fault(
        code="declaration-not-whole",
        place="",
        message=f"belongs to the same declaration as line {first}, which cannot be read.",
        hint=f"Correct line {first}; then all rows of the declaration are read together.",
    )
    return [
        BadRow(line=row.line, faults=tuple(found) or (companion,), cells=tuple(row.cells))
        for row, found in zip(rows, faults, strict=True)
    ]


def _compare_headers(draft: _Draft) -> None:
    """Report each cell of the header that says something else than in the first row of the declaration."""
    if len(draft.rows) == 1:
        return
    first = draft.rows[0]
    for index, column in draft.plan.header_cells:
        expected = draft.plan.text(first.cells[index])
        for row, faults in zip(draft.rows[1:], draft.faults[1:], strict=True):
            text = draft.plan.text(row.cells[index])
            if text not in {"", expected}:
                shown = shorten(text)
                message = (
                    f"differs from {shorten(expected, 40)!r} in line {first.line} of the same declaration."
                )
                hint = "Header fields say the same in every row of a declaration, or nothing after the first."
                faults.append(
                    Fault(code="header-differs", place=column, message=message, value=shown, hint=hint)
                )


def _declaration(draft: _Draft) -> Declaration | None:
    """Return the declaration, or None when its faults were reported."""
    plan = draft.plan
    data = draft.object("", plan.declaration, 0)
    draft.origins["/items"] = draft.origins[""]
    if transport := draft.object("/transport", plan.transport, 0):
        data["transport"] = transport
    if parties := draft.objects("/parties", plan.parties, 0):
        data["parties"] = parties
    for name, parts in plan.lists.items():
        if objects := draft.objects(f"/{name}", parts, 0):
            data[name] = objects
    data["items"] = [_item(draft, position) for position in range(len(draft.rows))]
    try:
        return declaration_from_data(data)
    except UnreadableMessage as error:
        draft.report(error.faults)
        return None


def _item(draft: _Draft, position: int) -> dict[str, Any]:
    place = f"/items/{position}"
    data = {"number": position + 1, **draft.object(place, draft.plan.item, position)}
    for name, parts in draft.plan.item_lists.items():
        if objects := draft.objects(f"{place}/{name}", parts, position):
            data[name] = objects
    return data


def _results(draft: _Draft, declaration: Declaration | None) -> tuple[ControlResult, ...]:
    """Return the control result that the labels of the rows give, if any.

    Without a declaration the labels are only looked at for their faults.
    """
    plan = draft.plan
    if plan.control is None:
        return ()
    draft.origins.clear()
    findings = _findings(draft)
    data = draft.object("", plan.control, 0)
    if declaration is None or not findings:
        return ()
    data |= {"declaration_id": declaration.id, "findings": findings}
    if plan.delay_days and "ended_at" in data:
        data["ended_at"] = _later(data["ended_at"], plan.delay_days)
    try:
        return (control_result_from_data(data),)
    except UnreadableMessage as error:
        draft.report(error.faults)
        return ()


def _findings(draft: _Draft) -> list[dict[str, Any]]:
    """Return a finding for each label of each row, about the item of that row."""
    findings: list[dict[str, Any]] = []
    for position, row in enumerate(draft.rows):
        for part in draft.plan.findings:
            finding = {**part.constants, **part.fill(row.cells, draft.faults[position])}
            if "outcome" in finding:
                draft.origins[f"/findings/{len(findings)}"] = (part, position)
                findings.append({"item_number": position + 1, **finding})
    return findings


def _later(text: str, days: int) -> str:
    """Return the time or date *days* later; a text that is neither stays, and is refused as such."""
    try:
        moment = date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
        return (moment + timedelta(days=days)).isoformat()
    except (ValueError, OverflowError):
        return text
