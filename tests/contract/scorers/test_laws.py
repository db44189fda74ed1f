"""What every scorer keeps: the laws of ``core.scoring.contract``, and the laws of learning.

A new model family is added to ``FAMILIES``; every law is then tried on it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.fakes.inspected import DAYS, START, examples_of, flipped_from, inspected_trade
from tidewaiter.adapters.scorers import stack
from tidewaiter.adapters.scorers.metrics import area_under_curve
from tidewaiter.core.features import REGISTRY
from tidewaiter.core.learning.labels import Example
from tidewaiter.core.scoring import Score, model_reasons
from tidewaiter.core.times import day_of

FAMILIES = {"stack": stack}

#: The last day of the first two thirds.
THEN = day_of(START) + 2 * DAYS // 3


@pytest.fixture(scope="module", params=FAMILIES, autouse=True)
def family(request: pytest.FixtureRequest) -> Any:
    return FAMILIES[request.param]


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    return examples_of(inspected_trade(1200, seed=1))


@pytest.fixture(scope="module")
def scorer(family: Any, examples: list[Example]) -> Any:
    return family.train(examples[:800], seed=7)


@pytest.fixture(scope="module")
def later(examples: list[Example]) -> list[Example]:
    return examples[800:]


def values(scores: Sequence[Score]) -> list[tuple[Any, ...]]:
    return [(s.probability, s.expected_revenue, dict(s.kinds), s.items, s.posterior) for s in scores]


def test_the_same_examples_and_seed_give_the_same_model_byte_for_byte(family, examples, scorer) -> None:
    again = family.train(examples[:800], seed=7)
    assert again.version == scorer.version
    assert again.files == scorer.files


def test_another_seed_gives_another_version(family, examples, scorer) -> None:
    assert family.train(examples[:800], seed=8).version != scorer.version


def test_scoring_twice_gives_the_same(scorer, later) -> None:
    vectors = [example.vector for example in later]
    assert values(scorer.score(vectors)) == values(scorer.score(vectors))


def test_a_batch_scores_each_declaration_as_it_would_be_alone(scorer, later) -> None:
    vectors = [example.vector for example in later]
    alone = [scorer.score([vector])[0] for vector in vectors]
    assert values(scorer.score(vectors)) == values(alone)
    assert explained(scorer, vectors[:50]) == [explained(scorer, [vector])[0] for vector in vectors[:50]]


def test_the_order_of_the_batch_does_not_matter(scorer, later) -> None:
    vectors = [example.vector for example in later]
    order = np.random.default_rng(3).permutation(len(vectors))
    shuffled = scorer.score([vectors[i] for i in order])
    straight = scorer.score(vectors)
    assert values(shuffled) == values([straight[i] for i in order])


def test_nothing_to_score_gives_nothing(scorer) -> None:
    assert scorer.score([]) == []
    assert scorer.explain([], []) == []


def test_scores_are_within_their_ranges(scorer, later) -> None:
    for example, score in zip(later, scorer.score([e.vector for e in later]), strict=True):
        assert 0.0 <= score.probability <= 1.0
        assert len(score.items) == len(example.vector.items)
        assert all(0.0 <= item.probability <= 1.0 and item.expected_revenue >= 0.0 for item in score.items)
        assert math.isclose(score.expected_revenue, sum(item.expected_revenue for item in score.items))
        assert all(0.0 <= share <= score.probability for share in score.kinds.values())
        alpha, beta = score.posterior
        assert alpha >= 0.0
        assert beta >= 0.0
        assert 4.0 <= alpha + beta <= 400.0 + 1e-9
        assert math.isclose(alpha / (alpha + beta), score.probability, abs_tol=1e-12)


def test_contributions_and_expected_value_add_up_to_the_log_odds(scorer, later) -> None:
    vectors = [example.vector for example in later]
    for items in ([0] * len(vectors), [len(vector.items) - 1 for vector in vectors]):
        told, starts = scorer.explain(vectors, items), scorer.expected_value(vectors, items)
        whole = scorer.item_log_odds(vectors, items)
        sums = [
            start + sum(part.log_odds for part in parts) for start, parts in zip(starts, told, strict=True)
        ]
        assert sums == pytest.approx(whole, abs=1e-6)


def test_contributions_speak_of_one_item_of_registered_features_largest_first(scorer, later) -> None:
    for example, told in zip(later, explained(scorer, [e.vector for e in later]), strict=True):
        sizes = [abs(part.log_odds) for part in told]
        assert sizes == sorted(sizes, reverse=True)
        assert len({part.item for part in told}) == 1
        assert all(part.feature in REGISTRY and part.item < len(example.vector.items) for part in told)
        assert len({part.feature for part in told}) == len(told)


def test_the_leading_item_is_the_first_of_the_most_suspicious(scorer, later) -> None:
    several = [example.vector for example in later if len(example.vector.items) > 1]
    assert several
    for score, told in zip(scorer.score(several), explained(scorer, several), strict=True):
        highest = max(item.probability for item in score.items)
        assert [item.probability for item in score.items].index(highest) == score.leading == told[0].item


def test_a_saved_model_scores_alike_bit_for_bit(family, scorer, later, tmp_path: Path) -> None:
    scorer.save(tmp_path / "model")
    loaded = family.load(tmp_path / "model")
    vectors = [example.vector for example in later]
    assert loaded.version == scorer.version
    assert loaded.feature_set == scorer.feature_set == REGISTRY.version
    assert values(loaded.score(vectors)) == values(scorer.score(vectors))
    assert explained(loaded, vectors) == explained(scorer, vectors)


def test_the_highest_scores_have_reasons_to_tell(scorer, later) -> None:
    vectors = [example.vector for example in later]
    scores = [score.probability for score in scorer.score(vectors)]
    told = [
        model_reasons(vectors[i], explained(scorer, [vectors[i]])[0])
        for i in np.argsort(scores)[-40:].tolist()
    ]
    assert all(1 <= len(reasons) <= 4 for reasons in told)


def explained(scorer: Any, vectors: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return what an officer would be told of each vector."""
    told: list[tuple[Any, ...]] = scorer.explain(vectors, [score.leading for score in scorer.score(vectors)])
    return told


