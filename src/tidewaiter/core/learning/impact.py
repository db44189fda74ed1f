"""What a profile would have found in decisions that were made, before anybody puts it in force.

A rate among controlled declarations says how good the controls were, not how good the profile is: what
was controlled had been chosen.  So the rate comes with what was drawn at random, with an estimate that
weighs each control by its logged probability, and without any of them where the controls are too few.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

import numpy as np

from tidewaiter.core.learning.estimate import Estimate, Method, Sample, irregular_rate

__all__ = [
    "RESULTS_MIN", "Impact", "Neighbour", "OfficeLoad", "Rate", "Row", "StepLeft", "Trader", "Warned",
    "impact", "wilson",
]  # fmt: skip

#: With fewer results no rate is told (learning.md: too few to judge).
RESULTS_MIN: Final = 30
_NEIGHBOURS: Final = 8
_TRADERS: Final = 5
_SAMPLES: Final = 8
#: A profile that matches more than this share of all declarations narrows next to nothing.
_MOST: Final = 0.5
_ONE_TRADER: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One decision, as the profile sees it."""

    decision_id: str
    declaration_id: str
    office: str
    at: datetime
    importer: str | None
    lane: str
    #: Whether the lane that it got is milder than that of the profile.
    milder: bool
    #: Hours that the lane of the profile would cost.
    hours: float
    #: Whether the random draw alone selected it.
    drawn: bool
    #: Probability of being controlled, over 0 to 1; None: it was not logged.
    inclusion: float | None
    #: Codes of the profiles in force that matched.
    others: frozenset[str]
    #: Per step, with all steps before it: true, unknown (None) or false.
    steps: tuple[bool | None, ...]
    #: Whether the profile fires: it is true, or unknown where that fires too.
    matches: bool
    #: What control results say: irregular, compliant, or None when none is conclusive.
    irregular: bool | None
    #: Additional duty that controls found, national currency, from 0.
    duty: float
    #: (feature, item number or 0 for the header, value) of a match.
    values: tuple[tuple[str, int, object], ...] = ()


class Warned(StrEnum):
    """What an author should know before believing the figures."""

    NO_MATCH = "no_match"
    #: More than half of all declarations match.
    NARROWS_LITTLE = "narrows_little"
    #: More than half of the matches are one importer's.
    ONE_TRADER = "one_trader"
    #: The controlled matches were chosen, and too few were drawn at random to say how good the rest are.
    ONLY_TARGETED = "only_targeted"
    #: More declarations are unknown than match.
    MOSTLY_UNKNOWN = "mostly_unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLeft:
    """How many declarations are left after a step."""

    left: int
    unknown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Irregular ones among those with a conclusive result."""

    inspected: int
    irregular: int
    #: Ends of the 95 % interval (Wilson); None: fewer than `RESULTS_MIN`, too few to judge.
    interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeLoad:
    """What the profile adds to an office, hours a day."""

    office: str
    #: Hours of the matches whose lane would become stricter, times the share.
    added: float
    matches: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A profile in force that matches the same declarations."""

    profile: str
    #: Matches that it matches too, of all matches, 0 to 1.
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Trader:
    """An importer with its matches."""

    importer: str
    matches: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """What a profile would have found."""

    decisions: int
    first: datetime | None
    last: datetime | None
    matches: int
    per_day: float
    undecided: int
    steps: tuple[StepLeft, ...]
    #: Of all matches that were controlled, however they were chosen.
    hit_rate: Rate
    #: Of those that the random draw alone selected.
    random_only: Rate
    #: Of everything that was controlled, whether it matches or not.
    everything: Rate
    #: Share of irregular ones among all matches, from logged probabilities (Hajek); None: not enough.
    weighted: Estimate | None
    duty: float
    #: Matches whose lane would become stricter.
    newly_selected: int
    #: Matches that no profile in force matches.
    only_here: int
    #: (Monday, matches), oldest first.
    weeks: tuple[tuple[date, int], ...]
    offices: tuple[OfficeLoad, ...]
    overlap: tuple[Neighbour, ...]
    traders: tuple[Trader, ...]
    #: Some matches, spread over the period.
    samples: tuple[Row, ...]
    warnings: tuple[Warned, ...]


