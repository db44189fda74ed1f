"""The tables of settings in the guide to mappings, rendered from the models that read mappings.

``python -m tidewaiter.adapters.formats.tabular.reference docs/howto/bring-your-own-table.md``
renews the tables between the marks of the page.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import BaseModel

from tidewaiter.adapters.formats.tabular.rules import ControlRules, FieldRule, FormatRules, MappingFile

__all__ = ["TABLES", "renewed", "settings_table"]

#: Mark in the page -> the settings that stand there.
TABLES: Final[Mapping[str, type[BaseModel]]] = {
    "mapping": MappingFile,
    "format": FormatRules,
    "rule": FieldRule,
    "results": ControlRules,
}

_MARK: Final = re.compile(r"(<!-- table: ([a-z]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def renewed(page: str) -> str:
    """Return *page* with the table between each pair of marks made anew."""
    return _MARK.sub(lambda match: f"{match[1]}{settings_table(TABLES[match[2]])}{match[3]}", page)


def settings_table(model: type[BaseModel]) -> str:
    """Return the settings of *model* as a Markdown table: name, default, meaning."""
    lines = ["| setting | default | meaning |", "|---|---|---|"]
    for name, field in model.model_fields.items():
        lines.append(f"| `{name}` | {_default(field.is_required(), field.default)} | {field.description} |")
    return "\n".join(lines) + "\n"


def _default(required: bool, value: object) -> str:
    if required:
        return "must be given"
    return (
        f"`{value}`".replace("True", "true").replace("False", "false") if isinstance(value, str | int) else ""
    )


if __name__ == "__main__":
    for path in map(Path, sys.argv[1:]):
        path.write_text(renewed(path.read_text("utf-8")), "utf-8")
        sys.stdout.write(f"{path}\n")
