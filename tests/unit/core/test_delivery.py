"""Waits grow, differ among events, and end."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.core.delivery import PAUSE_MAX, WAITS, pause_after, wait_after


@given(st.integers(1, len(WAITS)), st.text(max_size=20))
def test_a_wait_is_at_least_the_scheduled_one_and_at_most_a_fifth_longer(failures: int, event: str) -> None:
    wait = wait_after(failures, event)
    assert wait is not None
    assert WAITS[failures - 1] <= wait <= 1.2 * WAITS[failures - 1]
    assert wait_after(failures, event) == wait


def test_after_more_than_three_days_a_person_decides() -> None:
    waits = [wait_after(failures, "event-1") for failures in range(1, len(WAITS) + 1)]
    assert sum((wait for wait in waits if wait is not None), timedelta()) > timedelta(days=3)
    assert wait_after(len(WAITS) + 1, "event-1") is None


def test_events_that_failed_together_do_not_come_back_together() -> None:
    assert len({wait_after(3, f"event-{number}") for number in range(100)}) == 100


def test_pauses_double_up_to_their_bound() -> None:
    assert [pause_after(n).total_seconds() for n in (1, 2, 3, 4)] == [1, 2, 4, 8]
    assert pause_after(10) == pause_after(1_000_000) == PAUSE_MAX
