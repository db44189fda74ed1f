"""What a general model is made of."""

from __future__ import annotations

import numpy as np
import pytest

from tidewaiter.adapters.scorers.recipe import candidates, informative, recipe
from tidewaiter.adapters.scorers.table import Table
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


def test_noise_is_not_informative_but_for_one_in_a_hundred() -> None:
    label = (RNG.random(1500) < 0.2).astype(float)
    kept = sum(informative(RNG.normal(size=1500), label, code=False) for _ in range(300))
    kept += sum(informative(RNG.integers(0, 40, 1500).astype(float), label, code=True) for _ in range(300))
    assert kept <= 15


@pytest.mark.parametrize("column", [np.full(500, np.nan), np.full(500, 3.0), np.arange(500.0)])
def test_a_column_that_cannot_tell_is_not_informative(column: np.ndarray) -> None:
    label = np.tile([1.0, 0.0, 0.0, 0.0, 0.0], 100)
    assert not informative(column, label, code=False)
    assert not informative(column, label, code=True)
    assert not informative(column, np.zeros(500), code=False)


def table_of(declarations: int, items: int) -> tuple[Table, np.ndarray]:
    """Return items whose label is that of their declaration, with what every recipe reads."""
    names = (
        "=hs2", "=hs4", "=hs6", "=origin", "=departure_country", "=duty_rate",
        "=departure_differs_from_origin", "=net_mass_is_round", "=duty_regime_code", "=office",
        "net_mass", "unit_value", "duty_rate",
        "customs_value_magnitude", "departure_differs_from_origin", "item_count", "value_share",
    )  # fmt: skip
    owner = np.repeat(np.arange(declarations), items)
    matrix = RNG.integers(0, 3, (len(owner), len(names))).astype(float)
    position = {name: i for i, name in enumerate(names)}
    # A feature of the header is the same for all items of a declaration.
    matrix[:, position["item_count"]] = RNG.normal(size=declarations)[owner]
    label = (RNG.random(declarations) < 0.2).astype(float)[owner]
    return Table(matrix, position, owner, np.arange(0, len(owner), items)), label


CODE_SIZES = dict.fromkeys(
    ("hs2", "hs4", "hs6", "origin", "departure_country", "duty_rate", "departure_differs_from_origin",
     "net_mass_is_round", "duty_regime_code", "office"), 3,
)  # fmt: skip


def test_items_of_one_declaration_are_no_independent_witnesses() -> None:
    """Noise of the header, with twenty items a declaration: by items it would be taken in nearly always."""
    taken = by_items = 0
    for _ in range(40):
        table, label = table_of(150, 20)
        taken += "item_count" in recipe(table, label, CODE_SIZES, ("item_count",)).columns
        by_items += informative(table["item_count"], label, code=False)
    assert by_items > 20
    assert taken <= 4


def test_a_feature_that_orders_alike_is_taken_in_once() -> None:
    table, label = table_of(800, 1)
    column = table.position["value_share"]
    table.matrix[:, column] = label + 0.5 * RNG.normal(size=len(label))
    table.matrix[:, table.position["item_count"]] = 3.0 * table["value_share"] + 7.0
    columns = recipe(table, label, CODE_SIZES, ("value_share", "item_count")).columns
    assert "value_share" in columns
    assert "item_count" not in columns


def test_the_first_few_features_are_always_there() -> None:
    table, label = table_of(300, 1)
    made = recipe(table, label, CODE_SIZES, ())
    assert {"=hs2", "=hs4", "=origin", "=duty_regime_code", "net_mass", "unit_value"} <= {*made.columns}
    assert {block.code for block in made.blocks} >= {None, "hs2", "hs4", "hs6", "origin"}
    # A vocabulary without any code leaves its blocks out.
    assert all(block.code != "hs6" for block in recipe(table, label, {**CODE_SIZES, "hs6": 0}, ()).blocks)
