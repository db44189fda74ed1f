"""Examples as arrays: one row an item that a result speaks of, in the order of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from tidewaiter.adapters.scorers.table import Booleans, Floats, Ints, value_reader
from tidewaiter.core.features.registry import FeatureVector, Registry
from tidewaiter.core.learning.labels import Example

__all__ = ["Labelled", "distinct", "flatten"]

#: What makes goods the same; without a net mass, the other quantities have to tell them apart.
_GOODS: Final = (
    "hs6", "departure_country", "origin", "duty_rate", "duty_regime_code", "net_mass",
)  # fmt: skip
_WITHOUT_MASS: Final = ("customs_value", "gross_mass", "supplementary_quantity", "description")


@dataclass(frozen=True)
class Labelled:
    """Items with what was found, ordered by the day of lodging."""

    vectors: tuple[FeatureVector, ...]
    #: For each labelled item: its row in the table of ``vectors``, its declaration, its index there.
    row: Ints
    owner: Ints
    item: Ints
    #: 1 irregular, 0 compliant.
    irregular: Floats
    weight: Floats
    lodged_day: Ints
    known_day: Ints
    random_arm: Booleans
    #: Number of the goods: equal for the same goods.
    goods: Ints
    kinds: tuple[frozenset[str], ...]
    duty_effect: Floats

    def __len__(self) -> int:
        """Return the number of labelled items."""
        return len(self.row)

    def places(self, chosen: Ints) -> list[tuple[FeatureVector, int]]:
        """Return the vector and the index of the item of each of the *chosen* rows."""
        owners, items = self.owner[chosen].tolist(), self.item[chosen].tolist()
        return [(self.vectors[owner], item) for owner, item in zip(owners, items, strict=True)]


def flatten(examples: Sequence[Example], registry: Registry) -> Labelled:
    """Return *examples* as arrays; items that the result leaves open are left out."""
    ordered = sorted(examples, key=lambda example: example.lodged_day)
    numbers: dict[tuple[object, ...], int] = {}
    goods_of = goods_reader(registry)
    columns: list[tuple[Any, ...]] = []
    kinds: list[frozenset[str]] = []
    row = 0
    for owner, example in enumerate(ordered):
        keys = goods_of(example.vector)
        for i, irregular in enumerate(example.item_irregular):
            if irregular is not None:
                goods = numbers.setdefault(keys[i], len(numbers))
                columns.append(
                    (row + i, owner, i, irregular, example.weight, example.lodged_day, example.known_day,
                     example.random_arm, goods, example.duty_effect[i])
                )  # fmt: skip
                kinds.append(example.kinds[i])
        row += len(example.item_irregular)
    fields = list(zip(*columns, strict=True)) or [()] * 10
    return Labelled(
        vectors=tuple(example.vector for example in ordered),
        row=np.array(fields[0], dtype=np.int64),
        owner=np.array(fields[1], dtype=np.int64),
        item=np.array(fields[2], dtype=np.int64),
        irregular=np.array(fields[3], dtype=np.float64),
        weight=np.array(fields[4], dtype=np.float64),
        lodged_day=np.array(fields[5], dtype=np.int64),
        known_day=np.array(fields[6], dtype=np.int64),
        random_arm=np.array(fields[7], dtype=np.bool_),
        goods=np.array(fields[8], dtype=np.int64),
        kinds=tuple(kinds),
        duty_effect=np.array(fields[9], dtype=np.float64),
    )


def distinct(labelled: Labelled, chosen: Ints) -> tuple[Ints, Floats, Floats]:
    """Return one row for each of the goods among the *chosen* rows: first row, mean label, mean weight.

    The same goods inspected ten times are one lesson for the general model, not ten; otherwise it
    learns the copies by heart, and new goods suffer.
    """
    _, first, group = np.unique(labelled.goods[chosen], return_index=True, return_inverse=True)
    weight = labelled.weight[chosen]
    total = np.bincount(group, weight)
    label = np.bincount(group, weight * labelled.irregular[chosen]) / total
    order = np.argsort(first)
    return chosen[first[order]], label[order], (total / np.bincount(group))[order]


def goods_reader(registry: Registry) -> Any:
    """Return the function that gives, for each item of a vector, what makes its goods the same."""
    readers = [value_reader(registry, name) for name in _GOODS]
    others = [value_reader(registry, name) for name in _WITHOUT_MASS]

    def keys(vector: FeatureVector) -> list[tuple[object, ...]]:
        found: list[tuple[object, ...]] = list(zip(*(read(vector) for read in readers), strict=True))
        if any(key[-1] is None for key in found):
            more = list(zip(*(read(vector) for read in others), strict=True))
            found = [key + more[i] if key[-1] is None else key for i, key in enumerate(found)]
        return found

    return keys
