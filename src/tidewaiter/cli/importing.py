"""``tidewaiter import``: history with results, from a table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias, TypeVar

import typer

from tidewaiter.cli.options import AsJson, DataFolder, Source, opened, settings_with
from tidewaiter.cli.output import Exit, Output, progress_bar
from tidewaiter.flow.import_history import PastDeclaration

if TYPE_CHECKING:
    from tidewaiter.bootstrap.tables import BadRow

__all__ = ["add_to", "good_rows", "set_aside"]

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

    Rows that cannot be read are set aside in a file of the current folder, with line, column, value
    and reason; all other rows are imported. Importing the same file again changes nothing.
    """
    from tidewaiter.bootstrap.tables import read_declarations

    settings = settings_with(data=data, source=source)
    out = Output(as_json=as_json)
    bad: list[BadRow] = []
    with opened(settings) as here, progress_bar(f"Reading {file.name}", shown=not as_json) as progress:
        past = (
            PastDeclaration(declaration=row.declaration, results=row.results)
            for row in good_rows(read_declarations(file, mapping), bad, progress)
        )
        done = here.import_history(settings.source, past)
    beside = set_aside(bad, file, out)
    out.say(f"Imported {done.declarations:,} declarations with {done.results:,} control results.")
    if done.known:
        out.say(f"{done.known:,} declarations were known before and were passed over.")
    out.result(
        {
            "declarations": done.declarations, "results": done.results, "known": done.known,
            "bad_rows": len(bad), "bad_rows_file": None if beside is None else str(beside),
        }
    )  # fmt: skip
    if bad:
        raise typer.Exit(Exit.DONE_IN_PART)


def good_rows(rows: Iterable[Good | BadRow], bad: list[BadRow], progress: Progress) -> Iterator[Good]:
    """Yield what could be read; put the rows that could not into *bad*."""
    from tidewaiter.bootstrap.tables import BadRow

    for count, row in enumerate(rows, 1):
        if isinstance(row, BadRow):
            bad.append(row)
        else:
            yield row
        if count % 500 == 0:
            progress(count, 0)


def set_aside(bad: list[BadRow], file: Path, say: Output) -> Path | None:
    """Write the bad rows of *file* beside nobody's table: in the current folder; return where, if any.

    The file of an earlier run is removed, so that nobody takes its rows for these.
    """
    from tidewaiter.bootstrap.tables import write_bad_rows

    beside = Path.cwd() / f"{file.stem}.bad-rows.csv"
    write_bad_rows(beside, bad)
    if not bad:
        return None
    say.warn(f"{len(bad)} rows could not be read; {beside} lists them with line, column, value and reason.")
    return beside
