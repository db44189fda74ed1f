"""Train a scorer from examples, and load one from its folder.

The order of training: goods once each; the general model fitted on older results to score newer
ones ahead of time; the blend of its parts on goods that were new then; the stack of general score
and memory; the calibration on the newest fold; then the general model once more on everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from tidewaiter.adapters.scorers.card import MadeOf, make_card, words_of
from tidewaiter.adapters.scorers.fate import fit_shared_fate
from tidewaiter.adapters.scorers.files import CARD, CARD_WORDS, json_bytes, read_files
from tidewaiter.adapters.scorers.fitting import (
    Calibration,
    Monotone,
    fit_calibration,
    fit_monotone,
    probability,
)
from tidewaiter.adapters.scorers.form import Fitted, files_of, scorer_from
from tidewaiter.adapters.scorers.forward import LABELS_MIN, Forward, forward_scores, learnable
from tidewaiter.adapters.scorers.general import General, Parts, fit_parts
from tidewaiter.adapters.scorers.heads import REVENUE_NUMBERS, Kinds, Revenue, fit_kinds, fit_revenue
from tidewaiter.adapters.scorers.labelled import Labelled, distinct, flatten
from tidewaiter.adapters.scorers.recipe import CODES, TREE_CODES, TREE_NUMBERS, candidates, recipe
from tidewaiter.adapters.scorers.scorer import StackScorer
from tidewaiter.adapters.scorers.stacking import Stack, fit_stack
from tidewaiter.adapters.scorers.table import Encoder, Floats, Ints, ever_there, vocabulary_of
from tidewaiter.core.errors import ConfigurationError
from tidewaiter.core.features import REGISTRY
from tidewaiter.core.features.registry import Registry
from tidewaiter.core.learning.labels import Example, known_before
from tidewaiter.core.scoring.memory import MEMORY_KEYS

__all__ = ["StackScorer", "load", "train"]

#: Trees of the final general model and of those that score ahead of time.  With 300 and a lower rate the
#: order was the same, and the contributions of one declaration took 0.2 ms more.
_TREES: Final = 200

#: Before anything was learned, the smooth and the jagged part count alike.
_BLEND_PRIOR: Final = {"linear": 0.5, "trees": 0.5}
_BLEND_STRENGTH: Final = 20.0

#: The level is settled on the random arm when it has this many items of each outcome.
_RANDOM_MIN: Final = 20
#: So many declarations with several items, of each outcome, tell how items belong together.
_SEVERAL_MIN: Final = 50


def train(
    examples: Sequence[Example],
    *,
    seed: int,
    threads: int = 1,
    registry: Registry = REGISTRY,
    as_of: int | None = None,
) -> StackScorer:
    """Return a scorer that learned from *examples*; the same examples and seed give the same version.

    With *as_of* (proleptic ordinal of a day), only results known before that day are used.
    Raises ConfigurationError when there are too few goods of one outcome to learn from.
    """
    used = list(examples) if as_of is None else known_before(examples, as_of)
    return _Training(used, registry, seed, threads).scorer()


def load(folder: Path, *, registry: Registry = REGISTRY) -> StackScorer:
    """Return the scorer in *folder*.

    Raises ConfigurationError when a file is missing, cut or altered, holds a number that is not
    finite, or when the scorer was trained on another feature set.
    """
    files, _ = read_files(folder)
    return scorer_from(files, registry)


class _Training:
    """One training: the labelled items as a table, and the steps in their order."""

    def __init__(self, examples: Sequence[Example], registry: Registry, seed: int, threads: int) -> None:
        self.examples = examples
        self.labelled: Labelled = flatten(examples, registry)
        self.registry = registry
        self.seed = seed
        self.threads = threads
        self.goods, self.label, self.weight = distinct(self.labelled, np.arange(len(self.labelled)))
        places = self.labelled.places(self.goods)
        codes, numbers = candidates(registry)
        always = (*CODES, *TREE_CODES)
        vocabularies = {
            name: vocabulary_of(registry, name, places) for name in dict.fromkeys((*always, *codes))
        }
        # What is never declared need not be read.
        self.vocabularies = {
            n: values for n, values in vocabularies.items() if n in always or len(values) > 1
        }
        self.numbers = tuple(name for name in numbers if ever_there(registry, name, places))
        memory = [name for key in MEMORY_KEYS for name in key.counted]
        columns = dict.fromkeys((*TREE_NUMBERS, *self.numbers, *REVENUE_NUMBERS, *memory))
        encoder = Encoder(registry, columns, self.vocabularies)
        self.table = encoder.table(self.labelled.vectors).rows(self.labelled.row)

    def scorer(self) -> StackScorer:
        """Return the scorer, read back from its own files."""
        label, weight = self.label, self.weight
        if not learnable(label):
            raise ConfigurationError(
                f"There is too little to learn from: {len(label)} different goods were inspected, about "
                f"{round(float(label.sum()))} of them irregular; a model needs at least {LABELS_MIN} of each "
                "outcome. Record more control results."
            )
        usual = float(np.average(label, weights=weight))
        ahead = forward_scores(self.labelled, self.table, self._parts)
        blend = self._blend(ahead)
        stack = self._stack(ahead, blend, usual)
        p = self._probabilities(ahead, blend, stack)
        calibrated = self._item_calibration(ahead, p)
        parts = self._parts(self.goods, label, weight)
        kinds, revenue = self._heads(parts)
        fitted = Fitted(
            general=General(parts=parts, blend=blend),
            stack=stack,
            item_calibration=calibrated,
            shared_fate=self._shared_fate(ahead, calibrated(p)),
            kinds=kinds,
            revenue=revenue,
        )
        made_of = MadeOf(
            feature_set=self.registry.version,
            features=tuple(sorted({name.removeprefix("=") for name in parts.trees.columns} | set(CODES))),
            kinds=kinds.names,
            revenue="learned from duty effects" if revenue.learned
            else "probability times the duty at stake, because too few duty effects were recorded",
            seed=self.seed,
        )  # fmt: skip
        held = self._stack(ahead.part(~ahead.newest), blend, usual)
        judged = self._probabilities(ahead, blend, held)
        card = make_card(self.examples, self.labelled, self.table, ahead, judged, usual, made_of)
        files = files_of(fitted, self.vocabularies, self.registry.version)
        files |= {CARD: json_bytes(card), CARD_WORDS: words_of(card).encode()}
        return scorer_from(files, self.registry)

    def _parts(self, goods: Ints, label: Floats, weight: Floats) -> Parts:
        """Fit the two parts of the general model on *goods*, one row each."""
        rows = self.table.rows(goods)
        codes = {name: len(values) for name, values in self.vocabularies.items()}
        made_of = recipe(rows, label, codes, self.numbers)
        return fit_parts(made_of, rows, label, weight, seed=self.seed, threads=self.threads, trees=_TREES)

    def _blend(self, ahead: Forward) -> Monotone:
        """Blend the two parts on goods that were new to them, one row each."""
        new = ahead.part(ahead.new)
        place = {int(row): i for i, row in enumerate(new.rows)}
        goods, label, weight = distinct(self.labelled, new.rows)
        chosen = np.array([place[int(row)] for row in goods], dtype=np.int64)
        inputs = {name: column[chosen] for name, column in new.inputs.items()}
        return fit_monotone(inputs, label, weight, prior=_BLEND_PRIOR, strength=_BLEND_STRENGTH)

    def _stack(self, ahead: Forward, blend: Monotone, usual: float) -> Stack:
        """Fit the stack on rows that were scored ahead of time."""
        labelled, rows = self.labelled, ahead.rows
        general = blend.log_odds(ahead.inputs)
        label, weight = labelled.irregular[rows], labelled.weight[rows]
        return fit_stack(self.table.rows(rows), general, usual, label, weight)

    def _probabilities(self, ahead: Forward, blend: Monotone, stack: Stack) -> Floats:
        """Return the probabilities of the rows of *ahead* by *stack*, not calibrated."""
        general = blend.log_odds(ahead.inputs)
        return probability(stack.log_odds(stack.evidence(self.table.rows(ahead.rows), general)))

    def _item_calibration(self, ahead: Forward, p: Floats) -> Calibration:
        """Calibrate on the newest fold, with its level from the random arm where there is one.

        Where the newest fold has too little of the random arm, all rows scored ahead of time serve.
        """
        labelled = self.labelled
        for chosen in (ahead.newest, np.ones(len(ahead), dtype=np.bool_)):
            rows = ahead.rows[chosen]
            label, random = labelled.irregular[rows], labelled.random_arm[rows]
            drawn = float(label[random].sum())
            if min(drawn, float(random.sum()) - drawn) >= _RANDOM_MIN:
                return fit_calibration(p[chosen], label, labelled.weight[rows], random)
        rows = ahead.rows[ahead.newest]
        return fit_calibration(p[ahead.newest], labelled.irregular[rows], labelled.weight[rows])

    def _shared_fate(self, ahead: Forward, p: Floats) -> float:
        """Return how far items share a fate, most likely in declarations with several items; else 0."""
        labelled = self.labelled
        _, start, count = np.unique(labelled.owner[ahead.rows], return_index=True, return_counts=True)
        if not len(start):
            return 0.0
        label = np.maximum.reduceat(labelled.irregular[ahead.rows], start)
        several = count > 1
        irregular = float(label[several].sum())
        if min(irregular, float(several.sum()) - irregular) < _SEVERAL_MIN:
            return 0.0
        weight = labelled.weight[ahead.rows[start]][several]
        return fit_shared_fate(p, start, several, label[several], weight)

    def _heads(self, parts: Parts) -> tuple[Kinds, Revenue]:
        """Learn kinds and revenue from irregular goods, one row each."""
        labelled = self.labelled
        rows, _, weight = distinct(labelled, np.flatnonzero(labelled.irregular > 0.5))
        table = self.table.rows(rows)
        kinds = fit_kinds(
            table, [labelled.kinds[row] for row in rows.tolist()], weight, parts.trees.columns,
            seed=self.seed, threads=self.threads,
        )  # fmt: skip
        return kinds, fit_revenue(table, labelled.duty_effect[rows], weight)
