"""Values in classes: a value leaves possible exactly the terms that its literals allow."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.core.rules import kit
from tidewaiter.core.features.registry import Value
from tidewaiter.core.rules.classes import Codes, feature_classes
from tidewaiter.core.rules.evaluate import evaluate, present
from tidewaiter.core.rules.nodes import CompareFields, ContainsAny, IsMissing, Leaf
from tidewaiter.core.rules.terms import Demand

masks = st.integers(0, 15)


@given(st.lists(st.tuples(kit.leaves(), masks, masks), min_size=1, max_size=6), kit.rows())
def test_a_value_excludes_the_terms_that_need_another_answer(
    asked: list[tuple[Leaf, int, int]], row: dict[str, Value]
) -> None:
    every = 15
    by_feature: dict[str, list[Demand]] = defaultdict(list)
    for leaf, true, false in asked:
        if not isinstance(leaf, CompareFields | ContainsAny):
            by_feature[leaf.feature].append(Demand(node=leaf, true=true, false=false))
    for feature, demands in by_feature.items():
        value = present(row[feature])
        expected = every
        for demand in demands:
            truth = evaluate(demand.node, lambda _, value=value: value, kit.REGISTRY, kit.LISTS)  # type: ignore[misc]
            expected &= ~(0 if truth is None else demand.false if truth else demand.true)
        classes = feature_classes(demands, kit.REGISTRY[feature].kind, kit.LISTS, every)
        assert classes.look_up(value) == expected
        if value is None:
            unknown = [d.terms for d in demands if not isinstance(d.node, IsMissing)]
            assert classes.open == sum({1 << bit for mask in unknown for bit in range(4) if mask >> bit & 1})


def test_values_that_answer_alike_are_of_one_class() -> None:
    demands = [Demand(node=IsMissing("hs2"), true=1, false=2)]
    classes = feature_classes(demands, kit.REGISTRY["hs2"].kind, kit.LISTS, 3)
    assert isinstance(classes, Codes)
    assert classes.classify("22") == classes.classify("24")
    assert (classes.look_up("22"), classes.look_up(None)) == (2, 1)
