"""Kinds of irregularity and expected revenue."""

from __future__ import annotations

import numpy as np
import pytest

from tidewaiter.adapters.scorers.heads import (
    KIND_LABELS_MIN,
    REVENUE_NUMBERS,
    Revenue,
    fit_kinds,
    fit_revenue,
)
from tidewaiter.adapters.scorers.table import Floats, Table


def table(rows: int = 400) -> Table:
    rng = np.random.default_rng(1)
    value = np.exp(rng.normal(8.0, 1.0, rows))
    rate = rng.choice([0.0, 5.0, 20.0], rows)
    columns = [value * rate / 100.0, value, rate, np.exp(rng.normal(3.0, 1.0, rows)), rng.random(rows)]
    position = {name: i for i, name in enumerate(REVENUE_NUMBERS)}
    return Table(np.stack(columns, axis=1), position, np.arange(rows), np.arange(rows))


ITEMS = table()
ONES = np.ones(len(ITEMS))


def kinds_of(items: Table) -> list[frozenset[str]]:
    """Undervaluation where the unit value is far below the usual, else quantity; a few of both."""
    low = items["unit_value_ratio"] < 0.5
    names = [{"undervaluation"} if is_low else {"quantity"} for is_low in low]
    names[0] |= {"undervaluation", "quantity"}
    return [frozenset(found) for found in names]


def test_a_kind_with_labels_enough_gets_a_head() -> None:
    kinds = fit_kinds(ITEMS, kinds_of(ITEMS), ONES, REVENUE_NUMBERS, seed=1, threads=1)
    assert kinds.names == ("quantity", "undervaluation")
    shares = kinds.shares(ITEMS)
    low = ITEMS["unit_value_ratio"] < 0.4
    assert shares[low, 1].mean() > 0.9
    assert shares[~low, 1].mean() < 0.3


def test_a_kind_with_few_labels_or_that_says_nothing_gets_none() -> None:
    few = (
        [frozenset({"splitting"})] * (KIND_LABELS_MIN - 1)
        + [frozenset({"other"})] * 200
        + [frozenset()] * 151
    )
    kinds = fit_kinds(ITEMS, few, ONES, REVENUE_NUMBERS, seed=1, threads=1)
    assert kinds.names == ()
    assert kinds.shares(ITEMS).shape == (len(ITEMS), 0)


def test_one_kind_leaves_room_for_the_rest() -> None:
    names = [frozenset({"quantity"}) if i % 2 else frozenset[str]() for i in range(len(ITEMS))]
    kinds = fit_kinds(ITEMS, names, ONES, REVENUE_NUMBERS, seed=1, threads=1)
    assert kinds.names == ("quantity",)
    assert kinds.shares(ITEMS)[:, 0].mean() == pytest.approx(0.5, abs=0.1)


def duty(items: Table) -> Floats:
    """Return a duty effect that follows the duty at stake; nothing where the rate is zero."""
    return 0.3 * items["duty_at_stake"]


def test_the_amount_is_learned_and_right_on_average() -> None:
    effect = duty(ITEMS)
    revenue = fit_revenue(ITEMS, effect, ONES)
    assert revenue.learned
    predicted = revenue.if_irregular(ITEMS)
    assert (predicted >= 0.0).all()
    # Also what had no duty effect counts, and at every level the total is that of what was found.
    assert predicted.sum() == pytest.approx(effect.sum(), rel=0.02)
    order = np.argsort(predicted)
    for part in np.array_split(order, 4)[1:]:
        assert predicted[part].sum() == pytest.approx(effect[part].sum(), rel=0.35)
    paid = effect > 0
    assert np.corrcoef(np.log1p(predicted[paid]), np.log1p(effect[paid]))[0, 1] > 0.95


def test_a_regression_of_logarithms_would_be_caught() -> None:
    """Amounts with a long tail: the mean of logarithms says too little of their total."""
    effect = duty(ITEMS) * np.random.default_rng(4).lognormal(0.0, 1.5, len(ITEMS))
    predicted = fit_revenue(ITEMS, effect, ONES).if_irregular(ITEMS)
    assert predicted.sum() == pytest.approx(effect.sum(), rel=0.05)
    paid = effect > 0
    naive = np.expm1(np.log1p(effect[paid]).mean()) * paid.sum()
    assert naive < 0.5 * effect.sum()


def test_an_amount_stays_within_what_was_seen() -> None:
    revenue = fit_revenue(ITEMS, duty(ITEMS), ONES)
    huge = Table(ITEMS.matrix * 1e9, ITEMS.position, ITEMS.owner, ITEMS.start)
    assert revenue.if_irregular(huge).max() == revenue.high == duty(ITEMS).max()


def test_where_no_duty_was_recorded_the_duty_at_stake_counts() -> None:
    revenue = fit_revenue(ITEMS, np.zeros(len(ITEMS)), ONES)
    assert not revenue.learned
    missing = Table(np.full_like(ITEMS.matrix, np.nan), ITEMS.position, ITEMS.owner, ITEMS.start)
    assert revenue.if_irregular(ITEMS).tolist() == ITEMS["duty_at_stake"].tolist()
    assert (revenue.if_irregular(missing) == 0.0).all()


def test_missing_inputs_give_an_amount_nevertheless() -> None:
    revenue = fit_revenue(ITEMS, duty(ITEMS), ONES)
    missing = Table(np.full_like(ITEMS.matrix, np.nan), ITEMS.position, ITEMS.owner, ITEMS.start)
    assert np.isfinite(revenue.if_irregular(missing)).all()


def test_the_head_is_read_back_exactly() -> None:
    revenue = fit_revenue(ITEMS, duty(ITEMS), ONES)
    assert Revenue.from_data(revenue.to_data()) == revenue
