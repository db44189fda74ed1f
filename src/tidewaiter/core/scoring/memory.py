"""Memory: what earlier results say about the keys of an item, as log-odds with a count beside it.

Each key (the same goods, the importer, HS6 and origin …) has counts of controls and of those that
were irregular.  They move the moment a result is known, with no training.  The counts come from the
feature vector, so they are as of its own time.

A rate is a Beta mean: the counts, plus ``smoothing`` imagined controls at the usual rate.  One
control of the same goods says much, one control of an office says nothing, so the smoothing differs.
Old results fade in steps on whole days: weight 1 within 90 days, 1/2 within 365, 1/4 beyond.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tidewaiter.core.history.keys import HEADER_KEYS, ITEM_KEYS

__all__ = ["GOODS", "MEMORY_KEYS", "MemoryKey", "Remembered", "effective_count", "remember"]

Floats: TypeAlias = NDArray[np.float64]

#: Name of the key that stands for the same goods.
GOODS: Final = "goods"

#: Imagined controls at the usual rate: for the same goods, and for every wider key.  10 to 20 serve
#: alike; fewer let a party with three lucky controls look safe.  That of the same goods is only where
#: learning begins: how well a result holds for the same goods differs between countries.
_SMOOTHING_GOODS: Final = 1.0
_SMOOTHING: Final = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryKey:
    """One key whose results are remembered."""

    #: First part of the names of its features.
    name: str
    #: Imagined controls at the usual rate.
    smoothing: float

    @property
    def counted(self) -> tuple[str, ...]:
        """Names of its features: inspected, then irregular, each within 90 days, 365 days, in all."""
        return tuple(f"{self.name}_{what}_{end}" for what in _WHAT for end in _ENDS)

    @property
    def told_as(self) -> str:
        """Name of the feature under which its contribution is told."""
        return f"{self.name}_irregular_all"


_WHAT: Final = ("inspected", "irregular")
_ENDS: Final = ("90", "365", "all")

#: All keys, the same goods first.
MEMORY_KEYS: Final = tuple(
    MemoryKey(name=family.name, smoothing=_SMOOTHING_GOODS if family.name == GOODS else _SMOOTHING)
    for family in sorted((*ITEM_KEYS, *HEADER_KEYS), key=lambda family: family.name != GOODS)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What is remembered of some keys, for many items: items × keys."""

    #: Faded count of controls, from 0.
    inspected: Floats
    #: Log-odds of the smoothed rate above those of the usual rate; 0 where nothing was inspected.
    evidence: Floats


def faded(counts: Floats) -> Floats:
    """Return the faded count from counts within 90 days, within 365 days and in all (last axis).

    >>> faded(np.array([2.0, 6.0, 10.0]))
    np.float64(5.0)
    """
    within_90, within_365, in_all = counts[..., 0], counts[..., 1], counts[..., 2]
    total: Floats = 0.5 * within_90 + 0.25 * within_365 + 0.25 * in_all
    return total


def remember(counts: Floats, smoothing: Floats, usual_rate: float) -> Remembered:
    """Return what is remembered, from *counts*: items × keys × the features of ``MemoryKey.counted``.

    NaN stands for no such key.  *smoothing* is that of each key, *usual_rate* between 0 and 1, both
    excluded.  Evidence rises with each irregular result and falls with each compliant one; positive
    is suspicious.
    """
    known = np.where(np.isnan(counts), 0.0, counts)
    inspected, irregular = faded(known[..., :3]), faded(known[..., 3:])
    odds = (irregular + smoothing * usual_rate) / (inspected - irregular + smoothing * (1.0 - usual_rate))
    return Remembered(inspected=inspected, evidence=np.log(odds * ((1.0 - usual_rate) / usual_rate)))


#: A score that rests on nothing but the general model counts as much as this many controls: the
#: spread of true rates around its prediction on goods that were never inspected.
_COUNT_MIN: Final = 4.0
#: More certainty than this is never claimed: circumstances change.
_COUNT_MAX: Final = 400.0


def effective_count(remembered: Remembered, smoothing: Floats) -> Floats:
    """Return how many controls the score of each item rests on, 4 to 400.

    Each key adds its controls in units of its smoothing.
    """
    total: Floats = (remembered.inspected / smoothing).sum(axis=1)
    return np.minimum(_COUNT_MIN + total, _COUNT_MAX)
