"""Reasons are true, few, and in words that are kept."""

from __future__ import annotations

import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.inspected import examples_of, inspected_trade
from tests.golden.texts import golden
from tidewaiter.core.decision import Reason
from tidewaiter.core.features import REGISTRY, FeatureVector, Kind, Scope
from tidewaiter.core.history.keys import HEADER_KEYS, ITEM_KEYS
from tidewaiter.core.scoring.contract import Contribution
from tidewaiter.core.scoring.reasons import REASONS_MAX, model_reasons
from tidewaiter.core.scoring.words import SENTENCES, STATEMENTS, SUBJECTS


def vector(items: int = 1, **values: Any) -> FeatureVector:
    """Return a vector in which everything is missing but *values* (of each item)."""
    values = {"item_count": items, **values}
    header = tuple(values.get(feature.name) for feature in REGISTRY.header)
    rows = [
        tuple(
            number + 1 if feature.name == "item_number" else values.get(feature.name)
            for feature in REGISTRY.items
        )
        for number in range(items)
    ]
    return FeatureVector(header, tuple(rows))


def told(read: FeatureVector, *features: str, item: int = 0, log_odds: float = 0.5) -> tuple[Reason, ...]:
    """Return the reasons when each of *features* raises the score alike."""
    return model_reasons(
        read, [Contribution(feature=name, item=item, log_odds=log_odds) for name in features]
    )


GOODS = {"goods_inspected_all": 7, "goods_irregular_all": 6}
CHEAP = {
    "unit_value": 148.3,
    "unit_value_reference": 310.2,
    "unit_value_ratio": 0.478,
    "unit_value_reference_count": 57,
}
DEAR = {**CHEAP, "unit_value": 3102.0, "unit_value_ratio": 10.0}
#: One in five controls of the office finds something.
USUAL = {"office_inspected_all": 500, "office_irregular_all": 100}
RECORDS = {
    f"{family.name}_{what}_all": number
    for family in (*HEADER_KEYS, *ITEM_KEYS)
    if family.name != "goods"
    for what, number in (("inspected", 12), ("irregular", 5))
    if family.name != "office"
} | USUAL
PLACES = {
    "hs_code": "6307901000",
    "hs2": "63",
    "hs4": "6307",
    "hs6": "630790",
    "origin": "CN",
    "departure_country": "HK",
}

#: Name of the case -> (values, feature that raises the score).
CASES: dict[str, tuple[dict[str, Any], str]] = {
    "same goods": (GOODS, "goods_irregular_all"),
    "unit value below the usual": (CHEAP, "unit_value_distance"),
    "unit value above the usual": (DEAR, "unit_value_ratio"),
    "departure is not the origin": (
        {**PLACES, "departure_differs_from_origin": True},
        "departure_differs_from_origin",
    ),
    "trader who never declared": (
        {"importer_declared_all": 0, "importer_is_new": True},
        "importer_is_new",
    ),
    "trader who is new": (
        {"declarant_declared_all": 4, "declarant_days_since_first": 12},
        "declarant_days_since_first",
    ),
    "trader who declares often": (
        {"exporter_declared_all": 34, "exporter_days_since_first": 900},
        "exporter_declared_365",
    ),
    "commodity with a record": ({**PLACES, **RECORDS}, "hs4"),
    "commodity without a record": (PLACES, "hs2"),
    "code": ({"origin": "NA"}, "origin"),
    "amount of money": ({"customs_value": 1_200_500_000}, "customs_value_magnitude"),
    "amount": ({"net_mass": 42_500_000}, "net_mass"),
    "amount in percent": ({"duty_rate": 8_000_000}, "duty_rate"),
    "ratio": ({"gross_net_ratio": 1.05263}, "gross_net_ratio"),
    "count": ({"document_count": 2}, "document_count"),
    "tiny ratio": ({"value_share": 0.0000123}, "value_share"),
}


