"""Measures: exact millionths, steps of 3 %, text as it is compared."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.core.history.measures import (
    middle_of_step,
    millionths,
    normalised,
    ratio_millionths,
    step_of,
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("0", 0), ("8.5", 8_500_000), ("0.000001", 1), ("999999999999.999999", 999_999_999_999_999_999)],
)
def test_millionths_are_exact(value: str, expected: int) -> None:
    assert millionths(Decimal(value)) == expected


def test_nothing_stays_nothing() -> None:
    assert (millionths(None), ratio_millionths(None, 1), ratio_millionths(1, None)) == (None, None, None)
    assert (normalised(None), normalised("  "), step_of(None)) == (None, None, None)


def test_a_ratio_has_no_value_over_zero_and_zero_has_no_step() -> None:
    assert ratio_millionths(5, 0) is None
    assert ratio_millionths(1_000_000, 3_000_000) == 333_333
    assert step_of(0) is None


@given(st.integers(1, 10**30), st.integers(1, 10**30))
def test_a_greater_value_never_has_a_lower_step(one: int, other: int) -> None:
    low, high = sorted((one, other))
    first, second = step_of(low), step_of(high)
    assert first is not None
    assert second is not None
    assert first <= second


@given(st.integers(1_000, 10**20))
def test_the_middle_of_the_step_of_a_value_is_within_three_percent_of_it(value: int) -> None:
    step = step_of(value)
    assert step is not None
    assert abs(middle_of_step(step) - value) <= 0.03 * value


def test_middles_grow_and_the_last_step_takes_everything_above() -> None:
    last = step_of(10**40)
    assert last is not None
    middles = [middle_of_step(step) for step in range(last + 1)]
    assert all(low < high for low, high in pairwise(middles[1:]))
    assert last < 2**15, "steps are kept in 16 bits"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("  two\t  blanks \n", "TWO BLANKS"), ("cafe\u0301", "CAFÉ"), ("straße", "STRASSE"), ("ŉ", "ʼN")],
)
def test_text_is_upper_case_with_single_blanks_and_composed(text: str, expected: str) -> None:
    assert normalised(text) == expected


@given(st.text())
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    once = normalised(text)
    assert normalised(once) == once
