"""What the general model is made of."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.adapters.scorers.models import examples, model
from tidewaiter.adapters.scorers.general import candidates, informative
from tidewaiter.core.features import REGISTRY, Kind

RNG = np.random.default_rng(1)


def test_results_identities_and_counts_of_the_same_goods_are_left_to_memory() -> None:
    codes, numbers = candidates(REGISTRY)
    for name in numbers:
        assert not name.startswith("goods_")
        assert "_inspected_" not in name
        assert "_irregular_" not in name
        assert "duty_found" not in name
        assert not name.endswith("_declared_all")
        assert REGISTRY[name].kind not in {Kind.TEXT, Kind.DAY, Kind.CODE}
    assert not {"importer", "declarant", "seller", "exporter", "transport_document"} & {*codes, *numbers}
    assert {"office", "transport_mode"} <= {*codes}
    assert {"unit_value_distance", "importer_is_new", "gross_net_ratio"} <= {*numbers}


def test_a_feature_that_tells_a_difference_is_informative() -> None:
    label = (RNG.random(2000) < 0.2).astype(float)
    code = np.where(label > 0.5, RNG.integers(0, 3, 2000), RNG.integers(1, 6, 2000)).astype(float)
    number = RNG.normal(size=2000) + 0.5 * label
    assert informative(code, label, code=True)
    assert informative(number, label, code=False)
    missing = np.where(label > 0.5, np.nan, 1.0)
    assert informative(missing, label, code=False)


def test_noise_is_not_informative_but_for_one_in_a_thousand() -> None:
    label = (RNG.random(1500) < 0.2).astype(float)
    kept = sum(informative(RNG.normal(size=1500), label, code=False) for _ in range(300))
    kept += sum(informative(RNG.integers(0, 40, 1500).astype(float), label, code=True) for _ in range(300))
    assert kept <= 5


@pytest.mark.parametrize("column", [np.full(500, np.nan), np.full(500, 3.0), np.arange(500.0)])
def test_a_column_that_cannot_tell_is_not_informative(column: np.ndarray) -> None:
    label = np.tile([1.0, 0.0, 0.0, 0.0, 0.0], 100)
    assert not informative(column, label, code=False)
    assert not informative(column, label, code=True)
    assert not informative(column, np.zeros(500), code=False)


def test_the_contributions_of_features_add_up_to_the_general_score() -> None:
    scorer = model()
    table = scorer.encoder.table([example.vector for example in examples()[800:]])
    names, parts, start = scorer.general.contributions(table)
    assert len(set(names)) == len(names) == parts.shape[1]
    assert start + parts.sum(axis=1) == pytest.approx(scorer.general.log_odds(table), abs=1e-9)
    assert set(names) <= {feature.name for feature in REGISTRY}


def test_both_parts_have_a_say() -> None:
    assert all(slope > 0.0 for slope in model().general.blend.slopes.values())
