"""Many keys in one statement: a list of values, numbered from 0, that a query joins or looks through.

One statement for a group of messages costs little more than one for a single message, and on a
database elsewhere it is one way there and back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import CTE, ColumnClause, Integer, String, bindparam, column, values

__all__ = ["asked_in_parts"]

#: Sizes of a list: few, because each is prepared once for each query that is made with it.
_SIZES: Final = (1, 4, 16, 64)


def asked_in_parts(
    names: tuple[str, ...], rows: Sequence[tuple[str, ...]]
) -> Iterator[tuple[CTE, dict[str, Any], int]]:
    """Iterate over lists that together hold *rows*: (list, its values, number of the row before its first).

    A list has the column ``number``, from 0 within the list, and the text columns *names*.  Where
    rows are too few to fill it, empty ones stand at its end: nothing is recorded under an empty name.
    """
    for start in range(0, len(rows), _SIZES[-1]):
        part = rows[start : start + _SIZES[-1]]
        size = next(size for size in _SIZES if size >= len(part))
        given: dict[str, Any] = {}
        for place in range(size):
            row = part[place] if place < len(part) else ("",) * len(names)
            given[f"number_{place}"] = place
            given.update(zip([f"{name}_{place}" for name in names], row, strict=True))
        yield _asked(names, size), given, start


@cache
def _asked(names: tuple[str, ...], size: int) -> CTE:
    """Return the list: one object for each size, because what is prepared is found by it."""
    columns: list[ColumnClause[Any]] = [column("number", Integer), *(column(name, String) for name in names)]
    rows = [
        tuple(bindparam(f"{each.name}_{place}", type_=each.type) for each in columns) for place in range(size)
    ]
    return values(*columns, name="asked").data(rows).cte("asked")
