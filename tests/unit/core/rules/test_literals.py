"""Literals: the form of each kind, exactly, and nothing converted."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.core.features.registry import Kind
from tidewaiter.core.rules.literals import LiteralError, literal_value


@pytest.mark.parametrize(
    ("kind", "literal", "value"),
    [
        (Kind.CODE, "0101", "0101"),
        (Kind.CODE, "NA", "NA"),
        (Kind.TEXT, "USED TYRES", "USED TYRES"),
        (Kind.AMOUNT, "0.000001", 1),
        (Kind.AMOUNT, "123456789012.123456", 123456789012123456),
        (Kind.AMOUNT, "-2.5", -2_500_000),
        (Kind.RATIO, "0.1", 0.1),
        (Kind.RATIO, "-4", -4.0),
        (Kind.COUNT, 3, 3),
        (Kind.FLAG, False, False),
        (Kind.DAY, "2026-01-01", 739617),
    ],
)
def test_a_literal_stands_for_its_exact_value(kind: Kind, literal: Any, value: Any) -> None:
    found = literal_value(kind, literal)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("kind", "literal"),
    [
        *[(kind, 1) for kind in Kind if kind is not Kind.COUNT],
        *[(kind, True) for kind in Kind if kind is not Kind.FLAG],
        (Kind.COUNT, "3"),
        (Kind.COUNT, -1),
        (Kind.COUNT, 10**16),
        (Kind.FLAG, "true"),
        (Kind.CODE, " 0101"),
        (Kind.CODE, ""),
        (Kind.CODE, "X" * 71),
        (Kind.TEXT, "Used tyres"),
        (Kind.TEXT, "USED  TYRES"),
        (Kind.TEXT, "CAFE\u0301"),
        (Kind.TEXT, " "),
        *[
            (Kind.AMOUNT, text)
            for text in ("", "1e3", "1,5", "+1", "--1", "01", ".5", "1.", "NaN", "inf", "1.0000001")
        ],
        *[(Kind.RATIO, text) for text in ("1e3", "nan", "-inf", "٣", "1_000")],
        *[(Kind.DAY, text) for text in ("2026-02-30", "20260101", "2026-W01-1", "01.02.2026", "2026-1-1")],
    ],
)
def test_another_form_is_refused_with_the_form_that_is_expected(kind: Kind, literal: Any) -> None:
    with pytest.raises(LiteralError, match=r"\w{4}"):
        literal_value(kind, literal)


@given(st.decimals(min_value=0, max_value=10**11, places=6))
def test_amounts_lose_nothing(number: Any) -> None:
    assert literal_value(Kind.AMOUNT, f"{number:f}") == int(number.scaleb(6))
