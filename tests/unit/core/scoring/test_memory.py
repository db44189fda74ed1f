"""What earlier results say about the keys of an item."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.core.features import REGISTRY
from tidewaiter.core.scoring.memory import (
    GOODS,
    MEMORY_KEYS,
    MemoryKey,
    Remembered,
    effective_count,
    faded,
    remember,
)

RATE = 0.2
SMOOTHING = np.array([1.0])


def remembered(*counts: float, smoothing: float = 1.0, rate: float = RATE) -> Remembered:
    """Return what is remembered of one key of one item from its six counts."""
    return remember(np.array([[counts]], dtype=float), np.array([smoothing]), rate)


def evidence(inspected: float, irregular: float, smoothing: float = 1.0) -> float:
    """Return the evidence of results that are all fresh."""
    counts = (inspected,) * 3 + (irregular,) * 3
    return float(remembered(*counts, smoothing=smoothing).evidence[0, 0])


def test_every_counted_feature_is_registered_and_the_same_goods_come_first() -> None:
    assert MEMORY_KEYS[0].name == GOODS
    assert len({key.name for key in MEMORY_KEYS}) == len(MEMORY_KEYS)
    for key in MEMORY_KEYS:
        assert all(name in REGISTRY for name in (*key.counted, key.told_as))


def test_results_fade_in_steps() -> None:
    assert faded(np.array([4.0, 4.0, 4.0])) == 4.0
    assert faded(np.array([0.0, 4.0, 4.0])) == 2.0
    assert faded(np.array([0.0, 0.0, 4.0])) == 1.0


def test_nothing_inspected_is_no_evidence() -> None:
    assert evidence(0, 0) == pytest.approx(0.0, abs=1e-15)
    assert remembered(*[math.nan] * 6).evidence[0, 0] == pytest.approx(0.0, abs=1e-15)
    assert remembered(*[math.nan] * 6).inspected[0, 0] == 0.0


def test_evidence_is_the_smoothed_rate_against_the_usual_one() -> None:
    rate = (3 + RATE) / (4 + 1)
    expected = math.log(rate / (1 - rate)) - math.log(RATE / (1 - RATE))
    assert evidence(4, 3) == pytest.approx(expected)


counts = st.integers(min_value=0, max_value=200)


@given(counts, counts, st.sampled_from([0.1, 1.0, 15.0]))
def test_an_irregular_result_raises_and_a_compliant_one_lowers(
    irregular: int, compliant: int, smoothing: float
) -> None:
    now = evidence(irregular + compliant, irregular, smoothing)
    assert evidence(irregular + compliant + 1, irregular + 1, smoothing) > now
    assert evidence(irregular + compliant + 1, irregular, smoothing) < now


@given(st.integers(min_value=1, max_value=200))
def test_more_smoothing_believes_less(irregular: int) -> None:
    assert 0.0 < evidence(irregular, irregular, 15.0) < evidence(irregular, irregular, 1.0)


def test_the_count_behind_a_score_is_bounded() -> None:
    none, some, many = (remembered(n, n, n, 0, 0, 0) for n in (0, 10, 10_000))
    assert effective_count(none, SMOOTHING)[0] == 4.0
    assert effective_count(some, SMOOTHING)[0] == 14.0
    assert effective_count(many, SMOOTHING)[0] == 400.0
    wide = effective_count(remembered(30, 30, 30, 0, 0, 0), np.array([15.0]))
    assert wide[0] == 6.0


def test_many_items_and_keys_are_remembered_at_once() -> None:
    counts_of = np.array(
        [[[1, 1, 1, 1, 1, 1], [0] * 6], [[2, 2, 2, 0, 0, 0], [3, 3, 3, 3, 3, 3]]], dtype=float
    )
    found = remember(counts_of, np.array([1.0, 15.0]), RATE)
    assert found.evidence.shape == found.inspected.shape == (2, 2)
    assert found.evidence[0, 0] == pytest.approx(evidence(1, 1))
    assert found.evidence[1, 1] == pytest.approx(evidence(3, 3, 15.0))


def test_a_key_is_told_as_its_count_of_irregular_results() -> None:
    key = MemoryKey(name="importer", smoothing=15.0)
    assert key.told_as == "importer_irregular_all"
    assert key.counted[0] == "importer_inspected_90"
    assert key.counted[-1] == "importer_irregular_all"
