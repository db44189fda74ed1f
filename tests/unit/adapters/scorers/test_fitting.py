"""The monotone logistic and the calibration of probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.adapters.scorers.fitting import (
    Calibration,
    Monotone,
    fit_calibration,
    fit_monotone,
    log_odds,
    probability,
)
from tidewaiter.adapters.scorers.table import Floats

PRIOR = {"a": 1.0, "b": 0.5}


def world(rows: int = 4000, seed: int = 1) -> tuple[dict[str, Floats], Floats]:
    """Return two inputs and labels: *a* raises, *b* lowers."""
    rng = np.random.default_rng(seed)
    inputs = {"a": rng.normal(size=rows), "b": rng.normal(size=rows)}
    label = (rng.random(rows) < probability(-1.0 + 2.0 * inputs["a"] - 1.0 * inputs["b"])).astype(float)
    return inputs, label


def test_slopes_are_found_and_never_negative() -> None:
    inputs, label = world()
    fit = fit_monotone(inputs, label, np.ones(len(label)), prior=PRIOR, strength=10.0)
    assert fit.slopes["a"] == pytest.approx(2.0, abs=0.4)
    assert fit.slopes["b"] == 0.0
    free = fit_monotone(inputs, label, np.ones(len(label)), prior=PRIOR, strength=10.0, free=("b",))
    assert free.slopes["b"] < -0.5


def test_without_labels_the_prior_stands() -> None:
    none = {"a": np.zeros(0), "b": np.zeros(0)}
    assert fit_monotone(none, np.zeros(0), np.zeros(0), prior=PRIOR, strength=10.0).slopes == PRIOR
    inputs, label = world(50)
    one_sided = fit_monotone(inputs, np.ones(len(label)), np.ones(len(label)), prior=PRIOR, strength=10.0)
    assert one_sided == Monotone(intercept=0.0, slopes=PRIOR)


def test_few_labels_move_the_prior_little() -> None:
    inputs, label = world(20)
    fit = fit_monotone(inputs, label, np.ones(20), prior=PRIOR, strength=1000.0)
    assert fit.slopes["a"] == pytest.approx(1.0, abs=0.05)


def test_a_silent_input_need_not_be_there() -> None:
    fit = Monotone(intercept=0.5, slopes={"a": 2.0, "gone": 0.0})
    assert fit.log_odds({"a": np.array([1.0])}).tolist() == [2.5]


def test_a_fit_is_read_back_exactly() -> None:
    fit = Monotone(intercept=0.1, slopes={"z": 0.3, "a": 1 / 3})
    again = Monotone.from_data(fit.to_data())
    assert again == fit
    assert list(again.slopes) == list(fit.slopes)


def test_calibration_repairs_what_is_too_sure() -> None:
    rng = np.random.default_rng(2)
    true = rng.beta(1.0, 3.0, 20_000)
    label = (rng.random(20_000) < true).astype(float)
    sure = probability(2.0 * log_odds(true) + 1.0)
    calibrated = fit_calibration(sure, label, np.ones(20_000))(sure)
    assert np.abs(calibrated - true).mean() < 0.02
    assert calibrated.mean() == pytest.approx(label.mean(), abs=0.005)


def test_the_level_comes_from_the_unbiased_rows_alone() -> None:
    rng = np.random.default_rng(3)
    p = rng.random(4000)
    label = (rng.random(4000) < p).astype(float)
    random = np.arange(4000) < 1000
    # Of the others only irregular ones were kept: weights cannot tell.
    kept = random | (label > 0.5)
    biased = fit_calibration(p[kept], label[kept], np.ones(kept.sum()))
    unbiased = fit_calibration(p[kept], label[kept], np.ones(kept.sum()), random[kept])
    assert unbiased(p[random]).sum() == pytest.approx(label[random].sum(), rel=1e-6)
    assert biased(p[random]).sum() > 1.1 * label[random].sum()


def test_without_both_outcomes_calibration_changes_nothing() -> None:
    p = np.array([0.1, 0.5, 0.9])
    assert fit_calibration(p, np.zeros(3), np.ones(3)) == Calibration()
    assert fit_calibration(np.zeros(0), np.zeros(0), np.zeros(0)) == Calibration()
    assert Calibration()(p) == pytest.approx(p)


@given(
    st.floats(-5.0, 5.0),
    st.floats(0.05, 5.0),
    st.floats(0.05, 5.0),
    st.lists(st.floats(0.0, 1.0), min_size=2, max_size=30),
)
def test_a_calibration_keeps_the_order_and_the_bounds(
    shift: float, low: float, high: float, values: list[float]
) -> None:
    p = np.sort(np.array(values))
    calibrated = Calibration(shift=shift, low=low, high=high)(p)
    assert ((calibrated >= 0.0) & (calibrated <= 1.0)).all()
    assert (np.diff(calibrated) >= 0.0).all()


@given(st.floats(0.0, 1.0))
def test_log_odds_are_finite_and_undone_by_probability(p: float) -> None:
    z = log_odds(np.array([p]))
    assert np.isfinite(z).all()
    assert probability(z)[0] == pytest.approx(p, abs=2e-6)
