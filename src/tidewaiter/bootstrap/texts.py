"""Content as text: folders that people keep, and tables that are made into such folders."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tidewaiter.adapters.starter import load_starter
from tidewaiter.adapters.starter.folder import read_folder, write_folder, write_part
from tidewaiter.adapters.starter.paths import starter_folder
from tidewaiter.adapters.tables.decision import Decided, read_decision_table
from tidewaiter.adapters.tables.selectivity import Brought, read_selectivity, write_report
from tidewaiter.core.features import REGISTRY
from tidewaiter.core.profiles import NamedList, Profile
from tidewaiter.settings import Settings

__all__ = [
    "decision_table",
    "read_content",
    "selectivity",
    "write_content",
    "write_part_of_content",
    "write_selectivity",
]


def read_content(folder: Path, published: Mapping[str, Any], *, whole: bool) -> Mapping[str, Any]:
    """Return the content that *folder* makes of what is published; raises ConfigurationError."""
    return read_folder(folder, REGISTRY, published, whole=whole)


def write_content(folder: Path, bodies: Mapping[str, Any], *, replace: bool) -> int:
    """Write a content as text files; return how many.  Raises Conflict for a folder that holds something."""
    return write_folder(folder, bodies, REGISTRY, replace=replace)


def write_part_of_content(
    folder: Path, profiles: Iterable[Profile], lists: Iterable[NamedList], *, replace: bool
) -> int:
    """Write profiles and lists as text files; return how many.  Raises Conflict as `write_content` does."""
    return write_part(folder, profiles, lists, REGISTRY, replace=replace)


def selectivity(settings: Settings, folder: Path, delimiter: str) -> Brought:
    """Return what the selectivity tables in *folder* are beside the content of the starter folder."""
    around = load_starter(settings.starter or starter_folder(), REGISTRY)
    return read_selectivity(folder, REGISTRY, around, delimiter)


def write_selectivity(folder: Path, brought: Brought, *, replace: bool) -> int:
    """Write what selectivity tables are here, and a report of what they are not; return how many files."""
    count = write_part(folder, brought.profiles, brought.lists, REGISTRY, plan=brought.plan, replace=replace)
    write_report(folder / "unmapped.csv", brought.unmapped)
    return count


def decision_table(settings: Settings, file: Path, papers: Path, delimiter: str) -> Decided:
    """Return what a decision table says beside the content of the starter folder; raises InputError."""
    around = load_starter(settings.starter or starter_folder(), REGISTRY)
    return read_decision_table(file, papers, REGISTRY, around, delimiter)
