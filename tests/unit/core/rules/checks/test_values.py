"""Sets of values against plain sets: every law is tried on every value of a small world."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.core.features.registry import Kind
from tidewaiter.core.rules.checks.values import (
    EVERY,
    NONE,
    Values,
    both,
    complement,
    one_of,
    prefixed,
    ray,
    universe,
)

WORLD = ["", "1", "11", "112", "12", "2", "21", "3", "\U0010ffff", "\U0010ffff1"]


def members(values: Values) -> list[str]:
    """Return the codes of the small world that belong to *values*, found without `both`."""
    return [
        code for code in WORLD if values.inside is not (sum(cut <= (code, 0) for cut in values.cuts) % 2 == 1)
    ]


some = st.lists(st.sampled_from(WORLD[1:]), max_size=4)


@given(some)
def test_an_enumeration_holds_exactly_its_codes(codes: list[str]) -> None:
    assert members(one_of(Kind.CODE, codes)) == [code for code in WORLD if code in codes]


@given(some)
def test_prefixes_hold_exactly_the_codes_that_begin_so(prefixes: list[str]) -> None:
    assert members(prefixed(prefixes)) == [code for code in WORLD if code.startswith(tuple(prefixes))]


@given(some, some)
def test_both_and_complement_are_those_of_sets(one: list[str], two: list[str]) -> None:
    left, right = prefixed(one), one_of(Kind.CODE, two)
    inside = [code for code in members(left) if code in members(right)]
    assert members(both(left, right)) == inside
    assert members(complement(left)) == [code for code in WORLD if code not in members(left)]
    assert both(left, complement(left)) == NONE
    assert both(left, EVERY) == left


def test_whole_numbers_have_no_gaps() -> None:
    assert one_of(Kind.COUNT, [1, 2, 3]) == both(
        ray(Kind.COUNT, 1, least=True), complement(ray(Kind.COUNT, 3, least=False))
    )
    above_two, from_three = ray(Kind.AMOUNT, 2, least=False), ray(Kind.AMOUNT, 3, least=True)
    assert above_two == from_three
    assert ray(Kind.RATIO, 2.0, least=False) != ray(Kind.RATIO, 3.0, least=True)
    assert both(universe(Kind.COUNT), complement(ray(Kind.COUNT, 0, least=True))) == NONE
    assert both(universe(Kind.FLAG), complement(one_of(Kind.FLAG, [True, False]))) == NONE
