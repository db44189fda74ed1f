"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tidewaiter.settings import Settings

__all__ = ["AsJson", "DataFolder", "Source", "settings_with"]

DataFolder = Annotated[
    Path | None,
    typer.Option("--data", help="Folder of all state. Default: ./tidewaiter-data, or TIDEWAITER_DATA."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object, for machines.")]
Source = Annotated[
    str | None,
    typer.Option("--source", help="The declaration system that the file comes from. Default: national."),
]


def settings_with(**given: object) -> Settings:
    """Return the settings, with what was *given* on the command line before the environment."""
    return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
