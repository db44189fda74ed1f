"""Drift is seen, and quiet weeks are left in peace."""

from __future__ import annotations

import numpy as np
import pytest

from tidewaiter.core.learning.drift import (
    Week,
    calibration_watch,
    population_stability,
    rate_shift,
    watch_cells,
)
from tidewaiter.core.learning.estimate import Estimate, Method, NotEnoughEvidence


def weeks(seed: int, count: int, *, odds: float = 1.0, since: int = 0, drawn: int = 40) -> list[Week]:
    """Return weeks of a random arm whose true odds are *odds* times the predicted from week *since* on."""
    rng = np.random.default_rng(seed)
    found = []
    for week in range(count):
        predicted = rng.beta(1.0, 6.0, drawn)
        ratio = predicted / (1 - predicted) * (odds if week >= since else 1.0)
        found.append(
            Week(predicted=predicted, irregular=(rng.random(drawn) < ratio / (1 + ratio)).astype(float))
        )
    return found


def ever_alarmed(year: list[Week]) -> bool:
    """Tell whether somebody who looks after each week would ever have been alarmed."""
    return any(calibration_watch(year[: week + 1]).alarm for week in range(len(year)))


def ever_beyond_two_deviations(year: list[Week]) -> bool:
    """Tell the same of the usual test on the last six weeks, repeated every week."""
    for week in range(6, len(year) + 1):
        predicted = np.concatenate([w.predicted for w in year[week - 6 : week]])
        irregular = np.concatenate([w.irregular for w in year[week - 6 : week]])
        spread = np.sqrt((predicted * (1 - predicted)).sum())
        if abs(irregular.sum() - predicted.sum()) > 1.96 * spread:
            return True
    return False


def test_a_quiet_year_raises_next_to_no_alarm() -> None:
    # At most one false alarm in 260 weeks allows 8 in 40 years of 52 weeks; the watch is cautious.
    assert sum(ever_alarmed(weeks(seed, 52)) for seed in range(40)) <= 8


def test_a_test_made_for_a_single_look_would_be_caught() -> None:
    assert sum(ever_beyond_two_deviations(weeks(seed, 52)) for seed in range(40)) > 8


def test_twice_the_odds_are_seen_within_a_quarter() -> None:
    seen = [calibration_watch(weeks(seed, 39, odds=2.5, since=26)) for seed in range(40)]
    assert sum(watch.alarm for watch in seen) >= 34
    assert all(watch.direction == "more" for watch in seen if watch.alarm)


def test_fewer_irregularities_than_predicted_are_seen_too() -> None:
    watch = calibration_watch(weeks(1, 30, odds=0.3))
    assert (watch.alarm, watch.direction) == (True, "fewer")
    assert "has drifted" in watch.sentence


def test_a_small_miscalibration_is_tolerated() -> None:
    quiet = [calibration_watch(weeks(seed, 200, odds=1.04, drawn=100)).alarm for seed in range(20)]
    assert sum(quiet) <= 2


def test_weeks_without_draws_change_nothing() -> None:
    empty = Week(predicted=np.empty(0), irregular=np.empty(0))
    some = weeks(2, 5)
    assert calibration_watch([*some, empty]) == calibration_watch(some)
    assert not calibration_watch([]).alarm


def test_more_cells_need_more_evidence_each() -> None:
    cells = {f"office {i}": weeks(i, 30) for i in range(50)}
    cells["office 7"] = weeks(7, 30, odds=4.0, since=10)
    table = watch_cells(cells)
    assert table["office 7"].alarm
    assert sum(watch.alarm for watch in table.values()) == 1
    assert table["office 7"].limit == pytest.approx(50 * calibration_watch([]).limit)


def estimated(value: float, error: float = 0.01) -> Estimate:
    return Estimate(
        value=value, low=value - 2 * error, high=value + 2 * error, standard_error=error, confidence=0.95,
        method=Method.DR, rows=1000, inspected=100, effective=60.0, weight_share_max=0.02,
    )  # fmt: skip


def test_a_changed_rate_is_seen_and_noise_is_not() -> None:
    rng = np.random.default_rng(1)
    before = [estimated(0.04 + 0.01 * rng.standard_normal()) for _ in range(13)]
    same = [estimated(0.04 + 0.01 * rng.standard_normal()) for _ in range(6)]
    higher = [estimated(0.07 + 0.01 * rng.standard_normal()) for _ in range(6)]
    assert not rate_shift([*before, *same]).alarm
    shift = rate_shift([*before, *higher])
    assert shift.alarm
    assert "has changed" in shift.sentence


def test_quiet_weeks_of_estimates_seldom_alarm() -> None:
    rng = np.random.default_rng(2)
    raised = 0
    for _ in range(2000):
        raised += rate_shift([estimated(0.04 + 0.01 * rng.standard_normal()) for _ in range(19)]).alarm
    assert raised / 2000 <= 3 / 260


def test_too_few_estimates_are_said_and_never_alarm() -> None:
    shift = rate_shift([NotEnoughEvidence(sampled=3)] * 10 + [estimated(0.5)])
    assert not shift.alarm
    assert "Too few weeks" in shift.sentence


def test_the_stability_index_is_zero_without_shift_and_grows_with_it() -> None:
    rng = np.random.default_rng(3)
    before = rng.normal(size=5000)
    assert population_stability(before, before) == pytest.approx(0.0, abs=1e-9)
    small = population_stability(before, rng.normal(0.1, 1, 5000))
    large = population_stability(before, rng.normal(1.0, 1, 5000))
    assert 0 < small < 0.1 < large
    gone = np.where(rng.random(5000) < 0.5, np.nan, before)
    assert population_stability(before, gone) > 0.2
    assert population_stability(np.full(9, np.nan), np.full(9, np.nan)) == pytest.approx(0.0, abs=1e-9)
