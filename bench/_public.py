"""The public import declarations of the Korea Customs Service: where they are, and read with results."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tidewaiter.adapters.formats.tabular import Row, read_table, resolve_mapping
from tidewaiter.core.control import ControlResult
from tidewaiter.core.declaration import Declaration
from tidewaiter.core.features import FeatureVector
from tidewaiter.core.learning.labels import Example, example_of
from tidewaiter.core.times import day_of, end_of_day

__all__ = ["VARIABLE", "Labelled", "add_data_argument", "example", "find_data", "read_year"]

VARIABLE = "TIDEWAITER_PUBLIC_DATA"
FILES = ("train.csv", "valid.csv")
WHERE = (
    "The data are public (MIT): repository Seondong/Customs-Declaration-Datasets on GitHub, of the paper "
    "'Customs Import Declaration Datasets', arXiv 2208.02484. "
    f"Name the folder that holds {' and '.join(FILES)} "
    f"as the argument, or in {VARIABLE}."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A declaration with the result that belongs to it."""

    declaration: Declaration
    result: ControlResult
    #: The result carries only a date: it is known at the end of that day.
    known_at: datetime

    @property
    def irregular(self) -> bool:
        """Whether the control found anything."""
        return self.result.irregular

    @property
    def critical(self) -> bool:
        """Whether what was found is of consequence."""
        return any(finding.element == "critical_fraud" for finding in self.result.findings)


def add_data_argument(parser: argparse.ArgumentParser) -> None:
    """Let *parser* take the folder of the data."""
    parser.add_argument(
        "folder", nargs="?", type=Path, help=f"folder with {' and '.join(FILES)} (default: ${VARIABLE})"
    )


def find_data(folder: Path | None) -> Path | None:
    """Return the folder of the data, or None when none is named; end the run when it lacks a file."""
    named = folder or (Path(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else None)
    if named is None:
        print(f"Passed over: no folder of data is named. {WHERE}")
        return None
    missing = [name for name in FILES if not (named / name).is_file()]
    if missing:
        print(f"{named} lacks {' and '.join(missing)}. {WHERE}", file=sys.stderr)
        raise SystemExit(2)
    return named


def read_year(file: Path) -> list[Labelled]:
    """Return the labelled declarations in *file*, in the order of lodging."""
    rows = [row for row in read_table(file, resolve_mapping("kcs")) if isinstance(row, Row)]
    found = [
        Labelled(
            declaration=row.declaration,
            result=row.results[0],
            known_at=end_of_day(row.results[0].ended_at.date()),
        )
        for row in rows
    ]
    return sorted(found, key=lambda entry: entry.declaration.lodged_at)


def example(entry: Labelled, vector: FeatureVector, **selection: float | bool | None) -> Example:
    """Return what the result of *entry* teaches; *vector* is as of its lodging."""
    made = example_of(
        entry.result,
        entry.declaration,
        vector,
        lodged_day=day_of(entry.declaration.lodged_at),
        known_day=day_of(entry.known_at),
        **selection,  # type: ignore[arg-type]
    )
    if made is None:
        raise ValueError(f"BUG: the result of {entry.declaration.id} is inconclusive")
    return made
