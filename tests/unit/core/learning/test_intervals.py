"""Intervals that hold what they promise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.core.learning.intervals import always_valid, half_width, share_interval


def ever_missed(mean: float, runs: int, steps: int, *, fixed: bool = False) -> float:
    """Return the share of runs in which an interval misses *mean* at least once."""
    rng = np.random.default_rng(4)
    missed = 0
    for _ in range(runs):
        values = (rng.random(steps) < mean).astype(float)
        if fixed:  # the usual interval, looked at after each value from the tenth on
            count = np.arange(1, steps + 1)
            centre = np.cumsum(values) / count
            half = 1.96 * np.sqrt(centre * (1 - centre) / count)
            low, high = (centre - half)[10:], (centre + half)[10:]
        else:
            low, high = always_valid(values, low=0.0, high=1.0)
        missed += bool(np.any((low > mean) | (high < mean)))
    return missed / runs


def test_one_may_look_at_every_step() -> None:
    assert ever_missed(0.3, 400, 500) <= 0.05


def test_the_usual_interval_looked_at_every_step_would_be_caught() -> None:
    assert ever_missed(0.3, 100, 500, fixed=True) > 0.3


def test_an_always_valid_interval_narrows_to_the_mean() -> None:
    values = (np.random.default_rng(1).random(20_000) < 0.05) * 10.0
    low, high = always_valid(values, low=0.0, high=10.0)
    assert low[-1] <= 0.5 <= high[-1]
    assert high[-1] - low[-1] < 0.15
    assert np.all(np.diff(low) >= 0)
    assert np.all(np.diff(high) <= 0)


def test_little_spread_narrows_faster() -> None:
    rng = np.random.default_rng(2)
    calm = always_valid(0.5 + 0.02 * rng.standard_normal(2000).clip(-4, 4), low=0.0, high=1.0)
    wild = always_valid((rng.random(2000) < 0.5).astype(float), low=0.0, high=1.0)
    assert calm[1][-1] - calm[0][-1] < 0.5 * (wild[1][-1] - wild[0][-1])


def test_values_outside_the_bounds_are_a_programmers_fault() -> None:
    with pytest.raises(ValueError, match="BUG"):
        always_valid(np.array([0.5, 1.5]), low=0.0, high=1.0)
    assert always_valid(np.empty(0), low=0.0, high=1.0)[0].size == 0


@given(st.floats(0.0, 1.0), st.floats(0.0, 50.0))
def test_the_interval_of_a_share_is_within_its_range_and_holds_it(value: float, half: float) -> None:
    low, high = share_interval(value, half)
    assert 0.0 <= low <= value + 1e-9
    assert value - 1e-9 <= high <= 1.0


def test_fewer_heavy_rows_give_a_wider_interval() -> None:
    even = np.tile([1.0, -1.0], 50)
    heavy = np.zeros(100)
    heavy[:2] = np.sqrt(50.0), -np.sqrt(50.0)
    assert half_width(even, 0.95)[1] == pytest.approx(half_width(heavy, 0.95)[1])
    assert half_width(heavy, 0.95)[0] > 1.3 * half_width(even, 0.95)[0]


def test_what_is_expected_steadies_a_variance_seen_in_few_rows() -> None:
    lucky = np.zeros(100)  # nothing irregular was drawn: no spread was seen
    lucky[0] = 1e-3
    assert half_width(lucky, 0.95, expected_square=1.0)[1] > 100 * half_width(lucky, 0.95)[1]
