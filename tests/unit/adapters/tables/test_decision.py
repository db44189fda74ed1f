"""A decision table becomes profiles that can be published, or every fault of it is named."""

from __future__ import annotations

import csv
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random  # noqa: TID251 - seeded: the same table in every run

import pytest

from tidewaiter.adapters.starter import load_starter
from tidewaiter.adapters.starter.folder import read_folder, write_part
from tidewaiter.adapters.starter.load import Starter
from tidewaiter.adapters.starter.paths import starter_folder
from tidewaiter.adapters.tables.decision import read_decision_table
from tidewaiter.core.errors import ConfigurationError, InputError
from tidewaiter.core.features import REGISTRY
from tidewaiter.core.rules.tables.profiles import ROWS_OF_A_PROFILE

PAPERS = """\
code: risky_goods
title: Goods of high risk
description: Goods and origins that the risk unit named.
owner: Valuation unit
risk_area: valuation
reference: Customs law
flows: [import]
level: national
valid_from: "2026-01-01"
valid_until: "2027-12-31"
lane: documents
share: "1"
checks: [check_valuation_method]
officer_text: Look at the goods.
unknown: undecided
"""


@pytest.fixture(scope="module")
def around() -> Starter:
    return load_starter(starter_folder(), REGISTRY)


def files(folder: Path, rows: Sequence[Sequence[str]], papers: str = PAPERS) -> tuple[Path, Path]:
    table, beside = folder / "goods.csv", folder / "goods.yaml"
    with table.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    beside.write_text(papers, "utf-8")
    return table, beside


def test_a_table_of_five_thousand_rows_becomes_profiles_that_can_be_brought(
    tmp_path: Path, around: Starter, capsys: pytest.CaptureFixture[str]
) -> None:
    random = Random(5)
    rows: list[Sequence[str]] = [
        ("hs_code", "origin", "unit_value_ratio", "lane", "share"), ("is", "is", "<", "", ""),
    ]  # fmt: skip
    for n in range(5000):
        country = random.choice(("CN", "VN;TH", "-"))
        rows.append((f"{100000 + n}", country, "0.5", random.choice(("documents", "scan")), "0.5"))
    table, papers = files(tmp_path, rows)
    begun = time.perf_counter()
    decided = read_decision_table(table, papers, REGISTRY, around)
    read = time.perf_counter() - begun
    write_part(tmp_path / "out", decided.profiles, (), REGISTRY)
    brought = read_folder(tmp_path / "out", REGISTRY, around.bodies)
    took = time.perf_counter() - begun
    with capsys.disabled():
        print(f"\n5,000 rows: read and compared in {read:.1f} s, written and judged in {took - read:.1f} s")  # noqa: T201 - the figure is asked for
    assert decided.rules == 5000
    assert 5000 / ROWS_OF_A_PROFILE <= len(decided.profiles) <= 150
    assert {profile.lane for profile in decided.profiles} == {"documents", "scan"}
    codes = {profile.code for profile in decided.profiles}
    assert codes < {each["code"] for each in brought["rules"]["profiles"]}
    assert read < 60


def test_every_fault_of_table_and_papers_is_told(tmp_path: Path, around: Starter) -> None:
    rows = [("origin", "lane"), ("is", ""), ("CN", "purple"), ("VN", "scan")]
    table, papers = files(tmp_path, rows)
    with pytest.raises(InputError) as caught:
        read_decision_table(table, papers, REGISTRY, around)
    assert "/profiles/risky_goods_1/lane: `purple` is not defined" in str(caught.value)
    table, papers = files(tmp_path, rows, PAPERS.replace("owner", "ownr").replace("purple", "scan"))
    with pytest.raises(InputError) as caught:
        read_decision_table(table, papers, REGISTRY, around)
    assert "goods.csv:3 /ownr: the key is not known here" in str(caught.value)


@pytest.mark.parametrize("papers", ["- a\n", "text\n", "", "a: &x 1\n"])
def test_papers_that_are_none_are_refused_in_words(tmp_path: Path, around: Starter, papers: str) -> None:
    table, beside = files(tmp_path, [("origin",), ("is",), ("CN",)], papers)
    with pytest.raises((InputError, ConfigurationError), match=r"goods\.yaml"):
        read_decision_table(table, beside, REGISTRY, around)


def test_a_table_that_cannot_be_used_writes_nothing(tmp_path: Path, around: Starter) -> None:
    table, papers = files(tmp_path, [("origin",), ("is",), ("=1",)])
    with pytest.raises(InputError, match="formula"):
        read_decision_table(table, papers, REGISTRY, around)
    assert not (tmp_path / "out").exists()
