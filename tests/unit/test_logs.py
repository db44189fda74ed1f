"""Logs tell people a sentence, machines an action, and nobody the value of a variable."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import structlog

from tidewaiter import logs


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def fail(secret: str) -> None:
    number = len(secret)
    raise ValueError("it failed" if number else "")


@pytest.mark.parametrize("as_json", [True, False])
def test_a_failure_is_logged_with_its_trace_and_without_values(
    as_json: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(as_json=as_json)
    try:
        fail("tw_abc_hidden")
    except ValueError as error:
        structlog.get_logger().error("A request failed.", action="request_failed", exc_info=error)
    told = capsys.readouterr().err
    assert "request_failed" in told
    assert "ValueError: it failed" in told
    assert "in fail" in told
    assert "hidden" not in told.replace('fail("tw_abc_hidden")', "").replace('fail(\\"tw_abc_hidden\\")', "")
    if as_json:
        entry = json.loads(told)
        assert (entry["event"], entry["level"]) == ("A request failed.", "error")
        assert entry["timestamp"].endswith("Z")


def test_what_is_below_the_level_is_not_logged(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(as_json=True, level="WARNING")
    structlog.get_logger().info("Nothing happened.")
    assert capsys.readouterr().err == ""