def test_every_sentence_is_kept_word_by_word() -> None:
    lines = []
    for name, (values, feature) in CASES.items():
        lines += [
            f"{name}:",
            *(f"  {reason.code}: {reason.text}" for reason in told(vector(**values), feature)),
        ]
    lines.append("records:")
    for family in (*HEADER_KEYS, *ITEM_KEYS):
        if family.name != "goods":
            read = vector(**PLACES, **RECORDS)
            lines += [f"  {reason.text}" for reason in told(read, f"{family.name}_irregular_all")]
    lines.append("truths:")
    for feature, value in STATEMENTS:
        lines += [f"  {reason.code}: {reason.text}" for reason in told(vector(**{feature: value}), feature)]
    lines.append("in a declaration with several items:")
    several = vector(3, **GOODS, **CHEAP, importer_declared_all=0)
    lines += [
        f"  {reason.text}"
        for reason in told(several, "goods_irregular_all", "unit_value", "importer_is_new", item=2)
    ]
    text = "\n".join([*lines, ""])
    assert text == golden("scoring/reasons.txt", text)


def test_every_code_has_a_case_and_every_case_a_code() -> None:
    used = {reason.code for values, feature in CASES.values() for reason in told(vector(**values), feature)}
    used |= {reason.code for reason in told(vector(**RECORDS), "importer_irregular_all")}
    used |= {reason.code for reason in told(vector(net_mass_is_round=True), "net_mass_is_round")}
    assert used == set(SENTENCES)


def test_params_are_exactly_what_the_sentence_names() -> None:
    for values, feature in CASES.values():
        for reason in told(vector(**values), feature):
            named = {field for _, field, _, _ in string.Formatter().parse(SENTENCES[reason.code]) if field}
            assert named == set(reason.params)
            assert SENTENCES[reason.code].format_map(reason.params) == reason.text


def test_every_remembered_key_has_a_subject() -> None:
    assert all(family.name in SUBJECTS for family in (*HEADER_KEYS, *ITEM_KEYS) if family.name != "goods")


def test_the_words_speak_of_features_that_are_there_and_of_their_kind() -> None:
    keys = {family.name for family in (*HEADER_KEYS, *ITEM_KEYS)}
    named = {REGISTRY[name].kind for name in SUBJECTS if name not in keys}
    assert named == {Kind.CODE, Kind.AMOUNT, Kind.RATIO, Kind.COUNT}
    assert {REGISTRY[name].kind for name, _ in STATEMENTS} == {Kind.FLAG}


@pytest.mark.parametrize(
    ("values", "feature"),
    [
        ({"goods_inspected_all": 3, "goods_irregular_all": 0}, "goods_irregular_all"),
        ({"goods_inspected_all": 0, "goods_irregular_all": 0}, "goods_inspected_all"),
        ({**USUAL, "goods_inspected_all": 9, "goods_irregular_all": 1}, "goods_irregular_all"),
        ({**USUAL, "importer_inspected_all": 9, "importer_irregular_all": 1}, "importer_irregular_all"),
        ({"importer_inspected_all": 3, "importer_irregular_all": 0}, "importer_irregular_all"),
        ({**CHEAP, "unit_value_ratio": 0.95}, "unit_value_ratio"),
        ({"unit_value": 5.0}, "unit_value"),
        ({"departure_differs_from_origin": False}, "departure_differs_from_origin"),
        ({}, "departure_differs_from_origin"),
        ({}, "origin"),
        ({"importer_is_declarant": False}, "importer_is_declarant"),
        ({"importer_aeo": True}, "importer_aeo"),
        ({"exporter_days_since_first": 3}, "exporter_days_since_first"),
        ({"hs6_declared_365": 3}, "hs6_declared_365"),
        ({"description": "SHIRTS"}, "description"),
        ({"lodged_day": 739000}, "lodged_day"),
        ({}, "importer_declared_365"),
    ],
)
def test_nothing_is_said_that_is_not_true_of_the_values(values: dict[str, Any], feature: str) -> None:
    assert told(vector(**values), feature) == ()


def test_what_lowers_the_score_is_no_reason() -> None:
    assert told(vector(**GOODS), "goods_irregular_all", log_odds=-2.0) == ()
    assert told(vector(**GOODS), "goods_irregular_all", log_odds=0.01) == ()


