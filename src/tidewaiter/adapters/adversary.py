"""The adversary: boosted trees that foretell the lane from what a clearing agent sees, and no more.

It sees what is declared, and of earlier declarations whether they were controlled: its own, or those
of all agents together if agents talk.  It never sees a result, a score, a hit, or what history counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from tidewaiter.adapters.scorers.fitting import fit_calibration, probability
from tidewaiter.adapters.scorers.table import Encoder, Floats, Table, vocabulary_of
from tidewaiter.adapters.scorers.trees import fit_trees
from tidewaiter.core.features import REGISTRY
from tidewaiter.core.features.registry import FeatureVector, Kind, Value
from tidewaiter.flow.ports.adversary import Seen

__all__ = ["AdversaryTrees"]

#: What agents remember the lanes of: everything, and all with the same value of these.
_REMEMBERED: Final = ("importer", "seller", "office", "hs6", "hs4", "origin")
#: Controls that one is imagined to have seen at the usual rate, before the first.
_IMAGINED: Final = 5.0
#: The newest part of the past settles how sure the forecast may be.
_CALIBRATED: Final = 0.2
#: A code with more values than this names single consignments, which never come back.
_VALUES_MAX: Final = 1_500
_TREES: Final = 150
_SHAPE: Final[dict[str, Any]] = {
    "num_leaves": 31,
    "max_depth": 8,
    "learning_rate": 0.06,
    "feature_fraction": 0.6,
}


class AdversaryTrees:
    """The port :class:`~tidewaiter.flow.ports.adversary.Adversary`."""

    def __init__(self, *, seed: int = 1, threads: int = 1) -> None:
        self._seed, self._threads = seed, threads

    def forecast(self, past: Sequence[Seen], later: Sequence[Seen], *, pooled: bool) -> list[float]:
        """Return the probability of control of each of *later*, learned from *past*.

        Both in the order of time.  The lanes of *later* become known one after the other, each to those
        who come after it; *pooled*: to all agents, otherwise to its own.
        """
        rows = [*past, *later]
        encoder = _encoder([each.vector for each in past])
        table = encoder.table([each.vector for each in rows])
        usual = sum(each.controlled for each in past) / max(len(past), 1)
        memory = _memory(rows, usual, pooled=pooled)[table.owner]
        names = tuple(f"lanes_{i}" for i in range(memory.shape[1]))
        position = {**encoder.position, **{name: len(encoder.position) + i for i, name in enumerate(names)}}
        table = Table(np.concatenate((table.matrix, memory), axis=1), position, table.owner, table.start)
        controlled = np.array([float(each.controlled) for each in rows])
        learned = round(len(past) * (1.0 - _CALIBRATED))
        return self._forecast(table, tuple(position), controlled, learned, len(past))

    def _forecast(
        self, table: Table, columns: tuple[str, ...], controlled: Floats, learned: int, past: int
    ) -> list[float]:
        """Learn from the first *learned* declarations, settle the level until *past*, foretell the rest."""
        if controlled[:learned].min(initial=1.0) == controlled[:learned].max(initial=0.0):
            # Who has seen one lane only expects nothing else.
            return [float(controlled[:past].mean())] * (len(controlled) - past)
        share = 1.0 / np.bincount(table.owner)[table.owner]
        rows: Any = np.flatnonzero(table.owner < learned)
        trees = fit_trees(
            table.rows(rows), controlled[table.owner[rows]], share[rows], columns,
            seed=self._seed, threads=self._threads, trees=_TREES, **_SHAPE,
        )  # fmt: skip
        # A declaration is as suspect as its most suspect item.
        found = probability(np.maximum.reduceat(trees.log_odds(table), table.start))
        settled = fit_calibration(found[learned:past], controlled[learned:past], np.ones(past - learned))
        calibrated: list[float] = settled(found[past:]).tolist()
        return calibrated


def _encoder(vectors: Sequence[FeatureVector]) -> Encoder:
    """Return the encoder of all that is declared: no feature that history or others have a part in."""
    places = [(vector, item) for vector in vectors for item in range(len(vector.items))]
    numbers, vocabularies = [], {}
    for feature in REGISTRY:
        if "history" in feature.source or feature.kind is Kind.TEXT:
            continue
        if feature.kind is Kind.CODE:
            values = vocabulary_of(REGISTRY, feature.name, places)
            if 1 < len(values) <= _VALUES_MAX:
                vocabularies[feature.name] = values
        else:
            numbers.append(feature.name)
    return Encoder(REGISTRY, numbers, vocabularies)


def _memory(rows: Sequence[Seen], usual: float, *, pooled: bool) -> Floats:
    """Return for each declaration the share of earlier ones that was controlled, and how many there were.

    For all that its agent knows, and for those with the same value of each of ``_REMEMBERED``.  Where
    nothing is known the share is the *usual* one, that of the past.
    """
    counts: dict[tuple[str | None, str, Value], list[int]] = {}
    found = np.zeros((len(rows), 2 * (len(_REMEMBERED) + 1)))
    for at, each in enumerate(rows):
        agent = None if pooled else each.agent
        keys = [
            (agent, "", None),
            *((agent, name, REGISTRY.value(each.vector, name)) for name in _REMEMBERED),
        ]
        for place, key in enumerate(keys):
            count = counts.setdefault(key, [0, 0])
            found[at, 2 * place] = (count[1] + _IMAGINED * usual) / (count[0] + _IMAGINED)
            found[at, 2 * place + 1] = count[0]
            count[0] += 1
            count[1] += each.controlled
    return found
