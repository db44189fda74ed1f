"""What a decision was made from is written once and read back exactly, whatever the values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.core.features import REGISTRY
from tidewaiter.core.features.registry import Feature, FeatureVector, Kind, Scope
from tidewaiter.core.selection.pacing import OfficeState
from tidewaiter.flow.assessor import inputs_bytes, inputs_of

FEATURES: dict[Scope, Sequence[Feature]] = {Scope.HEADER: REGISTRY.header, Scope.ITEM: REGISTRY.items}
#: Amounts in millionths have up to 24 digits: more than 64 bits.
VALUES = (
    st.none()
    | st.booleans()
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
    | st.integers(-(10**25), 10**25)
    | st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300)
)


def rows(features: Sequence[Feature]) -> st.SearchStrategy[tuple[Any, ...]]:
    """Return rows of the registry: some values drawn, at the places where a number may be broken too."""
    ratios = [at for at, feature in enumerate(features) if feature.kind is Kind.RATIO]
    others = [at for at in range(len(features)) if at not in ratios]
    drawn = {at: st.none() | st.floats(-1e300, 1e300) for at in ratios} | dict.fromkeys(others[:6], VALUES)
    empty = (None,) * len(features)
    return st.fixed_dictionaries(drawn).map(
        lambda values: tuple(values.get(at, gap) for at, gap in enumerate(empty))
    )


VECTORS = st.builds(
    FeatureVector, rows(REGISTRY.header), st.lists(rows(REGISTRY.items), min_size=1, max_size=3).map(tuple)
)


@given(VECTORS, st.floats(0, 1e9), st.integers(0, 10**6))
def test_inputs_come_back_bit_for_bit(vector: FeatureVector, hours: float, day: int) -> None:
    before = OfficeState(office="040", day=day, used={"officers": hours}, spent={"red/random": hours})
    body = inputs_bytes(vector, before, None)
    again, pacing, earlier, epochs = inputs_of(body)
    assert epochs == {}
    assert repr(again) == repr(vector)
    assert (pacing, earlier) == (before, None)
    assert inputs_bytes(again, pacing, None) == body


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("name", [feature.name for feature in REGISTRY if feature.kind is Kind.RATIO])
def test_a_feature_that_is_not_finite_is_a_fault_and_never_missing(value: float, name: str) -> None:
    scope, at = REGISTRY.position[name]
    broken: dict[Scope, list[Any]] = {kind: [None] * len(features) for kind, features in FEATURES.items()}
    whole = FeatureVector(tuple(broken[Scope.HEADER]), (tuple(broken[Scope.ITEM]),) * 2)
    broken[scope][at] = value
    vector = FeatureVector(tuple(broken[Scope.HEADER]), (whole.items[0], tuple(broken[Scope.ITEM])))
    assert inputs_bytes(whole, OfficeState(office="040"), None)
    with pytest.raises(ValueError, match="not finite"):
        inputs_bytes(vector, OfficeState(office="040"), None)
