"""A decision table in a file, with its papers, made into profiles as text files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tidewaiter.adapters.starter.load import Starter
from tidewaiter.adapters.starter.strict_yaml import BYTES_MAX, Sheet, read_yaml
from tidewaiter.adapters.tables.rows import read_rows
from tidewaiter.core.errors import Fault, InputError
from tidewaiter.core.features.registry import Registry
from tidewaiter.core.profiles import Profile
from tidewaiter.core.rules.check import check_set, check_vocabulary
from tidewaiter.core.rules.tables.overlap import overlaps
from tidewaiter.core.rules.tables.profiles import profiles_of
from tidewaiter.core.rules.tables.table import read_table

__all__ = ["Decided", "read_decision_table", "read_papers"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What a decision table says."""

    profiles: Sequence[Profile]
    #: Rows of the table.
    rules: int
    #: Rows that repeat, lie within or contradict others; they refuse nothing.
    remarks: Sequence[Fault]


def read_decision_table(
    file: Path, papers: Path, registry: Registry, around: Starter, delimiter: str = ","
) -> Decided:
    """Return the profiles of the table in *file*, with the members that *papers* gives all of them.

    Lists, lanes and checks are those of *around*.  Raises InputError or ConfigurationError with every
    fault, its file, row and column.
    """
    sheet = read_papers(papers)
    rows = read_rows(file, delimiter)
    faults: list[Fault] = []
    table = read_table(rows, registry, around.rules.lists, file.name, faults)
    profiles = [] if table is None else profiles_of(table, sheet.data, file.name, faults)
    if not faults:
        faults += check_set(profiles, around.rules.lists.values(), registry)
        faults += check_vocabulary(
            profiles, lanes=around.lanes.codes, checks=[check.code for check in around.checks],
            offices=list(around.plan.capacity.offices),
        )  # fmt: skip
    if faults or table is None:
        raise InputError(f"{file.name} cannot be used; correct the places named here.", faults=tuple(faults))
    return Decided(profiles=profiles, rules=len(table.rules), remarks=overlaps(table, file.name))


def read_papers(file: Path) -> Sheet:
    """Return what all profiles of a table have in common; raises ConfigurationError."""
    with file.open("rb") as opened:
        sheet = read_yaml(opened.read(BYTES_MAX + 1), file.name)
    data: Any = sheet.data
    if not isinstance(data, dict):
        raise InputError(f"{file.name} holds the members of a profile, such as `owner: Valuation unit`.")
    return sheet
