"""``tidewaiter read``: what a message says in the canonical form, what is wrong, what is left over."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from tidewaiter.cli.options import AsJson
from tidewaiter.cli.output import Exit, Output
from tidewaiter.core.declaration import Declaration
from tidewaiter.core.errors import Fault, UnreadableMessage

if TYPE_CHECKING:
    from tidewaiter.bootstrap import Envelope, Reading

__all__ = ["add_to"]

#: Stands for an office that neither the message nor the command names; told each time.
OFFICE_NOT_STATED: Final = "NOT-STATED"
#: No format reads more; the rest of a file is not loaded to be refused.
_BYTES_MAX: Final = 8 * 1024 * 1024


class Dates(StrEnum):
    """Which comes first in dates such as 3/4/26."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog="Example: tidewaiter read declaration.xml", help=read.__doc__)(read)


def read(
    files: Annotated[
        list[Path],
        typer.Argument(help="Messages, one a file.", exists=True, dir_okay=False, metavar="FILE..."),
    ],
    format_name: Annotated[
        str | None, typer.Option("--format", help="json, wco or asycuda. Default: as the message looks.")
    ] = None,
    office: Annotated[
        str | None, typer.Option("--office", help="Office of a message that names none.")
    ] = None,
    currency: Annotated[
        str | None, typer.Option("--currency", help="National currency, such as EUR; else as values show it.")
    ] = None,
    dates: Annotated[
        Dates | None, typer.Option("--dates", help="Order of dates that can be read as two days.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print the canonical form of messages: JSON, WCO declaration XML, or ASYCUDA World SAD XML.

    Each message gives one line of JSON. What could not be mapped, and what the message left open,
    is told on standard error, with line and path. A message that cannot be read gives its errors,
    each with place, value and what to do, and exit code 2; the others are printed all the same.
    An amendment that states only what changes is applied when its declaration stands before it.
    """
    from tidewaiter.bootstrap import FORMATS, Envelope

    if format_name is not None and format_name not in FORMATS:
        raise typer.BadParameter(f"there is no format {format_name}; there are {', '.join(FORMATS)}.")
    out = Output(as_json=as_json)
    known: dict[str, Declaration] = {}
    told: list[dict[str, Any]] = []
    failed = False
    for file in files:
        received = datetime.fromtimestamp(file.stat().st_mtime, UTC)
        envelope = Envelope(
            received_at=received,
            office=office or OFFICE_NOT_STATED,
            currency=currency,
            day_first=None if dates is None else dates is Dates.DAY_FIRST,
        )
        try:
            told.append({"file": str(file), **_told(file, envelope, format_name, known, out)})
        except UnreadableMessage as error:
            failed = True
            if not as_json:
                out.warn(f"{file}: {error}")
            told.append({"file": str(file), "error": _error(error)})
    out.result({"messages": told})
    if failed:
        raise typer.Exit(Exit.USAGE)


def _told(
    file: Path, envelope: Envelope, format_name: str | None, known: dict[str, Declaration], out: Output
) -> dict[str, Any]:
    """Read one file, print what it says for people, and return the same for machines."""
    from tidewaiter.bootstrap import amended, read_message, write_declaration

    with file.open("rb") as stream:
        body = stream.read(_BYTES_MAX)
    reading = read_message(body, envelope, format_name)
    declaration = reading.declaration
    amendment = reading.amendment
    if amendment is not None and amendment.kind == "amendment" and amendment.declaration_id in known:
        declaration = amended(known[amendment.declaration_id], amendment)
    said: dict[str, Any] = {"format": reading.format}
    if amendment is not None:
        said["amendment"] = asdict(amendment)
        line = json.dumps(said["amendment"] | {"format": reading.format}, ensure_ascii=False, sort_keys=True)
    if declaration is not None:
        known[declaration.id] = declaration
        line = write_declaration(declaration).decode()
        said["declaration"] = json.loads(line)
    if not out.as_json:
        sys.stdout.write(line + "\n")
        _tell_left_over(file, reading, out)
    said["not_mapped"] = [asdict(entry) for entry in reading.not_mapped]
    said["assumed"] = [asdict(entry) for entry in reading.assumed]
    return said


def _tell_left_over(file: Path, reading: Reading, out: Output) -> None:
    for entry in reading.assumed:
        out.warn(f"{file}: {entry.field} is taken to be {entry.value}. {entry.hint}")
    if reading.not_mapped:
        out.warn(f"{file}: {len(reading.not_mapped)} elements are not in the canonical form:")
    for left in reading.not_mapped:
        number = "" if left.element is None else f" [{left.element}]"
        out.warn(f"  line {left.line}, {left.path}{number} = {left.value!r}: {left.reason}")


def _error(error: UnreadableMessage) -> dict[str, Any]:
    return {"code": error.code, "message": error.message, "faults": [_fault(fault) for fault in error.faults]}


def _fault(fault: Fault) -> dict[str, str | None]:
    return {name: getattr(fault, name) for name in ("code", "place", "message", "value", "hint")}
