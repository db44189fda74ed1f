"""The usual unit value: a distribution over the past 365 days, per key, with a chain to fall back on.

The distribution is kept in steps of 3 % (:mod:`measures`), so median and spread are integers.  Each
value can be taken back on its day.  A reference is a risk indicator, never a substitute for the
valuation of goods (WTO Agreement on Customs Valuation, article 7).
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right, insort
from typing import Final, NamedTuple

__all__ = ["ENOUGH", "LEVELS", "REFERENCE_DAYS", "SPREAD_MIN", "Reference", "Usual", "distance", "level_keys"]

#: Days that count, today included.
REFERENCE_DAYS: Final = 365

#: Fewer values than this say too little about what is usual: the next level is asked.
ENOUGH: Final = 10

#: The chain of levels, from narrow to broad.
LEVELS: Final = ("hs6_origin", "hs6", "hs4", "hs2")

#: Smallest interquartile range that a distance is measured with, in steps: about 9 %, which is what
#: rounding of small masses makes of one and the same price.
SPREAD_MIN: Final = 3

#: Interquartile range of a normal distribution with standard deviation 1.
_NORMAL_RANGE: Final = 1.349


class Usual(NamedTuple):
    """What is usual, from enough values."""

    #: Position in ``LEVELS``.
    level: int
    #: Number of values.
    values: int
    #: Step of the median.
    median: int
    #: Interquartile range in steps, from 0.
    spread: int


class Reference:
    """The steps of the values of one key, by day."""

    __slots__ = ("_days", "_from", "_kept_from", "_sorted", "_start", "_steps")

    def __init__(self) -> None:
        #: Every value that is kept: its day (ascending) and its step.
        self._days = array("i")
        self._steps = array("h")
        #: The first day that counts, the position of its first value, the steps that count, sorted.
        self._from = 0
        self._start = 0
        self._sorted = array("h")
        #: Values of earlier days are forgotten.
        self._kept_from = 0

    def add(self, day: int, step: int) -> None:
        """Take in a value of *day*."""
        if day < self._kept_from:
            return
        at = len(self._days) if not self._days or day >= self._days[-1] else bisect_right(self._days, day)
        self._days.insert(at, day)
        self._steps.insert(at, step)
        if day >= self._from:
            insort(self._sorted, step)
        else:
            self._start += 1

    def remove(self, day: int, step: int) -> None:
        """Take back a value of *day*."""
        if day < self._kept_from:
            return
        at = bisect_left(self._days, day)
        while at < len(self._days) and self._days[at] == day and self._steps[at] != step:
            at += 1
        if at == len(self._days) or self._days[at] != day:
            raise ValueError(f"BUG: a value that was not taken in on day {day} is taken back")
        del self._days[at], self._steps[at]
        if day >= self._from:
            self._drop(step)
        else:
            self._start -= 1

    def usual(self, today: int, level: int) -> Usual | None:
        """Return what is usual on *today*, or None when there are fewer than ``ENOUGH`` values."""
        self._move(today - REFERENCE_DAYS + 1)
        count = len(self._sorted)
        if count < ENOUGH:
            return None
        last = count - 1
        spread = self._sorted[3 * last // 4] - self._sorted[last // 4]
        return Usual(level, count, self._sorted[last // 2], spread)

    def forget(self, today: int) -> None:
        """Free values that can never count again; *today* is the day of an event, so no read is before it."""
        first = today - REFERENCE_DAYS + 1
        gone = bisect_left(self._days, first)
        # Only when half is waste, so the cost of moving the rest is spread over as many additions.
        if gone < 32 or gone * 2 < len(self._days):
            return
        self._move(first)
        del self._days[:gone], self._steps[:gone]
        self._start = 0
        self._kept_from = first

    def _move(self, first: int) -> None:
        """Let *first* be the first day that counts; it may lie before the present one."""
        days, steps = self._days, self._steps
        while self._start < len(days) and days[self._start] < first:
            self._drop(steps[self._start])
            self._start += 1
        while self._start > 0 and days[self._start - 1] >= first:
            self._start -= 1
            insort(self._sorted, steps[self._start])
        self._from = first

    def _drop(self, step: int) -> None:
        """Take one value of *step* out of the steps that count."""
        del self._sorted[bisect_left(self._sorted, step)]


def distance(step: int, usual: Usual) -> float:
    """Return how far *step* lies from the usual, in robust standard deviations of the logarithm.

    Negative is below the usual value: far below is suspicious.
    """
    return (step - usual.median) * _NORMAL_RANGE / max(usual.spread, SPREAD_MIN)


def level_keys(hs_code: str, origin: str | None) -> tuple[str | None, ...]:
    """Return the key of each level of the chain; without an origin the first is None."""
    hs6 = hs_code[:6]
    return (None if origin is None else hs6 + origin, hs6, hs6[:4], hs6[:2])
