"""Deadlines and breakers: what is let through, and when."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.core.deadline import FAILURES, PROBE_SECONDS, WINDOW_SECONDS, Breaker, Deadline


def test_a_deadline_never_has_less_than_nothing_left() -> None:
    deadline = Deadline(at=10.0)
    assert deadline.left(9.5) == 0.5
    assert deadline.left(11.0) == 0.0


def opened(at: float = 0.0) -> Breaker:
    breaker = Breaker()
    for _ in range(FAILURES):
        assert breaker.allows(at)
        breaker.failed(at)
    return breaker


def test_too_many_failures_open_it_and_a_probe_goes_every_two_seconds() -> None:
    breaker = opened(100.0)
    assert breaker.open
    assert not breaker.allows(100.0 + PROBE_SECONDS - 0.01)
    assert breaker.allows(100.0 + PROBE_SECONDS)
    assert not breaker.allows(100.0 + PROBE_SECONDS + 0.01)
    breaker.failed(102.5)
    assert breaker.allows(100.0 + 2 * PROBE_SECONDS)


def test_a_success_closes_it_and_forgets_the_failures() -> None:
    breaker = opened()
    breaker.succeeded()
    assert not breaker.open
    for _ in range(FAILURES - 1):
        breaker.failed(1.0)
    assert breaker.allows(1.0)


def test_failures_that_are_far_apart_do_not_open_it() -> None:
    breaker = Breaker()
    for number in range(20):
        breaker.failed(number * WINDOW_SECONDS / (FAILURES - 2))
        assert not breaker.open


@given(st.lists(st.tuples(st.floats(0.001, 3.0), st.booleans()), max_size=60))
def test_an_open_breaker_lets_through_at_most_one_in_two_seconds(steps: list[tuple[float, bool]]) -> None:
    breaker, now, last_probe = Breaker(), 0.0, None
    for wait, good in steps:
        now += wait
        was_open = breaker.open
        if not breaker.allows(now):
            assert was_open
            continue
        if was_open:
            assert last_probe is None or now - last_probe >= PROBE_SECONDS
            last_probe = now
        if good:
            breaker.succeeded()
            last_probe = None
            assert not breaker.open
        else:
            breaker.failed(now)
