"""Drift: has the world moved away from the model, without crying wolf every quiet week?

The primary watch is the calibration of the random arm: what was drawn, predicted, and found.  It is
an e-process: a bet against "the model is calibrated" that pays, on average, no more than it costs as
long as the model is.  Restarting the bet every week gives a detector whose mean time between false
alarms is at least what is asked for, however often one looks.  The second watch compares the
doubly robust irregular rate of the last weeks with the weeks before.

Input shift (:func:`population_stability`) is information only: it moves in most quiet weeks.

Source: Shin, Ramdas, Rinaldo 2022 (e-detectors); Ville 1939.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import ndtri

from tidewaiter.core.learning.estimate import Estimate, Judgement
from tidewaiter.core.learning.intervals import Floats

__all__ = [
    "QUIET_WEEKS",
    "CalibrationWatch",
    "RateShift",
    "Week",
    "calibration_watch",
    "population_stability",
    "rate_shift",
    "watch_cells",
]

#: Weeks between false alarms, at least, on average and for all watched cells together: five years.
QUIET_WEEKS: Final = 260.0
#: The bets: the odds of irregularity are this many times (or one over it) what was predicted.
_ODDS: Final = (1.35, 1.8, 3.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """What one week of the random arm showed."""

    #: Predicted probability of each drawn declaration, 0 to 1.
    predicted: Floats
    #: 1 irregular, 0 compliant.
    irregular: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationWatch:
    """Where the calibration of one cell stands after the last week."""

    alarm: bool
    #: ``more`` irregular than predicted, or ``fewer``; the direction with the larger evidence.
    direction: str
    #: Evidence against calibration; an alarm from :attr:`limit` on.
    evidence: float
    limit: float
    #: Sums of the weeks that were watched.
    drawn: int
    predicted: float
    observed: float

    @property
    def sentence(self) -> str:
        """Return it in words."""
        state = "has drifted" if self.alarm else "shows no drift"
        return (
            f"The random arm {state}: {self.observed:.0f} irregular of {self.drawn} drawn, "
            f"{self.predicted:.1f} predicted (evidence {self.evidence:.3g}, alarm from {self.limit:.3g})."
        )


def calibration_watch(
    weeks: Sequence[Week], *, quiet_weeks: float = QUIET_WEEKS, cells: int = 1, tolerance: float = 0.05
) -> CalibrationWatch:
    """Return where the calibration stands after *weeks*, the oldest first.

    Args:
        weeks: the random arm by week; an empty week changes nothing.
        quiet_weeks: least mean number of weeks between false alarms, over all cells together.
        cells: number of cells watched at the same time (offices, chapters).
        tolerance: relative miscalibration that is not worth an alarm.

    """
    found = {direction: _evidence(weeks, direction, tolerance) for direction in ("more", "fewer")}
    direction = max(found, key=found.__getitem__)
    # Two directions and all cells are watched at once, so each may be wrong that much more rarely.
    limit = quiet_weeks * 2.0 * cells
    evidence = found[direction]
    return CalibrationWatch(
        alarm=evidence >= limit,
        direction=direction,
        evidence=evidence,
        limit=limit,
        drawn=sum(week.predicted.size for week in weeks),
        predicted=float(sum(week.predicted.sum() for week in weeks)),
        observed=float(sum(week.irregular.sum() for week in weeks)),
    )


def _evidence(weeks: Sequence[Week], direction: str, tolerance: float) -> float:
    """Return the mean over the bets of what each, restarted every week, has become (Shiryaev-Roberts)."""
    sign = 1.0 if direction == "more" else -1.0
    logs = np.full(len(_ODDS), -np.inf)
    for week in weeks:
        if week.predicted.size > 0:
            logs = _log_bets(week, sign, tolerance) + np.logaddexp(0.0, logs)
    return float(np.exp(np.minimum(logs, 700.0)).mean())


def _log_bets(week: Week, sign: float, tolerance: float) -> Floats:
    """Return the logarithm of what a unit on each bet became in this week; the mean of it is at most 1.

    With *sign* 1 the bet is that the odds are higher than predicted, with -1 that they are lower.
    """
    null = np.clip(week.predicted * (1.0 + sign * tolerance), 1e-9, 1.0 - 1e-9)
    odds = np.asarray(_ODDS) ** sign
    paid = np.log1p(null[:, np.newaxis] * (odds - 1.0)).sum(axis=0)
    return np.asarray(float(week.irregular.sum()) * np.log(odds) - paid, dtype=np.float64)


def watch_cells(
    weeks: Mapping[str, Sequence[Week]], *, quiet_weeks: float = QUIET_WEEKS
) -> dict[str, CalibrationWatch]:
    """Return the watch of each cell (office, chapter); false alarms are controlled over all of them."""
    cells = max(1, len(weeks))
    return {
        name: calibration_watch(seen, quiet_weeks=quiet_weeks, cells=cells) for name, seen in weeks.items()
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class RateShift:
    """The irregular rate of the last weeks against the weeks before."""

    alarm: bool
    before: float
    after: float
    #: Difference over its standard error; None: too few weeks with an estimate.
    z: float | None
    limit: float

    @property
    def sentence(self) -> str:
        """Return it in words."""
        if self.z is None:
            return "Too few weeks with an estimate to compare."
        state = "has changed" if self.alarm else "has not demonstrably changed"
        return (
            f"The estimated irregular rate {state}: {self.before:.3f} before, {self.after:.3f} now "
            f"(z {self.z:+.1f}, alarm from {self.limit:.1f})."
        )


def rate_shift(
    weekly: Sequence[Judgement], *, newest: int = 6, quiet_weeks: float = QUIET_WEEKS, cells: int = 1
) -> RateShift:
    """Return whether the doubly robust rate of the *newest* weeks differs from that of the weeks before.

    The limit is the normal quantile at which a look every week gives a false alarm at most once in
    *quiet_weeks* weeks over all *cells*.  Weeks without enough evidence are left out.
    """
    limit = float(-ndtri(0.5 / (quiet_weeks * cells)))
    before, after = _pooled(weekly[:-newest]), _pooled(weekly[-newest:])
    if before is None or after is None:
        return RateShift(alarm=False, before=math.nan, after=math.nan, z=None, limit=limit)
    z = (after[0] - before[0]) / math.hypot(before[1], after[1])
    return RateShift(alarm=abs(z) >= limit, before=before[0], after=after[0], z=z, limit=limit)


def _pooled(weekly: Sequence[Judgement]) -> tuple[float, float] | None:
    """Return (rate, standard error) over weeks, by their declarations; None without two estimates."""
    estimates = [week for week in weekly if isinstance(week, Estimate)]
    rows = sum(week.rows for week in estimates)
    if len(estimates) < 2 or rows == 0:
        return None
    rate = sum(week.value * week.rows for week in estimates) / rows
    error = math.sqrt(sum((week.standard_error * week.rows) ** 2 for week in estimates)) / rows
    return (rate, error) if error > 0.0 else None


def population_stability(before: Floats, after: Floats, *, bins: int = 10) -> float:
    """Return the population stability index of a feature between two periods: 0 is no shift.

    Information only: it never raises an alarm by itself.  Missing values (NaN) are a bin of their own.
    """
    known = before[~np.isnan(before)]
    edges = np.unique(np.quantile(known, np.linspace(0, 1, bins + 1)[1:-1])) if known.size else np.empty(0)

    def shares(values: Floats) -> Floats:
        place = np.where(np.isnan(values), edges.size + 1, np.searchsorted(edges, values, side="right"))
        counts = np.bincount(place.astype(np.int64), minlength=edges.size + 2) + 0.5  # no empty bin
        return np.asarray(counts / counts.sum(), dtype=np.float64)

    old, new = shares(before), shares(after)
    return float(((new - old) * np.log(new / old)).sum())
