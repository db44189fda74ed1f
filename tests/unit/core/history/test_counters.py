"""Counters: any window of days, and exact retraction."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.core.history.counters import Counter, Track


def test_a_new_counter_has_counted_nothing() -> None:
    counter = Counter()
    assert (counter.total, counter.first_day, counter.since(0), counter.counts((2, 1))) == (
        0,
        None,
        0,
        [0, 0, 0],
    )


def test_a_window_of_seven_days_ends_with_today_and_begins_six_days_before() -> None:
    counter = Counter()
    for day in (93, 94, 95, 100):
        counter.add(day)
    assert counter.window(100, 7) == 3
    assert counter.window(100, 1) == 1
    assert counter.window(101, 7) == 2
    assert counter.window(107, 7) == 0


def test_what_is_taken_back_on_an_old_day_is_gone_from_every_window() -> None:
    counter = Counter()
    counter.add(10)
    counter.add(10)
    counter.add(40)
    counter.add(10, -1)
    assert (counter.total, counter.window(40, 31), counter.window(40, 30)) == (2, 2, 1)
    counter.add(10, -1)
    assert (counter.total, counter.first_day) == (1, 40)


def test_a_count_on_a_day_before_the_first_moves_the_first_day() -> None:
    counter = Counter()
    counter.add(40)
    counter.add(10, 5)
    assert (counter.first_day, counter.since(11), counter.total) == (10, 1, 6)


def test_taking_back_more_than_was_counted_is_a_programmers_fault() -> None:
    counter = Counter()
    counter.add(10)
    with pytest.raises(ValueError, match="BUG: more was taken back on day 11"):
        counter.add(11, -1)


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 3)), max_size=30),
    st.lists(st.integers(0, 29)),
    st.lists(st.integers(0, 45), min_size=1, max_size=4).map(lambda days: sorted(days, reverse=True)),
)
def test_a_counter_equals_the_sum_over_what_was_added_and_not_taken_back(
    added: list[tuple[int, int]], taken_back: list[int], starts: list[int]
) -> None:
    counter = Counter()
    for day, amount in added:
        counter.add(day, amount)
    left = list(added)
    for position in taken_back:
        if position < len(left):
            day, amount = left.pop(position)
            counter.add(day, -amount)
    expected = [sum(amount for day, amount in left if day >= start) for start in (*starts, 0)]
    assert counter.counts(tuple(starts)) == expected
    assert counter.first_day == min((day for day, amount in left if amount), default=None)


def test_a_track_reads_declared_age_inspected_and_irregular() -> None:
    track = Track()
    for day in (1, 300, 399, 400):
        track.add(day)
    track.add_result(200, 1, irregular=True)
    track.add_result(399, 1, irregular=False)
    track.add_duty(200, 7_500_000)
    starts, result_starts = (400 - 6, 400 - 364), (400 - 89, 400 - 364)
    assert track.reading(starts, result_starts, 400) == [2, 3, 4, 399, 1, 2, 2, 0, 1, 1]
    assert (track.duty_found(400), track.duty_found(400, 90), track.duty_found(400, 365)) == (
        7_500_000,
        0,
        7_500_000,
    )


def test_a_track_without_results_reads_zeros_and_no_age_when_nothing_was_declared() -> None:
    assert Track().reading((1,), (1, 2), 400) == [0, 0, None, 0, 0, 0, 0, 0, 0]
    assert Track().duty_found(400) == 0


def test_results_that_are_taken_back_leave_nothing() -> None:
    track = Track()
    for sign in (1, -1):
        track.add_result(5, sign, irregular=True)
        track.add_duty(5, sign * 100)
    assert track.reading((), (0, 0), 5) == [0, None, 0, 0, 0, 0, 0, 0]
    assert track.duty_found(5) == 0
