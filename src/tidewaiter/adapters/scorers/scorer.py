"""The scorer: general model, memory, stack, calibration and heads, as one frozen thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from tidewaiter.adapters.scorers.fate import of_declarations
from tidewaiter.adapters.scorers.files import save_files
from tidewaiter.adapters.scorers.fitting import Calibration, probability
from tidewaiter.adapters.scorers.general import General
from tidewaiter.adapters.scorers.heads import Kinds, Revenue
from tidewaiter.adapters.scorers.stacking import Evidence, Stack
from tidewaiter.adapters.scorers.table import Encoder, Floats, Table
from tidewaiter.core.features.registry import FeatureVector
from tidewaiter.core.scoring.contract import Contribution, ItemScore, Score
from tidewaiter.core.scoring.memory import GOODS, effective_count

__all__ = ["StackScorer"]

#: Contributions smaller than this are not worth keeping with a decision.
_LEAST: Final = 1e-9


@dataclass(frozen=True, kw_only=True)
class StackScorer:
    """Memory and general model in one calibrated score (contract: ``core.scoring.contract.Scorer``)."""

    encoder: Encoder
    general: General
    stack: Stack
    #: Of the probability of an item.
    item_calibration: Calibration
    #: How far the items of one declaration share its fate, 0 to 1 (:func:`.fate.of_declarations`).
    shared_fate: float
    kinds: Kinds
    revenue: Revenue
    #: Version of the feature registry it was trained on.
    feature_set: str
    #: Content hash of its files.
    version: str = ""
    #: Name -> bytes of each of its files.
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    def score(self, vectors: Sequence[FeatureVector]) -> list[Score]:
        """Return the score of each vector, in order."""
        if not vectors:
            return []
        table = self.encoder.table(vectors)
        evidence = self._evidence(table)
        p = self.item_calibration(probability(self.stack.log_odds(evidence)))
        whole = of_declarations(p, table.start, self.shared_fate)
        revenue = p * self.revenue.if_irregular(table)
        kinds = self._kinds(p, whole, table)
        count = effective_count(evidence.remembered, self.stack.smoothing)
        # The declaration is as sure as its most suspicious item.
        sure = count[_leading(p, table)]
        return _scores(table, p, whole, revenue, kinds, self.kinds.names, sure)

    def explain(
        self, vectors: Sequence[FeatureVector], items: Sequence[int]
    ) -> list[tuple[Contribution, ...]]:
        """Return the contributions to the score of one item (index from 0) of each vector.

        In log-odds before calibration, largest magnitude first: of the features of the general model,
        and of each key that is remembered (told as its count of irregular results).  With
        :meth:`expected_value` they add up to :meth:`item_log_odds`.
        """
        return [contributions for contributions, _ in self._explained(vectors, items)]

    def expected_value(self, vectors: Sequence[FeatureVector], items: Sequence[int]) -> list[float]:
        """Return what the contributions to each item start from, in log-odds."""
        return [start for _, start in self._explained(vectors, items)]

    def item_log_odds(self, vectors: Sequence[FeatureVector], items: Sequence[int]) -> list[float]:
        """Return the log-odds, before calibration, of one item of each vector."""
        found: list[float] = self.stack.log_odds(self._evidence(self._rows(vectors, items))).tolist()
        return found

    def save(self, folder: Path) -> None:
        """Write the files of the model into *folder*, which is made; an equal model is left as it is."""
        save_files(folder, self.files, self.version)

    def _evidence(self, table: Table) -> Evidence:
        return self.stack.evidence(table, self.general.log_odds(table))

    def _kinds(self, p: Floats, whole: Floats, table: Table) -> Floats:
        """Return the probability of each kind per declaration, at most that of irregularity."""
        if not self.kinds.names:
            return np.zeros((len(whole), 0))
        shares = p[:, None] * self.kinds.shares(table)
        found = of_declarations(shares, table.start, self.shared_fate)
        return np.minimum(found, whole[:, None])

    def _rows(self, vectors: Sequence[FeatureVector], items: Sequence[int]) -> Table:
        """Return the table of one item of each vector: an item is scored by itself alone."""
        return self.encoder.table([
            FeatureVector(header=vector.header, items=(vector.items[item],))
            for vector, item in zip(vectors, items, strict=True)
        ])  # fmt: skip

    def _explained(
        self, vectors: Sequence[FeatureVector], items: Sequence[int]
    ) -> list[tuple[tuple[Contribution, ...], float]]:
        if not vectors:
            return []
        rows = self._rows(vectors, items)
        names, of_features, start = self.general.contributions(rows)
        inputs = self.stack.evidence(rows, start + of_features.sum(axis=1)).inputs
        found = []
        for i, (item, parts) in enumerate(zip(items, of_features.tolist(), strict=True)):
            moved, slope = self._moved(names, parts, {name: float(inputs[name][i]) for name in inputs})
            told = [
                Contribution(feature=name, item=item, log_odds=value)
                for name, value in sorted(moved.items(), key=lambda entry: -abs(entry[1]))
                if abs(value) > _LEAST
            ]
            found.append((tuple(told), self.stack.fit.intercept + slope * float(start[i])))
        return found

    def _moved(
        self, names: Sequence[str], parts: Sequence[float], inputs: Mapping[str, float]
    ) -> tuple[dict[str, float], float]:
        """Return what moves one item, by feature, and the slope of its general score."""
        slopes = self.stack.fit.slopes
        slope = slopes["general_known" if inputs["known"] > 0.0 else "general_new"]
        moved = {name: slope * value for name, value in zip(names, parts, strict=True)}
        for key in self.stack.keys:
            memory = f"memory:{key.name}"
            moved[key.told_as] = slopes[memory] * inputs[memory]
        moved[f"{GOODS}_inspected_all"] = slopes["known"] * inputs["known"]
        return moved, slope


def _leading(p: Floats, table: Table) -> Any:
    """Return the row of the most suspicious item of each declaration, the first where two are equal."""
    if len(table) == len(table.start):
        return table.start
    order = np.lexsort((np.arange(len(p)), -p, table.owner))
    return order[table.start]


def _scores(
    table: Table,
    p: Floats,
    whole: Floats,
    revenue: Floats,
    kinds: Floats,
    names: tuple[str, ...],
    sure: Floats,
) -> list[Score]:
    """Return the scores of declarations from the columns of their items."""
    items = [
        ItemScore(probability=a, expected_revenue=b)
        for a, b in zip(p.tolist(), revenue.tolist(), strict=True)
    ]
    ends = [*table.start[1:].tolist(), len(table)]
    totals = np.add.reduceat(revenue, table.start).tolist()
    per_kind = kinds.tolist()
    return [
        Score(
            probability=probability_,
            expected_revenue=totals[i],
            kinds=dict(zip(names, per_kind[i], strict=True)),
            items=tuple(items[begin:end]),
            posterior=(probability_ * count, (1.0 - probability_) * count),
        )
        for i, (probability_, count, begin, end) in enumerate(
            zip(whole.tolist(), sure.tolist(), table.start.tolist(), ends, strict=True)
        )
    ]
