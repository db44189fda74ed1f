"""Small fits: a monotone logistic with a prior, and the calibration of probabilities.

Both fall back to their prior when there is little to learn from, so a young installation gets a
sensible score and an old one its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from tidewaiter.adapters.scorers.optimise import bounded_quadratic
from tidewaiter.adapters.scorers.table import Booleans, Floats

__all__ = ["Calibration", "Monotone", "fit_calibration", "fit_monotone", "log_odds", "probability"]

#: Probabilities are kept this far from 0 and 1: nothing is ever certain, and log-odds stay finite.
_EDGE: Final = 1e-6
#: Newton's steps; five to ten are usual.
_NEWTON_MAX: Final = 50


def probability(z: Floats) -> Floats:
    """Return the probability of the log-odds *z*."""
    found: Floats = 1.0 / (1.0 + np.exp(-np.minimum(np.maximum(z, -30.0), 30.0)))
    return found


def log_odds(p: Floats) -> Floats:
    """Return the log-odds of the probability *p*, which is kept off 0 and 1."""
    kept = np.clip(p, _EDGE, 1.0 - _EDGE)
    found: Floats = np.log(kept / (1.0 - kept))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Monotone:
    """A logistic whose slopes are not negative: more evidence never lowers the score."""

    intercept: float
    #: Name of each input, with its slope.
    slopes: Mapping[str, float]

    def log_odds(self, inputs: Mapping[str, Floats]) -> Floats:
        """Return the log-odds from the named inputs; an input with slope 0 need not be there.

        Added one by one, so that one item and a million give the same bits.
        """
        total: Floats = np.array(self.intercept)
        for name, slope in self.slopes.items():
            if slope:
                total = total + slope * inputs[name]
        return total

    def to_data(self) -> dict[str, Any]:
        """Return the fit as plain data."""
        return {"intercept": self.intercept, "slopes": list(self.slopes.items())}

    @staticmethod
    def from_data(data: Mapping[str, Any]) -> Monotone:
        """Return the fit that :meth:`to_data` wrote."""
        return Monotone(intercept=data["intercept"], slopes=dict(data["slopes"]))


def fit_monotone(
    inputs: Mapping[str, Floats],
    label: Floats,
    weight: Floats,
    *,
    prior: Mapping[str, float],
    strength: float,
    free: Sequence[str] = (),
) -> Monotone:
    """Fit a logistic with slopes from 0 that are pulled towards *prior* with *strength*.

    *strength* is in units of a squared difference of a slope; an input named in *free* may have a
    negative slope.  Without rows of both classes the prior is returned.
    """
    positive = float((label * weight).sum())
    if not len(label) or not 0.0 < positive < float(weight.sum()):
        return Monotone(intercept=0.0, slopes={name: prior[name] for name in inputs})
    columns = np.stack(list(inputs.values()), axis=1)
    start = np.array([0.0, *(prior[name] for name in inputs)])
    pull = np.array([1e-3, *([strength] * len(inputs))])
    low = np.array([-np.inf, *(-np.inf if name in free else 0.0 for name in inputs)])
    found = _minimise(columns, label, weight, start, pull, low).tolist()
    return Monotone(intercept=found[0], slopes=dict(zip(inputs, found[1:], strict=True)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Beta calibration (Kull, Silva Filho and Flach 2017): strictly rising, so it keeps the order.

    log-odds = shift + low ln(p) - high ln(1 - p); the identity is shift 0, low 1, high 1.
    """

    shift: float = 0.0
    low: float = 1.0
    high: float = 1.0

    def __call__(self, p: Floats) -> Floats:
        """Return the calibrated probability of *p*."""
        kept = np.minimum(np.maximum(p, _EDGE), 1.0 - _EDGE)
        return probability(self.shift + self.low * np.log(kept) - self.high * np.log1p(-kept))

    def to_data(self) -> dict[str, float]:
        """Return the calibration as plain data."""
        return {"shift": self.shift, "low": self.low, "high": self.high}


#: A slope below this would flatten the order of the scores.
_SLOPE_MIN: Final = 0.05
#: How many labelled rows the identity counts for.
_STRENGTH: Final = 5.0


def fit_calibration(
    p: Floats, label: Floats, weight: Floats, unbiased: Booleans | None = None
) -> Calibration:
    """Fit the calibration of *p* on *label* with *weight*.

    Where some rows are *unbiased* (drawn with one probability whatever they are), the level is
    settled on them alone, unweighted: clipped weights give the shape, but not the level.
    """
    positive = float((label * weight).sum())
    if not len(label) or not 0.0 < positive < float(weight.sum()):
        return Calibration()
    kept = np.clip(p, _EDGE, 1.0 - _EDGE)
    columns = np.stack((np.log(kept), -np.log1p(-kept)), axis=1)
    start, pull = np.array([0.0, 1.0, 1.0]), np.array([1e-3, _STRENGTH, _STRENGTH])
    bounds = np.array([-np.inf, _SLOPE_MIN, _SLOPE_MIN])
    shift, low, high = (float(x) for x in _minimise(columns, label, weight, start, pull, bounds))
    if unbiased is not None and 0.0 < label[unbiased].sum() < unbiased.sum():
        fixed = (columns @ np.array([low, high]))[unbiased]
        shift = _level(fixed, label[unbiased])
    return Calibration(shift=shift, low=low, high=high)


def _level(fixed: Floats, label: Floats) -> float:
    """Return the shift at which *fixed* + shift predicts as many irregular rows as there are."""
    below, above = -30.0, 30.0
    wanted = float(label.sum())
    for _ in range(60):
        middle = 0.5 * (below + above)
        if float(probability(fixed + middle).sum()) < wanted:
            below = middle
        else:
            above = middle
    return 0.5 * (below + above)


def _minimise(
    columns: Floats, label: Floats, weight: Floats, start: Floats, pull: Floats, low: Floats
) -> Floats:
    """Return intercept and slopes of the weighted logistic with a ridge *pull* towards *start*.

    Newton's steps, each the best within the bounds *low*, halved until they gain.
    """
    inputs = np.column_stack((np.ones(len(label)), columns))
    found = np.maximum(start, low)
    value, gradient, curvature = _logistic(inputs, label, weight, start, pull, found)
    for _ in range(_NEWTON_MAX):
        step = bounded_quadratic(curvature, gradient, found, low)
        size, gained = 1.0, 0.0
        while size > 1e-6:
            new = np.maximum(found + size * step, low)
            tried = _logistic(inputs, label, weight, start, pull, new)
            gained = value - tried[0]
            if gained >= 0.0:
                break
            size *= 0.5
        if gained <= 1e-9 * max(abs(value), 1.0):
            break
        found, (value, gradient, curvature) = new, tried
    return found


def _logistic(
    inputs: Floats, label: Floats, weight: Floats, start: Floats, pull: Floats, parameters: Floats
) -> tuple[float, Floats, Floats]:
    """Return value, gradient and curvature of the penalised loss.

    Sums without the linear algebra library, so that its threads do not touch the last bits.
    """
    z = (inputs * parameters).sum(axis=1)
    away = parameters - start
    p = probability(z)
    value = float((weight * (np.logaddexp(0.0, z) - label * z)).sum() + 0.5 * (pull * away * away).sum())
    gradient = ((weight * (p - label))[:, None] * inputs).sum(axis=0) + pull * away
    curved = (weight * np.maximum(p * (1.0 - p), _EDGE))[:, None] * inputs
    curvature = np.einsum("ij,ik->jk", curved, inputs) + np.diag(pull)
    return value, gradient, curvature
