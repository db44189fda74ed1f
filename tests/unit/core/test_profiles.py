"""Profiles and named lists as an administration writes them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.golden.texts import faults_in_words, golden
from tidewaiter.core.declaration import TradeFlow
from tidewaiter.core.errors import Fault
from tidewaiter.core.profiles import (
    ENTRIES_MAX,
    Level,
    MissingMeans,
    NamedList,
    Profile,
    RiskArea,
    list_data,
    profile_data,
    read_list,
    read_profile,
)
from tidewaiter.core.rules.forms import CodeForm
from tidewaiter.core.rules.nodes import Compare, Comparison

GOOD: dict[str, Any] = {
    "code": "spirits_from_afar",
    "version": 3,
    "title": "Spirits",
    "description": "Spirits from far away.",
    "owner": "Excise unit",
    "risk_area": "valuation",
    "reference": "Excise law, Article 1",
    "flows": ["import", "transit"],
    "level": "national",
    "valid_from": "2026-01-01",
    "valid_until": "2027-12-31",
    "lane": "documents",
    "share": "0.25",
    "checks": ["weigh", "count_packages"],
    "officer_text": "Highly taxed goods.",
    "unknown": "undecided",
    "when": {"feature": "hs2", "=": "22"},
}
LIST: dict[str, Any] = {
    "code": "borders",
    "kind": "office",
    "source": "Border agency",
    "expires": "2027-12-31",
    "entries": ["LAND", "RAIL"],
}

#: What is changed in a good profile, and the codes of the faults that follow.
WRONG: list[tuple[dict[str, Any], list[str]]] = [
    ({"code": "Spirits"}, ["code-form"]),
    ({"code": 7}, ["not-text"]),
    ({"version": "3"}, ["not-an-integer"]),
    ({"version": 0}, ["number-range"]),
    ({"title": None}, ["missing-key"]),
    ({"title": " x"}, ["text-form"]),
    ({"description": "a\x07b"}, ["text-form"]),
    ({"risk_area": "valuations"}, ["unknown-word"]),
    ({"flows": []}, ["list-length"]),
    ({"flows": ["import", "imports"]}, ["unknown-word"]),
    ({"flows": ["import", "import"]}, ["entry-twice"]),
    ({"flows": "import"}, ["not-a-list"]),
    ({"valid_from": "1.1.2026"}, ["not-a-day"]),
    ({"valid_until": None}, ["missing-key"]),
    ({"valid_until": "2025-12-31"}, ["validity-reversed"]),
    ({"valid_until": "2028-01-02"}, ["validity-too-long"]),
    ({"share": 0.25}, ["not-text"]),
    ({"share": "0"}, ["share-zero"]),
    ({"share": "1.5"}, ["number-range"]),
    ({"share": "25%"}, ["not-a-decimal"]),
    ({"checks": []}, ["list-length"]),
    ({"checks": ["weigh", 7]}, ["not-text"]),
    ({"offices": ["LAND"]}, ["offices-national"]),
    ({"level": "regional"}, ["offices-missing"]),
    ({"level": "office", "offices": ["LAND", "RAIL"]}, ["offices-many"]),
    ({"officer_text": "Value below 500."}, ["officer-text-figure"]),
    ({"unknown": True}, ["not-text"]),
    ({"when": None}, ["missing-key"]),
    ({"lanes": "documents"}, ["unknown-key"]),
    ({"share": 1, "lane": None, "owner": [], "when": {"feature": "hs2"}}, [
        "condition-form", "not-text", "missing-key", "not-text",
    ]),
]  # fmt: skip


def profile() -> Profile:
    """Return the good profile."""
    faults: list[Fault] = []
    found = read_profile(GOOD, "", faults)
    assert found is not None, faults
    return found


def faults_of(changes: dict[str, Any]) -> list[Fault]:
    faults: list[Fault] = []
    data = {key: value for key, value in {**GOOD, **changes}.items() if value is not None}
    assert read_profile(data, "", faults) is None
    return faults


def test_a_profile_is_read_with_its_types() -> None:
    assert profile() == Profile(
        code="spirits_from_afar",
        version=3,
        title="Spirits",
        description="Spirits from far away.",
        owner="Excise unit",
        risk_area=RiskArea.VALUATION,
        reference="Excise law, Article 1",
        flows=frozenset({TradeFlow.IMPORT, TradeFlow.TRANSIT}),
        level=Level.NATIONAL,
        offices=frozenset(),
        valid_from=date(2026, 1, 1),
        valid_until=date(2027, 12, 31),
        lane="documents",
        share=Decimal("0.25"),
        checks=("weigh", "count_packages"),
        officer_text="Highly taxed goods.",
        unknown=MissingMeans.UNDECIDED,
        when=Compare("hs2", Comparison.EQUAL, "22"),
    )


def test_a_profile_survives_the_way_to_data_and_back() -> None:
    regional = replace(
        profile(), level=Level.REGIONAL, offices=frozenset({"RAIL", "LAND"}), share=Decimal("1.00")
    )
    for one in (profile(), regional):
        faults: list[Fault] = []
        again = read_profile(json.loads(json.dumps(profile_data(one))), "", faults)
        assert again == one, faults
        assert profile_data(again) == profile_data(one)


@pytest.mark.parametrize(("changes", "codes"), WRONG)
def test_what_is_wrong_in_a_profile_is_named(changes: dict[str, Any], codes: list[str]) -> None:
    faults = faults_of(changes)
    assert [fault.code for fault in faults] == codes


def test_the_faults_of_profiles_read_as_kept() -> None:
    texts = [f"{changes}\n{faults_in_words(faults_of(changes))}" for changes, _ in WRONG]
    text = "\n".join(texts)
    assert text == golden("rules/profile-faults.txt", text), (
        "if the new text is better, run with WRITE_GOLDEN=1"
    )


@pytest.mark.parametrize(
    ("begins", "ends", "accepted"),
    [
        ("2026-01-01", "2026-01-01", True),
        ("2026-01-01", "2028-01-01", True),
        ("2026-01-01", "2028-01-02", False),
        ("2024-02-29", "2026-02-28", True),
        ("2024-02-29", "2026-03-01", False),
    ],
)
def test_a_profile_is_in_force_for_at_most_two_years(begins: str, ends: str, accepted: bool) -> None:
    faults: list[Fault] = []
    found = read_profile({**GOOD, "valid_from": begins, "valid_until": ends}, "", faults)
    assert (found is not None) is accepted
    assert accepted or [fault.code for fault in faults] == ["validity-too-long"]


@pytest.mark.parametrize(
    ("flow", "office", "on", "applies"),
    [
        (TradeFlow.IMPORT, "LAND", date(2026, 1, 1), True),
        (TradeFlow.IMPORT, "LAND", date(2027, 12, 31), True),
        (TradeFlow.IMPORT, "LAND", date(2025, 12, 31), False),
        (TradeFlow.IMPORT, "LAND", date(2028, 1, 1), False),
        (TradeFlow.EXPORT, "LAND", date(2026, 1, 1), False),
        (TradeFlow.IMPORT, "PORT", date(2026, 1, 1), False),
    ],
)
def test_a_profile_applies_to_its_flows_offices_and_days(
    flow: TradeFlow, office: str, on: date, applies: bool
) -> None:
    one = replace(profile(), level=Level.OFFICE, offices=frozenset({"LAND"}))
    assert one.applies(flow, office, on) is applies


def test_a_share_of_one_is_mandatory() -> None:
    assert replace(profile(), share=Decimal("1.0")).mandatory
    assert not profile().mandatory


def test_a_list_is_read_and_survives_the_way_to_data_and_back() -> None:
    faults: list[Fault] = []
    found = read_list(LIST, "", faults)
    assert found == NamedList(
        code="borders",
        kind=CodeForm.OFFICE,
        entries=frozenset({"LAND", "RAIL"}),
        source="Border agency",
        expires=date(2027, 12, 31),
    )
    assert read_list(list_data(found), "", faults) == found


@pytest.mark.parametrize(
    ("changes", "place", "code"),
    [
        ({"entries": ["LAND", None]}, "/entries/1", "not-text"),
        ({"entries": ["LAND", 101]}, "/entries/1", "not-text"),
        ({"entries": ["LAND", "LAND"]}, "/entries/1", "entry-twice"),
        ({"entries": ["LAND", ""]}, "/entries/1", "code-form"),
        ({"entries": []}, "/entries", "list-length"),
        ({"entries": ["X"] * (ENTRIES_MAX + 1)}, "/entries", "list-length"),
        ({"kind": "country", "entries": ["NO", "no"]}, "/entries/1", "code-form"),
        ({"kind": "hs4", "entries": ["0101", "010121"]}, "/entries/1", "code-form"),
        ({"kind": "text", "entries": ["USED", "used"]}, "/entries/1", "text-form"),
        ({"kind": "offices"}, "/kind", "unknown-word"),
        ({"expires": "soon"}, "/expires", "not-a-day"),
        ({"until": "2027-12-31"}, "/until", "unknown-key"),
    ],
)
def test_what_is_wrong_in_a_list_is_named(changes: dict[str, Any], place: str, code: str) -> None:
    faults: list[Fault] = []
    assert read_list({**LIST, **changes}, "", faults) is None
    assert [(fault.place, fault.code) for fault in faults] == [(place, code)]


def test_a_list_that_is_wrong_throughout_is_named_by_its_first_entries_and_a_count() -> None:
    faults: list[Fault] = []
    assert read_list({**LIST, "kind": "country", "entries": [str(n) for n in range(500)]}, "", faults) is None
    assert [fault.place for fault in faults] == [*(f"/entries/{n}" for n in range(10)), "/entries"]
    assert faults[-1].message == "490 more entries are wrong"
