"""Integer counts in daily buckets: any window of days, exact retraction on an old day.

A counter keeps, for each day on which something was counted, the running sum up to and with that
day.  A window is then the difference of two running sums, so a read changes nothing and costs the
same for every width, and a day that has passed needs no clean-up.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Final

from tidewaiter.core.history.keys import RESULT_WINDOWS

__all__ = ["Counter", "Findings", "Track"]


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
            if days and day == days[-1]:
                sums[-1] += amount
            else:
                days.append(day)
                sums.append((sums[-1] if sums else 0) + amount)
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
        """Return what was counted from each of the days *starts* on, then in all."""
        days, sums = self._days, self._sums
        if not days:
            return [0] * (len(starts) + 1)
        first, last, total = days[0], days[-1], sums[-1]
        # The two common cases need no search: all of it is recent, or nothing is.
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


class Findings:
    """Results of controls by the day on which they became known."""

    __slots__ = ("duty", "inspected", "irregular")

    def __init__(self) -> None:
        self.inspected = Counter()
        #: Made when first needed: most keys never have an irregular result.
        self.irregular: Counter | None = None
        #: Additional duty found, in millionths of the national currency.
        self.duty: Counter | None = None

    def add(self, day: int, sign: int, *, irregular: bool) -> None:
        """Count one control (*sign* 1), or take it back (-1)."""
        self.inspected.add(day, sign)
        if irregular:
            if self.irregular is None:
                self.irregular = Counter()
            self.irregular.add(day, sign)

    def add_duty(self, day: int, amount: int) -> None:
        """Count additional duty of *amount* millionths, or take it back."""
        if self.duty is None:
            self.duty = Counter()
        self.duty.add(day, amount)


class Track(Counter):
    """All that is counted for one key: declared (the counter itself) and the findings of controls."""

    __slots__ = ("findings",)

    def __init__(self) -> None:
        super().__init__()
        self.findings: Findings | None = None

    def needed_findings(self) -> Findings:
        """Return the findings, made when there were none."""
        if self.findings is None:
            self.findings = Findings()
        return self.findings

    def reading(
        self, starts: tuple[int, ...], result_starts: tuple[int, ...], today: int
    ) -> list[int | None]:
        """Return declared, days since first declared (None: never), inspected and irregular.

        Declared is given from each of *starts* on and in all, the others from each of *result_starts*
        on and in all.
        """
        days, findings = self._days, self.findings
        found: list[int | None] = [*self.counts(starts), today - days[0] if days else None]
        if findings is None:
            found += _NO_FINDINGS
            return found
        found += findings.inspected.counts(result_starts)
        found += _NO_COUNTS if findings.irregular is None else findings.irregular.counts(result_starts)
        return found

    def duty_found(self, today: int, width_days: int | None = None) -> int:
        """Return the additional duty found in a window, or in all, in millionths."""
        if self.findings is None or self.findings.duty is None:
            return 0
        duty = self.findings.duty
        return duty.total if width_days is None else duty.window(today, width_days)


_NO_COUNTS: Final = (0,) * (len(RESULT_WINDOWS) + 1)
_NO_FINDINGS: Final = _NO_COUNTS + _NO_COUNTS
