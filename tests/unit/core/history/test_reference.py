"""The reference: a distribution over 365 days that forgets, takes back, and falls back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.core.history.reference import Reference, Usual, distance, level_keys


def filled(values: list[tuple[int, int]]) -> Reference:
    """Return a reference with (day, step) values."""
    reference = Reference()
    for day, step in values:
        reference.add(day, step)
    return reference


def test_nine_values_say_too_little_and_ten_are_enough() -> None:
    reference = filled([(1, step) for step in range(9)])
    assert reference.usual(1, 0) is None
    reference.add(1, 9)
    assert reference.usual(1, 0) == Usual(0, 10, 4, 4)


def test_a_value_counts_for_365_days() -> None:
    reference = filled([(1, 50), *((100, 70) for _ in range(10))])
    assert reference.usual(365, 2) == Usual(2, 11, 70, 0)
    assert reference.usual(366, 2) == Usual(2, 10, 70, 0)
    assert reference.usual(465, 2) is None
    assert reference.usual(365, 2) == Usual(2, 11, 70, 0), "an earlier day can be read again"


def test_a_value_can_be_taken_back_on_its_day_only() -> None:
    reference = filled([(1, 50), (2, 60)])
    with pytest.raises(ValueError, match="BUG: a value that was not taken in on day 2"):
        reference.remove(2, 50)
    reference.remove(1, 50)
    with pytest.raises(ValueError, match="BUG"):
        reference.remove(1, 50)


def test_forgetting_frees_what_can_never_count_again() -> None:
    reference = filled([(1, 5) for _ in range(40)] + [(500, 9) for _ in range(10)])
    reference.forget(500)
    assert len(reference._days) == 10
    reference.remove(1, 5)
    reference.add(1, 5)
    assert reference.usual(500, 0) == Usual(0, 10, 9, 0)


values = st.lists(st.tuples(st.integers(1, 900), st.integers(0, 50)), min_size=5, max_size=120)


@given(values, st.lists(st.integers(0, 119)), st.lists(st.integers(0, 600), min_size=1, max_size=8))
def test_a_reference_equals_the_ranked_list_of_the_values_that_count(
    added: list[tuple[int, int]], taken_back: list[int], waits: list[int]
) -> None:
    reference, left, today = Reference(), [], 0
    for position, (day, step) in enumerate(added):
        today = max(today, day)
        reference.add(day, step)
        left.append((day, step))
        reference.forget(today)
        if position in taken_back:
            back = left.pop(position % len(left))
            reference.remove(*back)
        look = today + waits[position % len(waits)]
        ranked = sorted(step for day, step in left if day > look - 365)
        usual = reference.usual(look, 1)
        if len(ranked) < 10:
            assert usual is None
        else:
            last = len(ranked) - 1
            spread = ranked[3 * last // 4] - ranked[last // 4]
            assert usual == Usual(1, len(ranked), ranked[last // 2], spread)


def test_the_distance_is_negative_below_the_usual_and_measured_in_spreads() -> None:
    assert distance(100, Usual(0, 10, 100, 0)) == 0.0
    assert distance(90, Usual(0, 10, 100, 10)) == -1.349
    assert distance(109, Usual(0, 10, 100, 1)) == 9 * 1.349 / 3, "a tiny spread is taken as three steps"


def test_the_chain_begins_with_origin_and_ends_with_the_chapter() -> None:
    assert level_keys("6109100001", "CN") == ("610910CN", "610910", "6109", "61")
    assert level_keys("610910", None) == (None, "610910", "6109", "61")
