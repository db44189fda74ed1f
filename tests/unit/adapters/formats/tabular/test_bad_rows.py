from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tidewaiter.adapters.formats.tabular.bad_rows import BadRowsFile, safe_cell, write_bad_rows
from tidewaiter.adapters.formats.tabular.rows import BadRow
from tidewaiter.core.errors import Fault


def bad_row(line: int, *values: str, cells: tuple[str, ...] = ("1", "x,y")) -> BadRow:
    faults = tuple(
        Fault(code="c", place="Mass", message="is wrong.", value=value, hint="Do it.") for value in values
    )
    return BadRow(line=line, faults=faults, cells=cells)


@pytest.mark.parametrize(
    "begin", ["=", "+", "-", "@", "\t", "\r", "\n", "\0", "|", "＝", "＋", "－", "＠", " =", "   @"]
)
def test_no_cell_begins_like_a_formula(begin: str) -> None:
    assert safe_cell(begin + "cmd|' /C calc'!A0").startswith("'")


@pytest.mark.parametrize("text", ["", "1", "A=B", "x@y", "NA", "010121", "'=1"])
def test_other_cells_stay_as_they_are(text: str) -> None:
    assert safe_cell(text) == text


def test_a_cell_is_never_longer_than_a_spreadsheet_holds() -> None:
    assert len(safe_cell("=" * 100_000)) == 32_767


def test_each_fault_is_a_line_that_names_its_row(tmp_path: Path) -> None:
    target = tmp_path / "bad.csv"
    assert write_bad_rows(target, [bad_row(3, "=1+1", "2"), bad_row(9, "x")]) == 2
    with target.open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.DictReader(file))
    assert [(row["line"], row["column"], row["value"]) for row in table] == [
        ("3", "Mass", "'=1+1"),
        ("3", "Mass", "2"),
        ("9", "Mass", "x"),
    ]
    assert table[0]["reason"] == "is wrong."
    assert table[0]["hint"] == "Do it."
    assert table[0]["row"] == '1,"x,y"'


def test_text_that_is_no_character_can_be_written(tmp_path: Path) -> None:
    target = tmp_path / "bad.csv"
    write_bad_rows(target, [bad_row(2, "\ud800", cells=("\ud800", "a\0b"))])
    assert b"\\ud800" in target.read_bytes()
    assert b"\0" not in target.read_bytes()


def test_no_bad_row_leaves_no_file_not_even_that_of_an_earlier_run(tmp_path: Path) -> None:
    target = tmp_path / "bad.csv"
    target.write_text("from yesterday", "utf-8")
    with BadRowsFile(target) as file:
        assert file.count == 0
    assert not target.exists()


def test_the_first_fault_speaks_for_the_row() -> None:
    row = bad_row(2, "a", "b")
    assert (row.column, row.value, row.reason, row.hint) == ("Mass", "a", "is wrong.", "Do it.")
