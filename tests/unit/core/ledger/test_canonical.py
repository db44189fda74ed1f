"""Canonical bytes: one value, one sequence of bytes, and nothing is lost on the way."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.core.ledger import canonical_json, leaf_hash

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


class Word(StrEnum):
    """A word of a vocabulary."""

    RED = "red"


def written(value: Any) -> Any:
    """Return *value* as canonical JSON keeps it: floats as text, the rest as it is."""
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, dict):
        return {key: written(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [written(member) for member in value]
    return value


@given(VALUES)
def test_what_is_written_can_be_read_back(value: Any) -> None:
    assert json.loads(canonical_json(value)) == written(value)


@given(st.dictionaries(TEXTS, VALUES, max_size=5))
def test_the_order_in_which_members_were_added_does_not_matter(value: dict[str, Any]) -> None:
    turned = dict(reversed(value.items()))
    assert canonical_json(turned) == canonical_json(value)


def test_keys_are_sorted_and_there_are_no_blanks() -> None:
    assert canonical_json({"b": [1, (2, None)], "a": "é"}) == '{"a":"é","b":[1,[2,null]]}'.encode()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"), (1, "1"), (1.0, '"1.0"'), (Word.RED, '"red"'), (Decimal("8.50"), '"8.5"'),
        (MappingProxyType({"a": 0.5}), '{"a":"0.5"}'), (10**30, "1" + "0" * 30),
    ],
)  # fmt: skip
def test_each_kind_of_value_has_one_text(value: Any, text: str) -> None:
    assert canonical_json(value) == text.encode()


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_not_finite_is_no_evidence(value: float) -> None:
    with pytest.raises(ValueError, match="not finite"):
        canonical_json({"a": [value]})


def test_a_leaf_is_hashed_with_its_prefix() -> None:
    empty = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"  # RFC 6962, 2.1: SHA-256 of 00
    assert leaf_hash(b"").hex() == empty
