"""A loop goes on after a step that failed, and ends when it is told to."""

from __future__ import annotations

import threading
from collections.abc import Callable

from tidewaiter.core.errors import Unavailable
from tidewaiter.worker import Loop


def stepping(answers: list[bool | Exception], done: threading.Event) -> Callable[[], bool]:
    """Return a step that gives *answers* in turn, then says so."""
    left = iter(answers)

    def step() -> bool:
        answer = next(left, None)
        if answer is None:
            done.set()
            return False
        if isinstance(answer, Exception):
            raise answer
        return answer

    return step


def test_it_goes_on_at_once_while_there_is_more() -> None:
    done = threading.Event()
    with Loop("work", stepping([True] * 50, done), every_seconds=60):
        assert done.wait(5)


def test_it_goes_on_after_a_failure() -> None:
    done = threading.Event()
    with Loop("work", stepping([Unavailable("The store is busy.")] * 3, done), every_seconds=0.001):
        assert done.wait(5)


def test_it_stops_while_it_waits() -> None:
    done = threading.Event()
    with Loop("the loop of this test", stepping([], done), every_seconds=3600):
        assert done.wait(5)
    assert "the loop of this test" not in {thread.name for thread in threading.enumerate()}
