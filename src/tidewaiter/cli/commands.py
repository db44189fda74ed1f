"""The command line's commands, in the order of the flow."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from tidewaiter import __version__, logs
from tidewaiter.cli import (
    administering,
    assessing,
    auditing,
    ceremony,
    erasing,
    exchanging,
    importing,
    keeping,
    learning,
    people,
    profiling,
    proving,
    reading,
    ruling,
    serving,
    standing_in,
    subscribing,
)
from tidewaiter.cli.output import Exit, Output
from tidewaiter.core.errors import TidewaiterError, Unavailable

__all__ = ["app", "main"]

app = typer.Typer(
    name="tidewaiter",
    help="Risk management for customs: a lane, instructions and reasons for each declaration.",
    epilog="Exit codes: 0 done; 2 wrong use; 3 done, with rows set aside or differences; 4 not done.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for part in (
    reading,
    importing,
    learning,
    assessing,
    serving,
    administering,
    ruling,
    profiling,
    exchanging,
    people,
    subscribing,
    ceremony,
    standing_in,
    proving,
    auditing,
    erasing,
    keeping,
):
    part.add_to(app)


@app.callback(invoke_without_command=True)
def common(
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Log to standard error what happens.")] = False,
) -> None:
    """Risk management for customs: a lane, instructions and reasons for each declaration."""
    logs.configure(as_json=not sys.stderr.isatty(), level="INFO" if verbose else "WARNING")
    if version:
        typer.echo(__version__)
        raise typer.Exit


def main() -> None:
    """Run the command line; an error of ours or of a file is told in words, with exit code 4."""
    try:
        app()
    except TidewaiterError as error:
        told = error
    except OSError as error:
        where = "" if error.filename is None else f"{error.filename}: "
        told = Unavailable(f"{where}{error.strerror or error}.")
    else:
        return
    Output(as_json="--json" in sys.argv).failure(told)
    raise SystemExit(Exit.NOT_DONE)
