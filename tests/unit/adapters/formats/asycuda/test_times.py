"""Dates as users' computers write them: one order a message, and no guess."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.adapters.formats.asycuda.times import date_order, iso_date
from tidewaiter.adapters.xml.draft import ValueFault


@pytest.mark.parametrize(
    ("texts", "day_first"),
    [
        (["8/24/16"], False),
        (["24/8/16"], True),
        (["3/4/26", "1/31/26"], False),
        (["3.4.2026"], True),
        (["3/4/26"], None),
        (["8/24/16", "24/8/16"], None),
        ([], None),
        (["2026-03-04", "x"], None),
    ],
)
def test_the_order_is_what_the_dates_show(texts: list[str], day_first: bool | None) -> None:
    assert date_order(texts, None) is day_first


def test_what_was_told_counts_only_where_the_dates_show_nothing() -> None:
    assert date_order(["3/4/26"], told=True) is True
    assert date_order(["8/24/16"], told=True) is False


@pytest.mark.parametrize(
    ("text", "iso"),
    [("2026-03-04", "2026-03-04"), ("2026-03-04T10:20:30", "2026-03-04"), ("5/5/26", "2026-05-05"),
     ("24/8/2016", "2016-08-24"), ("1/2/70", None), ("1/13/99", "1999-01-13")],
)  # fmt: skip
def test_a_date_that_is_one_day_is_read(text: str, iso: str | None) -> None:
    if iso is None:
        with pytest.raises(ValueFault):
            iso_date(text, None)
    else:
        assert iso_date(text, None) == iso


@given(st.dates(date(1970, 1, 1), date(2069, 12, 31)), st.booleans(), st.booleans())
def test_every_day_is_read_back_in_its_order(day: date, day_first: bool, short: bool) -> None:
    year = f"{day.year % 100:02}" if short else str(day.year)
    first, second = (day.day, day.month) if day_first else (day.month, day.day)
    assert iso_date(f"{first}/{second}/{year}", day_first) == day.isoformat()
