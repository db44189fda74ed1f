"""What a decision was made from is written once and read back exactly, whatever the values."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.core.features.registry import FeatureVector
from tidewaiter.core.selection.pacing import OfficeState
from tidewaiter.flow.assessor import inputs_bytes, inputs_of

#: Amounts in millionths have up to 24 digits: more than 64 bits.
VALUES = (
    st.none()
    | st.booleans()
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
    | st.integers(-(10**25), 10**25)
    | st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300)
)
ROWS = st.lists(VALUES, max_size=6).map(tuple)
VECTORS = st.builds(FeatureVector, ROWS, st.lists(ROWS, min_size=1, max_size=3).map(tuple))


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
@pytest.mark.parametrize("place", ["header", "items"])
def test_a_feature_that_is_not_finite_is_a_fault_and_never_missing(value: float, place: str) -> None:
    rows = {"header": (1, "a"), "items": (0.5, None), place: (0.5, value)}
    vector = FeatureVector(rows["header"], ((1.5,), rows["items"]))
    with pytest.raises(ValueError, match="not finite"):
        inputs_bytes(vector, OfficeState(office="040"), None)
