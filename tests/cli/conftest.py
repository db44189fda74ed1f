"""The command line in this process, on tables of a small trade."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random  # noqa: TID251 - seeded: the same tables in every run
from typing import Any

import pytest
import structlog

from tidewaiter.cli import main

HEADER = (
    "Declaration ID", "Date", "Office ID", "Process Type", "Import Type", "Import Use", "Payment Type",
    "Mode of Transport", "Declarant ID", "Importer ID", "Seller ID", "Courier ID", "HS6 Code",
    "Country of Departure", "Country of Origin", "Tax Rate", "Tax Type", "Country of Origin Indicator",
    "Net Mass", "Item Price", "Fraud", "Critical Fraud",
)  # fmt: skip
HISTORY = 700
TODAY = 60


@dataclass(frozen=True)
class Told:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Return the one JSON object on standard output."""
        (line,) = self.out.splitlines()
        return json.loads(line)


Run = Callable[..., Told]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Run]:
    """Return a function that runs a command in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def command(*arguments: object) -> Told:
        monkeypatch.setattr("sys.argv", ["tidewaiter", *map(str, arguments)])
        capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        told = capsys.readouterr()
        return Told(code, told.out, told.err)

    yield command
    structlog.reset_defaults()


def rows(first: int, count: int, start: date, *, seed: int, labelled: bool = True) -> list[dict[str, object]]:
    """Return declarations of which some importers' and goods' are often irregular."""
    random, made = Random(seed), []
    for number in range(first, first + count):
        importer, heading = random.randrange(20), random.choice(("010121", "610910", "851713", "870323"))
        likely = 0.05 + 0.5 * (importer % 5 == 0) + 0.2 * (heading == "851713")
        row: dict[str, object] = {
            "Declaration ID": number, "Date": start + timedelta(days=(number - first) * 120 // max(count, 2)),
            "Office ID": 30, "Process Type": "B", "Import Type": 11, "Import Use": 21, "Payment Type": 11,
            "Mode of Transport": 10, "Declarant ID": f"DECL{random.randrange(5)}",
            "Importer ID": f"IMP{importer}", "Seller ID": f"SELL{random.randrange(9)}", "Courier ID": "",
            "HS6 Code": heading, "Country of Departure": "CN", "Country of Origin": "CN", "Tax Rate": "8.0",
            "Tax Type": "A", "Country of Origin Indicator": "G", "Net Mass": random.randrange(100, 200),
            "Item Price": random.randrange(1000, 90_000),
        }  # fmt: skip
        if labelled:
            row |= {"Fraud": int(random.random() < likely), "Critical Fraud": 0}
        made.append(row)
    return made


def write(path: Path, table: Sequence[dict[str, object]]) -> Path:
    """Write a table; the columns are those of its first row."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [name for name in HEADER if name in table[0]])
        writer.writeheader()
        writer.writerows(table)
    return path


def read(path: Path) -> list[dict[str, str]]:
    """Read a table."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """Return a table of the past, with results."""
    return write(tmp_path / "train.csv", rows(1, HISTORY, date(2026, 1, 5), seed=1))


@pytest.fixture
def today(tmp_path: Path) -> Path:
    """Return a table of the present, with the results that will be found."""
    return write(tmp_path / "today.csv", rows(10_001, TODAY, date(2026, 6, 1), seed=2))


@pytest.fixture(scope="session")
def trained_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data folder with a past and a model; to be copied."""
    folder = tmp_path_factory.mktemp("trained")
    table = write(folder / "train.csv", rows(1, HISTORY, date(2026, 1, 5), seed=1))
    with pytest.MonkeyPatch.context() as patch:
        for arguments in (["import", str(table), "--mapping", "kcs"], ["train"]):
            patch.setattr("sys.argv", ["tidewaiter", *arguments, "--data", str(folder / "data"), "--json"])
            with pytest.raises(SystemExit) as end:
                main()
            assert not end.value.code
    structlog.reset_defaults()
    return folder / "data"


@pytest.fixture
def data(trained_folder: Path, tmp_path: Path) -> Path:
    """Return a data folder of one's own with a past and a model."""
    shutil.copytree(trained_folder, tmp_path / "data")
    return tmp_path / "data"
