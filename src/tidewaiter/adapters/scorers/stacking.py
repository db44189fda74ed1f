"""The stack: general score and memory in one monotone logistic.

On goods that were inspected before, the memory of the same goods speaks and the general score
whispers; on new goods it is the other way round.  So the general score has two slopes.  What the
memory says of each key adds to it.  No slope but that of novelty may be negative: an irregular
result never makes anything less suspicious.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import numpy as np

from tidewaiter.adapters.scorers.fitting import Monotone, fit_monotone
from tidewaiter.adapters.scorers.table import Floats, Table
from tidewaiter.core.scoring.memory import GOODS, MEMORY_KEYS, MemoryKey, Remembered, remember

__all__ = ["Evidence", "Stack", "fit_stack", "without_silent"]

#: The only slope that may be negative: whether the same goods were inspected before.
_FREE: Final = ("known",)
#: Pull of each slope towards its prior: about what ten results say.
_STRENGTH: Final = 10.0

#: A single irregular result of the same goods weighs more than the smoothing of 1 lets it.
_PRIOR_GOODS: Final = 1.5
#: Wider keys overlap with each other and with the general score.
_PRIOR_WIDE: Final = 0.3

#: How many imagined controls the same goods may have: where a result always holds for the same goods
#: few, where traders differ more.
_SMOOTHINGS_GOODS: Final = (1.0, 0.1, 0.3, 3.0, 10.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The inputs of the stack for many items."""

    #: Slope name -> column.
    inputs: Mapping[str, Floats]
    remembered: Remembered


@dataclass(frozen=True, kw_only=True)
class Stack:
    """The fitted stack."""

    fit: Monotone
    #: Keys whose memory counts, the same goods first (they tell novelty too), with their smoothing.
    keys: tuple[MemoryKey, ...]
    #: Share of irregular among all goods that were learned from: what a rate is compared with.
    usual_rate: float

    @cached_property
    def smoothing(self) -> Floats:
        """Return the smoothing of each key."""
        return np.array([key.smoothing for key in self.keys])

    @cached_property
    def _counted(self) -> tuple[str, ...]:
        return tuple(name for key in self.keys for name in key.counted)

    def evidence(self, table: Table, general: Floats) -> Evidence:
        """Return the inputs for the items of *table* with their *general* log-odds."""
        counts = table.columns(self._counted).reshape(
            len(table), len(self.keys), len(self._counted) // len(self.keys)
        )
        remembered = remember(counts, self.smoothing, self.usual_rate)
        known = (remembered.inspected[:, 0] > 0.0).astype(np.float64)
        inputs = {"general_new": general * (1.0 - known), "general_known": general * known, "known": known}
        for i, key in enumerate(self.keys):
            inputs[f"memory:{key.name}"] = remembered.evidence[:, i]
        return Evidence(inputs=inputs, remembered=remembered)

    def log_odds(self, evidence: Evidence) -> Floats:
        """Return the log-odds of each item."""
        return self.fit.log_odds(evidence.inputs)

    def to_data(self) -> dict[str, Any]:
        """Return the stack as plain data."""
        keys = [[key.name, key.smoothing] for key in self.keys]
        return {"fit": self.fit.to_data(), "keys": keys, "usual_rate": self.usual_rate}

    @staticmethod
    def from_data(data: Mapping[str, Any]) -> Stack:
        """Return the stack that :meth:`to_data` wrote."""
        keys = tuple(MemoryKey(name=name, smoothing=smoothing) for name, smoothing in data["keys"])
        return Stack(fit=Monotone.from_data(data["fit"]), keys=keys, usual_rate=data["usual_rate"])


def fit_stack(table: Table, general: Floats, usual_rate: float, label: Floats, weight: Floats) -> Stack:
    """Fit the stack on *general* log-odds that were made before the labels were known.

    The smoothing of the same goods is the one under which the labels are most likely.
    """
    smoothing = _smoothing_goods(table, general, usual_rate, label, weight)
    keys = (MemoryKey(name=GOODS, smoothing=smoothing), *MEMORY_KEYS[1:])
    return without_silent(_fitted(table, general, usual_rate, label, weight, keys))


def _smoothing_goods(
    table: Table, general: Floats, usual_rate: float, label: Floats, weight: Floats
) -> float:
    """Return the smoothing of the same goods under which the labels are most likely, all else left out."""
    found: list[tuple[float, float]] = []
    for smoothing in _SMOOTHINGS_GOODS:
        goods = MemoryKey(name=GOODS, smoothing=smoothing)
        stack = _fitted(table, general, usual_rate, label, weight, (goods,))
        z = stack.log_odds(stack.evidence(table, general))
        found.append((float((weight * (np.logaddexp(0.0, z) - label * z)).sum()), smoothing))
    # The first of equals: without labels the smoothing stays where it begins.
    return min(found, key=lambda entry: entry[0])[1]


def _fitted(
    table: Table,
    general: Floats,
    usual_rate: float,
    label: Floats,
    weight: Floats,
    keys: tuple[MemoryKey, ...],
) -> Stack:
    """Return the stack of the general score and the memory of *keys*."""
    stack = Stack(fit=Monotone(intercept=0.0, slopes={}), keys=keys, usual_rate=usual_rate)
    inputs = stack.evidence(table, general).inputs
    fit = fit_monotone(inputs, label, weight, prior=_prior(), strength=_STRENGTH, free=_FREE)
    return replace(stack, fit=fit)


def without_silent(stack: Stack) -> Stack:
    """Return *stack* without the keys that do not count, so that they need not be read."""
    keys = tuple(k for k in stack.keys if k.name == GOODS or stack.fit.slopes[f"memory:{k.name}"] > 0.0)
    names = {"general_new", "general_known", "known", *(f"memory:{key.name}" for key in keys)}
    slopes = {name: slope for name, slope in stack.fit.slopes.items() if name in names}
    fit = Monotone(intercept=stack.fit.intercept, slopes=slopes)
    return Stack(fit=fit, keys=keys, usual_rate=stack.usual_rate)


def _prior() -> dict[str, float]:
    """Return the slopes before anything was learned."""
    wide = {f"memory:{key.name}": _PRIOR_WIDE for key in MEMORY_KEYS}
    return {"general_new": 1.0, "general_known": 1.0, "known": 0.0, **wide, f"memory:{GOODS}": _PRIOR_GOODS}
