"""A table is read whole: every fault with its row and column, and nothing of a table with one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

from tidewaiter.core.errors import Fault
from tidewaiter.core.features import REGISTRY
from tidewaiter.core.rules.forms import CodeForm
from tidewaiter.core.rules.profile import NamedList
from tidewaiter.core.rules.tables.table import ROWS_MAX, Table, TextRow, read_table

LISTS = {
    "excise": NamedList(
        code="excise", kind=CodeForm.HS2, entries=frozenset({"22"}), source="Law", expires=date(2027, 1, 1)
    )
}
HEADER = ("hs_code", "origin", "hs2", "lane", "checks")
OPERATORS = ("is", "is not", "in list", "", "")


def read(*rows: Sequence[str]) -> tuple[Table | None, list[str]]:
    faults: list[Fault] = []
    lines = [TextRow(line=line, cells=tuple(cells)) for line, cells in enumerate(rows, 1)]
    table = read_table(lines, REGISTRY, LISTS, "t.csv", faults)
    assert (table is None) == bool(faults)
    return table, [str(fault) for fault in faults]


def test_a_row_has_its_conditions_and_its_outcome() -> None:
    table, _ = read(
        HEADER, OPERATORS, ("87*", "-", "excise", "scan", "weigh; open"), ("87*", "CN", "", "", "")
    )
    assert table is not None
    first, second = table.rules
    assert table.columns == ("hs_code is", "origin is not", "hs2 in list")
    assert (first.line, list(first.cells), first.outcome) == (
        3, ["hs_code is", "hs2 in list"], {"lane": "scan", "checks": ("weigh", "open")},
    )  # fmt: skip
    assert second.outcome == {}


def test_every_fault_is_told_with_row_and_column() -> None:
    _, faults = read(
        HEADER, OPERATORS,
        ("87*", "CHINA", "exise", "scan", ""),
        ("-", "-", "-", "scan", "weigh"),
        ("=1+1", "CN", "excise", "=A1", ""),
        ("8703", "CN"),
    )  # fmt: skip
    assert [fault.partition(" (value")[0] for fault in faults] == [
        "t.csv:3 column 'origin': `origin` never has this value: it is two capital letters",
        "t.csv:3 column 'hs2': there is no list of this name",
        "t.csv:4: the row asks nothing, so everything would match.",
        (
            "t.csv:5 column 'hs_code': the cell holds a formula; paste values only, and name the operator in "
            "the second row"
        ),
        "t.csv:5 column 'lane': the cell holds a formula",
        "t.csv:6 column 'hs_code': `hs_code` never has this value: it is 6 to 12 digits",
    ]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([], "names, operators and at least one rule"),
        ([HEADER, OPERATORS], "names, operators and at least one rule"),
        ([("orign", "lane"), ("is", ""), ("CN", "scan")], "Did you mean `origin`"),
        ([("origin", "lan"), ("is", ""), ("CN", "scan")], "Did you mean `lane`"),
        ([("origin", "lane"), ("si", ""), ("CN", "scan")], "an operator is one of"),
        ([("origin", "origin"), ("is", "is"), ("CN", "VN")], "twice with this operator"),
        ([("origin", "lane", "lane"), ("is", "", ""), ("CN", "scan", "")], "the column is there twice"),
        ([("lane",), ("",), ("scan",)], "no column has an operator"),
        ([("unit_value_ratio",), ("is",), ("0.5",)], "makes no sense"),
        ([("customs_value",), ("is",), ("9..3",)], "lower bound is above"),
        ([("origin",) * 101, ("is",) * 101, ("CN",) * 101], "at most 100 columns"),
        ([("origin",), ("is",), *([("CN",)] * (ROWS_MAX + 1))], "at most 20,000 rules"),
        ([("origin",), ("is",), *([("CHINA",)] * 500)], "there are more faults from here on"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_told(rows: Sequence[Sequence[str]], told: str) -> None:
    _, faults = read(*rows)
    assert any(told in fault for fault in faults), faults
