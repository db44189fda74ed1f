"""The gates refuse what must not be proposed, and say why."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tidewaiter.core.learning.estimate import Estimate, Method, NotEnoughEvidence
from tidewaiter.core.learning.gates import (
    additivity_gate,
    calibration_gate,
    file_gate,
    golden_gate,
    improvement_gate,
    segment_gate,
)


def difference(low: float, high: float) -> Estimate:
    return Estimate(
        value=(low + high) / 2, low=low, high=high, standard_error=0.01, confidence=0.95, method=Method.DR,
        rows=8000, inspected=900, effective=120.0, weight_share_max=0.01,
    )  # fmt: skip


def test_a_gain_must_be_proven_by_the_whole_interval() -> None:
    assert improvement_gate(difference(0.01, 0.05)).passed
    assert not improvement_gate(difference(-0.01, 0.05)).passed
    assert improvement_gate(difference(-0.01, 0.05), loss_max=0.02).passed


def test_the_sentence_of_the_improvement_gate_has_its_figures() -> None:
    gate = improvement_gate(difference(-0.01, 0.05))
    assert gate.sentence == (
        "The challenger changes recall by +0.020 (95% interval -0.010 to +0.050, "
        "900 inspected declarations); this does not pass the limit of +0.000."
    )


def test_too_little_evidence_does_not_pass() -> None:
    gate = improvement_gate(NotEnoughEvidence(sampled=7))
    assert not gate.passed
    assert "Not enough evidence" in gate.sentence


def drawn(seed: int, factor: float, rows: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.beta(0.5, 4, rows)
    return np.minimum(truth * factor, 1.0), (rng.random(rows) < truth).astype(float)


def test_a_calibrated_model_passes_nearly_always_and_one_off_by_a_third_does_not() -> None:
    passed = [calibration_gate(*drawn(seed, 1.0)).passed for seed in range(200)]
    assert sum(passed) >= 185
    assert not any(calibration_gate(*drawn(seed, 1.33)).passed for seed in range(20))
    assert not any(calibration_gate(*drawn(seed, 0.5)).passed for seed in range(20))


def test_calibration_from_too_few_draws_is_not_judged() -> None:
    gate = calibration_gate(*drawn(1, 1.0, rows=49))
    assert not gate.passed
    assert "49 drawn declarations, 50 are needed" in gate.sentence


def test_a_model_that_predicts_nothing_although_there_is_something_is_not_calibrated() -> None:
    assert not calibration_gate(np.zeros(500), np.ones(500)).passed
    assert calibration_gate(np.zeros(500), np.zeros(500)).passed


def found_by_two_models(seed: int, segments: int = 300) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the declarant of each irregular row and what two equally good models find of them."""
    rng = np.random.default_rng(seed)
    declarant = rng.integers(0, segments, 6000).astype(str)
    champion = rng.random(6000) < 0.5
    challenger = np.where(rng.random(6000) < 0.2, rng.random(6000) < 0.5, champion)
    return declarant, champion, challenger


def test_a_declarant_who_was_erased_is_found_among_three_hundred() -> None:
    for seed in range(5):
        declarant, champion, challenger = found_by_two_models(seed)
        victim = declarant == "17"
        champion[victim] = True
        challenger[victim] = np.arange(victim.sum()) == 0  # recall 1.00 to about 0.05
        overall = challenger.mean() - champion.mean()
        gate = segment_gate({"declarant": declarant}, champion, challenger)
        assert abs(overall) < 0.02
        assert not gate.passed
        assert gate.numbers["refused"][0]["segment"] == "17"
        assert "the worst is declarant 17" in gate.sentence


@pytest.mark.parametrize("flipped", [0.25, 0.5, 0.9])
def test_every_targeted_loss_above_a_fifth_is_refused(flipped: float) -> None:
    declarant, champion, challenger = found_by_two_models(3)
    declarant = np.concatenate([declarant, np.full(60, "victim")])
    lost = np.arange(60) < 60 * flipped
    gate = segment_gate(
        {"declarant": declarant},
        np.concatenate([champion, np.ones(60, dtype=bool)]),
        np.concatenate([challenger, ~lost]),
    )
    assert not gate.passed
    assert "victim" in [entry["segment"] for entry in gate.numbers["refused"]]


def test_a_gate_on_overall_recall_alone_would_let_the_erased_declarant_pass() -> None:
    declarant, champion, challenger = found_by_two_models(0)
    victim = declarant == "17"
    champion[victim], challenger[victim] = True, False
    assert segment_gate({"all": np.full(declarant.size, "all")}, champion, challenger).passed
    assert not segment_gate({"declarant": declarant}, champion, challenger).passed


def test_two_equally_good_models_are_not_refused_for_the_chance_of_three_hundred_segments() -> None:
    refused = 0
    for seed in range(40):
        declarant, champion, challenger = found_by_two_models(seed)
        refused += not segment_gate({"declarant": declarant}, champion, challenger).passed
    assert refused <= 2


def test_a_drop_that_chance_explains_is_listed_and_segments_that_are_too_small_are_not_judged() -> None:
    rows = np.full(10, "X")
    champion = np.array([True] * 4 + [False] * 6)
    challenger = np.array([True] * 3 + [False] * 7)
    gate = segment_gate({"office": rows}, champion, challenger)
    assert gate.passed
    assert gate.numbers["doubtful"][0]["drop"] == 0.25
    small = segment_gate({"office": rows[:5]}, champion[:5], challenger[:5])
    assert not small.passed
    assert "Too few to judge" in small.sentence


def test_explanations_must_add_up() -> None:
    sums = np.array([0.5, -1.25])
    assert additivity_gate(sums, sums + 1e-9).passed
    assert not additivity_gate(sums, sums + np.array([0.0, 0.01])).passed
    assert not additivity_gate(np.empty(0), np.empty(0)).passed


def test_golden_scores_must_come_back() -> None:
    scores = np.array([0.1, 0.9])
    assert golden_gate(scores, scores.copy()).passed
    assert not golden_gate(scores, np.array([0.1, 0.9001])).passed
    assert not golden_gate(scores, np.array([0.1, math.nan])).passed
    assert not golden_gate(scores, scores[:1]).passed


def test_changed_files_are_refused() -> None:
    assert file_gate("abc", "abc").passed
    assert not file_gate("abc", "abd").passed
    assert not file_gate("", "").passed
    assert "they were changed" in file_gate("abc", "abd").sentence
