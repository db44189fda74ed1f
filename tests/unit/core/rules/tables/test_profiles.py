"""The profiles of a table find exactly what its rows find."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.core.rules.tables.test_overlap import HEADER, OPERATORS, POINTS, ROWS, table_of
from tidewaiter.core.errors import Fault
from tidewaiter.core.features import REGISTRY
from tidewaiter.core.rules.evaluate import evaluate
from tidewaiter.core.rules.nodes import NODES_MAX, walk
from tidewaiter.core.rules.profile import Profile
from tidewaiter.core.rules.tables.profiles import ROWS_OF_A_PROFILE, profiles_of
from tidewaiter.core.rules.tables.table import Table

PAPERS: dict[str, Any] = {
    "code": "goods", "title": "Goods of the table", "description": "Goods that need control.",
    "owner": "Valuation unit", "risk_area": "valuation", "reference": "Customs law", "flows": ["import"],
    "level": "national", "valid_from": "2026-01-01", "valid_until": "2026-12-31", "lane": "scan",
    "share": "1", "checks": ["weigh"], "officer_text": "Look at the goods.", "unknown": "undecided",
}  # fmt: skip


def profiles(table: Table, **papers: Any) -> list[Profile]:
    faults: list[Fault] = []
    found = profiles_of(table, PAPERS | papers, "t.csv", faults)
    assert not faults, [str(fault) for fault in faults]
    return found


@given(ROWS)
def test_a_lane_is_found_by_a_profile_exactly_when_a_row_finds_it(rows: list[tuple[str, ...]]) -> None:
    table = table_of(*rows)
    made = profiles(table)
    for point in POINTS:

        def holds(node: Any, point: Any = point) -> bool:
            return evaluate(node, point.get, REGISTRY, {}) is True

        of_rows = {rule.outcome["lane"] for rule in table.rules if holds(rule.node)}
        assert {profile.lane for profile in made if holds(profile.when)} == of_rows


@given(st.integers(1, 400))
def test_many_rows_are_divided_and_none_is_lost(count: int) -> None:
    table = table_of(*((f"{n:06}", "CN", "-", "-", "scan") for n in range(100_000, 100_000 + count)))
    made = profiles(table)
    assert all(sum(1 for _ in walk(profile.when)) <= NODES_MAX for profile in made)
    assert len(made) >= count / ROWS_OF_A_PROFILE
    codes = {profile.code for profile in made}
    assert len(codes) == len(made)
    named = {str(leaf) for profile in made for leaf in walk(profile.when) if "hs_code" in str(leaf)}
    assert sum("Compare(feature='hs_code'" in text and text.startswith("Compare") for text in named) == count
    if len(made) > 1:
        assert made[0].title.endswith(f"(1 of {len(made)})")


def test_rows_are_named_in_the_description_and_profiles_by_their_column() -> None:
    header, operators = (*HEADER, "profile", "share"), (*OPERATORS, "", "")
    table = table_of(
        ("8703*", "-", "-", "-", "scan", "cars", "0.5"), ("0101*", "-", "-", "-", "documents", "", ""),
        ("8704*", "-", "-", "-", "scan", "cars", "0.5"), header=header, operators=operators,
    )  # fmt: skip
    cars, other = profiles(table)
    assert (cars.code, cars.lane, str(cars.share), cars.version) == ("cars", "scan", "0.5", 1)
    assert cars.description == "Goods that need control. Rows 3, 5 of the table."
    assert (other.code, other.lane, other.share) == ("goods_2", "documents", 1)


def test_what_a_row_says_otherwise_or_wrong_is_told_with_the_row() -> None:
    header, operators = (*HEADER, "profile", "share"), (*OPERATORS, "", "")
    table = table_of(
        ("8703*", "-", "-", "-", "scan", "cars", "0.5"), ("8704*", "-", "-", "-", "scan", "cars", "0.7"),
        ("0101*", "-", "-", "-", "scan", "horses", "2"), header=header, operators=operators,
    )  # fmt: skip
    faults: list[Fault] = []
    profiles_of(table, PAPERS, "t.csv", faults)
    assert [str(fault) for fault in faults] == [
        "t.csv:4 column 'profile': row 3 gives this profile another outcome (value: 'cars').",
        "t.csv:5 /share: a number from 0 to 1 is expected (value: '2').",
    ]


def test_papers_that_lack_a_member_are_told() -> None:
    faults: list[Fault] = []
    table = table_of(("8703*", "-", "-", "-", "scan"))
    profiles_of(table, {"code": "goods"}, "t.csv", faults)
    assert "t.csv:3 /title: `title` is missing. Add `title`." in {str(fault) for fault in faults}
    faults.clear()
    profiles_of(table, {**PAPERS, "code": None}, "t.csv", faults)
    assert [fault.code for fault in faults] == ["missing-key"]
