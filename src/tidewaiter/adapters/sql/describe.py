"""The tables as a page of the reference, from the comments in the metadata.

``python -m tidewaiter.adapters.sql.describe > docs/reference/data-model.md`` writes it anew.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Column, Table, UniqueConstraint

from tidewaiter.adapters.sql.column_types import Instant, Packed
from tidewaiter.adapters.sql.tables import metadata

__all__ = ["data_model"]

_HEAD: Final = """# Data model

Everything that Tidewaiter keeps is in one SQLite file, `tidewaiter.db` in the data folder, which only its
owner can read. What is recorded is never changed: a correction is a new version in a new row, and triggers
refuse to update or delete it. Why there is one journal is told in
[decision 0006](../decisions/0006-journal.md).

An *instant* is an integer: microseconds since 1970-01-01 UTC. To read one with any SQLite tool:
`datetime(at / 1000000, 'unixepoch')`. *Bytes* hold canonical JSON unless their column says otherwise;
*packed* bytes are compressed with zlib when they are longer than 1 KiB, and then begin with the byte `78`.

This page is made from the comments of the tables by `python -m tidewaiter.adapters.sql.describe`.
"""


def data_model() -> str:
    """Return the page, in the order in which the tables are declared."""
    lines = [_HEAD, *(line for table in metadata.tables.values() for line in _table(table))]
    return "\n".join(lines).rstrip() + "\n"


def _table(table: Table) -> Iterator[str]:
    """Iterate over the lines of one table."""
    yield f"## {table.name}\n"
    yield f"{table.comment}\n"
    yield "| column | type | what it holds |"
    yield "| --- | --- | --- |"
    for column in table.columns:
        yield f"| `{column.name}` | {_type(column)} | {column.comment} |"
    unique = [
        ", ".join(f"`{column.name}`" for column in constraint.columns)
        for constraint in sorted(table.constraints, key=lambda each: str(each.name))
        if isinstance(constraint, UniqueConstraint)
    ]
    if unique:
        yield f"\nUnique: {'; '.join(unique)}."
    yield ""


def _type(column: Column[Any]) -> str:
    """Return the type of a column in words."""
    if isinstance(column.type, Instant):
        words = "instant"
    elif isinstance(column.type, Packed):
        words = "packed bytes"
    else:
        words = {"bytes": "bytes", "str": "text", "int": "integer", "float": "number", "bool": "boolean"}.get(
            column.type.python_type.__name__, "JSON"
        )
    target = next((f", of `{key.target_fullname}`" for key in column.foreign_keys), "")
    key = ", key" if column.primary_key else ""
    return f"{words}{key}{target}{', may be null' if column.nullable else ''}"


if __name__ == "__main__":
    sys.stdout.write(data_model())
