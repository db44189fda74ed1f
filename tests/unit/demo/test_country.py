"""The tariff and the market of the demo country are plausible, and its arithmetic is exact."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.core.codes import hs_code
from tidewaiter.demo.catalogue import SECTORS, subheadings
from tidewaiter.demo.country import PARTNERS, Country, build_country, duty_cents
from tidewaiter.demo.traders import build_relations, item_counts, mean_items


@pytest.fixture(scope="module")
def country() -> Country:
    return build_country(1)


def test_the_tariff_has_about_four_hundred_lines_over_many_chapters() -> None:
    lines = subheadings()
    assert 380 <= len(lines) <= 420
    assert len({hs_code(line.code) for line in lines}) == len(lines)
    assert len({line.code[:2] for line in lines}) > 55
    assert {line.sector for line in lines} == set(range(len(SECTORS)))
    assert all(0 <= line.rate_percent <= 40 for line in lines)
    assert [line.code for line in lines] == sorted(line.code for line in lines)


@given(value=st.integers(0, 10**14), rate=st.integers(0, 400))
def test_duty_is_exact_and_rounded_half_up(value: int, rate: int) -> None:
    exact = Decimal(value) * Decimal(rate) / 1000
    expected = int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))
    assert int(duty_cents(np.array([value]), np.array([rate]))[0]) == expected


def test_a_lower_neighbour_is_near_and_at_least_five_points_lower(country: Country) -> None:
    codes = [line.code for line in country.tariff]
    with_lower = np.flatnonzero(country.lower >= 0)
    assert len(with_lower) > 150
    for position in with_lower.tolist():
        other = int(country.lower[position])
        assert codes[position][:2] == codes[other][:2]
        assert country.rate[other] <= country.rate[position] - 50


def test_preferences_lower_the_rate_only_where_they_are_claimed(country: Country) -> None:
    goods = np.arange(len(country.tariff))
    for position, partner in enumerate(PARTNERS):
        origin = np.full(len(goods), position)
        claimed = country.rate_of(goods, origin, np.ones(len(goods), dtype=bool))
        unclaimed = country.rate_of(goods, origin, np.zeros(len(goods), dtype=bool))
        assert (unclaimed == country.rate).all()
        assert (claimed == country.rate).all() == (partner.agreement == 0)
        assert (claimed <= unclaimed).all()


def test_another_seed_has_the_same_tariff_and_another_market(country: Country) -> None:
    other = build_country(2)
    assert other.tariff == country.tariff
    assert (other.rate == country.rate).all()
    assert not np.allclose(other.price, country.price)


def test_the_number_of_items_is_planned_as_it_comes_out(country: Country) -> None:
    relations, _, _ = build_relations(country, 1, 50_000, 365)
    generator = np.random.default_rng(0)
    weight = relations.weight * (relations.last_day - relations.first_day).clip(0)
    chosen = generator.choice(len(relations), 200_000, p=weight / weight.sum())
    counts = item_counts(relations.broad[chosen], generator.random(200_000), generator.normal(size=200_000))
    assert counts.min() == 1
    assert counts.max() <= 500
    assert counts.mean() == pytest.approx(mean_items(relations, 365), rel=0.03)
