"""Strict reading of plain data: nothing is coerced, nothing is ignored, reading goes on."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.core.errors import Fault
from tidewaiter.core.plain import Reader, at, calendar_day, sequence


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


def read_all(data: Any) -> tuple[tuple[Any, ...], list[Fault]]:
    """Ask for one key of every kind."""
    faults: list[Fault] = []
    reader = Reader(data, "/x", faults)
    values = (
        reader.text("text"),
        reader.code("code", re.compile("[a-z]+"), "small letters"),
        reader.integer("integer", at_least=1, at_most=9),
        reader.truth("truth"),
        reader.day("day"),
        reader.decimal("decimal", at_most=Decimal(5)),
        reader.choice("choice", Colour),
        reader.texts("texts"),
    )
    reader.close()
    return values, faults


GOOD: dict[str, Any] = {
    "text": "NO",
    "code": "abc",
    "integer": 7,
    "truth": False,
    "day": "2026-02-28",
    "decimal": "4.50",
    "choice": "green",
    "texts": ["0101", "0102"],
}


def test_good_data_are_read_with_their_types() -> None:
    values, faults = read_all(GOOD)
    assert faults == []
    assert values == (
        "NO",
        "abc",
        7,
        False,
        date(2026, 2, 28),
        Decimal("4.5"),
        Colour.GREEN,
        ("0101", "0102"),
    )


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("text", 5, "not-text"),
        ("text", None, "missing-key"),
        ("text", "", "text-form"),
        ("text", "a\u202eb", "text-form"),
        ("text", "x" * 201, "text-form"),
        ("code", "ABC", "code-form"),
        ("integer", 7.0, "not-an-integer"),
        ("integer", True, "not-an-integer"),
        ("integer", "7", "not-an-integer"),
        ("integer", 10, "not-an-integer"),
        ("truth", "false", "not-a-truth"),
        ("truth", 0, "not-a-truth"),
        ("day", "2026-02-29", "not-a-day"),
        ("day", date(2026, 2, 28), "not-text"),
        ("decimal", 4.5, "not-text"),
        ("decimal", "4,5", "not-a-decimal"),
        ("decimal", "5.000001", "decimal-range"),
        ("choice", "blue", "unknown-word"),
        ("texts", "0101", "not-a-list"),
        ("texts", ["a", "a"], "duplicate"),
        ("texts", ["a", 101], "not-text"),
        ("texts", [], "list-length"),
    ],
)
def test_another_type_or_form_is_a_fault_at_its_place(key: str, value: Any, code: str) -> None:
    _, faults = read_all({**GOOD, key: value})
    assert [fault.code for fault in faults] == [code]
    assert faults[0].place.startswith(f"/x/{key}")


def test_every_fault_of_a_mapping_is_found_in_one_reading() -> None:
    _, faults = read_all({"text": 5, "colour": "red"})
    assert [fault.code for fault in faults] == ["not-text", *["missing-key"] * 7, "unknown-key"]


def test_a_misspelt_key_is_named_with_the_key_that_is_meant() -> None:
    _, faults = read_all({**GOOD, "decimals": "1"})
    assert [(fault.place, fault.hint) for fault in faults] == [("/x/decimals", "Did you mean `decimal`?")]


@pytest.mark.parametrize("data", [None, [], "text", 5, True])
def test_what_is_no_mapping_is_one_fault(data: Any) -> None:
    _, faults = read_all(data)
    assert [(fault.code, fault.place) for fault in faults] == [("not-a-mapping", "/x")]


_PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(sorted(GOOD)), _PLAIN))
def test_whatever_is_written_is_read_or_refused(data: dict[str, Any]) -> None:
    values, faults = read_all(data)
    kinds = [type(value) for value in values]
    assert kinds == [str, str, int, bool, date, Decimal, Colour, tuple]
    named = {fault.place.split("/")[2] for fault in faults}
    assert named >= set(GOOD) - set(data), "a key that is missing is a fault"


def test_a_sequence_is_bounded() -> None:
    faults: list[Fault] = []
    assert sequence([1, 2], "/s", faults, at_most=2) == [1, 2]
    assert not faults
    assert sequence([1, 2, 3], "/s", faults, at_most=2) == ()
    assert sequence("ab", "/s", faults, at_most=2) == ()
    assert [fault.code for fault in faults] == ["list-length", "not-a-list"]


@given(st.lists(st.text(max_size=5), max_size=4))
def test_a_pointer_tells_its_keys(keys: list[str]) -> None:
    place = ""
    for key in keys:
        place = at(place, key)
    unescaped = [part.replace("~1", "/").replace("~0", "~") for part in place.split("/")[1:]]
    assert unescaped == keys


@pytest.mark.parametrize("text", ["20260101", "2026-W01-1", "2026-1-1", "٢٠٢٦-٠١-٠١", "2026-01-01T00:00", ""])
def test_a_day_has_one_form(text: str) -> None:
    with pytest.raises(ValueError, match="YYYY-MM-DD"):
        calendar_day(text)
