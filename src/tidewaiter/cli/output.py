"""What a command prints: words for people on the terminal, one JSON object for machines.

Exit codes: 0 done; 2 wrong use of a command; 3 done, with rows set aside or differences found;
4 not done, nothing changed.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from tidewaiter.core.errors import TidewaiterError

__all__ = ["Exit", "Output", "progress_bar"]


class Exit(IntEnum):
    """Exit codes."""

    DONE = 0
    USAGE = 2
    DONE_IN_PART = 3
    NOT_DONE = 4


class Output:
    """Where a command's outcome goes."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self._people = Console(highlight=False, soft_wrap=True)
        self._errors = Console(stderr=True, highlight=False, soft_wrap=True)

    def say(self, sentence: str) -> None:
        """Tell people; a machine reads only :meth:`result`."""
        if not self.as_json:
            self._people.print(sentence, markup=False)

    def warn(self, sentence: str) -> None:
        """Tell people on standard error."""
        self._errors.print(sentence, markup=False)

    def result(self, data: dict[str, Any]) -> None:
        """Print the outcome for a machine."""
        if self.as_json:
            sys.stdout.write(json.dumps(data, ensure_ascii=False, default=str) + "\n")

    def failure(self, error: TidewaiterError) -> None:
        """Print what is wrong, where, and what to do."""
        if self.as_json:
            faults = [
                {"code": f.code, "place": f.place, "message": f.message, "value": f.value, "hint": f.hint}
                for f in error.faults
            ]
            self.result({"error": {"code": error.code, "message": error.message, "faults": faults}})
        else:
            self.warn(str(error))


@contextmanager
def progress_bar(words: str, *, shown: bool) -> Iterator[Callable[[int, int], None]]:
    """Show progress on standard error when it is a terminal; yields a function of (done, of how many).

    A total of 0 means that it is not known.
    """
    console = Console(stderr=True)
    if not shown or not console.is_terminal:
        yield lambda _done, _total: None
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(words, total=None)

        def told(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total or None)

        yield told
