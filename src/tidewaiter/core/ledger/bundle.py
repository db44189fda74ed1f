"""The bundle: entries and checkpoints as lines of one file, to be read as a stream.

::

    tidewaiter-ledger 1
    1 <leaf hash, 64 hex digits> {"kind":"publication",…}
    2 <leaf hash, 64 hex digits> {"kind":"decision",…}
    checkpoint
    <the signed note, as C2SP has it, then an empty line>
    end 2 1

A checkpoint stands right after the entries that it covers.  The last line counts entries and
checkpoints.  A body is written as it is, because canonical JSON is one line; bytes that are not one
line of JSON (which only tampering leaves) as ``=`` and base64, a body that is gone as ``!``.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

__all__ = [
    "CHECKPOINT", "END", "HEADER", "MISSING", "checkpoint_lines", "end_line", "entry_line",
    "note_of", "notes",
]  # fmt: skip

#: First line: format and version.
HEADER: Final = b"tidewaiter-ledger 1\n"
#: The line before a signed note.
CHECKPOINT: Final = b"checkpoint\n"
#: First word of the last line.
END: Final = b"end"
#: Stands for a body that is gone.
MISSING: Final = b"!"
#: Lines of a note at most: text, blank line, and sixteen signatures or a few more.
_NOTE_LINES_MAX: Final = 64


def entry_line(position: int, leaf: bytes, body: bytes | None) -> bytes:
    """Return the line of an entry: its position from 1, its leaf hash, its body (None: it is gone)."""
    if body is None:
        body = MISSING
    elif not body.startswith(b"{") or b"\n" in body:
        body = b"=" + base64.b64encode(body)
    return b"%d %s %s\n" % (position, leaf.hex().encode(), body)


def checkpoint_lines(note: str) -> list[bytes]:
    """Return the lines of a checkpoint, each with its newline."""
    # Splitting at newlines alone: what else may end a line in text is no end of a line here.
    return [CHECKPOINT, *(line + b"\n" for line in note.encode().split(b"\n"))]


def end_line(entries: int, checkpoints: int) -> bytes:
    """Return the last line."""
    return b"%s %d %d\n" % (END, entries, checkpoints)


def note_of(lines: Iterator[bytes]) -> bytes | None:
    """Read one signed note, and the empty line after it, from *lines*.

    Returns None where the lines end before the note does, or it has more lines than a note has.
    """
    read: list[bytes] = []
    blanks = 0
    for line in lines:
        blanks += line == b"\n"
        if blanks == 2:
            return b"".join(read)
        read.append(line)
        if len(read) == _NOTE_LINES_MAX:
            break
    return None


def notes(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Iterate over signed notes that follow each other, each with an empty line after it.

    A last one that is not complete is left out: it was being written when the machine stopped.
    """
    source = iter(lines)
    for first in source:
        note = note_of(chain((first,), source))
        if note is None:
            return
        yield note
