"""What kind of irregularity, and how much revenue: learned from items that were found irregular.

Both are conditional on irregularity, so a kind is never more likely than irregularity itself, and
the expected revenue is probability times what an irregular item brings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from tidewaiter.adapters.scorers.optimise import lbfgs
from tidewaiter.adapters.scorers.table import Floats, Table
from tidewaiter.adapters.scorers.trees import Trees, fit_trees
from tidewaiter.core.control import Irregularity

__all__ = ["KIND_LABELS_MIN", "REVENUE_NUMBERS", "Kinds", "Revenue", "fit_kinds", "fit_revenue"]

#: A kind with fewer labelled items than this gets no head.
KIND_LABELS_MIN: Final = 50
#: Fewer duty effects than this teach no amount.
_DUTIES_MIN: Final = 50

#: Pull of each standardised slope of the amount towards 0, in irregular items of usual duty effect.
_DUTY_RIDGE: Final = 10.0
_DUTY_STEPS: Final = 300
#: Exponents stay within this, so that no amount is infinite.
_EXPONENT_MAX: Final = 60.0

#: What the amount is learned from.
REVENUE_NUMBERS: Final = ("duty_at_stake", "customs_value", "duty_rate", "net_mass", "unit_value_ratio")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinds:
    """The share of each kind among irregular items like this one."""

    #: Kinds in the order of the classes; the last class is the rest.
    names: tuple[str, ...]
    #: None: no kind has labels enough.
    trees: Trees | None

    def shares(self, table: Table) -> Floats:
        """Return the share of each kind, items × kinds."""
        if self.trees is None:
            return np.zeros((len(table), 0))
        return self.trees.shares(table)[:, : len(self.names)]


def fit_kinds(
    table: Table,
    kinds: Sequence[frozenset[str]],
    weight: Floats,
    columns: Sequence[str],
    *,
    seed: int,
    threads: int,
) -> Kinds:
    """Learn the kinds of irregular items; an item with several kinds counts in each, in equal parts."""
    counts: dict[str, int] = {}
    for found in kinds:
        for name in found:
            counts[name] = counts.get(name, 0) + 1
    # "Other" says no more than that the item is irregular.
    counts.pop(Irregularity.OTHER.value, None)
    names = tuple(sorted(name for name, count in counts.items() if count >= KIND_LABELS_MIN))
    if not names:
        return Kinds(names=(), trees=None)
    rows: list[tuple[int, int, float]] = []
    for i, found in enumerate(kinds):
        classes = [names.index(name) for name in sorted(found) if name in names] or [len(names)]
        rows += [(i, c, 1.0 / len(classes)) for c in classes]
    chosen = np.array([row[0] for row in rows], dtype=np.int64)
    label = np.array([row[1] for row in rows], dtype=np.float64)
    part = np.array([row[2] for row in rows], dtype=np.float64)
    trees = fit_trees(
        table.rows(chosen), label, weight[chosen] * part, columns,
        seed=seed, threads=threads, trees=40, classes=len(names) + 1, num_leaves=7, learning_rate=0.1,
    )  # fmt: skip
    return Kinds(names=names, trees=trees)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revenue:
    """The additional duty of an item, if it is irregular: the exponential of a weighted sum.

    Learned where duty effects were recorded; otherwise the duty at stake.
    """

    #: Slopes of the intercept and of the inputs, in their order; empty: nothing was recorded.
    slopes: tuple[float, ...] = ()
    #: No prediction is above what was found, national currency.
    high: float = 0.0

    @property
    def learned(self) -> bool:
        """Whether the amount was learned, or is the duty at stake."""
        return bool(self.slopes)

    def if_irregular(self, table: Table) -> Floats:
        """Return the additional duty of each item if it is irregular, national currency, from 0."""
        if not self.learned:
            return np.nan_to_num(table["duty_at_stake"])
        predicted = np.zeros(len(table))
        # Added one by one: a matrix product gives one item and a million different last bits.
        for slope, column in zip(self.slopes, _inputs(table).T, strict=True):
            predicted += slope * column
        return np.minimum(np.exp(np.clip(predicted, -_EXPONENT_MAX, _EXPONENT_MAX)), self.high)

    def to_data(self) -> dict[str, Any]:
        """Return the head as plain data."""
        return {"slopes": list(self.slopes), "high": self.high}

    @staticmethod
    def from_data(data: Mapping[str, Any]) -> Revenue:
        """Return the head that :meth:`to_data` wrote."""
        return Revenue(slopes=tuple(data["slopes"]), high=data["high"])


def fit_revenue(table: Table, duty_effect: Floats, weight: Floats) -> Revenue:
    """Learn the additional duty of irregular items; the duty at stake where too few were recorded.

    A quasi-Poisson regression (Wedderburn 1974) with a ridge on standardised inputs: what was found
    adds up to what is predicted at every level, which a regression of logarithms does not achieve on
    amounts with a long tail, and items without any duty effect count as the zeros that they are.
    """
    if int((duty_effect > 0.0).sum()) < _DUTIES_MIN:
        return Revenue()
    inputs = _inputs(table)[:, 1:]
    middle, spread = inputs.mean(axis=0), inputs.std(axis=0)
    # An input that is the same everywhere teaches nothing.
    varied = np.flatnonzero(spread > 1e-9)
    columns = (inputs[:, varied] - middle[varied]) / spread[varied]
    usual = float((weight * duty_effect).sum() / weight.sum())
    target = duty_effect / usual

    def loss(x: Floats) -> tuple[float, Floats]:
        # Summed without the linear algebra library, so that its threads do not touch the last bits.
        z = np.clip(x[0] + (columns * x[1:]).sum(axis=1), -_EXPONENT_MAX, _EXPONENT_MAX)
        expected = np.exp(z)
        value = float((weight * (expected - target * z)).sum() + 0.5 * _DUTY_RIDGE * (x[1:] ** 2).sum())
        beyond = weight * (expected - target)
        slopes = (beyond[:, None] * columns).sum(axis=0) + _DUTY_RIDGE * x[1:]
        return value, np.concatenate(([beyond.sum()], slopes))

    found = lbfgs(loss, np.zeros(1 + len(varied)), steps=_DUTY_STEPS)
    slopes = np.zeros(1 + inputs.shape[1])
    slopes[1 + varied] = found[1:] / spread[varied]
    slopes[0] = np.log(usual) + found[0] - float((slopes[1:] * middle).sum())
    return Revenue(slopes=tuple(slopes.tolist()), high=float(duty_effect.max()))


def _inputs(table: Table) -> Floats:
    """Return the inputs of the amount: 1, then logarithms, then whether each was there."""
    values = table.columns(REVENUE_NUMBERS)
    there = ~np.isnan(values)
    logarithms = np.log1p(np.where(there, np.maximum(values, 0.0), 0.0))
    return np.concatenate((np.ones((len(table), 1)), logarithms, there), axis=1)
