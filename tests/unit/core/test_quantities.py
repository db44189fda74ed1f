from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.core.quantities import QuantityError, amount, canonical

PLAIN = st.from_regex(r"(0|[1-9][0-9]{0,11})(\.[0-9]{1,6})?", fullmatch=True)


@given(PLAIN)
def test_a_quantity_is_exactly_what_its_text_says(text: str) -> None:
    assert amount(text) == Decimal(text)


@given(PLAIN)
def test_a_quantity_has_one_form_in_text_and_in_digits(text: str) -> None:
    value = amount(text)
    assert str(value) == canonical(value) == canonical(Decimal(text))
    assert value.as_tuple() == amount(canonical(value)).as_tuple()


@pytest.mark.parametrize(
    "text", ["", "-1", "1e5", "1e400000", ".5", "5.", "01", "0.1234567", "9" * 19, "1" * 13 + ".123456"]
)
def test_a_quantity_that_is_not_plain_or_too_long_is_refused(text: str) -> None:
    with pytest.raises(QuantityError, match="at most 18 digits"):
        amount(text)


def test_the_largest_and_the_smallest_quantity_are_read() -> None:
    assert amount("9" * 18) == 10**18 - 1
    assert amount("9" * 12 + "." + "9" * 6) == Decimal("999999999999.999999")
    assert amount("0.000001") == Decimal("1E-6")
