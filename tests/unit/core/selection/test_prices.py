"""The price that spends a budget."""

from __future__ import annotations

import math
import random  # noqa: TID251 - seeded, and passed in

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.core.selection.prices import ValueDistribution, value_bin

values = st.floats(min_value=0.0, max_value=1e15)


def of(*work: tuple[float, float]) -> ValueDistribution:
    distribution = ValueDistribution()
    for value, hours in work:
        distribution = distribution.adding(value, hours)
    return distribution


def test_the_price_leaves_as_many_hours_above_it_as_are_asked_for() -> None:
    rng = random.Random(1)
    work = [(rng.lognormvariate(4, 2), rng.uniform(0.5, 3)) for _ in range(2000)]
    distribution = of(*work)
    total = sum(hours for _, hours in work)
    for share in (0.02, 0.1, 0.5, 0.9):
        price = distribution.price(share * total)
        above = sum(hours for value, hours in work if value > price)
        assert above == pytest.approx(share * total, rel=0.1)


@given(st.lists(st.tuples(values, st.floats(min_value=0.1, max_value=10)), min_size=1, max_size=30))
def test_more_hours_never_cost_more(work: list[tuple[float, float]]) -> None:
    distribution = of(*work)
    prices = [distribution.price(hours) for hours in (0.0, 0.5, 1.0, 5.0, 20.0, 1e6)]
    assert prices == sorted(prices, reverse=True)
    assert prices[-1] == 0.0


@given(values)
def test_any_value_has_one_of_a_bounded_number_of_bins(value: float) -> None:
    assert value_bin(0.0) <= value_bin(value) <= value_bin(1e300)
    assert value_bin(1e300) - value_bin(0.0) < 800


def test_a_bin_is_five_per_cent_wide() -> None:
    place = value_bin(100.0)
    assert math.exp(place * math.log(1.05)) <= 100.0 < math.exp((place + 1) * math.log(1.05))


def test_scaling_changes_the_unit_and_drops_what_faded() -> None:
    distribution = of((10.0, 4.0), (1000.0, 1e-9))
    scaled = distribution.scaled(0.5)
    assert scaled.price(1.0) == pytest.approx(distribution.price(2.0))
    assert len(scaled.hours) == 1


def test_nothing_on_offer_has_no_price() -> None:
    assert ValueDistribution().price(3.0) == 0.0
