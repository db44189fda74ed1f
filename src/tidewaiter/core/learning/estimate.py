"""Estimate what a policy finds, from controls whose probabilities were logged, with honest intervals.

Only inspected declarations have a truth, and they were not chosen evenly, so a rate among them says
little about the rest.  Because each had a known, positive probability, any policy can be judged on
them, also one that never ran:

* ``ipw``: each inspected row counts 1/probability (Hajek: divided by the sum of the weights);
* ``dr``, doubly robust: a prediction for every row, corrected on the inspected ones by the weighted
  error of the prediction.  Unbiased whatever the predictions are, and narrower the better they are;
* ``naive``: the inspected rows as they come.  It is wrong, and stands beside the others to show it.

Predictions must not have been fitted on the rows they are used for.

An estimate is a ratio of sums; its interval is linearised (influence functions).

Source: Hajek 1971; Robins, Rotnitzky, Zhao 1994; Dudik, Langford, Li 2011.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from tidewaiter.core.learning.intervals import Floats, half_width, share_interval

__all__ = [
    "SAMPLED_MIN",
    "Estimate",
    "Judgement",
    "Method",
    "Metric",
    "NotEnoughEvidence",
    "Sample",
    "by_cell",
    "compare",
    "hit_rate",
    "irregular_rate",
    "recall",
    "revenue",
]

Truths: TypeAlias = npt.NDArray[np.bool_]

#: Fewer inspected rows than this where two policies disagree, and no interval can be trusted.
SAMPLED_MIN: Final = 20


class Method(StrEnum):
    """How the rows that nobody inspected are accounted for."""

    NAIVE = "naive"
    IPW = "ipw"
    DR = "dr"


class Metric(StrEnum):
    """What a policy is judged by."""

    #: Irregular among those it inspects.
    HIT_RATE = "hit_rate"
    #: Those it inspects among all irregular ones.
    RECALL = "recall"
    #: Additional duty it finds, per declaration of the sample.
    REVENUE = "revenue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Declarations of a period, one row each, inspected or not."""

    #: Logged probability of being inspected, above 0 to 1.
    inclusion: Floats
    #: Whether a conclusive result is known.
    inspected: Truths
    #: 1 irregular, 0 compliant; read only where inspected.
    irregular: Floats
    #: Predicted probability of irregularity for every row, 0 to 1.
    predicted: Floats
    #: Additional duty found, national currency; read only where inspected.
    found: Floats | None = None
    #: Expected additional duty for every row.
    expected: Floats | None = None

    def __post_init__(self) -> None:
        """Refuse rows that cannot have been drawn: they would give confident nonsense."""
        given = (self.inspected, self.irregular, self.predicted, self.found, self.expected)
        if any(column is not None and column.shape != self.inclusion.shape for column in given):
            raise ValueError("BUG: the columns of a sample have different lengths")
        if not np.all((self.inclusion > 0.0) & (self.inclusion <= 1.0)):
            raise ValueError("BUG: an inclusion probability is not above 0 and at most 1")

    def __len__(self) -> int:
        """Return the number of declarations."""
        return int(self.inclusion.size)

    def only(self, rows: Truths) -> Sample:
        """Return the sample of the chosen *rows*."""
        return Sample(
            inclusion=self.inclusion[rows],
            inspected=self.inspected[rows],
            irregular=self.irregular[rows],
            predicted=self.predicted[rows],
            found=None if self.found is None else self.found[rows],
            expected=None if self.expected is None else self.expected[rows],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A figure with its interval and what it rests on."""

    value: float
    low: float
    high: float
    standard_error: float
    #: Confidence of the interval, such as 0.95.
    confidence: float
    method: Method
    #: Declarations in the sample.
    rows: int
    #: Inspected ones among those that bear on the figure.
    inspected: int
    #: Rows of equal weight that would tell as much (Kish).
    effective: float
    #: Share of all weight that the heaviest row carries, 0 to 1.
    weight_share_max: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NotEnoughEvidence:
    """Too few inspected rows to say anything, and how many more it takes."""

    #: Inspected rows that bear on the question.
    sampled: int
    needed: int = SAMPLED_MIN

    @property
    def sentence(self) -> str:
        """Return it in words."""
        return (
            f"Not enough evidence: {self.sampled} inspected declarations bear on this, "
            f"{self.needed} are needed."
        )


Judgement: TypeAlias = Estimate | NotEnoughEvidence
#: A policy: the probability, 0 to 1, that it inspects each row.
Policy: TypeAlias = Floats


def irregular_rate(sample: Sample, *, method: Method = Method.DR, confidence: float = 0.95) -> Judgement:
    """Return the share of irregular declarations among all, inspected or not, 0 to 1."""
    outcome, unit = _outcome(sample, method)
    everything = np.ones(len(sample))
    ratio = _Ratio.of(sample, outcome, unit, top_slope=everything, below_slope=0.0 * everything)
    return _judged(sample, ratio, everything, method, confidence, share=True)


def hit_rate(
    sample: Sample,
    policy: Policy,
    *,
    champion: Policy | None = None,
    method: Method = Method.DR,
    confidence: float = 0.95,
) -> Judgement:
    """Return the share of irregular declarations among those that *policy* inspects, 0 to 1.

    With a *champion*: not enough evidence when too few rows were inspected where only *policy* would.
    """
    return _of_policy(sample, policy, Metric.HIT_RATE, champion, method, confidence)


def recall(
    sample: Sample,
    policy: Policy,
    *,
    champion: Policy | None = None,
    method: Method = Method.DR,
    confidence: float = 0.95,
) -> Judgement:
    """Return the share of all irregular declarations that *policy* inspects, 0 to 1."""
    return _of_policy(sample, policy, Metric.RECALL, champion, method, confidence)


def revenue(
    sample: Sample,
    policy: Policy,
    *,
    champion: Policy | None = None,
    method: Method = Method.DR,
    confidence: float = 0.95,
) -> Judgement:
    """Return the additional duty that *policy* finds per declaration of the sample, national currency."""
    return _of_policy(sample, policy, Metric.REVENUE, champion, method, confidence)


def _of_policy(
    sample: Sample,
    policy: Policy,
    metric: Metric,
    champion: Policy | None,
    method: Method,
    confidence: float,
) -> Judgement:
    """Return *metric* of *policy*; what no policy inspects bears on its recall, too."""
    if (lack := _lacking(sample, policy, champion)) is not None:
        return lack
    bearing = np.ones(len(sample)) if metric is Metric.RECALL else policy
    ratio = _ratio(sample, policy, metric, method)
    return _judged(sample, ratio, bearing, method, confidence, share=metric is not Metric.REVENUE)


def compare(
    sample: Sample,
    champion: Policy,
    challenger: Policy,
    *,
    metric: Metric = Metric.RECALL,
    confidence: float = 0.95,
) -> Judgement:
    """Return challenger minus champion in *metric*, doubly robust; above 0 the challenger finds more.

    The difference is paired: what both inspect cancels out, so the interval is narrower than the
    two apart suggest.
    """
    if (lack := _lacking(sample, challenger, champion)) is not None:
        return lack
    new, old = (_ratio(sample, policy, metric, Method.DR) for policy in (challenger, champion))
    bearing = np.maximum(champion, challenger)
    return _judged(sample, new.minus(old), bearing, Method.DR, confidence, share=False)


def by_cell(
    sample: Sample,
    cells: npt.NDArray[Any],
    judge: Callable[[Sample, Truths, float], Judgement],
    *,
    confidence: float = 0.95,
) -> Mapping[Any, Judgement]:
    """Return *judge* (sample of the cell, its rows, confidence) for each value of *cells*.

    The confidence holds for all cells together (Bonferroni): a table of fifty offices at 95 % each
    would show two or three false alarms.
    """
    names = np.unique(cells)
    each = 1.0 - (1.0 - confidence) / max(1, names.size)
    return {name.item(): judge(sample.only(cells == name), cells == name, each) for name in names}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ratio:
    """A ratio of two sums over the rows, and its influence function.

    ``slope`` and ``constant`` write the influence as a straight line in the corrected outcome of the
    row; they are what the predictions turn into an expected variance.
    """

    value: float
    influence: Floats
    slope: Floats
    constant: Floats
    #: Whether the denominator is above zero, so that there is a ratio at all.
    defined: bool

    @classmethod
    def of(
        cls, sample: Sample, top: Floats, below: Floats, *, top_slope: Floats, below_slope: Floats
    ) -> _Ratio:
        mean = float(below.mean()) if len(sample) else 0.0
        if not mean > 0.0:
            empty = np.zeros(len(sample))
            return cls(value=0.0, influence=empty, slope=empty, constant=empty, defined=False)
        value = float(top.mean()) / mean
        slope = (top_slope - value * below_slope) / mean
        # Where the denominator does not depend on the outcome it is a constant of the row.
        constant = np.where(below_slope > 0.0, 0.0, -value * below / mean)
        return cls(
            value=value, influence=(top - value * below) / mean, slope=slope, constant=constant, defined=True
        )

    def minus(self, other: _Ratio) -> _Ratio:
        return _Ratio(
            value=self.value - other.value,
            influence=self.influence - other.influence,
            slope=self.slope - other.slope,
            constant=self.constant - other.constant,
            defined=self.defined and other.defined,
        )

    def expected_square(self, sample: Sample) -> float:
        """Return the mean square of the influence that calibrated predictions lead one to expect."""
        predicted = sample.predicted
        noise = predicted * (1.0 - predicted) / sample.inclusion
        return float(((self.slope * predicted + self.constant) ** 2 + self.slope**2 * noise).mean())


def _ratio(sample: Sample, policy: Policy, metric: Metric, method: Method) -> _Ratio:
    """Return *metric* of *policy* as a ratio."""
    everything = np.ones(len(sample))
    if metric is Metric.REVENUE:
        if sample.found is None or sample.expected is None:
            raise ValueError("BUG: revenue needs what was found and what was expected")
        money = replace(sample, irregular=sample.found, predicted=sample.expected)
        outcome, unit = _outcome(money, method)
        # The variance of money given the features is not predicted, so no line is drawn: NaN.
        unknown = np.full(len(sample), np.nan)
        return _Ratio.of(sample, policy * outcome, unit, top_slope=unknown, below_slope=0.0 * everything)
    outcome, unit = _outcome(sample, method)
    if metric is Metric.HIT_RATE:
        below, slope = policy * unit, 0.0 * everything
    else:
        below, slope = outcome, everything
    return _Ratio.of(sample, policy * outcome, below, top_slope=policy, below_slope=slope)


def _outcome(sample: Sample, method: Method) -> tuple[Floats, Floats]:
    """Return (outcome, unit) per row: their sums estimate the total outcome and the number of rows."""
    known = np.where(sample.inspected, sample.irregular, 0.0)
    if method is Method.NAIVE:
        return known, sample.inspected.astype(np.float64)
    weight = np.where(sample.inspected, 1.0 / sample.inclusion, 0.0)
    if method is Method.IPW:
        return weight * known, weight
    return sample.predicted + weight * (known - sample.predicted), np.ones(len(sample))


def _lacking(sample: Sample, policy: Policy, champion: Policy | None) -> NotEnoughEvidence | None:
    """Return the lack of evidence where only *policy* would inspect, or None when there is enough.

    Where all of those rows were inspected nothing is left to estimate, however few they are.
    """
    if champion is None:
        return None
    apart = (policy - champion) > 0.5
    sampled = int(np.count_nonzero(sample.inspected & apart))
    enough = sampled >= SAMPLED_MIN or sampled == int(np.count_nonzero(apart))
    return None if enough else NotEnoughEvidence(sampled=sampled)


def _judged(
    sample: Sample, ratio: _Ratio, bearing: Floats, method: Method, confidence: float, *, share: bool
) -> Judgement:
    """Return the ratio with its interval, or the lack of evidence among the rows that bear on it."""
    rows = sample.inspected & (bearing > 0.0)
    inspected = int(np.count_nonzero(rows))
    if inspected < SAMPLED_MIN or not ratio.defined:
        return NotEnoughEvidence(sampled=inspected)
    expected = ratio.expected_square(sample) if method is Method.DR else np.nan
    half, error = half_width(ratio.influence, confidence, None if np.isnan(expected) else float(expected))
    value = min(1.0, max(0.0, ratio.value)) if share else ratio.value
    low, high = share_interval(value, half) if share else (value - half, value + half)
    weight = 1.0 / sample.inclusion[rows]
    return Estimate(
        value=value,
        low=low,
        high=high,
        standard_error=error,
        confidence=confidence,
        method=method,
        rows=len(sample),
        inspected=inspected,
        effective=float(weight.sum() ** 2 / (weight**2).sum()),
        weight_share_max=float(weight.max() / weight.sum()),
    )
