"""Rows of a decision table that say the same, lie within each other, or contradict where they meet.

Every row that holds counts, and the strictest lane of them is taken: there is no first row that wins.
So a row inside another one is either useless or no exception, and its author should know.  Only what is
certain is told: cells of operators such as ``in list`` are compared with equal cells alone.

For each column and row, the rows whose cell meets this one (and those whose cell holds all of it) are one
mask of bits; the rows that meet are the AND over the columns.  Thousands of rows take seconds.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from tidewaiter.core.errors import Fault
from tidewaiter.core.rules.tables.cells import Bound, Reach
from tidewaiter.core.rules.tables.profiles import Outcome, outcome_of
from tidewaiter.core.rules.tables.table import Table

__all__ = ["REMARKS_MAX", "overlaps"]

#: Remarks that are told one by one; the others are counted.
REMARKS_MAX: Final = 200
_HINT: Final = "Every row that holds counts, and the strictest lane is taken; no row is an exception."


def overlaps(table: Table, file: str) -> tuple[Fault, ...]:
    """Return a remark for each row that repeats, lies within, or contradicts another; never a refusal."""
    remarks = list(_remarks(table, file))
    if len(remarks) > REMARKS_MAX:
        more = len(remarks) - REMARKS_MAX
        message = f"{more:,} more rows repeat, lie within or contradict others"
        remarks[REMARKS_MAX:] = [Fault(code="more-remarks", place=file, message=message)]
    return tuple(remarks)


def _remarks(table: Table, file: str) -> Iterator[Fault]:
    count = len(table.rules)
    meets, within = [(1 << count) - 1] * count, [(1 << count) - 1] * count
    for name in table.columns:
        cells = (rule.cells.get(name) for rule in table.rules)
        column = _Masks([None if cell is None else cell.reach for cell in cells])
        for index in range(count):
            meets[index] &= column.meeting(index)
            within[index] &= column.holding(index)
    alike: dict[Outcome, int] = defaultdict(int)
    outcomes = [outcome_of(rule) for rule in table.rules]
    for index, outcome in enumerate(outcomes):
        alike[outcome] |= 1 << index
    for index, rule in enumerate(table.rules):
        message = _remark(table, index, meets, within, alike[outcomes[index]])
        if message is not None:
            yield Fault(code="rows-overlap", place=f"{file}:{rule.line}", message=message, hint=_HINT)


def _remark(table: Table, index: int, meets: Sequence[int], within: Sequence[int], alike: int) -> str | None:
    """Return what is to be said about a row beside the others; *alike* are the rows with its outcome."""
    own = 1 << index
    around, before = within[index] & ~own, own - 1
    twin = next((j for j in _bits(around & before) if within[j] & own), None)
    if twin is not None:
        line, same = table.rules[twin].line, alike >> twin & 1
        return f"the row has the conditions of row {line}, and {'the same' if same else 'another'} outcome"
    outer = next((j for j in _bits(around) if not within[j] & own), None)
    if outer is not None:
        line = table.rules[outer].line
        if alike >> outer & 1:
            return f"the row finds nothing that row {line} does not find"
        return f"the row lies within row {line}, which has another outcome and holds there too"
    met = meets[index] & ~alike & before
    if not met:
        return None
    others = f" and {met.bit_count() - 1:,} more" if met.bit_count() > 1 else ""
    return f"row {table.rules[next(_bits(met))].line}{others} can hold at once, with another outcome"


def _bits(mask: int) -> Iterator[int]:
    """Iterate over the positions of the bits of *mask*, lowest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


class _Masks:
    """The cells of a column, and for each of them the rows that meet it and that hold all of it."""

    def __init__(self, reaches: Sequence[Reach | None]) -> None:
        self.reaches = reaches
        #: Rows that ask nothing here.
        self.any = 0
        self.by_value: dict[str, int] = defaultdict(int)
        self.by_prefix: dict[str, int] = defaultdict(int)
        self.by_opaque: dict[str, int] = defaultdict(int)
        ends: list[tuple[Bound, Bound, int]] = []
        for index, reach in enumerate(reaches):
            bit = 1 << index
            if reach is None:
                self.any |= bit
            elif reach.interval is not None:
                ends.append((*reach.interval, bit))
            elif reach.opaque:
                self.by_opaque[reach.opaque] |= bit
            else:
                for value in reach.values:
                    self.by_value[value] |= bit
                for prefix in reach.prefixes:
                    self.by_prefix[prefix] |= bit
        self.values, self.prefixes = sorted(self.by_value), sorted(self.by_prefix)
        by_low, by_high = sorted(ends, key=lambda e: e[0]), sorted(ends, key=lambda e: e[1])
        self.lows, self.highs = [end[0] for end in by_low], [end[1] for end in by_high]
        #: Rows among the first n by lower end; all rows of intervals; those among the first n by upper end.
        self.up_to_low = _sums([end[2] for end in by_low])
        self.up_to_high = _sums([end[2] for end in by_high])
        self._meeting: dict[Reach, int] = {}
        self._holding: dict[Reach, int] = {}

    def meeting(self, index: int) -> int:
        """Return the rows whose cell and that of row *index* can hold at once."""
        reach = self.reaches[index]
        if reach is None:
            return -1
        if reach not in self._meeting:
            self._meeting[reach] = self._met(reach) | self.any
        return self._meeting[reach]

    def holding(self, index: int) -> int:
        """Return the rows whose cell holds whenever that of row *index* does."""
        reach = self.reaches[index]
        if reach is None:
            return self.any
        if reach not in self._holding:
            self._holding[reach] = self._held(reach) | self.any
        return self._holding[reach]

    def _met(self, reach: Reach) -> int:
        if reach.interval is not None:
            low, high = reach.interval
            begun = self.up_to_low[bisect_right(self.lows, high)]
            return begun & ~self.up_to_high[bisect_left(self.highs, low)]
        if reach.opaque:
            return self.by_opaque[reach.opaque]
        mask = 0
        for value in reach.values:
            mask |= self.by_value[value] | self._prefixes_of(value)
        for prefix in reach.prefixes:
            mask |= self._prefixes_of(prefix)
            mask |= _beginning(self.values, self.by_value, prefix)
            mask |= _beginning(self.prefixes, self.by_prefix, prefix)
        return mask

    def _held(self, reach: Reach) -> int:
        if reach.interval is not None:
            low, high = reach.interval
            begun = self.up_to_low[bisect_right(self.lows, low)]
            return begun & ~self.up_to_high[bisect_left(self.highs, high)]
        if reach.opaque:
            return self.by_opaque[reach.opaque]
        mask = -1
        for value in reach.values:
            mask &= self.by_value[value] | self._prefixes_of(value)
        for prefix in reach.prefixes:
            mask &= self._prefixes_of(prefix)
        return mask

    def _prefixes_of(self, text: str) -> int:
        """Return the rows with a prefix of *text*, or with *text* as a prefix."""
        mask = 0
        for length in range(1, len(text) + 1):
            mask |= self.by_prefix.get(text[:length], 0)
        return mask


def _sums(bits: Sequence[int]) -> list[int]:
    """Return the unions of the first 0, 1, 2 … of *bits*."""
    unions = [0]
    for bit in bits:
        unions.append(unions[-1] | bit)
    return unions


def _beginning(texts: Sequence[str], masks: dict[str, int], prefix: str) -> int:
    """Return the union of the masks of those of *texts*, sorted, that begin with *prefix*."""
    mask = 0
    for text in texts[bisect_left(texts, prefix) :]:
        if not text.startswith(prefix):
            break
        mask |= masks[text]
    return mask
