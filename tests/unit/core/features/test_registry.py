"""The laws of the registry: described, unique, closed, of the declared kind, never infinite."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest
from hypothesis import given

from tests.unit.core.features.full import EXTREME, FULL
from tests.unit.core.history.events import Declared, Event, at, declaration
from tests.unit.core.history.streams import streams
from tidewaiter.core.features import REGISTRY, Feature, FeatureVector, Kind, Registry, Scope, compute
from tidewaiter.core.features.context import Context
from tidewaiter.core.history import History

TYPES = {
    Kind.CODE: str, Kind.TEXT: str, Kind.AMOUNT: int, Kind.RATIO: float, Kind.COUNT: int, Kind.FLAG: bool,
    Kind.DAY: int,
}  # fmt: skip
ALL = list(REGISTRY)


def faults(feature: Feature, value: Any) -> list[str]:
    """Return what is wrong with a value of a feature."""
    if value is None:
        return [f"{feature.name} is missing"] if feature.missing.startswith("never missing") else []
    if type(value) is not TYPES[feature.kind]:
        return [f"{feature.name} is a {type(value).__name__}, must be a {feature.kind.value}"]
    if isinstance(value, float) and not math.isfinite(value):
        return [f"{feature.name} is {value}"]
    if feature.kind is Kind.COUNT and value < 0:
        return [f"{feature.name} is below zero"]
    if isinstance(value, str) and not value:
        return [f"{feature.name} is an empty text"]
    return []


def all_faults(vector: FeatureVector) -> list[str]:
    """Return what is wrong with any value of a vector."""
    pairs = list(zip(REGISTRY.header, vector.header, strict=True))
    for row in vector.items:
        pairs += zip(REGISTRY.items, row, strict=True)
    return [fault for feature, value in pairs for fault in faults(feature, value)]


@pytest.mark.parametrize("feature", ALL, ids=lambda feature: feature.name)
def test_every_feature_is_described(feature: Feature) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*", feature.name)
    assert feature.family in {"declaration", "value", "weight", "party", "route", "document", "history"}
    for text in (feature.unit, feature.source, feature.missing, feature.sentence):
        assert text == text.strip() != ""
        assert "|" not in text
    assert feature.sentence[0].isupper()
    assert feature.sentence.endswith(".")
    assert (feature.unit == "-") >= (feature.kind in (Kind.CODE, Kind.TEXT, Kind.FLAG))


def test_names_are_unique_and_every_sentence_says_something_of_its_own() -> None:
    assert len({feature.name for feature in ALL}) == len(ALL) == len(REGISTRY)
    assert len({feature.sentence for feature in ALL}) == len(ALL)


def test_two_features_of_the_same_name_are_refused() -> None:
    with pytest.raises(ValueError, match="BUG: two features have the same name"):
        Registry([ALL[0], ALL[0]])


def test_the_version_follows_the_set() -> None:
    assert Registry(ALL).version == REGISTRY.version
    assert Registry(ALL[1:]).version != REGISTRY.version


@given(streams(length_max=15))
def test_every_value_is_of_the_declared_kind_and_finite(events: list[Event]) -> None:
    history = History()
    for event in events:
        if isinstance(event, Declared):
            assert all_faults(compute(event.declaration, history, event.at)) == []
            history.observe_declaration(event.declaration, event.at)
        else:
            history.observe_result(event.result, event.declaration, event.known_at)


def test_a_full_declaration_with_a_past_misses_no_feature() -> None:
    history = History()
    for number in range(10):
        past = declaration(f"E{number}", parties=FULL.parties, items=FULL.items)
        history.observe_declaration(past, at(number))
    vector = compute(FULL, history, at(30))
    assert all_faults(vector) == []
    named = REGISTRY.as_mapping(vector)
    missing = [
        name for part in (named["header"], *named["items"]) for name, value in part.items() if value is None
    ]
    assert missing == []


def test_the_greatest_and_smallest_amounts_stay_finite() -> None:
    history = History()
    for number in range(10):
        history.observe_declaration(declaration(f"E{number}", items=EXTREME.items), at(number))
    assert all_faults(compute(EXTREME, history, at(30))) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("origin", 1), ("net_mass", 1.0), ("unit_value", 1), ("unit_value", math.inf), ("unit_value", math.nan),
     ("importer_is_new", 1), ("item_count", True), ("item_count", -1), ("item_count", None), ("origin", "")],
)  # fmt: skip
def test_the_law_of_kinds_sees_a_wrong_value(name: str, value: Any) -> None:
    assert faults(REGISTRY[name], value)


def test_a_vector_holds_what_each_feature_gives_alone() -> None:
    history = History()
    for number in range(12):
        history.observe_declaration(
            declaration(f"E{number}", parties=FULL.parties, items=FULL.items), at(number)
        )
    vector = compute(FULL, history, at(30))
    context = Context(FULL, history, at(30))
    assert vector.header == tuple(feature.compute(context) for feature in REGISTRY.header)
    for index, row in enumerate(vector.items):
        assert row == tuple(feature.compute(context, index) for feature in REGISTRY.items)


def test_a_value_is_found_by_name_in_its_scope() -> None:
    vector = compute(FULL, History(), at(0))
    assert REGISTRY["hs_code"].scope is Scope.ITEM
    assert REGISTRY.value(vector, "hs_code", 1) == FULL.items[1].hs_code
    assert REGISTRY.value(vector, "office") == FULL.office
    assert "hs_code" in REGISTRY
    assert "colour" not in REGISTRY
