"""Files of declarations and results: tables by a mapping, or one JSON message a line without one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, TypeVar

from tidewaiter.adapters.formats.json import read_control_result, read_declaration
from tidewaiter.adapters.formats.tabular import BadRow, Row, read_table, resolve_mapping
from tidewaiter.core.control import ControlResult
from tidewaiter.core.errors import Fault, InputError, UnreadableMessage

__all__ = ["read_declarations", "read_results"]

Message = TypeVar("Message")

#: A line longer than a message may be is not read into memory whole.
_LINE_MAX: Final = 1024 * 1024 + 2


def read_declarations(file: Path, mapping: str | None) -> Iterator[Row | BadRow]:
    """Return the declarations in *file*, with the results of a table's label columns.

    Raises InputError before any row when the file or the mapping cannot be used.
    """
    if mapping is not None:
        return read_table(file, resolve_mapping(mapping))
    lines = _lines(file, read_declaration)
    return (
        entry if isinstance(entry, BadRow) else Row(lines=(entry[0],), declaration=entry[1], results=())
        for entry in lines
    )


def read_results(file: Path, mapping: str | None) -> Iterator[ControlResult | BadRow]:
    """Return the control results in *file*."""
    if mapping is None:
        for entry in _lines(file, read_control_result):
            yield entry if isinstance(entry, BadRow) else entry[1]
        return
    for row in read_table(file, resolve_mapping(mapping)):
        if isinstance(row, BadRow):
            yield row
        else:
            yield from row.results


def _lines(file: Path, read: Callable[[bytes], Message]) -> Iterator[tuple[int, Message] | BadRow]:
    """Read one message a line; blank lines are passed over."""
    try:
        with file.open("rb") as stream:
            number = 0
            while line := stream.readline(_LINE_MAX):
                number += 1
                if len(line) == _LINE_MAX and not line.endswith(b"\n"):
                    while (rest := stream.readline(_LINE_MAX)) and not rest.endswith(b"\n"):
                        pass
                if line.strip():
                    yield _message(number, line.strip(), read)
    except OSError as error:
        raise InputError(f"{file} cannot be opened: {error.strerror or error}.") from error


def _message(number: int, line: bytes, read: Callable[[bytes], Message]) -> tuple[int, Message] | BadRow:
    try:
        return number, read(line)
    except UnreadableMessage as error:
        faults = error.faults or (Fault(code=error.code, place="", message=error.message),)
        return BadRow(line=number, faults=faults, cells=(line.decode("utf-8", "backslashreplace"),))