def impact(rows: Sequence[Row], *, share: float, days: int) -> Impact:
    """Return what a profile with *share* (over 0 to 1) would have found in *rows*, oldest first.

    All rows have the same number of steps, at least one; *days* is how long the period is, at least 1.
    """
    found = [row for row in rows if row.matches]
    rate, drawn = _rate(found), _rate([row for row in found if row.drawn])
    traders = Counter(row.importer for row in found if row.importer is not None)
    others = Counter(code for row in found for code in row.others)
    undecided = sum(row.steps[-1] is None for row in rows)
    return Impact(
        decisions=len(rows),
        first=rows[0].at if rows else None,
        last=rows[-1].at if rows else None,
        matches=len(found),
        per_day=len(found) / days,
        undecided=undecided,
        steps=_steps(rows),
        hit_rate=rate,
        random_only=drawn,
        everything=_rate(rows),
        weighted=_weighted(found),
        duty=sum(row.duty for row in found),
        newly_selected=sum(row.milder for row in found),
        only_here=sum(not row.others for row in found),
        weeks=_weeks(rows),
        offices=_offices(found, share, days),
        overlap=tuple(
            Neighbour(profile=code, share=count / len(found))
            for code, count in sorted(others.items(), key=lambda entry: (-entry[1], entry[0]))[:_NEIGHBOURS]
        ),
        traders=tuple(
            Trader(importer=importer, matches=count)
            for importer, count in sorted(traders.items(), key=lambda entry: (-entry[1], entry[0]))[:_TRADERS]
        ),
        samples=_spread(found),
        warnings=tuple(_warnings(rows, found, undecided, rate, drawn, traders)),
    )


def _steps(rows: Sequence[Row]) -> tuple[StepLeft, ...]:
    count = len(rows[0].steps) if rows else 0
    return tuple(
        StepLeft(
            left=sum(row.steps[step] is True for row in rows),
            unknown=sum(row.steps[step] is None for row in rows),
        )
        for step in range(count)
    )


def _rate(rows: Sequence[Row]) -> Rate:
    known = [row.irregular for row in rows if row.irregular is not None]
    irregular = sum(known)
    interval = wilson(irregular, len(known)) if len(known) >= RESULTS_MIN else None
    return Rate(inspected=len(known), irregular=irregular, interval=interval)


def wilson(successes: int, count: int) -> tuple[float, float]:
    """Return the ends of the 95 % score interval of a share; *count* is at least 1 (Wilson 1927).

    >>> [round(end, 3) for end in wilson(20, 100)]
    [0.133, 0.289]
    """
    z = 1.959963984540054
    share, square = successes / count, z * z / count
    centre = (share + square / 2) / (1 + square)
    half = (z / (1 + square)) * ((share * (1 - share) + square / 4) / count) ** 0.5
    return max(0.0, centre - half), min(1.0, centre + half)


def _weighted(rows: Sequence[Row]) -> Estimate | None:
    drawn = [row for row in rows if row.inclusion is not None and row.inclusion > 0.0]
    if not drawn:
        return None
    sample = Sample(
        inclusion=np.array([row.inclusion for row in drawn], dtype=np.float64),
        inspected=np.array([row.irregular is not None for row in drawn]),
        irregular=np.array([float(row.irregular or 0) for row in drawn]),
        predicted=np.zeros(len(drawn)),
    )
    judged = irregular_rate(sample, method=Method.IPW)
    return judged if isinstance(judged, Estimate) else None


def _weeks(rows: Sequence[Row]) -> tuple[tuple[date, int], ...]:
    """Return the matches of each week of the period, also of those without any."""
    if not rows:
        return ()
    monday, last = _monday(rows[0].at), _monday(rows[-1].at)
    counts = Counter(_monday(row.at) for row in rows if row.matches)
    weeks = []
    while monday <= last:
        weeks.append((monday, counts[monday]))
        monday += timedelta(days=7)
    return tuple(weeks)


def _monday(at: datetime) -> date:
    return at.date() - timedelta(days=at.weekday())


def _offices(found: Sequence[Row], share: float, days: int) -> tuple[OfficeLoad, ...]:
    matches = Counter(row.office for row in found)
    hours = dict.fromkeys(matches, 0.0)
    for row in found:
        hours[row.office] += row.hours * share if row.milder else 0.0
    return tuple(
        OfficeLoad(office=office, added=hours[office] / days, matches=count)
        for office, count in sorted(matches.items(), key=lambda entry: (-entry[1], entry[0]))
    )


def _spread(found: Sequence[Row]) -> tuple[Row, ...]:
    """Return some rows, evenly spread, newest first."""
    step = max(1, len(found) // _SAMPLES)
    return tuple(reversed(found[step - 1 :: step][-_SAMPLES:]))


def _warnings(
    rows: Sequence[Row], found: Sequence[Row], undecided: int, rate: Rate, drawn: Rate, traders: Counter[str]
) -> list[Warned]:
    warned = {
        Warned.NO_MATCH: bool(rows) and not found,
        Warned.NARROWS_LITTLE: len(found) > _MOST * len(rows),
        Warned.ONE_TRADER: bool(found) and max(traders.values(), default=0) > _ONE_TRADER * len(found),
        Warned.ONLY_TARGETED: rate.inspected > 0 and drawn.inspected < RESULTS_MIN,
        Warned.MOSTLY_UNKNOWN: undecided > len(found),
    }
    return [warning for warning, given in warned.items() if given]
