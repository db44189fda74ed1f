"""Places in a text: lines and columns from 1, and the lines themselves with the place underlined."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import NamedTuple

from tidewaiter.core.errors import Fault

__all__ = ["Marked", "Span", "in_text", "line_and_column"]

#: Characters of a line that are shown around a fault.
_SHOWN_MAX = 100


class Span(NamedTuple):
    """A stretch of a text: offsets in characters, from 0, the end not included."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """A fault and the stretch of the text that it is about."""

    #: Its place is written ``line 1, column 14``.
    fault: Fault
    span: Span


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    r"""Return the line and the column, both from 1, of the character at *offset*.

    >>> line_and_column("ab\ncd", 4)
    (2, 2)
    """
    return text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1


def in_text(text: str, marked: Marked) -> str:
    """Return a fault with its line of *text*, the place underlined, and the hint, as compilers do."""
    number, column = line_and_column(text, marked.span.start)
    line = text.split("\n")[number - 1]
    first = max(0, column - 1 - _SHOWN_MAX // 2)
    shown = _visible(line[first : first + _SHOWN_MAX])
    before, here = column - 1 - first, max(1, min(marked.span.end, len(text)) - marked.span.start)
    # Wide characters take two columns of a terminal, and the mark has to stand below them.
    blanks = " " * _width(shown[:before])
    marks = "^" * max(1, _width(shown[before : before + here]))
    margin = " " * len(str(number))
    lines = [
        f"{marked.fault.place}: {marked.fault.message}",
        f"  {number} | {shown}",
        f"  {margin} | {blanks}{marks}",
    ]
    return "\n".join(lines if marked.fault.hint is None else [*lines, f"  {margin} = {marked.fault.hint}"])


def _visible(line: str) -> str:
    """Return *line* with one visible character for each that is not printable."""
    return "".join(char if char.isprintable() else " " if char.isspace() else "\ufffd" for char in line)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
