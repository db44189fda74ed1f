from __future__ import annotations

from typing import Any

import pytest

from tidewaiter.adapters.canonical.plain import RefusedNumber, json_type, pointer


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (None, "null"),
        (True, "boolean"),
        ("", "string"),
        ({}, "object"),
        ([], "array"),
        (1, "number"),
        (RefusedNumber("1e9"), "number"),
    ],
)
def test_a_value_has_the_name_of_its_json_type(value: Any, name: str) -> None:
    assert json_type(value) == name


def test_a_pointer_escapes_what_rfc_6901_escapes() -> None:
    assert pointer("a/b", "c~d", 0) == "/a~1b/c~0d/0"


def test_a_pointer_is_printable_and_short_whatever_a_key_holds() -> None:
    place = pointer("\ud800\x00" + "k" * 5000)
    assert len(place) == 200
    assert place.isprintable()
    assert place.encode("utf-8")
