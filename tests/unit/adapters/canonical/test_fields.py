from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from tidewaiter.adapters.canonical import fields


def read(field: Any, value: Any) -> Any:
    return TypeAdapter(field).validate_python(value)


def code_of(field: Any, value: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        read(field, value)
    return str(caught.value.errors()[0]["type"])


@pytest.mark.parametrize(
    ("text", "value"),
    [("0", "0"), ("0.0", "0"), ("372254.40", "372254.4"), ("0.000001", "0.000001"), ("9" * 18, "9" * 18)],
)
def test_a_quantity_is_read_exactly(text: str, value: str) -> None:
    assert read(fields.AmountField, text) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-1",
        "+1",
        "1e5",
        "1E400000",
        ".5",
        "5.",
        "01",
        "1,000",
        "0.1234567",
        "9" * 19,
        "٣",
        "1 ",
        "NaN",
        "1_0",
    ],
)
def test_a_quantity_that_is_not_plain_is_refused(text: str) -> None:
    assert code_of(fields.AmountField, text) == "quantity-not-plain"


@pytest.mark.parametrize("value", [1, 1.5, True, [], {}, b"1", Decimal(1)])
def test_a_quantity_is_never_converted_from_another_type(value: Any) -> None:
    assert code_of(fields.AmountField, value) == "string_type"


def test_a_rate_ends_at_3000_percent() -> None:
    assert read(fields.RateField, "3000") == 3000
    assert code_of(fields.RateField, "3000.000001") == "rate-out-of-range"


def test_a_refused_text_is_refused_the_second_time_too() -> None:
    assert [code_of(fields.CountryField, "Na") for _ in range(2)] == ["country-wrong"] * 2
    assert read(fields.CountryField, "NA") == "NA"
    assert code_of(fields.CountryField, True) == "string_type"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-03-01", date(2026, 3, 1)),
        ("2026-03-01T08:30:00Z", datetime(2026, 3, 1, 8, 30, tzinfo=UTC)),
        ("2026-03-01T08:30:00.25+03:00", datetime(2026, 3, 1, 5, 30, 0, 250_000, tzinfo=UTC)),
    ],
)
def test_a_time_is_read_in_utc_and_a_date_stays_a_date(text: str, value: object) -> None:
    found = read(fields.MomentField, text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2026-03-01T08:30:00", "time-not-iso"),
        ("2026-03-01 08:30:00Z", "time-not-iso"),
        ("2026-03-01T08:30Z", "time-not-iso"),
        ("20260301", "time-not-iso"),
        ("2026-W09-7", "time-not-iso"),
        ("2026-02-30", "time-not-possible"),
        ("2026-03-01T24:00:00Z", "time-not-possible"),
        ("2026-03-01T23:59:60Z", "time-not-possible"),
        ("2026-03-01T08:30:00+99:00", "time-not-possible"),
        ("0001-01-01T00:00:00+23:59", "time-not-possible"),
        ("1969-12-31", "time-out-of-range"),
        ("2200-01-01", "time-out-of-range"),
        ("９９９９-01-01", "time-not-iso"),
    ],
)
def test_a_time_that_is_none_is_refused(text: str, code: str) -> None:
    assert code_of(fields.MomentField, text) == code


def test_a_document_may_be_older_than_computers_and_never_end() -> None:
    assert read(fields.DocumentMomentField, "1950-05-01") == date(1950, 5, 1)
    assert read(fields.DocumentMomentField, "9999-12-31") == date(9999, 12, 31)
    assert code_of(fields.DocumentMomentField, "9999-12-31T23:59:59-05:00") == "time-not-possible"


@pytest.mark.parametrize("value", [True, "1", 1.0, None, 0, 501])
def test_an_item_number_is_a_whole_number_from_1_to_500(value: Any) -> None:
    assert code_of(fields.ItemNumberField, value) in {"type-wrong", "count-out-of-range"}
    assert read(fields.ItemNumberField, 500) == 500


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "text-length-wrong"),
        ("   ", "text-length-wrong"),
        ("x" * 1025, "text-length-wrong"),
        ("a\nb", "text-with-control-character"),
        ("a\x85b", "text-with-control-character"),
        ("a\ud800", "text-with-control-character"),
        ("a\u0308", "text-not-nfc"),
    ],
)
def test_a_description_is_text_that_can_be_shown(text: str, code: str) -> None:
    assert code_of(fields.DescriptionField, text) == code


@pytest.mark.parametrize("text", ["", " A", "A ", "A\u200b", "A\u202e", "A\n", "A\ud800", "x" * 71])
def test_an_identifier_has_no_hidden_characters(text: str) -> None:
    assert code_of(fields.IdentifierField, text) == "identifier-wrong"


def test_an_identifier_has_one_spelling() -> None:
    assert read(fields.IdentifierField, "\u00c5") == "\u00c5"
    assert code_of(fields.IdentifierField, "A\u030a") == "text-not-nfc"


def test_every_form_is_described_once() -> None:
    schemas = [repr(sorted(schema.items())) for _, schema in fields.FORMS.values()]
    assert len(schemas) == len(set(schemas)), (
        "two forms with one schema cannot be told apart in the reference"
    )
    assert all(sentence for sentence, _ in fields.FORMS.values())
