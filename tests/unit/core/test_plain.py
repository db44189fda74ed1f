"""Strict reading of plain data: nothing is coerced, nothing is ignored, reading goes on."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.core.errors import ConfigurationError, Fault
from tidewaiter.core.plain import Reader, at, calendar_day, distinct, refuse, sequence


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


def read_all(data: Any) -> tuple[tuple[Any, ...], list[Fault]]:
    """Ask for one key of every kind."""
    faults: list[Fault] = []
    reader = Reader(data, "/x", faults)
    values = (
        reader.text("text"),
        reader.code("code"),
        reader.one_of("one_of", ["scan", "documents"], "a lane"),
        reader.words("words", example="Weigh the goods."),
        reader.integer("integer", at_least=1, at_most=9),
        reader.number("number", at_least=0.5, at_most=9),
        reader.truth("truth"),
        reader.day("day"),
        reader.decimal("decimal", at_most=Decimal(5)),
        reader.choice("choice", Colour),
        reader.texts("texts"),
        reader.choices("choices", Colour),
        [inner.text("name") for inner in reader.children("children", at_most=3)],
    )
    reader.close()
    return values, faults


GOOD: dict[str, Any] = {
    "text": "NO",
    "code": "abc",
    "one_of": "scan",
    "words": {"en": "Weigh.", "pt-BR": "Pese."},
    "integer": 7,
    "number": 1,
    "truth": False,
    "day": "2026-02-28",
    "decimal": "4.50",
    "choice": "green",
    "texts": ["0101", "0102"],
    "choices": ["green"],
    "children": [{"name": "a"}, {"name": "b"}],
}


def test_good_data_are_read_with_their_types() -> None:
    values, faults = read_all(GOOD)
    assert faults == []
    assert values == (
        "NO",
        "abc",
        "scan",
        {"en": "Weigh.", "pt-BR": "Pese."},
        7,
        1.0,
        False,
        date(2026, 2, 28),
        Decimal("4.5"),
        Colour.GREEN,
        ("0101", "0102"),
        (Colour.GREEN,),
        ["a", "b"],
    )


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("text", 5, "not-text"),
        ("text", None, "missing-key"),
        ("text", "", "text-form"),
        ("text", "a\u202eb", "text-form"),
        ("text", "x" * 201, "text-form"),
        ("text", "a\u200db\u202e", "text-form"),
        ("code", "ABC", "code-form"),
        ("code", "a", "code-form"),
        ("code", "a" * 61, "code-form"),
        ("code", "sc\u200can", "code-form"),
        ("one_of", "scanner", "unknown-word"),
        ("one_of", 4, "not-text"),
        ("words", "Weigh.", "not-a-mapping"),
        ("words", {}, "not-a-mapping"),
        ("words", {"english": "Weigh."}, "language-form"),
        ("words", {"en": 5}, "not-text"),
        ("words", {"en": ""}, "text-form"),
        ("words", {False: "Vei."}, "not-text"),
        ("integer", 7.0, "not-an-integer"),
        ("integer", True, "not-an-integer"),
        ("integer", "7", "not-an-integer"),
        ("integer", 10, "number-range"),
        ("number", "1", "not-a-number"),
        ("number", True, "not-a-number"),
        ("number", [], "not-a-number"),
        ("number", 0.4, "number-range"),
        ("number", float("nan"), "number-range"),
        ("number", float("inf"), "number-range"),
        ("number", 10**400, "number-range"),
        ("truth", "false", "not-a-truth"),
        ("truth", 0, "not-a-truth"),
        ("day", "2026-02-29", "not-a-day"),
        ("day", date(2026, 2, 28), "not-text"),
        ("decimal", 4.5, "not-text"),
        ("decimal", "4,5", "not-a-decimal"),
        ("decimal", "5.000001", "number-range"),
        ("choice", "blue", "unknown-word"),
        ("texts", "0101", "not-a-list"),
        ("texts", ["a", "a"], "entry-twice"),
        ("texts", ["a\u200db"], "text-form"),
        ("texts", ["a", 101], "not-text"),
        ("texts", [], "list-length"),
        ("choices", ["green", "blue"], "unknown-word"),
        ("choices", ["green", "green"], "entry-twice"),
        ("choices", "green", "not-a-list"),
        ("children", [], "list-length"),
        ("children", [{"name": "a"}] * 4, "list-length"),
        ("children", {"name": "a"}, "not-a-list"),
        ("children", [{"name": "a"}, "b"], "not-a-mapping"),
        ("children", [{}], "missing-key"),
    ],
)
def test_another_type_or_form_is_a_fault_at_its_place(key: str, value: Any, code: str) -> None:
    _, faults = read_all({**GOOD, key: value})
    assert [fault.code for fault in faults] == [code]
    assert faults[0].place.startswith(f"/x/{key}")


def test_every_fault_of_a_mapping_is_found_in_one_reading() -> None:
    _, faults = read_all({"text": 5, "colour": "red"})
    assert [fault.code for fault in faults] == ["not-text", *["missing-key"] * (len(GOOD) - 1), "unknown-key"]


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
    assert kinds == [type(value) for value in read_all(GOOD)[0]]
    named = {fault.place.split("/")[2] for fault in faults}
    assert named >= set(GOOD) - set(data), "a key that is missing is a fault"


def opened(data: Any) -> tuple[Reader, list[Fault]]:
    faults: list[Fault] = []
    return Reader(data, "", faults), faults


def test_what_may_be_missing_is_read_as_nothing_and_is_no_fault() -> None:
    reader, faults = opened({"text": None})
    assert reader.text("text", required=False) == ""
    assert reader.one_of("one_of", ["scan"], required=False) == ""
    assert reader.words("words", example="Weigh.", required=False) == {}
    assert reader.number("number", at_least=1, at_most=2, default=1.5) == 1.5
    assert reader.texts("texts", required=False) == ()
    assert reader.choices("choices", Colour, required=False) == ()
    assert reader.children("children", at_most=3, required=False) == []
    assert reader.child("child").text("text", required=False) == ""
    assert not reader.has("text")
    assert faults == []


def test_a_list_that_may_be_missing_may_be_empty() -> None:
    reader, faults = opened({"texts": [], "children": []})
    assert reader.texts("texts", required=False) == ()
    assert reader.children("children", at_most=3, required=False) == []
    assert faults == []


def test_words_keep_the_joiners_that_their_script_needs() -> None:
    persian = "\u0631\u0648\u06cc\u200c\u0647\u0645"
    reader, faults = opened({"words": {"fa": persian}})
    assert reader.words("words", example="Weigh.") == {"fa": persian}
    assert faults == []


def test_a_child_is_read_at_its_place() -> None:
    reader, faults = opened({"offices": {"A/B": {"share": "x"}}})
    inner = reader.child("offices").child("A/B")
    assert inner.number("share", at_least=0, at_most=1) == 0
    assert [fault.place for fault in faults] == ["/offices/A~1B/share"]


def test_what_a_missing_child_should_hold_is_missed_but_not_that_of_a_wrong_one() -> None:
    reader, faults = opened({"wrong": 5})
    reader.child("missing").text("text")
    reader.child("wrong").child("inner").text("text")
    assert [(fault.place, fault.code) for fault in faults] == [
        ("/missing/text", "missing-key"),
        ("/wrong", "not-a-mapping"),
    ]


def test_keys_of_ones_own_are_texts_and_known_where_that_is_asked() -> None:
    reader, faults = opened({"PORT": 1, 10: 2, " X": 3})
    assert reader.own_keys() == ["PORT"]
    reader.close()
    assert [(fault.place, fault.code) for fault in faults] == [("/10", "not-text"), ("/ X", "text-form")]
    reader, faults = opened({"officers": 1, "oficers": 2})
    assert reader.own_keys(["officers", "scanner"], "a pool") == ["officers"]
    reader.close()
    assert [str(fault) for fault in faults] == [
        "/oficers: a pool is one of `officers`, `scanner` (value: 'oficers'). Did you mean `officers`?"
    ]


def test_a_key_that_was_only_looked_for_is_known() -> None:
    reader, faults = opened({"hours": 5})
    assert reader.has("hours")
    reader.close()
    assert faults == []


def test_what_two_readers_share_is_a_fault_of_the_later_one() -> None:
    top, faults = opened({"lanes": [{"code": "a"}, {"code": "b"}, {"code": "a"}, {}, {"code": []}, {}]})
    distinct(top.children("lanes", at_most=9), "code", "lanes")
    assert [str(fault) for fault in faults] == ["/lanes/2/code: two lanes have this code (value: 'a')."]


def test_all_faults_are_refused_together_with_their_number() -> None:
    refuse("plan", [])
    one = Fault(code="not-text", place="/id", message="text is expected here")
    with pytest.raises(ConfigurationError, match=r"The plan cannot be read: 1 fault\.\n"):
        refuse("plan", [one])
    with pytest.raises(ConfigurationError, match=r"2 faults\.") as caught:
        refuse("plan", [one, one])
    assert caught.value.faults == (one, one)


def test_a_hint_of_a_list_is_given_when_it_is_missing_empty_or_none() -> None:
    for data in ({}, {"lanes": []}, {"lanes": 5}):
        reader, faults = opened(data)
        assert reader.children("lanes", at_most=3, hint="Write a lane.") == []
        assert [fault.hint for fault in faults] == ["Write a lane."]


@pytest.mark.parametrize(("value", "hint"), [("0.5", "Write it without quotes: 0.5."), ("half", None)])
def test_a_number_in_quotes_is_told_from_a_word(value: str, hint: str | None) -> None:
    reader, faults = opened({"share": value})
    assert reader.number("share", at_least=0, at_most=1) == 0
    assert [fault.hint for fault in faults] == [hint]


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
