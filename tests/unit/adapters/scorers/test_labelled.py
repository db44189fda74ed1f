"""Examples as arrays, and goods once each."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tests.fakes.inspected import examples_of, inspected_trade
from tidewaiter.adapters.scorers.labelled import Labelled, distinct, flatten
from tidewaiter.core.features import REGISTRY, FeatureVector
from tidewaiter.core.learning.labels import Example

EXAMPLES = examples_of(inspected_trade(120, seed=5))
EVERYTHING = flatten(EXAMPLES, REGISTRY)


def everything(labelled: Labelled) -> np.ndarray:
    return np.arange(len(labelled))


def without_mass(example: Example, **values: object) -> Example:
    """Return *example* without net masses, with other *values* in each item."""
    values = {"net_mass": None, **values}
    rows = []
    for row in example.vector.items:
        changed = list(row)
        for name, value in values.items():
            changed[REGISTRY.position[name][1]] = value
        rows.append(tuple(changed))
    return replace(example, vector=FeatureVector(example.vector.header, tuple(rows)))


def test_each_labelled_item_knows_its_place() -> None:
    for i, (vector, item) in enumerate(EVERYTHING.places(everything(EVERYTHING))):
        assert vector is EVERYTHING.vectors[EVERYTHING.owner[i]]
        assert EVERYTHING.irregular[i] == EXAMPLES[EVERYTHING.owner[i]].item_irregular[item]
    assert len(EVERYTHING) == sum(len(example.item_irregular) for example in EXAMPLES)


def test_examples_are_ordered_by_the_day_of_lodging() -> None:
    backwards = flatten(EXAMPLES[::-1], REGISTRY)
    assert (np.diff(backwards.lodged_day) >= 0).all()


def test_an_item_that_is_left_open_is_left_out() -> None:
    several = next(example for example in EXAMPLES if len(example.item_irregular) > 1)
    opened = replace(several, item_irregular=(None, *several.item_irregular[1:]))
    labelled = flatten([opened, EXAMPLES[0]], REGISTRY)
    assert len(labelled) == len(several.item_irregular) - 1 + len(EXAMPLES[0].item_irregular)
    places = labelled.places(everything(labelled))
    assert (opened.vector, 0) not in places
    assert (opened.vector, 1) in places


def test_the_same_goods_are_one_row_with_their_mean_label() -> None:
    single = next(example for example in EXAMPLES if len(example.item_irregular) == 1)
    found = [
        replace(single, item_irregular=(bad,), weight=weight) for bad, weight in ((True, 1.0), (False, 3.0))
    ]
    labelled = flatten(found, REGISTRY)
    rows, label, weight = distinct(labelled, everything(labelled))
    assert (rows.tolist(), label.tolist(), weight.tolist()) == ([0], [0.25], [2.0])


def test_copies_change_neither_rows_nor_labels_nor_weights() -> None:
    once = flatten(EXAMPLES, REGISTRY)
    twice = flatten([*EXAMPLES, *EXAMPLES[::2]], REGISTRY)
    a, b = distinct(once, everything(once)), distinct(twice, everything(twice))
    assert [vector.items[item] for vector, item in once.places(a[0])] == [
        vector.items[item] for vector, item in twice.places(b[0])
    ]
    assert a[2].tolist() == b[2].tolist()
    assert len(a[0]) < len(once)


def test_goods_without_mass_are_told_apart_by_what_else_is_declared() -> None:
    single = next(example for example in EXAMPLES if len(example.item_irregular) == 1)
    same = flatten([without_mass(single, customs_value=5), without_mass(single, customs_value=5)], REGISTRY)
    other = flatten([without_mass(single, customs_value=5), without_mass(single, customs_value=6)], REGISTRY)
    assert len(set(same.goods.tolist())) == 1
    assert len(set(other.goods.tolist())) == 2


def test_nothing_labelled_is_an_empty_table() -> None:
    none = flatten([], REGISTRY)
    assert len(none) == 0
    assert [len(part) for part in distinct(none, everything(none))] == [0, 0, 0]
