"""Estimates from logged probabilities are unbiased, their intervals honest, and ignorance is said."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.estimation import WORLDS, World, controlled, fitted, measure, predicted, threshold
from tidewaiter.core.learning.estimate import (
    SAMPLED_MIN,
    Estimate,
    Method,
    Metric,
    NotEnoughEvidence,
    Sample,
    by_cell,
    compare,
    hit_rate,
    irregular_rate,
    recall,
    revenue,
)
from tidewaiter.core.learning.intervals import Floats


def period(seed: int, *, rows: int = 8000, world: World = WORLDS[0]) -> tuple[Sample, Floats, Floats, Floats]:
    """Return the sample of a period, the picks of champion and challenger, and the truth."""
    rng = np.random.default_rng(seed)
    model = fitted(*world.declarations(rng, 20_000))
    signals, irregular = world.declarations(rng, rows)
    least = threshold(signals[:, 0]), threshold(predicted(model, signals))
    return (*controlled(rng, signals, irregular, model, least, floor=0.01, boost=0.1), irregular)


def full(sample: Sample, irregular: Floats) -> Sample:
    """Return the sample as if everything had been inspected."""
    everything = np.ones(len(sample))
    return Sample(
        inclusion=everything,
        inspected=everything > 0,
        irregular=irregular,
        predicted=sample.predicted,
        found=irregular * 100.0,
        expected=sample.predicted * 100.0,
    )


def estimate(judgement: object) -> Estimate:
    assert isinstance(judgement, Estimate), judgement
    return judgement


def test_the_claimed_coverage_holds_and_the_naive_rate_is_far_off() -> None:
    # 500 periods tell coverage to about 0.02; the benchmark measures 1,000 of each world.
    rows = {(r.figure, r.method): r for r in measure(WORLDS[0], replications=500, rows=8000, seed=3)}
    robust, naive = rows["recall", "dr"], rows["recall", "naive"]
    assert 0.93 <= robust.coverage <= 0.985
    assert robust.half_width <= 0.10
    assert abs(robust.bias) <= 0.02
    assert robust.half_width < 0.85 * rows["recall", "ipw"].half_width
    assert naive.coverage == 0.0
    assert naive.bias > 0.2
    assert all(0.93 <= rows[figure, "dr"].coverage <= 0.985 for figure in ("hit rate", "irregular rate"))


def test_ignoring_the_probabilities_would_be_caught() -> None:
    sample, _, challenger, irregular = period(1)
    unweighted = Sample(
        inclusion=np.ones(len(sample)),
        inspected=sample.inspected,
        irregular=sample.irregular,
        predicted=sample.predicted * 0.2,
    )
    truth = float((challenger * irregular).sum() / irregular.sum())
    found = estimate(recall(unweighted, challenger))
    assert not found.low <= truth <= found.high


def test_when_everything_is_inspected_every_method_gives_the_plain_figures() -> None:
    sample, _, challenger, irregular = period(2)
    known = full(sample, irregular)
    for method in Method:
        found = estimate(recall(known, challenger, method=method))
        assert found.value == pytest.approx((challenger * irregular).sum() / irregular.sum())
        hits = estimate(hit_rate(known, challenger, method=method))
        assert hits.value == pytest.approx((challenger * irregular).sum() / challenger.sum())
        rate = estimate(irregular_rate(known, method=method))
        assert rate.value == pytest.approx(irregular.mean())
        money = estimate(revenue(known, challenger, method=method))
        assert money.value == pytest.approx(100.0 * (challenger * irregular).mean())


def test_the_doubly_robust_estimate_is_unbiased_however_bad_the_predictions_are() -> None:
    errors = []
    for seed in range(150):
        sample, _, challenger, irregular = period(seed, rows=4000)
        wrong = Sample(
            inclusion=sample.inclusion,
            inspected=sample.inspected,
            irregular=sample.irregular,
            predicted=np.full(len(sample), 0.02),
        )
        truth = float((challenger * irregular).sum() / challenger.sum())
        errors.append(estimate(hit_rate(wrong, challenger)).value - truth)
    assert abs(np.mean(errors)) < 4 * np.std(errors) / math.sqrt(len(errors))


def test_a_paired_difference_is_narrower_than_the_two_figures_suggest() -> None:
    sample, champion, challenger, irregular = period(4)
    for metric in (Metric.RECALL, Metric.HIT_RATE):
        gained = estimate(compare(sample, champion, challenger, metric=metric))
        apart = {Metric.RECALL: recall, Metric.HIT_RATE: hit_rate}[metric]
        new, old = estimate(apart(sample, challenger)), estimate(apart(sample, champion))
        assert gained.value == pytest.approx(new.value - old.value, abs=1e-9)
        assert gained.standard_error < math.hypot(new.standard_error, old.standard_error)
    known = full(sample, irregular)
    money = estimate(compare(known, champion, challenger, metric=Metric.REVENUE))
    assert money.value == pytest.approx(100.0 * ((challenger - champion) * irregular).mean())


def test_two_equal_policies_do_not_differ() -> None:
    sample, champion, _, _ = period(5)
    same = estimate(compare(sample, champion, champion))
    assert (same.value, same.low, same.high) == (0.0, 0.0, 0.0)


def test_too_few_drawn_where_the_models_disagree_is_said_instead_of_an_interval() -> None:
    sample, champion, challenger, _ = period(6)
    apart = (challenger > champion) & sample.inspected
    drop = np.flatnonzero(apart)[SAMPLED_MIN - 1 :]
    inspected = sample.inspected.copy()
    inspected[drop] = False
    few = Sample(
        inclusion=sample.inclusion,
        inspected=inspected,
        irregular=sample.irregular,
        predicted=sample.predicted,
    )
    for judgement in (
        recall(few, challenger, champion=champion),
        hit_rate(few, challenger, champion=champion),
        compare(few, champion, challenger),
    ):
        assert judgement == NotEnoughEvidence(sampled=SAMPLED_MIN - 1)
    assert "19 inspected declarations bear on this, 20 are needed" in NotEnoughEvidence(sampled=19).sentence
    assert isinstance(recall(sample, challenger, champion=champion), Estimate)


def test_almost_no_controls_are_not_enough_evidence() -> None:
    rows = 1000
    nothing = Sample(
        inclusion=np.full(rows, 0.01),
        inspected=np.arange(rows) < SAMPLED_MIN - 1,
        irregular=np.ones(rows),
        predicted=np.full(rows, 0.1),
    )
    assert irregular_rate(nothing) == NotEnoughEvidence(sampled=SAMPLED_MIN - 1)


def test_a_few_rows_apart_are_enough_when_all_of_them_were_inspected() -> None:
    rows = 400
    irregular = np.zeros(rows)
    irregular[:40] = 1.0
    sample = Sample(
        inclusion=np.ones(rows),
        inspected=np.ones(rows, dtype=bool),
        irregular=irregular,
        predicted=np.full(rows, 0.1),
    )
    champion, challenger = np.zeros(rows), np.zeros(rows)
    champion[:30] = challenger[:27] = challenger[100:103] = 1.0
    judgement = compare(sample, champion, challenger)
    assert isinstance(judgement, Estimate)
    assert judgement.value == pytest.approx(-3 / 40)
    hidden = replace(sample, inclusion=np.full(rows, 0.5), inspected=np.arange(rows) != 100)
    assert isinstance(compare(hidden, champion, challenger), NotEnoughEvidence)


def test_cells_are_judged_apart_and_their_intervals_widened_for_looking_at_all() -> None:
    sample, _, challenger, _ = period(7)
    offices = np.array(["A", "B", "C", "D"])[np.arange(len(sample)) % 4]

    def judge(part: Sample, rows: np.ndarray, confidence: float) -> Estimate | NotEnoughEvidence:
        return hit_rate(part, challenger[rows], confidence=confidence)

    table = by_cell(sample, offices, judge)
    assert list(table) == ["A", "B", "C", "D"]
    found = [estimate(entry) for entry in table.values()]
    assert {entry.confidence for entry in found} == {1 - 0.05 / 4}
    assert sum(entry.rows for entry in found) == len(sample)
    alone = estimate(hit_rate(sample.only(offices == "A"), challenger[offices == "A"]))
    assert alone.high - alone.low < found[0].high - found[0].low


def test_the_weights_that_an_estimate_rests_on_are_told() -> None:
    sample, _, _, _ = period(8)
    found = estimate(irregular_rate(sample))
    assert found.inspected == int(sample.inspected.sum())
    assert found.effective < found.inspected
    assert 0.0 < found.weight_share_max < 0.05
    assert found.rows == 8000


@given(st.integers(0, 1000), st.sampled_from(list(Method)))
def test_a_share_stays_a_share(seed: int, method: Method) -> None:
    rng = np.random.default_rng(seed)
    rows = 300
    sample = Sample(
        inclusion=rng.uniform(0.05, 1.0, rows),
        inspected=rng.random(rows) < 0.5,
        irregular=(rng.random(rows) < rng.uniform(0, 1)).astype(float),
        predicted=rng.random(rows),
    )
    found = irregular_rate(sample, method=method)
    if isinstance(found, Estimate):
        assert 0.0 <= found.low <= found.value <= found.high <= 1.0


def test_rows_that_cannot_have_been_drawn_are_a_programmers_fault() -> None:
    ok = np.full(3, 0.5)
    for bad in (np.array([0.0, 0.5, 0.5]), np.array([0.5, 1.5, 0.5]), np.array([0.5, np.nan, 0.5])):
        with pytest.raises(ValueError, match="BUG"):
            Sample(inclusion=bad, inspected=ok > 0, irregular=ok, predicted=ok)
    with pytest.raises(ValueError, match="different lengths"):
        Sample(inclusion=ok, inspected=ok > 0, irregular=ok[:2], predicted=ok)


def test_revenue_without_money_is_a_programmers_fault() -> None:
    sample, _, challenger, _ = period(9)
    with pytest.raises(ValueError, match="BUG"):
        revenue(sample, challenger)
