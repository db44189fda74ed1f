"""Numbers of Java become plain ones, and nothing large is ever computed."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.adapters.formats.asycuda.numbers import is_zero, number


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("0.0", "0"),
        ("1250.50", "1250.5"),
        ("007", "7"),
        ("1.23456789E7", "12345678.9"),
        ("1.0E-3", "0.001"),
        ("0.30000000000000004", "0.3"),
        ("0.0000005", "0"),
        ("0.0000015", "0.000002"),
        ("1,5", "1,5"),
        ("1e400000", "1e400000"),
        ("1.0E99", "1.0E99"),
        ("NaN", "NaN"),
        ("-5.0", "-5.0"),
        ("", ""),
        (".", "."),
    ],
)
def test_a_number_is_written_plainly_or_left_alone(text: str, plain: str) -> None:
    assert number(text) == plain


@given(st.floats(0, 1e15, allow_nan=False))
def test_what_java_prints_loses_nothing_before_the_sixth_place(value: float) -> None:
    text = repr(value).replace("e-0", "E-").replace("e-", "E-")
    if "E" in text and "." not in text:
        text = text.replace("E", ".0E")
    assert abs(Decimal(number(text)) - Decimal(value)) <= Decimal("0.0000006") + Decimal(value) * Decimal(
        "1e-15"
    )


@pytest.mark.parametrize(
    "text", ["1e400000", "1.0E400000", "9" * 8000, "0." + "1" * 8000, "1" * 40 + "." + "9" * 40]
)
def test_no_number_takes_time(text: str) -> None:
    started = time.process_time()
    assert len(number(text)) <= len(text)
    assert time.process_time() - started < 0.1


def test_zero_and_nothing_are_told_from_numbers() -> None:
    assert is_zero("0")
    assert is_zero(None)
    assert not is_zero("0.1")
