"""Scores made before the labels were known: the honest ground for stack, calibration and card.

The general model is fitted on what was known at a day and scores what was lodged from that day on,
twice.  A score of a row that the model was fitted on would be too good, and a stack that learned
from it would trust the general model too much.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from tidewaiter.adapters.scorers.general import Parts
from tidewaiter.adapters.scorers.labelled import Labelled, distinct
from tidewaiter.adapters.scorers.table import Booleans, Floats, Ints, Table

__all__ = ["FOLDS", "LABELS_MIN", "Forward", "forward_scores", "learnable"]

#: Shares of the labelled items after which a fold begins: the newest quarter is the hold-out.
FOLDS: Final = (0.5, 0.75)
#: A general model needs at least this many goods of each outcome.
LABELS_MIN: Final = 10

Fit: TypeAlias = Callable[[Ints, Floats, Floats], Parts]


@dataclass(frozen=True, kw_only=True)
class Forward:
    """Labelled rows that were scored by a model which had not seen them."""

    #: Rows of the labelled items.
    rows: Ints
    #: Log-odds by each part of the general model.
    linear: Floats
    trees: Floats
    #: Whether the goods were new to that model.
    new: Booleans
    #: Fold of each row, from 0; the last one present is the hold-out.
    fold: Ints

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    def part(self, chosen: Booleans) -> Forward:
        """Return the *chosen* rows."""
        return Forward(
            rows=self.rows[chosen], linear=self.linear[chosen], trees=self.trees[chosen],
            new=self.new[chosen], fold=self.fold[chosen],
        )  # fmt: skip

    @property
    def newest(self) -> Booleans:
        """Which rows are in the last fold."""
        newest: Booleans = self.fold == (self.fold.max() if len(self.fold) else 0)
        return newest

    @property
    def inputs(self) -> dict[str, Floats]:
        """The log-odds by part, as the blend takes them."""
        return {"linear": self.linear, "trees": self.trees}


def learnable(label: Floats) -> bool:
    """Tell whether there is enough of both outcomes to fit a general model."""
    irregular = float(label.sum())
    return min(irregular, len(label) - irregular) >= LABELS_MIN


def forward_scores(labelled: Labelled, table: Table, fit: Fit) -> Forward:
    """Return the labelled items of the newer half, scored ahead of time by models from *fit*.

    *fit* takes rows of goods with label and weight.
    """
    starts = (
        [int(labelled.lodged_day[int(share * len(labelled))]) for share in FOLDS] if len(labelled) else []
    )
    ends = [*starts[1:], int(labelled.lodged_day.max()) + 1 if len(labelled) else 0]
    found: list[Forward] = []
    for fold, (start, end) in enumerate(zip(starts, ends, strict=True)):
        known = np.flatnonzero(labelled.known_day < start)
        ahead = np.flatnonzero((labelled.lodged_day >= start) & (labelled.lodged_day < end))
        if not len(known) or not len(ahead):
            continue
        goods, label, weight = distinct(labelled, known)
        if not learnable(label):
            continue
        scores = fit(goods, label, weight).inputs(table.rows(ahead))
        new = ~np.isin(labelled.goods[ahead], labelled.goods[known])
        found.append(Forward(rows=ahead, **scores, new=new, fold=np.full(len(ahead), fold)))
    return _joined(found)


def _joined(parts: list[Forward]) -> Forward:
    """Return *parts* one after the other."""
    none = Forward(
        rows=np.zeros(0, dtype=np.int64), linear=np.zeros(0), trees=np.zeros(0),
        new=np.zeros(0, dtype=np.bool_), fold=np.zeros(0, dtype=np.int64),
    )  # fmt: skip
    parts = [none, *parts]
    return Forward(
        rows=np.concatenate([p.rows for p in parts]),
        linear=np.concatenate([p.linear for p in parts]),
        trees=np.concatenate([p.trees for p in parts]),
        new=np.concatenate([p.new for p in parts]),
        fold=np.concatenate([p.fold for p in parts]),
    )
