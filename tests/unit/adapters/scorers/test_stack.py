"""Training, from examples to a scorer with its card."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.fakes.inspected import examples_of, inspected_trade
from tests.golden.texts import golden
from tests.unit.adapters.scorers.models import examples, model
from tidewaiter import __version__
from tidewaiter.adapters.scorers.card import words_of
from tidewaiter.adapters.scorers.fitting import Calibration
from tidewaiter.adapters.scorers.stack import train
from tidewaiter.core.errors import ConfigurationError
from tidewaiter.core.features import REGISTRY


@pytest.mark.parametrize("outcome", [False, True])
def test_too_little_to_learn_from_is_said_in_numbers(outcome: bool) -> None:
    one_sided = [
        replace(example, item_irregular=tuple(outcome for _ in example.item_irregular))
        for example in examples()
    ]
    with pytest.raises(ConfigurationError, match=r"goods were inspected.*at least 10 of each outcome"):
        train(one_sided, seed=1)
    with pytest.raises(ConfigurationError, match="0 different goods"):
        train([], seed=1)


def test_a_small_history_gives_a_model_with_the_priors() -> None:
    """All lodged on one day, nothing can be scored ahead of time: the stack stays as it begins."""
    day = examples()[0].lodged_day
    together = [replace(example, lodged_day=day, known_day=day) for example in examples()[:200]]
    scorer = train(together, seed=1)
    assert scorer.item_calibration == Calibration()
    assert scorer.stack.fit.slopes["general_new"] == 1.0
    assert json.loads(scorer.files["card.json"])["holdout"] is None
    assert "Too few results" in scorer.files["card.md"].decode()
    assert all(0.0 < score.probability < 1.0 for score in scorer.score([e.vector for e in together]))


def test_kinds_and_revenue_are_learned_where_labels_allow() -> None:
    scores = model().score([example.vector for example in examples()[800:]])
    assert set(scores[0].kinds) == {"false_origin", "undervaluation"}
    found = [e for e, s in zip(examples()[800:], scores, strict=True) if e.irregular and s.kinds]
    assert found
    irregular = [(e, s) for e, s in zip(examples()[800:], scores, strict=True) if e.irregular]
    right = sum(max(s.kinds, key=s.kinds.__getitem__) in set().union(*e.kinds) for e, s in irregular)
    assert right > 0.8 * len(irregular)
    expected, brought = (
        sum(s.expected_revenue for s in scores),
        sum(sum(e.duty_effect) for e in examples()[800:]),
    )
    assert 0.6 < expected / brought < 1.6


def test_without_duty_effects_the_duty_at_stake_is_expected() -> None:
    unpaid = [
        replace(example, duty_effect=tuple(0.0 for _ in example.duty_effect)) for example in examples()[:400]
    ]
    scorer = train(unpaid, seed=1)
    vector = next(e.vector for e in examples()[800:] if len(e.vector.items) == 1)
    score = scorer.score([vector])[0]
    stake = REGISTRY.value(vector, "duty_at_stake")
    assert isinstance(stake, int)
    assert score.expected_revenue == pytest.approx(score.items[0].probability * stake / 1e6)
    assert "duty at stake" in json.loads(scorer.files["card.json"])["expected_revenue"]


def test_probabilities_hold_on_later_trade() -> None:
    later = examples_of(inspected_trade(1400, seed=6))[800:]
    p = np.array([score.probability for score in model().score([example.vector for example in later])])
    label = np.array([example.irregular for example in later], dtype=float)
    assert p.sum() == pytest.approx(label.sum(), rel=0.15)
    high = p > 0.7
    assert label[high].mean() == pytest.approx(p[high].mean(), abs=0.12)


def test_declarations_with_several_items_are_calibrated_as_wholes() -> None:
    """Items that are irregular together: as if independent, a declaration would look too suspicious."""
    together = []
    for example in examples_of(inspected_trade(900, seed=8, repeats=0.0)):
        twice = replace(example.vector, items=example.vector.items[:1] * 3)
        bad = example.item_irregular[0]
        together.append(
            replace(
                example,
                vector=twice,
                item_irregular=(bad,) * 3,
                kinds=(frozenset(),) * 3,
                duty_effect=(0.0,) * 3,
            )
        )
    scorer = train(together[:700], seed=1)
    assert scorer.shared_fate > 0.5
    scores = scorer.score([example.vector for example in together[700:]])
    predicted = sum(score.probability for score in scores)
    as_if_independent = sum(1.0 - np.prod([1.0 - item.probability for item in s.items]) for s in scores)
    observed = sum(example.irregular for example in together[700:])
    assert abs(predicted - observed) < 0.5 * abs(as_if_independent - observed)


def test_the_card_says_what_was_learned_from_and_how_well() -> None:
    card = json.loads(model().files["card.json"])
    data, holdout = card["data"], card["holdout"]
    assert card["software"] == f"tidewaiter {__version__}"
    assert card["feature_set"] == REGISTRY.version
    assert data["declarations"] == 800
    assert data["items"] == sum(len(example.item_irregular) for example in examples()[:800])
    assert data["lodged_from"] < holdout["lodged_from"] <= holdout["lodged_to"] == data["lodged_to"]
    for part in ("all_items", "new_goods"):
        for who in ("ours", "dictionary", "hs6_rate"):
            auc = holdout[part][who]["auc"]
            assert auc["low"] <= auc["value"] <= auc["high"]
    assert holdout["new_goods"]["dictionary"]["auc"]["value"] == 0.5
    assert holdout["all_items"]["ours"]["auc"]["value"] > holdout["all_items"]["hs6_rate"]["auc"]["value"]
    assert 0.7 < holdout["all_items"]["calibration"]["predicted_to_observed"] < 1.4


def test_the_card_for_people_is_kept_word_by_word() -> None:
    """Its words, not its figures: those may differ in their last digit between machines."""
    figure = {"value": 0.75, "low": 0.7, "high": 0.8, "rows": 300}
    of = {"auc": figure, "precision_at_5_percent": figure, "precision_at_10_percent": None}
    part = {
        "irregular": figure, "ours": of, "dictionary": {**of, "auc": None}, "hs6_rate": of,
        "calibration": {"predicted_to_observed": 1.02, "error": 0.013},
    }  # fmt: skip
    card = {
        "model": "memory + general model", "software": "tidewaiter 1.0", "feature_set": "0123456789ab",
        "seed": 1,
        "features": ["hs2", "origin"], "kinds": ["quantity"], "expected_revenue": "learned from duty effects",
        "data": {
            "lodged_from": "2025-01-01", "lodged_to": "2025-12-31", "results_known_to": "2026-01-03",
            "declarations": 900, "random_arm": 90, "items": 1000, "irregular_items": 200,
            "different_goods": 800, "irregular_share_of_goods": 0.21,
        },
        "holdout": {
            "lodged_from": "2025-10-01", "lodged_to": "2025-12-31", "all_items": part, "new_goods": part,
        },
    }  # fmt: skip
    text = words_of(card) + "\n---\n\n" + words_of({**card, "holdout": None, "kinds": []})
    assert text == golden("scoring/card.md.txt", text)
