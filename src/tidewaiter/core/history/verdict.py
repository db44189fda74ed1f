"""What a control result teaches: which keys were inspected, which were irregular, which duty was found.

An inconclusive result teaches nothing.  Of a conclusive one, an item is irregular when an irregular
finding names it, or names no item; it teaches nothing when a finding about it is still inconclusive;
any other item was inspected and is compliant.  A declaration with an irregular finding is irregular.
"""

from __future__ import annotations

from typing import NamedTuple

from tidewaiter.core.control import ControlResult, Finding, Outcome
from tidewaiter.core.declaration import Declaration
from tidewaiter.core.history.counters import Track
from tidewaiter.core.history.measures import millionths

__all__ = ["Verdict", "item_outcome", "verdict_of"]


class Verdict(NamedTuple):
    """The counts that one result version adds to."""

    compliant: tuple[Track, ...] = ()
    irregular: tuple[Track, ...] = ()
    #: (counts, additional duty in millionths).
    duties: tuple[tuple[Track, int], ...] = ()

    def add(self, day: int, sign: int) -> None:
        """Count the result on *day* (*sign* 1), or take it back (-1)."""
        for track in self.compliant:
            track.add_result(day, sign, irregular=False)
        for track in self.irregular:
            track.add_result(day, sign, irregular=True)
        for track, amount in self.duties:
            track.add_duty(day, sign * amount)


def item_outcome(result: ControlResult, number: int) -> Outcome:
    """Return what a result says about item *number*: irregular before inconclusive before compliant."""
    if not result.conclusive:
        return Outcome.INCONCLUSIVE
    outcomes = {finding.outcome for finding in result.findings if finding.item_number in (None, number)}
    for outcome in (Outcome.IRREGULAR, Outcome.INCONCLUSIVE):
        if outcome in outcomes:
            return outcome
    return Outcome.COMPLIANT


def verdict_of(
    result: ControlResult,
    declaration: Declaration,
    tracks: tuple[tuple[Track, ...], tuple[tuple[Track, ...], ...]],
) -> Verdict:
    """Return what *result* adds to the counts of *declaration*: of its header, and of each item."""
    if not result.conclusive:
        return Verdict()
    header, items = tracks
    sides: dict[Outcome, list[Track]] = {outcome: [] for outcome in Outcome}
    sides[Outcome.IRREGULAR if result.irregular else Outcome.COMPLIANT].extend(header)
    duties = _duties(header, list(result.findings))
    for item, row in zip(declaration.items, items, strict=True):
        sides[item_outcome(result, item.number)].extend(row)
        duties += _duties(row, _about(result, item.number, alone=len(items) == 1))
    return Verdict(tuple(sides[Outcome.COMPLIANT]), tuple(sides[Outcome.IRREGULAR]), tuple(duties))


def _about(result: ControlResult, number: int, *, alone: bool) -> list[Finding]:
    """Return the findings whose duty belongs to the item: those that name it; to an only item, all."""
    return [finding for finding in result.findings if alone or finding.item_number == number]


def _duties(row: tuple[Track, ...], findings: list[Finding]) -> list[tuple[Track, int]]:
    """Return the additional duty of *findings* for each counts of *row*; nothing for none."""
    duty = sum(millionths(finding.duty_effect) or 0 for finding in findings)
    return [(track, duty) for track in row] if duty else []
