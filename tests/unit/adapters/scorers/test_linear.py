"""The smooth part of the general model."""

from __future__ import annotations

import numpy as np
import pytest

from tidewaiter.adapters.scorers.linear import Block, Linear, curve_scale, fit_linear
from tidewaiter.adapters.scorers.table import Floats, Table

KNOTS = tuple(float(knot) for knot in curve_scale(np.array([0.1, 10.0, 1000.0])))
BLOCKS = (
    Block(number="mass", knots=KNOTS, scale=1.0),
    Block(code="origin", codes=3, scale=0.5),
    Block(code="origin", codes=3, number="mass", knots=KNOTS, scale=0.4),
    Block(code="regime", codes=2, scale=0.3),
    Block(code="regime", codes=2, number="mass", knots=KNOTS, scale=0.4),
    Block(number="value", knots=(1.0, 5.0), scale=0.4),
)


def table(rows: int = 400, seed: int = 1) -> Table:
    """Return items with two codes and two numbers, some of all missing."""
    rng = np.random.default_rng(seed)
    columns = [
        rng.integers(0, 3, rows).astype(float),
        rng.integers(0, 2, rows).astype(float),
        np.exp(rng.normal(3.0, 2.0, rows)),
        np.exp(rng.normal(3.0, 2.0, rows)),
    ]
    for column in columns:
        column[rng.random(rows) < 0.1] = np.nan
    names = ("=origin", "=regime", "mass", "value")
    position = {name: i for i, name in enumerate(names)}
    return Table(np.stack(columns, axis=1), position, np.arange(rows), np.arange(rows))


def labels(of: Table, seed: int = 2) -> Floats:
    """Return labels that depend on origin and mass."""
    z = -0.5 + 1.5 * (of["=origin"] == 1.0) - 0.4 * (np.nan_to_num(curve_scale(of["mass"])) - 6.0)
    return (np.random.default_rng(seed).random(len(of)) < 1.0 / (1.0 + np.exp(-z))).astype(float)


def fitted(rows: int = 400) -> tuple[Linear, Table, Floats]:
    items = table(rows)
    label = labels(items)
    return fit_linear(items, label, np.ones(rows), BLOCKS), items, label


def test_parts_are_the_terms_of_the_blocks() -> None:
    """The fast way and the plain one agree: a twin against mistakes in the places."""
    model, items, _ = fitted()
    parts = model.parts(items)
    for i, block in enumerate(BLOCKS):
        places, factors = block.terms(items)
        plain = (model.coefficients[i][places] * factors).sum(axis=1)
        assert parts[:, i] == pytest.approx(plain, abs=1e-12)
    assert model.log_odds(items) == pytest.approx(model.intercept + parts.sum(axis=1))


def test_it_learns_what_is_there() -> None:
    model, items, label = fitted()
    z = model.log_odds(items)
    assert z[label > 0.5].mean() > z[label < 0.5].mean() + 0.5
    origin = model.coefficients[1]
    assert origin[1] == max(origin)


def test_a_missing_value_says_nothing() -> None:
    model, items, _ = fitted()
    parts = model.parts(items)
    assert (parts[np.isnan(items["mass"])][:, [0, 2, 4]] == 0.0).all()
    assert (parts[np.isnan(items["=origin"])][:, [1, 2]] == 0.0).all()
    assert np.isfinite(parts).all()


def test_beyond_the_knots_a_curve_stays_level() -> None:
    model, items, _ = fitted()
    wide = items.matrix[:2].copy()
    wide[:, items.position["mass"]] = (1e9, 1000.0)
    wide[:, items.position["=origin"]] = 1.0
    parts = model.parts(Table(wide, items.position, np.arange(2), np.arange(2)))
    assert parts[0, 0] == parts[1, 0]
    assert parts[0, 2] == parts[1, 2]


def test_the_ridge_pulls_a_code_with_few_goods_harder() -> None:
    items = table(2000)
    few = np.flatnonzero(items["=origin"] == 2.0)[10:]
    keep = np.setdiff1d(np.arange(2000), few)
    label = ((items["=origin"] == 1.0) | (items["=origin"] == 2.0)).astype(float)
    model = fit_linear(items.rows(keep), label[keep], np.ones(len(keep)), BLOCKS[1:2])
    assert 0.0 < model.coefficients[0][2] < model.coefficients[0][1]


def test_weights_count_like_copies() -> None:
    items = table(300)
    label = labels(items)
    twice = np.arange(300) % 3 == 0
    weighted = fit_linear(items, label, 1.0 + twice, BLOCKS)
    copies = np.concatenate([np.arange(300), np.flatnonzero(twice)])
    copied = fit_linear(items.rows(copies), label[copies], np.ones(len(copies)), BLOCKS)
    assert weighted.log_odds(items) == pytest.approx(copied.log_odds(items), abs=1e-3)


def test_it_is_read_back_exactly() -> None:
    model, items, _ = fitted()
    again = Linear.from_data(model.to_data())
    assert again.log_odds(items).tolist() == model.log_odds(items).tolist()
    assert again.means.tolist() == model.means.tolist()


def test_the_means_are_where_contributions_begin() -> None:
    model, items, _ = fitted()
    assert model.means == pytest.approx(model.parts(items).mean(axis=0))


def test_the_scale_of_the_knots_keeps_zero_signs_and_order() -> None:
    values = np.array([-1e6, -1.0, 0.0, 0.01, 1.0, 1e12])
    scaled = curve_scale(values)
    assert scaled[2] == 0.0
    assert (np.diff(scaled) > 0.0).all()
    assert scaled[1] == -scaled[4]
