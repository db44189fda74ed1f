"""Integer measures: millionths of a unit, steps of a logarithmic scale, text as it is compared.

The scale is made with integer arithmetic alone, so that a value falls into the same step on every
machine: a logarithm in floating point may differ in its last bit between two of them.
"""

from __future__ import annotations

from bisect import bisect_right
from decimal import Decimal
from typing import Final
from unicodedata import normalize

__all__ = [
    "MILLION",
    "STEP_PERCENT",
    "middle_of_step",
    "millionths",
    "normalised",
    "ratio_millionths",
    "step_of",
]

MILLION: Final = 1_000_000

#: Width of a step.  Finer steps would tell apart what rounding of the mass already blurs; coarser
#: ones would hide an undervaluation by a tenth.
STEP_PERCENT: Final = 3

#: Upper end of the scale: 10**15 units (in millionths), above any unit value in any currency.
_TOP: Final = 10**21


def _edges() -> tuple[int, ...]:
    """Return the lower edges of the steps, in millionths: 1, 2, 3 … then each 3 % above the last."""
    edges = [1]
    while edges[-1] < _TOP:
        edges.append(max(edges[-1] + 1, edges[-1] * (100 + STEP_PERCENT) // 100))
    return tuple(edges)


_EDGES: Final = _edges()


def millionths(value: Decimal | None) -> int | None:
    """Return *value* as an integer of millionths, exactly; None stays None.

    >>> millionths(Decimal("8.5"))
    8500000
    """
    return None if value is None else int(value * MILLION)


def ratio_millionths(numerator: int | None, denominator: int | None) -> int | None:
    """Return numerator / denominator in millionths, rounded down; None without both, or for a zero below."""
    if numerator is None or not denominator:
        return None
    return numerator * MILLION // denominator


def step_of(value_millionths: int | None) -> int | None:
    """Return the step, from 0, of a positive value in millionths; None for zero or nothing.

    >>> step_of(2_000_000) - step_of(1_000_000)  # doubling takes 23 or 24 steps of 3 %
    24
    """
    if not value_millionths:
        return None
    return bisect_right(_EDGES, value_millionths) - 1


def middle_of_step(step: int) -> int:
    """Return the value in the middle of a step, in millionths."""
    return (_EDGES[step] + _EDGES[step + 1]) // 2 if step + 1 < len(_EDGES) else _EDGES[step]


def normalised(text: str | None) -> str | None:
    """Return *text* as it is compared: Unicode NFC, upper case, single blanks; None when nothing is left.

    >>> normalised("  Frozen   caf\u0065\u0301 ")
    'FROZEN CAFÉ'
    """
    if text is None:
        return None
    upper = text.upper() if text.isascii() else normalize("NFC", normalize("NFC", text).upper())
    return " ".join(upper.split()) or None
