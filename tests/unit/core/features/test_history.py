"""Family history: names and values of the table of counts (the laws of history are tested beside it)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.unit.core.features.reading import features
from tests.unit.core.history.events import at, declaration, finding, item, party, result
from tidewaiter.core.features import REGISTRY
from tidewaiter.core.history import HEADER_KEYS, ITEM_KEYS, History, KeyFamily


def lived() -> History:
    """Return a history of one importer: declarations on days 0, 300, 395, 399; two controls."""
    history = History()
    for number, day in enumerate((0, 300, 395, 399)):
        history.observe_declaration(declaration(f"E{number}"), at(day))
        if number == 1:
            bad = result(finding(duty_effect=Decimal(40)), identifier="C1")
            history.observe_result(bad, declaration("E0"), at(300, 5))
    history.observe_result(result(finding("compliant"), identifier="C2"), declaration("E2"), at(399, 1))
    return history


EXPECTED = {
    "importer_declared_7": 2, "importer_declared_30": 2, "importer_declared_90": 2,
    "importer_declared_365": 3, "importer_declared_all": 4, "importer_days_since_first": 400,
    "importer_inspected_90": 1, "importer_inspected_365": 2, "importer_inspected_all": 2,
    "importer_irregular_90": 0,
    "importer_irregular_365": 1, "importer_irregular_all": 1, "seller_declared_7": None,
    "seller_irregular_all": None, "seller_days_since_first": None, "office_declared_365": 3,
    "office_inspected_all": 2, "importer_declarant_declared_all": 4, "goods_declared_365": 3,
    "goods_declared_all": 4, "goods_days_since_first": 400, "goods_inspected_all": 2,
    "goods_irregular_365": 1,
    "hs6_declared_all": 4, "hs6_origin_irregular_90": 0, "hs4_origin_inspected_90": 1,
    "importer_hs4_irregular_all": 1, "declarant_hs4_inspected_365": 2, "seller_hs4_declared_all": None,
    "importer_duty_found_365": 40_000_000, "goods_duty_found_all": 40_000_000,
    "declarations_of_importer_today": 0,
}  # fmt: skip


def test_counts_on_a_day_in_the_second_year() -> None:
    found = features(declaration("E9"), lived(), at(400))
    assert {name: found[name] for name in EXPECTED} == EXPECTED


def test_a_stranger_to_history_has_zeros_and_no_first_day() -> None:
    stranger = declaration(
        "E9",
        office="P7",
        parties=(party("importer", "I7"), party("declarant", "D7")),
        items=(item(hs_code="010121"),),
    )
    found = features(stranger, lived(), at(400))
    assert found["importer_declared_all"] == found["hs6_inspected_all"] == found["goods_irregular_90"] == 0
    assert found["importer_days_since_first"] is found["hs6_days_since_first"] is None


@pytest.mark.parametrize("family", [*HEADER_KEYS, *ITEM_KEYS], ids=lambda family: family.name)
def test_every_family_of_keys_has_its_counts_in_the_registry(family: KeyFamily) -> None:
    name, windows = family.name, family.windows
    ends = [*(f"declared_{width}" for width in windows), "declared_all", "days_since_first"]
    ends += [f"{verb}_{end}" for verb in ("inspected", "irregular") for end in ("90", "365", "all")]
    assert [
        f.name for f in REGISTRY if f.name.startswith(f"{name}_") and f.name[len(name) + 1 :] in ends
    ] == [f"{name}_{end}" for end in ends]


def test_sentences_read_as_sentences() -> None:
    assert REGISTRY["importer_declared_7"].sentence == (
        "How many declarations had the same importer in the past 7 days."
    )
    assert REGISTRY["hs6_days_since_first"].sentence == "Days since the same HS6 was first declared."
    assert REGISTRY["importer_hs4_inspected_all"].sentence == (
        "How many times items with the same importer and HS4 were controlled in all."
    )
    assert REGISTRY["seller_irregular_90"].sentence == (
        "How many times declarations with the same seller were found irregular in the past 90 days."
    )
