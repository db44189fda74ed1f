"""Columns of feature values: codes and texts as numbers of a dictionary, numbers as arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tidewaiter.core.features.registry import Kind, Registry, Value

__all__ = ["Coded", "Column", "Columns", "Numeric", "encode"]

Rows: TypeAlias = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded:
    """Codes, texts or flags."""

    #: By row: the position of its value, or -1 when it is missing.
    codes: NDArray[np.int32]
    #: The distinct values.
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Numeric:
    """Amounts, counts, days or ratios."""

    #: int64, float64, or Python's own integers when some do not fit; where missing, any number.
    values: NDArray[Any]
    #: By row; a ratio that is not finite is missing.
    missing: NDArray[np.bool_]


Column: TypeAlias = Coded | Numeric


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Feature values of many items; features of the header are repeated for each of its items."""

    #: Number of items.
    rows: int
    #: By the name of the feature.
    column: Mapping[str, Column]


def encode(values: Mapping[str, Sequence[Value]], registry: Registry) -> Columns:
    """Return *values*, by feature and item, as columns; None is missing.

    Raises ValueError when the features do not have equally many values, KeyError for an unknown feature.
    """
    lengths = {len(column) for column in values.values()}
    if len(lengths) > 1:
        raise ValueError(f"the columns have different lengths: {sorted(lengths)}; give one value per item")
    return Columns(
        rows=lengths.pop() if lengths else 0,
        column={name: _encoded(column, registry[name].kind) for name, column in values.items()},
    )


def _encoded(values: Sequence[Any], kind: Kind) -> Column:
    if kind in {Kind.CODE, Kind.TEXT, Kind.FLAG}:
        seen: dict[Any, int] = {None: -1}
        codes = [seen.setdefault(value, len(seen) - 1) for value in values]
        return Coded(codes=np.array(codes, np.int32), values=tuple(seen)[1:])
    missing = np.array([value is None for value in values], np.bool_)
    present = [0 if value is None else value for value in values]
    if kind is Kind.RATIO:
        ratios = np.array(present, np.float64)
        return Numeric(values=ratios, missing=missing | ~np.isfinite(ratios))
    try:
        return Numeric(values=np.array(present, np.int64), missing=missing)
    except OverflowError:  # a column of such numbers is slow, and exact
        return Numeric(values=np.array(present, object), missing=missing)
