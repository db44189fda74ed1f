"""Predictability: the skill of a forecast, and the part of the work that keeps it within a limit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.core.learning.predictability import expected_area, kept_part, mixed, skill, suggested

probabilities = st.lists(st.floats(0.01, 0.99), min_size=2, max_size=40).map(np.array)


def by_pairs(forecast: np.ndarray, probability: np.ndarray) -> float:
    """Return the expected area, pair by pair."""
    total = weight = 0.0
    for f, p in zip(forecast, probability, strict=True):
        for g, q in zip(forecast, probability, strict=True):
            pair = p * (1.0 - q)
            weight += pair
            total += pair * (1.0 if f > g else 0.5 if f == g else 0.0)
    return float(total / weight)


def test_a_coin_has_no_skill_and_a_prophet_has_all() -> None:
    random = np.random.default_rng(1)
    controlled = (random.random(20_000) < 0.1).astype(float)
    coin = skill(controlled, np.full(20_000, 0.1), 0.1)
    prophet = skill(controlled, np.where(controlled > 0, 0.9999, 0.0001), 0.1)
    assert coin is not None
    assert prophet is not None
    assert (coin.area, coin.bits) == (0.5, 0.0)
    assert prophet.area == 1.0
    # All that there is to know of a rate of a tenth is its entropy, 0.469 bits.
    assert prophet.bits == pytest.approx(0.469, abs=0.02)


def test_who_is_wrong_loses_bits() -> None:
    controlled = np.array([1.0, 0.0, 0.0, 0.0])
    found = skill(controlled, np.array([0.1, 0.9, 0.9, 0.9]), 0.25)
    assert found is not None
    assert found.area == 0.0
    assert found.bits < 0


@pytest.mark.parametrize("controlled", [np.zeros(5), np.ones(5)])
def test_one_outcome_alone_shows_no_skill(controlled: np.ndarray) -> None:
    assert skill(controlled, np.linspace(0, 1, 5), 0.5) is None


def test_the_interval_holds_the_true_area() -> None:
    random = np.random.default_rng(2)
    probability = np.where(random.random(100_000) < 0.2, 0.6, 0.02)
    truth = expected_area(probability, probability)
    inside = 0
    for _ in range(200):
        rows = random.integers(0, len(probability), 800)
        controlled = (random.random(800) < probability[rows]).astype(float)
        found = skill(controlled, probability[rows], 0.1)
        assert found is not None
        inside += found.low <= truth <= found.high
    assert inside >= 180


@given(st.data(), probabilities)
def test_the_expected_area_is_that_of_all_pairs(data: st.DataObject, probability: np.ndarray) -> None:
    few = st.lists(st.sampled_from([0.1, 0.2, 0.5]), min_size=len(probability), max_size=len(probability))
    forecast = np.array(data.draw(few))
    assert expected_area(forecast, probability) == pytest.approx(by_pairs(forecast, probability), abs=1e-9)


@given(probabilities, st.floats(0.0, 1.0))
def test_mixing_keeps_the_work_and_ends_at_the_random_draw(probability: np.ndarray, kept: float) -> None:
    assert mixed(probability, kept).sum() == pytest.approx(probability.sum())
    assert expected_area(probability, mixed(probability, 0.0)) == pytest.approx(
        0.5, abs=0.02 + 1 / len(probability)
    )


@given(probabilities, st.floats(0.55, 0.95))
def test_the_suggestion_reaches_the_limit_and_gives_up_no_more_than_it_must(
    probability: np.ndarray, limit: float
) -> None:
    kept = kept_part(probability, probability, limit)
    found = suggested(probability, probability, limit)
    assert found.kept == kept
    if kept > 0.0:
        assert found.area <= limit + 1e-9
    if kept < 1.0:
        more = min(1.0, kept + 2 / 1024)
        assert expected_area(probability, mixed(probability, more)) > limit - 1e-9
    assert found.random_rate == pytest.approx((1 - kept) * probability.mean())


def test_nobody_to_compare_with_gives_a_coin() -> None:
    assert expected_area(np.array([0.3, 0.4]), np.array([0.0, 0.0])) == 0.5
