"""``tidewaiter import``: history with results, from a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Annotated, TypeAlias, TypeVar

import typer

from tidewaiter.bootstrap import BadRow, installation, read_declarations, write_bad_rows
from tidewaiter.cli.options import AsJson, DataFolder, Source, settings_with
from tidewaiter.cli.output import Exit, Output, progress_bar
from tidewaiter.flow.import_history import PastDeclaration

__all__ = ["add_to", "bad_rows_path", "bad_rows_words", "good_rows"]

Good = TypeVar("Good")
Progress: TypeAlias = Callable[[int, int], None]


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "import", epilog="Example: tidewaiter import train.csv --mapping kcs", help=import_history.__doc__
    )(import_history)


def import_history(
    file: Annotated[
        Path, typer.Argument(help="A table: .csv, .parquet or .xlsx.", exists=True, dir_okay=False)
    ],
    mapping: Annotated[
        str, typer.Option("--mapping", help="Name of a mapping, or the path of a mapping file.")
    ],
    data: DataFolder = None,
    source: Source = None,
    as_json: AsJson = False,
) -> None:
    """Import declarations of the past with their control results.

    Rows that cannot be read are set aside in a file beside the table, with line, column, value and
    reason; all other rows are imported. Importing the same file again changes nothing.
    """
    settings = settings_with(data=data, source=source)
    out = Output(as_json=as_json)
    bad: list[BadRow] = []
    with installation(settings) as here, progress_bar(f"Reading {file.name}", shown=not as_json) as progress:
        past = (
            PastDeclaration(declaration=row.declaration, results=row.results)
            for row in good_rows(read_declarations(file, mapping), bad, progress)
        )
        done = here.import_history(settings.source, past)
    beside = bad_rows_path(file, Path.cwd())
    if bad:
        write_bad_rows(beside, bad)
        out.warn(bad_rows_words(bad, beside))
    out.say(f"Imported {done.declarations:,} declarations with {done.results:,} control results.")
    if done.known:
        out.say(f"{done.known:,} declarations were known before and were passed over.")
    out.result(
        {
            "declarations": done.declarations, "results": done.results, "known": done.known,
            "bad_rows": len(bad), "bad_rows_file": str(beside) if bad else None,
        }
    )  # fmt: skip
    if bad:
        raise typer.Exit(Exit.DONE_IN_PART)


def good_rows(rows: Iterable[Good | BadRow], bad: list[BadRow], progress: Progress) -> Iterator[Good]:
    """Yield what could be read; put the rows that could not into *bad*."""
    for count, row in enumerate(rows, 1):
        if isinstance(row, BadRow):
            bad.append(row)
        else:
            yield row
        if count % 500 == 0:
            progress(count, 0)


def bad_rows_words(bad: list[BadRow], beside: Path) -> str:
    """Return the sentence on rows that were set aside."""
    return f"{len(bad)} rows could not be read; {beside} lists them with line, column, value and reason."


def bad_rows_path(file: Path, folder: Path) -> Path:
    """Return where the bad rows of *file* are listed: in the current folder, never over the table."""
    return folder / f"{file.stem}.bad-rows.csv"
