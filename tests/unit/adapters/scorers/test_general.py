"""The general model: two parts, blended."""

from __future__ import annotations

import pytest

from tests.unit.adapters.scorers.models import examples, model
from tidewaiter.core.features import REGISTRY


def test_the_contributions_of_features_add_up_to_the_general_score() -> None:
    scorer = model()
    table = scorer.encoder.table([example.vector for example in examples()[800:]])
    names, parts, start = scorer.general.contributions(table)
    assert len(set(names)) == len(names) == parts.shape[1]
    assert start + parts.sum(axis=1) == pytest.approx(scorer.general.log_odds(table), abs=1e-9)
    assert set(names) <= {feature.name for feature in REGISTRY}


def test_both_parts_have_a_say() -> None:
    assert all(slope > 0.0 for slope in model().general.blend.slopes.values())
