"""Feature vectors as a table of numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.fakes.inspected import examples_of, inspected_trade
from tidewaiter.adapters.scorers.table import AGE_MAX_DAYS, Encoder, ever_there, value_reader, vocabulary_of
from tidewaiter.core.features import REGISTRY

EXAMPLES = examples_of(inspected_trade(80, seed=9))
VECTORS = [example.vector for example in EXAMPLES]
PLACES = [(vector, item) for vector in VECTORS for item in range(len(vector.items))]
CODES = ("origin", "departure_country", "duty_rate", "departure_differs_from_origin")
NUMBERS = (
    "net_mass",
    "item_count",
    "unit_value",
    "importer_days_since_first",
    "net_mass_is_round",
    "gross_mass",
)


def encoder(least: int = 1) -> Encoder:
    vocabularies = {name: vocabulary_of(REGISTRY, name, PLACES, least) for name in CODES}
    return Encoder(REGISTRY, NUMBERS, vocabularies)


def test_one_row_an_item_in_order() -> None:
    table = encoder().table(VECTORS)
    assert len(table) == len(PLACES)
    assert table.start.tolist() == [sum(len(v.items) for v in VECTORS[:i]) for i in range(len(VECTORS))]
    assert table.owner.tolist() == [i for i, v in enumerate(VECTORS) for _ in v.items]


def test_numbers_are_in_their_unit_and_missing_is_nan() -> None:
    table = encoder().table(VECTORS)
    for row, (vector, item) in enumerate(PLACES):
        mass = REGISTRY.value(vector, "net_mass", item)
        assert table["net_mass"][row] == pytest.approx(mass / 1_000_000)
        assert table["item_count"][row] == len(vector.items)
        assert table["net_mass_is_round"][row] in {0.0, 1.0}
        value = REGISTRY.value(vector, "unit_value", item)
        assert (value is None) == math.isnan(table["unit_value"][row])


def test_a_code_is_its_place_in_the_vocabulary() -> None:
    made = encoder()
    table = made.table(VECTORS)
    for name in CODES:
        for row, (vector, item) in enumerate(PLACES):
            assert made.vocabularies[name][int(table[f"={name}"][row])] == REGISTRY.value(vector, name, item)


def test_a_code_that_was_never_met_is_missing() -> None:
    made = Encoder(REGISTRY, (), {"origin": ("XX",)})
    assert np.isnan(made.table(VECTORS)["=origin"]).all()


def test_namibia_is_a_country_and_codes_keep_their_zeros() -> None:
    assert "NA" in vocabulary_of(REGISTRY, "origin", PLACES, 1)
    assert all(isinstance(code, str) for code in vocabulary_of(REGISTRY, "hs2", PLACES, 1))


def test_a_rare_code_is_left_out_and_none_is_no_code() -> None:
    for least in (1, 3, 10):
        values = [REGISTRY.value(vector, "hs6", item) for vector, item in PLACES]
        expected = sorted({v for v in values if v is not None and values.count(v) >= least})
        assert list(vocabulary_of(REGISTRY, "hs6", PLACES, least)) == expected
    assert vocabulary_of(REGISTRY, "exporter", PLACES, 1) == ()


def test_ages_are_told_apart_up_to_a_bound() -> None:
    ages = encoder().table(VECTORS)["importer_days_since_first"]
    values = [REGISTRY.value(vector, "importer_days_since_first", item) for vector, item in PLACES]
    assert max(value for value in values if value is not None) > AGE_MAX_DAYS
    assert np.nanmax(ages) == AGE_MAX_DAYS


def test_rows_and_columns_can_be_chosen() -> None:
    table = encoder().table(VECTORS)
    chosen = np.array([5, 0, 5])
    part = table.rows(chosen)
    assert part.columns(("net_mass", "=origin")).tolist() == [
        [table["net_mass"][i], table["=origin"][i]] for i in chosen.tolist()
    ]
    assert part.owner.tolist() == table.owner[chosen].tolist()


def test_one_number_or_none_of_a_scope_is_no_special_case() -> None:
    one = Encoder(REGISTRY, ("item_count",), {"origin": ("CN",)})
    assert one.table(VECTORS)["item_count"].tolist() == [len(vector.items) for vector, _ in PLACES]
    assert one.table([]).matrix.shape == (0, 2)


def test_a_reader_gives_one_value_an_item() -> None:
    several = next(vector for vector in VECTORS if len(vector.items) > 1)
    assert value_reader(REGISTRY, "office")(several) == [REGISTRY.value(several, "office")] * len(
        several.items
    )
    assert len(value_reader(REGISTRY, "origin")(several)) == len(several.items)


def test_what_is_never_declared_is_told() -> None:
    assert ever_there(REGISTRY, "net_mass", PLACES)
    assert ever_there(REGISTRY, "item_count", PLACES)
    assert not ever_there(REGISTRY, "freight_share", PLACES)
    assert not ever_there(REGISTRY, "unit_mass", PLACES)
