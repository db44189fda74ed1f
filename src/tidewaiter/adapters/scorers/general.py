"""The general model: how suspicious goods are that were never inspected, from what is declared.

A smooth part (ridge logistic) and a jagged part (boosted trees) are blended in log-odds.  Both see
each of the goods once.  Parties and offices are judged by memory; :mod:`recipe` says what counts here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from tidewaiter.adapters.scorers.fitting import Monotone
from tidewaiter.adapters.scorers.linear import Linear, fit_linear
from tidewaiter.adapters.scorers.recipe import Recipe
from tidewaiter.adapters.scorers.table import Floats, Ints, Table
from tidewaiter.adapters.scorers.trees import Trees, fit_trees

__all__ = ["General", "Parts", "fit_parts", "general_data", "general_from"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The two fitted parts, not blended yet."""

    linear: Linear
    trees: Trees

    def inputs(self, table: Table) -> dict[str, Floats]:
        """Return the log-odds of each item by each part."""
        return {"linear": self.linear.log_odds(table), "trees": self.trees.log_odds(table)}


@dataclass(frozen=True, kw_only=True)
class General:
    """The general model."""

    parts: Parts
    blend: Monotone

    def log_odds(self, table: Table) -> Floats:
        """Return the log-odds of each item."""
        return self.blend.log_odds(self.parts.inputs(table))

    def contributions(self, table: Table) -> tuple[tuple[str, ...], Floats, Floats]:
        """Return feature names, the contribution of each to each item, and the values they start from.

        Contributions and start add up to :meth:`log_odds`.
        """
        linear, trees = self.parts.linear, self.parts.trees
        slope_linear, slope_trees = self.blend.slopes["linear"], self.blend.slopes["trees"]
        names, blocks, parts_of_blocks, order, begins = self._shares
        shap = slope_trees * trees.contributions(table)
        moved = slope_linear * (linear.parts(table) - linear.means)
        pieces = np.concatenate((shap[:, :-1], moved[:, blocks] * parts_of_blocks), axis=1)
        found: Floats = np.add.reduceat(pieces[:, order], begins, axis=1)
        start = self.blend.intercept + slope_linear * linear.total(linear.means[None, :])
        return names, found, start + shap[:, -1]

    @cached_property
    def _shares(self) -> tuple[tuple[str, ...], Ints, Floats, Ints, Ints]:
        """Return how columns of the trees and blocks become contributions of features.

        Feature names; the block of each piece and its part of it; the order of all pieces by feature,
        and where each feature begins.  A product of two features is theirs in equal parts (Shapley's
        value of two players).
        """
        blocks = [(i, name, 1.0 / len(block.features)) for i, block in enumerate(self.parts.linear.blocks)
                  for name in block.features]  # fmt: skip
        told = [column.removeprefix("=") for column in self.parts.trees.columns]
        told += [name for _, name, _ in blocks]
        names, first = np.unique(told, return_inverse=True)
        order = np.argsort(first, kind="stable")
        begins = np.searchsorted(first[order], np.arange(len(names)))
        places = np.array([i for i, _, _ in blocks], dtype=np.int64)
        return tuple(names.tolist()), places, np.array([part for _, _, part in blocks]), order, begins


def fit_parts(
    made_of: Recipe, table: Table, label: Floats, weight: Floats, *, seed: int, threads: int, trees: int
) -> Parts:
    """Fit both parts on goods, one row each; both classes must occur."""
    return Parts(
        linear=fit_linear(table, label, weight, made_of.blocks),
        trees=fit_trees(table, label, weight, made_of.columns, seed=seed, threads=threads, trees=trees),
    )


def general_data(general: General) -> dict[str, Any]:
    """Return all of the general model but the text of its trees, as plain data."""
    return {
        "linear": general.parts.linear.to_data(),
        "columns": list(general.parts.trees.columns),
        "blend": general.blend.to_data(),
    }


def general_from(data: Mapping[str, Any], text: str) -> General:
    """Return the general model from its data and the text of its trees."""
    parts = Parts(linear=Linear.from_data(data["linear"]), trees=Trees(text, data["columns"]))
    return General(parts=parts, blend=Monotone.from_data(data["blend"]))
