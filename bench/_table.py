"""Tables for people, and the facts about a run that every table needs beside it."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping, Sequence
from typing import TypeAlias

__all__ = ["Cell", "command", "machine", "percentile", "print_table"]

Cell: TypeAlias = str | int | float | None


def print_table(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[Cell]], *, places: int = 2
) -> None:
    """Print *rows* aligned under *columns*: text to the left, numbers to the right with *places* decimals."""
    shown = [[_shown(cell, places) for cell in row] for row in rows]
    widths = [max(len(cell) for cell in column) for column in zip(columns, *shown, strict=True)]
    numbers = [any(isinstance(row[at], int | float) for row in rows) for at in range(len(columns))]
    print(f"\n{title}")
    for line in (columns, *shown):
        cells = [
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(line, widths, numbers, strict=True)
        ]
        print("  " + "  ".join(cells).rstrip())


def _shown(cell: Cell, places: int) -> str:
    if cell is None:
        return "-"
    if isinstance(cell, float):
        return f"{cell:,.{places}f}"
    return f"{cell:,}" if isinstance(cell, int) else cell


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the value below which *share* (0 to 1) of the *ordered* values lie; ValueError for none."""
    if not ordered:
        raise ValueError("there is nothing to take a percentile of")
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def machine() -> Mapping[str, str | int | float]:
    """Return what the figures depend on: processor count, load of others, versions."""
    return {
        "cores": os.cpu_count() or 1,
        "load_1min": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def command() -> str:
    """Return the command that repeats this run, from the folder of the checkout."""
    return " ".join(["python", os.path.relpath(sys.argv[0]), *sys.argv[1:]])
