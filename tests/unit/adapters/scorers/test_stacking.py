"""General score and memory in one monotone logistic."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.adapters.scorers.models import examples, model
from tidewaiter.adapters.scorers.stacking import without_silent
from tidewaiter.core.features import REGISTRY, FeatureVector, Scope
from tidewaiter.core.scoring.memory import MEMORY_KEYS

VECTORS = [example.vector for example in examples()[800:]]
COUNTS = ("inspected_90", "inspected_365", "inspected_all", "irregular_90", "irregular_365", "irregular_all")


def with_values(vector: FeatureVector, **values: object) -> FeatureVector:
    """Return *vector* with other values, the same for each item."""
    header, items = list(vector.header), [list(row) for row in vector.items]
    for name, value in values.items():
        scope, place = REGISTRY.position[name]
        for row in [header] if scope is Scope.HEADER else items:
            row[place] = value
    return FeatureVector(tuple(header), tuple(tuple(row) for row in items))


def recorded(vector: FeatureVector, key: str, inspected: int, irregular: int) -> FeatureVector:
    """Return *vector* with fresh results for *key*."""
    numbers = (inspected,) * 3 + (irregular,) * 3
    return with_values(vector, **{f"{key}_{name}": n for name, n in zip(COUNTS, numbers, strict=True)})


def probability(vector: FeatureVector) -> float:
    return model().score([vector])[0].probability


@given(
    st.sampled_from(VECTORS),
    st.sampled_from([key.name for key in MEMORY_KEYS]),
    st.integers(0, 20),
    st.integers(0, 20),
)
def test_one_more_irregular_result_never_lowers_the_score(
    vector: FeatureVector, key: str, irregular: int, compliant: int
) -> None:
    inspected = irregular + compliant
    now = probability(recorded(vector, key, inspected or 1, irregular))
    assert probability(recorded(vector, key, (inspected or 1) + 1, irregular + 1)) >= now


def test_goods_that_were_irregular_are_suspicious_and_compliant_ones_are_not() -> None:
    for vector in VECTORS[:40]:
        good, bad = (probability(recorded(vector, "goods", 5, irregular)) for irregular in (0, 5))
        assert bad > 0.5 > good


def test_more_results_make_a_score_surer() -> None:
    few, many = (model().score([recorded(VECTORS[0], "goods", n, n)])[0].posterior for n in (1, 50))
    assert sum(many) > sum(few) > 4.0


def test_an_item_more_never_lowers_the_score_of_a_declaration() -> None:
    single = [vector for vector in VECTORS if len(vector.items) == 1]
    for one, other in zip(single[:30], single[30:60], strict=True):
        both = FeatureVector(one.header, (*one.items, *other.items))
        assert probability(both) >= probability(one)


def test_a_declaration_with_one_item_keeps_the_order_of_its_items_probability() -> None:
    scores = [score for score in model().score(VECTORS) if len(score.items) == 1]
    by_item = sorted(scores, key=lambda score: score.items[0].probability)
    whole = [score.probability for score in by_item]
    assert whole == sorted(whole)


def test_a_key_that_does_not_count_is_not_read() -> None:
    stack = model().stack
    slopes = {**stack.fit.slopes, "memory:office": 0.0, "memory:goods": 0.0}
    heard = without_silent(replace(stack, fit=replace(stack.fit, slopes=slopes)))
    names = [key.name for key in heard.keys]
    assert "office" not in names
    # The same goods tell novelty, even where their record does not count.
    assert names[0] == "goods"
    assert "memory:office" not in heard.fit.slopes
    table = model().encoder.table(VECTORS)
    general = np.zeros(len(table))
    before = replace(stack, fit=replace(stack.fit, slopes=slopes))
    assert (
        heard.log_odds(heard.evidence(table, general)).tolist()
        == before.log_odds(before.evidence(table, general)).tolist()
    )


def test_the_smoothing_of_the_same_goods_is_learned() -> None:
    """Here a result holds for the same goods for ever, so few imagined controls are best."""
    assert model().stack.keys[0].name == "goods"
    assert model().stack.keys[0].smoothing <= 1.0


def test_the_stack_is_read_back_exactly() -> None:
    stack = model().stack
    again = type(stack).from_data(stack.to_data())
    assert again == replace(stack)
    table = model().encoder.table(VECTORS)
    general = np.linspace(-3.0, 3.0, len(table))
    assert (
        again.log_odds(again.evidence(table, general)).tolist()
        == stack.log_odds(stack.evidence(table, general)).tolist()
    )
