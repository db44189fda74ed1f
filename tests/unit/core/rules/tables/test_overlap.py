"""What is said of rows that overlap is true of every value, and what is certain is said."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.core.errors import Fault
from tidewaiter.core.features import REGISTRY
from tidewaiter.core.rules.evaluate import evaluate
from tidewaiter.core.rules.tables import overlap
from tidewaiter.core.rules.tables.overlap import REMARKS_MAX, overlaps
from tidewaiter.core.rules.tables.profiles import outcome_of
from tidewaiter.core.rules.tables.table import Table, TextRow, read_table

HEADER = ("hs_code", "origin", "item_count", "unit_value_ratio", "lane")
OPERATORS = ("is", "is", "<=", ">", "")


def table_of(
    *rows: Sequence[str], header: Sequence[str] = HEADER, operators: Sequence[str] = OPERATORS
) -> Table:
    faults: list[Fault] = []
    written = [tuple(header), tuple(operators), *map(tuple, rows)]
    lines = [TextRow(line=line, cells=cells) for line, cells in enumerate(written, 1)]
    table = read_table(lines, REGISTRY, {}, "t.csv", faults)
    assert table is not None, [str(fault) for fault in faults]
    return table


def told(table: Table) -> dict[str, str]:
    return {fault.place: fault.message for fault in overlaps(table, "t.csv")}


def test_rows_that_say_the_same_lie_within_or_contradict_are_told() -> None:
    table = table_of(
        ("8703*", "CN", "-", "-", "scan"),
        ("870322", "CN", "-", "-", "scan"),
        ("870323", "CN", "-", "-", "release"),
        ("8703*", "CN", "-", "-", "scan"),
        ("8703*", "CN", "-", "-", "documents"),
        ("-", "CN;VN", "3", "-", "documents"),
        ("220830", "FR", "-", "0.5", "scan"),
        ("220830", "FR", "-", "0.6", "scan"),
    )
    assert told(table) == {
        "t.csv:4": "the row finds nothing that row 3 does not find",
        "t.csv:5": "the row lies within row 3, which has another outcome and holds there too",
        "t.csv:6": "the row has the conditions of row 3, and the same outcome",
        "t.csv:7": "the row has the conditions of row 3, and another outcome",
        "t.csv:8": "row 3 and 3 more can hold at once, with another outcome",
        "t.csv:10": "the row finds nothing that row 9 does not find",
    }


CODES = st.sampled_from(["-", "010121", "010122", "0101*", "01*", "020110", "010121;020110", "0101*;020110"])
COUNTRIES = st.sampled_from(["-", "CN", "VN", "CN;VN"])
COUNTS = st.sampled_from(["-", "1", "2"])
RATIOS = st.sampled_from(["-", "0.5", "1"])
ROWS = st.lists(
    st.tuples(CODES, COUNTRIES, COUNTS, RATIOS, st.sampled_from(["scan", "documents"])).filter(
        lambda row: set(row[:4]) != {"-"}
    ),
    min_size=2,
    max_size=6,
)
#: Every value that lies on either side of a cell.
POINTS = [
    {"hs_code": code, "origin": country, "item_count": count, "unit_value_ratio": ratio}
    for code in ("010121", "010122", "010199", "019999", "020110", "999999")
    for country in ("CN", "VN", "FR")
    for count in (0, 1, 2, 3)
    for ratio in (0.4, 0.75, 2.0)
]


def untrue(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return what is said of *rows* and is not so at some value, or is so and not said."""
    table = table_of(*rows)
    finds = [
        {n for n, point in enumerate(POINTS) if evaluate(rule.node, point.get, REGISTRY, {}) is True}
        for rule in table.rules
    ]
    remarks, wrong = told(table), []
    for index, (rule, found) in enumerate(zip(table.rules, finds, strict=True)):
        others = [j for j in range(len(finds)) if j != index]
        inside = any(found <= finds[j] and (finds[j] != found or j < index) for j in others)
        contradicts = any(
            found & finds[j] and outcome_of(rule) != outcome_of(table.rules[j]) for j in others if j < index
        )
        message = remarks.get(f"t.csv:{rule.line}", "")
        if bool(message) != (inside or contradicts) or ("at once" in message) != (contradicts and not inside):
            wrong.append(f"row {rule.line}: {message or 'nothing'}")
    return wrong


@given(ROWS)
def test_a_remark_is_true_of_every_value_and_none_is_missing(rows: list[tuple[str, ...]]) -> None:
    assert not untrue(rows)


@pytest.mark.parametrize(("fault", "instead"), [("holding", "meeting"), ("meeting", "holding")])
def test_a_planted_fault_is_seen(monkeypatch: pytest.MonkeyPatch, fault: str, instead: str) -> None:
    rows = [("0101*", "CN;VN", "-", "-", "scan"), ("010121", "CN", "2", "-", "documents"),
            ("010122;020110", "VN", "-", "0.5", "documents")]  # fmt: skip
    assert not untrue(rows)
    monkeypatch.setattr(overlap._Masks, fault, getattr(overlap._Masks, instead))
    assert untrue(rows)


def test_only_what_is_certain_is_told_of_cells_that_cannot_be_compared() -> None:
    header, operators = ("origin", "description", "lane"), ("is not", "contains", "")
    table = table_of(
        ("CN", "USED", "scan"), ("VN", "USED", "documents"), ("CN", "USED", "documents"),
        header=header, operators=operators,
    )  # fmt: skip
    assert told(table) == {"t.csv:5": "the row has the conditions of row 3, and another outcome"}


def test_of_very_many_remarks_the_others_are_counted() -> None:
    table = table_of(*(("0101*", "CN", "-", "-", "scan") for _ in range(REMARKS_MAX + 6)))
    remarks = overlaps(table, "t.csv")
    assert len(remarks) == REMARKS_MAX + 1
    assert remarks[-1].message.startswith("5 more rows")


def test_five_thousand_rows_are_compared_in_seconds() -> None:
    rows = [
        (f"{n % 1000 + 100000}", ("CN", "VN", "FR", "US", "-")[n // 1000], str(n % 7), "-", "scan")
        for n in range(5000)
    ]
    table = table_of(*rows)
    begun = time.process_time()
    assert len(overlaps(table, "t.csv")) > 0
    assert time.process_time() - begun < 20
