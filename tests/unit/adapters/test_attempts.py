"""Attempts to sign in are counted by name and by address."""

from __future__ import annotations

from tidewaiter.adapters.attempts import MovingWindow


def test_a_name_is_admitted_ten_times_a_minute_wherever_it_is_tried() -> None:
    limit = MovingWindow()
    assert [limit.admits("anna", f"10.0.0.{n}") for n in range(12)] == [True] * 10 + [False] * 2
    assert limit.admits("ben", "10.0.0.1")


def test_an_address_is_admitted_thirty_times_a_minute_whatever_it_tries() -> None:
    limit = MovingWindow()
    assert [limit.admits(f"name{n}", "10.0.0.1") for n in range(32)] == [True] * 30 + [False] * 2
    assert limit.admits("name31", "10.0.0.2")


def test_what_an_address_is_refused_does_not_count_against_the_name() -> None:
    limit = MovingWindow(per_name=1, per_address=1)
    assert limit.admits("ben", "10.0.0.1")
    assert not limit.admits("anna", "10.0.0.1")
    assert limit.admits("anna", "10.0.0.2")
