"""Columns of values: what is there comes back, what is missing is marked, nothing is rounded."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.core.rules import kit
from tidewaiter.adapters.columns import Coded, Numeric, encode
from tidewaiter.core.features.registry import Value


def decoded(name: str, values: list[Value]) -> list[Value]:
    column = encode({name: values}, kit.REGISTRY).column[name]
    if isinstance(column, Coded):
        return [None if code < 0 else column.values[code] for code in column.codes]
    numbers = zip(column.values.tolist(), column.missing, strict=True)
    return [None if missing else value for value, missing in numbers]


@given(st.data(), st.sampled_from(kit.REGISTRY_NAMES))
def test_values_come_back_and_what_is_no_number_is_missing(data: st.DataObject, name: str) -> None:
    rows = data.draw(st.lists(kit.rows(), max_size=6))
    values = [row[name] for row in rows]
    finite = [None if isinstance(value, float) and not math.isfinite(value) else value for value in values]
    assert decoded(name, values) == finite


@pytest.mark.parametrize("value", [2**53 + 1, 2**63 - 1, 2**63, 10**30])
def test_an_amount_is_exact_however_large(value: int) -> None:
    assert decoded("net_mass", [value, None, 1]) == [value, None, 1]


def test_amounts_that_fit_are_machine_integers() -> None:
    column = encode({"net_mass": [2**63 - 1, None]}, kit.REGISTRY).column["net_mass"]
    assert isinstance(column, Numeric)
    assert column.values.dtype == np.int64


def test_no_columns_have_no_rows() -> None:
    assert encode({}, kit.REGISTRY).rows == 0


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match=r"different lengths: \[1, 2\]"):
        encode({"hs2": ["22"], "origin": ["NO", None]}, kit.REGISTRY)


def test_a_feature_that_is_not_registered_is_refused() -> None:
    with pytest.raises(KeyError, match="hs3"):
        encode({"hs3": ["220"]}, kit.REGISTRY)