def area(scorer: Any, examples: Sequence[Example]) -> float:
    label = np.array([example.irregular for example in examples], dtype=float)
    score = np.array([found.probability for found in scorer.score([e.vector for e in examples])])
    figure = area_under_curve(label, score)
    assert figure is not None
    return figure.value


def unseen(past: Sequence[Example], later: Sequence[Example]) -> list[Example]:
    """Return the later examples with one item, of goods that were not inspected in *past*."""
    seen = {goods(example) for example in past}
    return [example for example in later if len(example.vector.items) == 1 and goods(example) not in seen]


def goods(example: Example) -> tuple[object, ...]:
    names = ("hs6", "departure_country", "origin", "duty_rate", "duty_regime_code", "net_mass")
    return tuple(REGISTRY.value(example.vector, name) for name in names)


def test_the_scorer_learns_new_goods_and_remembers_old_ones(scorer, examples, later) -> None:
    new = unseen(examples[:800], later)
    assert area(scorer, new) > 0.65
    assert area(scorer, later) > area(scorer, new) + 0.05


# --- the law of copies


def copied(examples: Sequence[Example]) -> list[Example]:
    """Return *examples* with three tenths of them twice."""
    chosen = np.random.default_rng(11).choice(len(examples), len(examples) * 3 // 10, replace=False)
    return [*examples, *(examples[i] for i in sorted(chosen.tolist()))]


def test_copies_of_training_rows_do_not_spoil_new_goods(family, examples, scorer, later) -> None:
    new = unseen(examples[:800], later)
    with_copies = family.train(copied(examples[:800]), seed=7)
    assert area(with_copies, new) >= area(scorer, new) - 0.01


def test_copies_leave_the_general_model_as_it_was(family, examples, scorer) -> None:
    with_copies = family.train(copied(examples[:800]), seed=7)
    assert with_copies.files["general.txt"] == scorer.files["general.txt"]


def test_a_model_that_learns_from_every_copy_is_caught(family, examples, scorer, monkeypatch) -> None:
    def every_row(labelled, chosen):
        return chosen, labelled.irregular[chosen], labelled.weight[chosen]

    monkeypatch.setattr(stack, "distinct", every_row)
    with_copies = family.train(copied(examples[:800]), seed=7)
    assert with_copies.files["general.txt"] != family.train(examples[:800], seed=7).files["general.txt"]


# --- the law of time travel


def as_of(family: Any, trade: list[Any], day: int) -> Any:
    return family.train(examples_of(trade), seed=7, as_of=day)


def test_results_known_later_change_nothing_that_was_learned_or_scored_before(family) -> None:
    trade = inspected_trade(700, seed=2)
    turned = flipped_from(trade, THEN)
    assert turned != trade
    before, after = as_of(family, trade, THEN), as_of(family, turned, THEN)
    assert after.version == before.version
    early, early_turned = ([e.vector for e in examples_of(t) if e.lodged_day < THEN] for t in (trade, turned))
    assert values(after.score(early_turned)) == values(before.score(early))


def test_a_training_that_looks_ahead_is_caught(family) -> None:
    trade = inspected_trade(700, seed=2)
    one_day_more = [as_of(family, t, THEN + 1).version for t in (trade, flipped_from(trade, THEN))]
    assert one_day_more[0] != one_day_more[1]


# --- weights and the random arm


def test_the_random_arm_settles_the_level_of_the_probabilities(family) -> None:
    """Picks are mostly irregular; the random arm tells how much is irregular among all."""
    trade = inspected_trade(1500, seed=4, repeats=0.0)
    rng = np.random.default_rng(5)
    past, later = trade[:1100], trade[1100:]
    kept = [
        replace(entry, inclusion=0.2, random_arm=True)
        if rng.random() < 0.4
        else replace(entry, inclusion=1.0)
        for entry in past
        if entry.result.irregular or rng.random() < 0.5
    ]
    random = [entry for entry in past if rng.random() < 0.4]
    told = {entry.declaration.id: entry for entry in kept if not entry.random_arm}
    told |= {entry.declaration.id: replace(entry, inclusion=0.2, random_arm=True) for entry in random}
    used = [told[entry.declaration.id] for entry in past if entry.declaration.id in told]
    scorer = family.train(examples_of(used), seed=7)
    vectors = [example.vector for example in examples_of(past + later)][1100:]
    predicted = sum(score.probability for score in scorer.score(vectors))
    observed = sum(entry.result.irregular for entry in later)
    assert 0.75 < predicted / observed < 1.3


def test_no_learning_library_is_loaded_before_it_is_needed() -> None:
    """They take seconds; the command line must start at once."""
    import subprocess
    import sys

    code = (
        "import sys, tidewaiter.adapters.scorers, tidewaiter.core.scoring;"
        "print([m for m in ('lightgbm', 'sklearn', 'scipy') if m in sys.modules])"
    )
    environment = {"PYTHONPATH": str(Path(stack.__file__).parents[3])}
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert found.stdout.strip() == "[]"
