"""The distribution of what an hour of control would find, and the price that spends a budget.

A histogram over the logarithm of the value per hour, in bins of 5 %, fading with each arrival and
each day.  It is bounded (about 760 bins), exact to replay, and good for the one question asked of
it: from which value on are so many hours per arrival used?
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

__all__ = ["ValueDistribution", "value_bin"]

_STEP: Final = math.log(1.05)
#: Values from 1e-4 to 1e12 of the currency per hour; what lies outside is put into the last bin.
_BIN_MIN: Final = math.floor(math.log(1e-4) / _STEP)
_BIN_MAX: Final = math.floor(math.log(1e12) / _STEP)


def value_bin(value: float) -> int:
    """Return the bin of *value* (from 0)."""
    if value <= 1e-4:
        return _BIN_MIN
    return min(_BIN_MAX, math.floor(math.log(value) / _STEP))


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueDistribution:
    """Hours of work on offer, by their value per hour."""

    #: bin -> hours on offer, in the fading unit of the office's state.
    hours: Mapping[int, float] = field(default_factory=dict)

    def adding(self, value: float, hours: float) -> ValueDistribution:
        """Return the distribution with *hours* of work worth *value* per hour added."""
        place = value_bin(value)
        return ValueDistribution(hours={**self.hours, place: self.hours.get(place, 0.0) + hours})

    def scaled(self, factor: float) -> ValueDistribution:
        """Return the distribution in another unit; bins that faded away are dropped."""
        return ValueDistribution(hours={k: h * factor for k, h in self.hours.items() if h * factor > 1e-9})

    def price(self, hours: float) -> float:
        """Return the value per hour above which *hours* of the work on offer lie; 0 when all fits."""
        left = hours
        for place in sorted(self.hours, reverse=True):
            here = self.hours[place]
            if here >= left and here > 0.0:
                return math.exp((place + 1 - left / here) * _STEP)
            left -= here
        return 0.0
