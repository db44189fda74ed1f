"""Integer counts in daily buckets: any window of days, exact retraction on an old day.

A counter keeps, for each day on which something was counted, the running sum up to and with that
day.  A window is then the difference of two running sums, so a read changes nothing and costs the
same for every width, and a day that has passed needs no clean-up.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Final

from tidewaiter.core.history.keys import RESULT_WINDOWS

__all__ = ["Counter", "Track"]

#: A result is counted as one number: its low bits count controls, those from this one on irregular
#: ones.  So one search gives both, and a key costs one counter less.  2**32 controls of one key are
#: more than any administration makes.
_SHIFT: Final = 32
_INSPECTED: Final = (1 << _SHIFT) - 1
_COMPLIANT: Final = 1
_IRREGULAR: Final = (1 << _SHIFT) + 1

_NO_RESULTS: Final = (0,) * (2 * (len(RESULT_WINDOWS) + 1))


class Counter:
    """A count, or a sum of positive integers, by UTC day (proleptic ordinal)."""

    __slots__ = ("_days", "_sums")

    def __init__(self) -> None:
        #: Days on which something is counted, ascending, and the running sum of each.
        self._days: list[int] = []
        self._sums: list[int] = []

    def add(self, day: int, amount: int = 1) -> None:
        """Count *amount* on *day*; a negative amount takes back what was counted on that very day."""
        days, sums = self._days, self._sums
        if amount > 0 and (not days or day >= days[-1]):  # nearly always: something new, today
            if not days:  # lists of exactly one element: most keys are never met again
                self._days, self._sums = [day], [amount]
            elif day == days[-1]:
                sums[-1] += amount
            else:
                days.append(day)
                sums.append(sums[-1] + amount)
            return
        if amount == 0:
            return
        at = bisect_left(days, day)
        if at == len(days) or days[at] != day:
            days.insert(at, day)
            sums.insert(at, sums[at - 1] if at else 0)
        for later in range(at, len(sums)):
            sums[later] += amount
        left = sums[at] - (sums[at - 1] if at else 0)
        if left < 0:
            raise ValueError(f"BUG: more was taken back on day {day} than was counted on it")
        if left == 0:
            del days[at], sums[at]

    @property
    def total(self) -> int:
        """What was counted on all days."""
        return self._sums[-1] if self._sums else 0

    @property
    def first_day(self) -> int | None:
        """The first day on which something is counted, or None."""
        return self._days[0] if self._days else None

    def since(self, day: int) -> int:
        """Return what was counted on *day* and later."""
        days = self._days
        if not days or days[-1] < day:
            return 0
        if days[0] >= day:
            return self._sums[-1]
        return self._sums[-1] - self._sums[bisect_left(days, day) - 1]

    def counts(self, starts: tuple[int, ...]) -> list[int]:
        """Return what was counted from each of the days *starts* on (the latest first), then in all."""
        days, sums = self._days, self._sums
        if not days:
            return [0] * (len(starts) + 1)
        first, total = days[0], sums[-1]
        # All of it is recent, or nothing is: most keys need no search.
        if first >= starts[0]:
            return [total] * (len(starts) + 1)
        last = days[-1]
        if last < starts[-1]:
            return [*(0,) * len(starts), total]
        found = [
            total if first >= start else 0 if last < start else total - sums[bisect_left(days, start) - 1]
            for start in starts
        ]
        found.append(total)
        return found

    def window(self, today: int, width_days: int) -> int:
        """Return what was counted in the *width_days* days that end with *today*.

        Nothing is ever counted after today, because effective time does not run back.
        """
        return self.since(today - width_days + 1)


class Track(Counter):
    """All that is counted for one key: declared (the counter itself), and the results of controls."""

    __slots__ = ("_duty", "_results")

    def __init__(self) -> None:
        super().__init__()
        #: Inspected and irregular in one number, made when first needed.
        self._results: Counter | None = None
        #: Additional duty found, in millionths of the national currency, made when first needed.
        self._duty: Counter | None = None

    def add_result(self, day: int, sign: int, *, irregular: bool) -> None:
        """Count one control whose result became known on *day* (*sign* 1), or take it back (-1)."""
        if self._results is None:
            self._results = Counter()
        self._results.add(day, sign * (_IRREGULAR if irregular else _COMPLIANT))

    def add_duty(self, day: int, amount: int) -> None:
        """Count additional duty of *amount* millionths, or take it back."""
        if self._duty is None:
            self._duty = Counter()
        self._duty.add(day, amount)

    def reading(
        self, starts: tuple[int, ...], result_starts: tuple[int, ...], today: int
    ) -> list[int | None]:
        """Return declared, days since first declared (None: never), inspected and irregular.

        Declared is given from each of *starts* on and in all, the others from each of *result_starts*
        on and in all.
        """
        days, results = self._days, self._results
        found: list[int | None] = [*self.counts(starts), today - days[0] if days else None]
        if results is None:
            found += _NO_RESULTS
        else:
            counted = results.counts(result_starts)
            found += [both & _INSPECTED for both in counted]
            found += [both >> _SHIFT for both in counted]
        return found

    def duty_found(self, today: int, width_days: int | None = None) -> int:
        """Return the additional duty found in a window, or in all, in millionths."""
        if self._duty is None:
            return 0
        return self._duty.total if width_days is None else self._duty.window(today, width_days)
