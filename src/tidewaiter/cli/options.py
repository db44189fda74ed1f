"""What several commands share: options, settings, the installation, who is at work."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import ValidationError

from tidewaiter.cli.importing_much import importing_much
from tidewaiter.settings import Settings

if TYPE_CHECKING:
    from tidewaiter.bootstrap import Installation
    from tidewaiter.flow.ports import Clock

__all__ = ["AsJson", "BreakGlass", "DataFolder", "Source", "opened", "operator", "settings_with"]

DataFolder = Annotated[
    Path | None,
    typer.Option("--data", help="Folder of all state. Default: ./tidewaiter-data, or TIDEWAITER_DATA."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object, for machines.")]
BreakGlass = Annotated[
    str | None,
    typer.Option(
        "--break-glass", help="Why it is done here, without a second person; whoever audits is told."
    ),
]
Source = Annotated[
    str | None,
    typer.Option("--source", help="The declaration system that the file comes from. Default: national."),
]


def settings_with(**given: object) -> Settings:
    """Return the settings, with what was *given* on the command line before the environment.

    A setting that is not valid is a wrong use of the command: exit code 2.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
        raise typer.BadParameter(
            f"{'; '.join(faults)}. Correct the option, or the variable TIDEWAITER_…"
        ) from None


def opened(
    settings: Settings,
    progress: Callable[[int, int], None] | None = None,
    clock: Clock | None = None,
) -> AbstractContextManager[Installation]:
    """Open the installation; its parts are imported now, so that ``--help`` does not wait for them."""
    with importing_much():
        from tidewaiter.bootstrap import installation

    return installation(settings, clock=clock, progress=progress)


def operator() -> str:
    """Return the name of who is at work; a container may have no name for its user, only a number."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"
