"""A folder of selectivity tables with its mapping, made into content as text and a report of the rest.

The folder holds ``mapping.yaml``, ``criteria.csv``, and, when there are any, ``lists.csv`` and ``rates.csv``.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tidewaiter.adapters.formats.tabular.bad_rows import safe_cell
from tidewaiter.adapters.starter.load import Starter
from tidewaiter.adapters.starter.strict_yaml import BYTES_MAX, read_yaml
from tidewaiter.adapters.tables.rows import read_rows
from tidewaiter.core.errors import ConfigurationError, Fault
from tidewaiter.core.features.registry import Registry
from tidewaiter.core.profiles import NamedList, Profile
from tidewaiter.core.rules.tables.dialect import Dialect, read_dialect
from tidewaiter.core.rules.tables.named import NamedRow, Unmapped, named_rows
from tidewaiter.core.rules.tables.selectivity import (
    CRITERIA,
    CRITERIA_NEEDED,
    LISTS,
    Target,
    map_criteria,
    map_lists,
)
from tidewaiter.core.selection.rates import RATES, map_rates

__all__ = ["Brought", "read_selectivity", "write_report"]

_MAPPING: Final = "mapping.yaml"
#: Conditions of criteria, or entries of all lists together.
_ROWS_MAX: Final = 500_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What came of the tables."""

    profiles: Sequence[Profile]
    lists: Sequence[NamedList]
    #: The plan with the rates, as plain data; None: there is no table of rates.
    plan: Mapping[str, Any] | None
    #: What is left out, table by table.
    unmapped: Sequence[Unmapped]


def read_selectivity(folder: Path, registry: Registry, around: Starter, delimiter: str = ",") -> Brought:
    """Return what the tables in *folder* are here; lanes, checks, offices and plan are those of *around*.

    Raises ConfigurationError with every fault of the mapping, InputError for a table that cannot be read.
    """
    dialect, lanes = _dialect(folder / _MAPPING), around.lanes
    lists, unmapped = map_lists(_rows(folder, "lists.csv", LISTS, LISTS, delimiter), dialect, "lists.csv")
    target = Target(
        registry=registry, lanes=lanes.codes,
        stricter=[code for code in lanes.codes if lanes.order(code) > lanes.order(around.plan.release_lane)],
        checks=[check.code for check in around.checks],
        offices=list(around.plan.capacity.offices), lists={**around.rules.lists, **lists},
    )  # fmt: skip
    criteria = _rows(folder, "criteria.csv", CRITERIA_NEEDED, CRITERIA, delimiter, required=True)
    mapped = map_criteria(criteria, dialect, target, "criteria.csv")
    unmapped += mapped.unmapped
    plan = None
    if rates := _rows(folder, "rates.csv", ("lane",), RATES, delimiter):
        plan, left = map_rates(rates, dialect, around.lanes, around.bodies["plan"], "rates.csv")
        unmapped += left
    return Brought(profiles=mapped.profiles, lists=tuple(lists.values()), plan=plan, unmapped=tuple(unmapped))


def write_report(path: Path, unmapped: Iterable[Unmapped]) -> None:
    """Write what is left out as CSV, in which no cell becomes a formula."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(("table", "line", "what", "reason"))
        for each in unmapped:
            writer.writerow(
                [safe_cell(text) for text in (each.table, str(each.line), each.what, each.reason)]
            )


def _dialect(path: Path) -> Dialect:
    with path.open("rb") as file:
        sheet = read_yaml(file.read(BYTES_MAX + 1), path.name)
    faults: list[Fault] = []
    dialect = read_dialect(sheet.data, faults)
    if dialect is None:
        told = tuple(sheet.locate(fault) for fault in faults)
        raise ConfigurationError(f"{path.name} cannot be used; correct the places named here.", faults=told)
    return dialect


def _rows(
    folder: Path, name: str, needed: Collection[str], known: Collection[str], delimiter: str, *,
    required: bool = False,
) -> list[NamedRow]:  # fmt: skip
    """Return the rows of a table; none when it is not there and need not be."""
    path = folder / name
    if not required and not path.exists():
        return []
    rows = read_rows(path, delimiter, rows_max=_ROWS_MAX)
    return named_rows(rows, name, needed=needed, known=known)
