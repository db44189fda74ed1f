"""Figures with intervals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.adapters.scorers.metrics import area_under_curve, calibration_error, precision_at, share

LABELS = st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=40)


@given(LABELS)
def test_the_area_is_the_chance_that_an_irregular_row_scores_higher(rows: list[tuple[bool, int]]) -> None:
    label = np.array([float(bad) for bad, _ in rows])
    score = np.array([float(value) for _, value in rows])
    figure = area_under_curve(label, score)
    bad, good = score[label > 0.5], score[label < 0.5]
    if not len(bad) or not len(good):
        assert figure is None
        return
    pairs = [1.0 if b > g else 0.5 if b == g else 0.0 for b in bad for g in good]
    assert figure is not None
    assert figure.value == pytest.approx(sum(pairs) / len(pairs))
    assert 0.0 <= figure.low <= figure.value <= figure.high <= 1.0


def test_the_interval_of_the_area_covers_the_truth() -> None:
    """Of 200 samples with a known area of 0.76, about 190 intervals hold it; 180 leave room for chance."""
    rng = np.random.default_rng(1)
    covered = 0
    for _ in range(200):
        label = np.repeat([1.0, 0.0], [40, 120])
        figure = area_under_curve(label, rng.normal(size=160) + label)
        assert figure is not None
        covered += figure.low <= 0.7602 <= figure.high
    assert covered >= 180


def test_precision_is_among_the_highest_and_the_earlier_of_equals() -> None:
    label = np.array([1.0, 0.0, 1.0, 0.0])
    assert precision_at(label, np.array([4.0, 3.0, 2.0, 1.0]), 0.5).value == 0.5
    assert precision_at(label, np.zeros(4), 0.25).value == 1.0
    assert precision_at(label, np.zeros(4), 0.001).rows == 1


@pytest.mark.parametrize(("found", "rows"), [(0, 10), (10, 10), (3, 10), (500, 1000)])
def test_the_interval_of_a_share_stays_within_its_bounds(found: int, rows: int) -> None:
    figure = share(float(found), rows)
    assert 0.0 <= figure.low <= figure.value <= figure.high <= 1.0
    assert figure.high - figure.low < 2.0 / rows**0.5
    assert set(figure.to_data()) == {"value", "low", "high", "rows"}


def test_wilson_interval_is_that_of_the_books() -> None:
    figure = share(8.0, 10)
    assert (figure.low, figure.high) == (pytest.approx(0.4902, abs=1e-4), pytest.approx(0.9433, abs=1e-4))


def test_calibration_error_is_zero_for_the_truth_and_the_gap_otherwise() -> None:
    label = np.repeat([1.0, 0.0], [250, 750])
    assert calibration_error(label, label) == 0.0
    assert calibration_error(np.tile([1.0, 0.0, 0.0, 0.0], 100), np.full(400, 0.35)) == pytest.approx(0.1)