def test_contributions_of_one_topic_count_together() -> None:
    read = vector(**CHEAP, origin="CN")
    parts = [
        Contribution(feature="origin", item=0, log_odds=0.3),
        Contribution(feature="unit_value", item=0, log_odds=0.25),
        Contribution(feature="unit_value_ratio", item=0, log_odds=0.25),
    ]
    assert [reason.code for reason in model_reasons(read, parts)] == ["unit-value-low", "code"]
    outweighed = [*parts, Contribution(feature="unit_value_distance", item=0, log_odds=-1.0)]
    assert [reason.code for reason in model_reasons(read, outweighed)] == ["code"]


def test_there_are_four_reasons_at_most_the_strongest_first() -> None:
    read = vector(**GOODS, **CHEAP, **PLACES, **RECORDS, duty_rate=8_000_000, net_mass=5_000_000)
    features = [
        "net_mass",
        "duty_rate",
        "origin",
        "unit_value",
        "importer_irregular_all",
        "goods_irregular_all",
    ]
    parts = [
        Contribution(feature=name, item=0, log_odds=1.0 + number) for number, name in enumerate(features)
    ]
    codes = [reason.code for reason in model_reasons(read, parts)]
    assert codes == ["same-goods", "record", "unit-value-low", "code"]


def test_a_record_worse_than_usual_is_told() -> None:
    read = vector(**USUAL, importer_inspected_all=9, importer_irregular_all=2)
    assert [reason.code for reason in told(read, "importer_irregular_all")] == ["record"]


def test_the_same_sentence_is_told_once() -> None:
    read = vector(**PLACES, **RECORDS)
    assert len(told(read, "hs4", "hs6_irregular_all")) == 1


def test_a_header_feature_names_no_item() -> None:
    (reason,) = told(vector(3, importer_declared_all=0), "importer_is_new", item=1)
    assert reason.text == "Importer has not declared before."
    assert "item" not in reason.params


EXAMPLES = examples_of(inspected_trade(60, seed=3))
FEATURES = [feature.name for feature in REGISTRY]


@given(st.data())
def test_any_contributions_to_any_vector_give_reasons_that_hold(data: st.DataObject) -> None:
    read = data.draw(st.sampled_from(EXAMPLES)).vector
    item = data.draw(st.integers(0, len(read.items) - 1))
    parts = data.draw(
        st.lists(
            st.tuples(st.sampled_from(FEATURES), st.floats(-3.0, 3.0)), max_size=30, unique_by=lambda p: p[0]
        )
    )
    reasons = model_reasons(
        read, [Contribution(feature=name, item=item, log_odds=value) for name, value in parts]
    )
    assert len(reasons) <= REASONS_MAX
    assert len({reason.text for reason in reasons}) == len(reasons)
    for reason in reasons:
        assert reason.text.endswith(".")
        assert "None" not in reason.text
        if reason.code == "same-goods":
            assert reason.params["irregular"] == REGISTRY.value(read, "goods_irregular_all", item)
            assert reason.params["irregular"] > 0
        if reason.code.startswith("unit-value"):
            ratio = REGISTRY.value(read, "unit_value_ratio", item)
            assert (ratio < 1) == (reason.code == "unit-value-low")


def test_every_feature_that_can_be_told_is_told_without_fault() -> None:
    """No feature of the registry breaks the words, whatever its kind."""
    sample = {
        Kind.CODE: "X", Kind.TEXT: "X", Kind.AMOUNT: 1_500_000, Kind.RATIO: 0.5, Kind.COUNT: 3,
        Kind.FLAG: True, Kind.DAY: 739_000,
    }  # fmt: skip
    everything = {feature.name: sample[feature.kind] for feature in REGISTRY if feature.name != "item_number"}
    read = vector(2, **everything)
    for feature in REGISTRY:
        reasons = told(read, feature.name, item=1)
        assert all("{" not in reason.text for reason in reasons)
        if reasons and "item" in reasons[0].params:
            assert feature.scope is Scope.ITEM
