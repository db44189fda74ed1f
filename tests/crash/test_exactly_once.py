"""Copies of messages in any order, to several processes on one PostgreSQL database: one decision each."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.sql_stores import *  # noqa: F403 - fixtures are found by their names
from tidewaiter.bootstrap import installation
from tidewaiter.flow.administer import Scope
from tidewaiter.settings import Settings

ROOT = Path(__file__).parents[2]
MESSAGES = 100


def run(database: str, *arguments: str) -> tuple[int, dict[str, Any]]:
    """Run the benchmark; return its exit code and its figures."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "bench/exactly_once.py"), "--database", database, "--json", *arguments],
        capture_output=True, text=True, check=False, cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
    )  # fmt: skip
    figures: dict[str, Any] = json.loads(done.stdout)
    return done.returncode, figures


def test_each_message_gets_one_decision_and_one_answer(postgresql_url: str) -> None:
    code, found = run(postgresql_url, "--messages", str(MESSAGES), "--copies", "6", "--servers", "2")
    assert (code, found["faults"]) == (0, [])
    assert found["decisions"] == MESSAGES
    assert found["answered_before"] == found["sent"] - MESSAGES > MESSAGES


def test_the_check_would_show_an_answer_that_was_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(ROOT / "bench")
    bench = importlib.import_module("exactly_once")
    with installation(Settings(data=tmp_path)) as here:
        here.services.administration.add_key("port", here.settings.source, frozenset(Scope))
        tally = bench.Tally(servers=1, messages=1, answers={"m1-1": {"0" * 64, "1" * 64}})
        found = list(bench.faults_in(here, tally))
    assert "0 decisions for 1 messages" in found
    assert "m1-1: 2 different answers, and none is kept" in found
