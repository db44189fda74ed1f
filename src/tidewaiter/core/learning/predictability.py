"""Predictability: how well those who are controlled can foretell it, and what share would stop them.

A clearing agent sees the declarations that it lodges and the lanes that they get.  Whoever learns the
rules from them lodges what no rule selects.  So the skill of such a forecast is measured, and the rules
give a part of their work to the random draw until the skill is within the limit of the administration.
The ideal is a forecast that is no better than a coin: area 0.5, no bit gained.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["Floats", "Skill", "Suggestion", "expected_area", "kept_part", "mixed", "skill", "suggested"]

#: One number a row.
Floats: TypeAlias = npt.NDArray[np.float64]

#: Quantile of the normal distribution for 95 %.
_Z: Final = 1.959964
#: Forecasts are kept this far from certainty: one surprise must not cost infinitely many bits.
_EDGE: Final = 1e-4
#: The suggested part is found to a thousandth: halvings of the interval from 0 to 1.
_HALVINGS: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """How well a forecast told the controlled from the others."""

    #: Chance that a controlled declaration was thought likelier than one that was not; ties count half.
    area: float
    #: The 95 % interval of the area (DeLong 1988).
    low: float
    high: float
    #: What the forecast says more than the usual rate, bits a declaration; below 0: it misleads.
    bits: float
    #: Declarations that were foretold, and of them controlled.
    rows: int
    controlled: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """The part of the work that the rules may keep, and what the random draw takes over."""

    #: Multiplies the share of each profile, 0 to 1.
    kept: float
    #: Probability of the random draw for every declaration, 0 to 1.
    random_rate: float
    #: The area that the same forecast is expected to have then.
    area: float


def skill(controlled: Floats, forecast: Floats, usual: float) -> Skill | None:
    """Return the skill of *forecast* (probabilities) of what was *controlled* (0 or 1), higher is likelier.

    *usual* is the rate that is known without any skill.  None when all were controlled, or nobody.
    """
    positive, negative = forecast[controlled > 0.5], forecast[controlled <= 0.5]
    m, n = len(positive), len(negative)
    if not m or not n:
        return None
    above = _share_below(negative, positive)
    below = 1.0 - _share_below(positive, negative)
    area = float(above.mean())
    variance = (above.var(ddof=1) / m if m > 1 else 0.25) + (below.var(ddof=1) / n if n > 1 else 0.25)
    half = _Z * math.sqrt(float(variance))
    return Skill(
        area=area,
        low=max(0.0, area - half),
        high=min(1.0, area + half),
        bits=_bits(controlled, forecast) - _bits(controlled, np.full(m + n, usual)),
        rows=m + n,
        controlled=m,
    )


def mixed(probability: Floats, kept: float) -> Floats:
    """Return the probabilities of control when the rules keep the part *kept* and the draw does the rest.

    The work stays the same: what the rules give up is spread over all declarations alike.
    """
    found: Floats = kept * probability + (1.0 - kept) * probability.mean()
    return found


def expected_area(forecast: Floats, probability: Floats) -> float:
    """Return the area that *forecast* is expected to have where each is controlled with *probability*.

    All pairs are weighted with the chance that the first is controlled and the second is not; ties of
    the forecast count half.  0.5 where there is no such pair.
    """
    chosen, spared = probability, 1.0 - probability
    pairs = float(chosen.sum() * spared.sum())
    if pairs <= 0.0:
        return 0.5
    order = np.argsort(forecast, kind="stable")
    ranked = forecast[order]
    starts = np.flatnonzero(np.concatenate(([True], ranked[1:] != ranked[:-1])))
    spared_of = np.add.reduceat(spared[order], starts)
    chosen_of = np.add.reduceat(chosen[order], starts)
    before = np.cumsum(spared_of) - spared_of
    return float((chosen_of * (before + 0.5 * spared_of)).sum() / pairs)


def kept_part(forecast: Floats, probability: Floats, limit: float) -> float:
    """Return the largest part that the rules may keep so that the expected area is at most *limit*.

    1 when the limit holds already; 0 when it does not even hold for the random draw alone.
    """
    if expected_area(forecast, probability) <= limit:
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        if expected_area(forecast, mixed(probability, middle)) <= limit:
            low = middle
        else:
            high = middle
    return low


def suggested(forecast: Floats, probability: Floats, limit: float) -> Suggestion:
    """Return what brings the expected area of *forecast* to *limit* (0.5 to 1) at the same work.

    *probability* is the exact probability of control of each declaration, as it was logged.
    """
    kept = kept_part(forecast, probability, limit)
    return Suggestion(
        kept=kept,
        random_rate=(1.0 - kept) * float(probability.mean()),
        area=expected_area(forecast, mixed(probability, kept)),
    )


def _share_below(of: Floats, values: Floats) -> Floats:
    """Return, for each of *values*, the share of *of* that is smaller, ties counted half."""
    ordered = np.sort(of)
    found: Floats = (
        np.searchsorted(ordered, values, side="left") + np.searchsorted(ordered, values, side="right")
    ) / (2.0 * len(of))
    return found


def _bits(controlled: Floats, forecast: Floats) -> float:
    """Return the mean logarithm, to base 2, of the probability that was given to what happened."""
    p = np.minimum(np.maximum(forecast, _EDGE), 1.0 - _EDGE)
    return float(np.log2(np.where(controlled > 0.5, p, 1.0 - p)).mean())
