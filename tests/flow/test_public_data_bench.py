"""The benchmarks on the public data: they run, they say where the data are, and repeat themselves."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

BENCH = Path(__file__).parents[2] / "bench"
SCRIPTS = ("public_data.py", "weekly_loop.py")
HEADER = (
    "Declaration ID", "Date", "Office ID", "Process Type", "Import Type", "Import Use", "Payment Type",
    "Mode of Transport", "Declarant ID", "Importer ID", "Seller ID", "Courier ID", "HS6 Code",
    "Country of Departure", "Country of Origin", "Tax Rate", "Tax Type", "Country of Origin Indicator",
    "Net Mass", "Item Price", "Fraud", "Critical Fraud",
)  # fmt: skip


def run(script: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a benchmark as a reader of its first lines would."""
    kept = {name: value for name, value in os.environ.items() if name != "TIDEWAITER_PUBLIC_DATA"}
    return subprocess.run(
        [sys.executable, str(BENCH / script), *arguments],
        capture_output=True, text=True, check=False, cwd=BENCH.parent,
        env={**kept, "PYTHONPATH": "src", "OMP_NUM_THREADS": "1", **environment},
    )  # fmt: skip


def write(file: Path, first: date, days: int, seed: int) -> None:
    """Write made-up declarations in the form of the public data, ten a day; two thirds repeat a few goods."""
    rng = np.random.default_rng(seed)
    pool = np.random.default_rng(0)
    goods = [
        (f"{pool.integers(10, 60)}0110", pool.choice(["CN", "NA", "US"]), pool.choice(["CN", "US"]),
         pool.choice(["0.0", "8.0"]), f"{pool.integers(1, 4000)}.5", pool.random() < 0.25)
        for _ in range(60)
    ]  # fmt: skip
    with file.open("w", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(HEADER)
        for number in range(days * 10):
            hs, departure, origin, rate, mass, bad = goods[int(rng.integers(len(goods)))]
            if rng.random() < 0.33:
                mass, bad = f"{rng.integers(1, 9000)}.25", rng.random() < 0.25
            rows.writerow([
                seed * 100_000 + number, first + timedelta(days=number // 10),
                "40", "B", "11", "21", "11", "10", f"D{number % 5}", f"I{number % 20}", "", "", hs,
                departure, origin, rate, "A", "Y", mass, float(mass) * 30, int(bad), int(bad),
            ])  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("public")
    write(made / "train.csv", date(2020, 1, 1), 40, 1)
    write(made / "valid.csv", date(2020, 2, 10), 10, 2)
    return made


@pytest.mark.parametrize("script", SCRIPTS)
def test_without_data_it_says_where_they_can_be_had_and_goes_on(script: str) -> None:
    done = run(script)
    assert done.returncode == 0
    for word in ("Customs-Declaration-Datasets", "2208.02484", "TIDEWAITER_PUBLIC_DATA", "train.csv"):
        assert word in done.stdout


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_folder_without_the_files_is_an_error_that_names_them(script: str, tmp_path: Path) -> None:
    done = run(script, TIDEWAITER_PUBLIC_DATA=str(tmp_path))
    assert done.returncode == 2
    assert f"{tmp_path} lacks train.csv and valid.csv" in done.stderr


def test_public_data_puts_the_baselines_beside_ours(folder: Path) -> None:
    done = run("public_data.py", str(folder), "--batch", "50", "--json")
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    assert [row["method"] for row in told["rows"]] == ["ours", "dictionary", "HS6 rate", "logistic", "recipe"]
    assert told["command"].startswith("python bench/public_data.py")
    for row in told["rows"]:
        for part in ("whole", "new_goods"):
            for figure in row[part].values():
                assert figure["low"] <= figure["value"] <= figure["high"]
    ours, dictionary = told["rows"][:2]
    assert ours["whole"]["auc"]["value"] > 0.6
    assert dictionary["new_goods"]["auc"]["value"] == 0.5
    assert ours["training_cpu_s"] > 0.0


def test_the_weekly_loop_learns_from_its_picks_only(folder: Path) -> None:
    policies = ("ours", "dictionary", "random")
    done = run(
        "weekly_loop.py", str(folder), "--share", "0.2", "--policy", *policies, "--json", "--jobs", "1"
    )
    assert done.returncode == 0, done.stderr
    rows = {row["policy"]: row for row in json.loads(done.stdout)["rows"]}
    assert tuple(rows) == policies
    assert len({row["picks"] for row in rows.values()}) == 1
    assert len({row["irregular"] for row in rows.values()}) == 1
    assert rows["random"]["explored_precision"] is None
    assert rows["ours"]["explored_precision"] is not None
    assert rows["ours"]["precision"] > rows["random"]["precision"]


def test_the_table_for_people_ends_with_how_to_repeat_it(folder: Path) -> None:
    done = run("weekly_loop.py", str(folder), "--share", "0.1", "--policy", "random", "--jobs", "1")
    assert done.returncode == 0, done.stderr
    assert "The weekly loop: only picks are labelled" in done.stdout
    assert f"repeat: python bench/weekly_loop.py {folder} --share 0.1 --policy random --jobs 1" in done.stdout
