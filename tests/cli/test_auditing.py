"""The audit of draws at the command line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from tests.cli.conftest import Run, rows, write


def test_the_draws_of_a_file_are_audited_against_the_list(run: Run) -> None:
    table = rows(1, 41, date(2026, 6, 1), seed=1, labelled=False)
    write(Path("today.csv"), table[:-1])
    assert run("assess", "today.csv", "--mapping", "kcs", "--out", "out.csv").code == 0
    told = run("audit", "draws", "--epoch", "0", "--declarations", "today.csv", "--mapping", "kcs")
    assert told.code == 0, told.out
    assert "40 declarations listed, 40 decisions" in told.out
    assert "0 findings" in told.out
    assert "By office" in told.out
    write(Path("more.csv"), table)
    told = run("audit", "draws", "--epoch", "0", "--declarations", "more.csv", "--mapping", "kcs", "--json")
    assert told.code == 3
    assert [finding["code"] for finding in told.json["findings"]] == ["no-draw"]


def test_an_epoch_that_there_is_not_cannot_be_audited(run: Run) -> None:
    write(Path("today.csv"), rows(1, 2, date(2026, 6, 1), seed=1, labelled=False))
    told = run("audit", "draws", "--epoch", "4", "--declarations", "today.csv", "--mapping", "kcs")
    assert told.code == 4
    assert "no epoch 4" in told.err
