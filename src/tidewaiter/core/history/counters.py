"""Integer counts in daily buckets: any window of days, exact retraction on an old day.

A counter keeps, for each day on which something was counted, the running sum up to and with that
day.  A window is then the difference of two running sums, so a read changes nothing and costs the
same for every width, and a day that has passed needs no clean-up.
"""

from __future__ import annotations

from bisect import bisect_left

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
        if amount == 0:
            return
        at = len(days) if not days or day > days[-1] else bisect_left(days, day)
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

    def reading(self, today: int, windows: tuple[int, ...]) -> tuple[int | None, ...]:
        """Return declared, days since first declared (None: never), inspected and irregular.

        Declared is given per window of *windows* and in all, the others per ``RESULT_WINDOWS`` and in all.
        """
        first = self.first_day
        age = None if first is None else today - first
        declared = *(self.since(today - width + 1) for width in windows), self.total, age
        if self.findings is None:
            return declared + _NO_FINDINGS
        return declared + _counts(self.findings.inspected, today) + _counts(self.findings.irregular, today)

    def duty_found(self, today: int, width_days: int | None = None) -> int:
        """Return the additional duty found in a window, or in all, in millionths."""
        if self.findings is None or self.findings.duty is None:
            return 0
        duty = self.findings.duty
        return duty.total if width_days is None else duty.window(today, width_days)


_NO_COUNTS = (0,) * (len(RESULT_WINDOWS) + 1)
_NO_FINDINGS = _NO_COUNTS + _NO_COUNTS


def _counts(counter: Counter | None, today: int) -> tuple[int, ...]:
    """Return the counts per result window and in all."""
    if counter is None:
        return _NO_COUNTS
    return *(counter.since(today - width + 1) for width in RESULT_WINDOWS), counter.total
