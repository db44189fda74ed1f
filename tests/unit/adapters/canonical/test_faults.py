from __future__ import annotations

import json
from typing import Any

import pytest

from tidewaiter.adapters.canonical import control_result_from_data, declaration_from_data
from tidewaiter.adapters.canonical.faults import HINTS, structure_faults
from tidewaiter.adapters.canonical.plain import FAULTS_MAX
from tidewaiter.core.errors import UnreadableMessage

GOOD: dict[str, Any] = {
    "id": "1",
    "flow": "import",
    "office": "A",
    "lodged_at": "2026-01-01",
    "items": [{"number": 1, "hs_code": "010121"}],
}


def faults(**changes: Any) -> dict[str, str]:
    """Return place -> code of the faults of a declaration with these changes."""
    with pytest.raises(UnreadableMessage) as caught:
        declaration_from_data({**GOOD, **changes})
    return {fault.place: fault.code for fault in caught.value.faults}


def test_all_faults_of_a_message_are_listed_at_once() -> None:
    items = [{"number": 2, "hs_code": "1"}, {"number": 2, "origin": "xx", "colour": 1}]
    assert faults(office="", flow="in", items=items, version=0) == {
        "/office": "identifier-wrong",
        "/flow": "choice-unknown",
        "/version": "count-out-of-range",
        "/items/0/hs_code": "hs-code-wrong",
        "/items/0/number": "item-number-wrong",
        "/items/1/hs_code": "field-missing",
        "/items/1/origin": "country-wrong",
        "/items/1/colour": "field-unknown",
    }


def test_at_most_fifty_faults_are_listed() -> None:
    with pytest.raises(UnreadableMessage, match="50 or more") as caught:
        declaration_from_data({**GOOD, "items": [{}] * 400})
    assert len(caught.value.faults) == FAULTS_MAX


def test_the_number_of_items_is_bounded() -> None:
    item = {"hs_code": "010121"}
    whole = [{"number": number, **item} for number in range(1, 501)]
    assert len(declaration_from_data({**GOOD, "items": whole}).items) == 500
    assert faults(items=[*whole, {"number": 500, **item}]) == {"/items": "count-wrong"}


def test_a_misspelt_field_is_answered_with_the_field_that_was_meant() -> None:
    with pytest.raises(UnreadableMessage, match="Did you mean 'departure_country'"):
        declaration_from_data({**GOOD, "departure_contry": "CN"})


def test_a_value_is_shown_shortened_and_printable() -> None:
    with pytest.raises(UnreadableMessage) as caught:
        declaration_from_data({**GOOD, "office": "\x00" + "x" * 500})
    value = caught.value.faults[0].value
    assert value is not None
    assert len(value) <= 80
    assert value.isprintable()


@pytest.mark.parametrize(
    ("first", "second", "refused"),
    [
        ({"id": "T"}, {"id": "T"}, True),
        ({"id": "T", "name": "A"}, {"id": "T", "name": "B"}, True),
        ({"id": "T"}, {"id": "U"}, False),
        ({"name": "A"}, {"name": "A"}, True),
        ({"name": "A"}, {"name": "B"}, False),
        ({"id": "A"}, {"name": "A"}, False),
        ({"name": "None"}, {}, False),
    ],
)
def test_a_person_is_named_once_in_a_role(
    first: dict[str, str], second: dict[str, str], refused: bool
) -> None:
    parties = [{"role": "seller", **first}, {"role": "buyer", **first}, {"role": "seller", **second}]
    if refused:
        assert faults(parties=parties) == {"/parties/2": "party-twice"}
    else:
        assert len(declaration_from_data({**GOOD, "parties": parties}).parties) == 3


@pytest.mark.parametrize("junk", [None, 1, "x", [], [1, None, "x", [[]], {"role": [], "id": {}}] * 200])
def test_looking_between_entries_survives_any_data(junk: Any) -> None:
    assert all(fault.place for fault in structure_faults({"items": junk, "parties": junk}))


def test_a_control_result_lists_its_faults_too() -> None:
    with pytest.raises(UnreadableMessage) as caught:
        control_result_from_data({"id": "1", "findings": [{"outcome": "bad", "duty_effect": 5}]})
    codes = {fault.place: fault.code for fault in caught.value.faults}
    assert codes["/findings/0/outcome"] == "choice-unknown"
    assert codes["/findings/0/duty_effect"] == "type-wrong"
    assert codes["/ended_at"] == "field-missing"


def test_every_hint_is_a_sentence() -> None:
    assert all(hint.endswith(".") for hint in HINTS.values())


def test_the_error_can_always_be_written() -> None:
    with pytest.raises(UnreadableMessage) as caught:
        declaration_from_data(json.loads('{"\\ud800": "\\udfff", "id": "\\ud800", "office": ["\\ud800"]}'))
    assert str(caught.value).encode("utf-8")
