"""Golden texts: what people read is kept in files and compared word by word.

`WRITE_GOLDEN=1 pytest …` writes the files anew; the difference is then read like any other change.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from tidewaiter.core.errors import Fault

__all__ = ["faults_in_words", "golden"]

FOLDER = Path(__file__).parent


def faults_in_words(faults: Iterable[Fault]) -> str:
    """Return *faults* with all that people see of them: place, sentence, value, hint."""
    lines = []
    for fault in faults:
        lines.append(f"  {fault.place}: {fault.message}")
        lines += [] if fault.value is None else [f"    value: {fault.value}"]
        lines += [] if fault.hint is None else [f"    hint:  {fault.hint}"]
    return "\n".join([*lines, ""])


def golden(name: str, text: str) -> str:
    """Return what the golden file *name* holds, after writing *text* to it when that is asked for."""
    path = FOLDER / name
    if os.environ.get("WRITE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return path.read_text(encoding="utf-8") if path.exists() else ""
