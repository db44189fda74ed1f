"""What cheats learn: brokers from the lanes of their own declarations, importers from being caught.

They learn overnight: what is reported during a day changes the declarations of the next.
Without reports nothing changes, except that a burnt importer's successor gets tired of its name.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

import numpy as np

from tidewaiter.demo.country import Ints
from tidewaiter.demo.schemes import Plot, scheme_number
from tidewaiter.demo.shipments import Batch, Behaviour

__all__ = ["DEPTH_FIRST", "DEPTH_LEAST", "Adaptation"]

#: Share of the value that an adaptive broker hides at first, and when it has been caught often.
DEPTH_FIRST: Final = 0.55
DEPTH_LEAST: Final = 0.10
#: What a selection and a release do to it.
_RETREAT: Final = 0.75
_ADVANCE: Final = 0.004
#: Declarations remembered: what was lodged long ago has had its lane.
_REMEMBERED: Final = 50_000
#: Identities of one phoenix importer are numbers of one block, beyond those of other importers.
_IDENTITY_BLOCK: Final = 1_000
_IDENTITY_BASE: Final = 1_000_000


class Adaptation:
    """The state of all that adapts, for one run of a world."""

    def __init__(self, plot: Plot, brokers: int, seed: int) -> None:
        self._plot = plot
        self._adaptive = set(plot.adaptive_brokers.tolist())
        self._depth = np.full(brokers, DEPTH_FIRST)
        #: Lanes seen and selections, by broker and office (usual, other); a weak prior of one in ten.
        self._seen = np.full((brokers, 2), 5.0)
        self._selected = np.full((brokers, 2), 0.5)
        phoenixes = plot.phoenix_end - plot.phoenix_first
        generator = np.random.default_rng((seed, 4))
        #: After so many days a phoenix takes a new name without having been caught.
        self._lifetime = generator.integers(60, 150, phoenixes)
        self._born = generator.integers(-60, 1, phoenixes)
        self._generation = np.zeros(phoenixes, dtype=np.int64)
        self._burnt_on: dict[int, int] = {}
        #: Declaration number -> (broker, office, follows its scheme).
        self._brokered: dict[int, tuple[int, int, bool]] = {}
        #: Declaration number -> phoenix.
        self._phoenix_of: dict[int, int] = {}
        #: How often brokers saw one of their declarations selected.
        self.selections: Counter[int] = Counter()

    def morning(self, day: int) -> Behaviour:
        """Return how traders behave on *day* (from 0), given all that they saw before."""
        caught = np.zeros(len(self._generation), dtype=bool)
        caught[[slot for slot, known in self._burnt_on.items() if known < day]] = True
        self._burnt_on = {slot: known for slot, known in self._burnt_on.items() if known >= day}
        renewed = caught | (day - self._born >= self._lifetime)
        self._generation[renewed] += 1
        self._born[renewed] = day
        rate = self._selected / self._seen
        slots = np.arange(len(self._generation))
        return Behaviour(
            depth=self._depth.copy(),
            moved=rate[:, 1] < rate[:, 0],
            identity=_IDENTITY_BASE + slots * _IDENTITY_BLOCK + self._generation % _IDENTITY_BLOCK,
        )

    def remember(self, batch: Batch, numbers: Ints, usual_office: Ints, original: Ints) -> None:
        """Keep which declarations of *batch* belong to somebody who adapts.

        *usual_office* and *original* are the office and the importer of the relation.
        """
        adaptive = np.isin(batch.declarant, self._plot.adaptive_brokers)
        follows = batch.scheme == scheme_number("adaptive")
        other = batch.office != usual_office
        for row in np.flatnonzero(adaptive).tolist():
            entry = (int(batch.declarant[row]), int(other[row]), bool(follows[row]))
            self._brokered[int(numbers[row])] = entry
        phoenix = (original >= self._plot.phoenix_first) & (original < self._plot.phoenix_end)
        for row in np.flatnonzero(phoenix).tolist():
            self._phoenix_of[int(numbers[row])] = int(original[row]) - self._plot.phoenix_first
        for memory in (self._brokered, self._phoenix_of):
            while len(memory) > _REMEMBERED:
                del memory[next(iter(memory))]

    def observe(self, number: int, selected: bool) -> None:
        """Let the broker of declaration *number* see whether it was selected for a control."""
        seen = self._brokered.pop(number, None)
        if seen is None:
            return
        broker, office, follows = seen
        self.selections[broker] += selected
        # Old impressions fade, so that brokers come back to an office that became quiet.
        self._seen[broker, office] = 0.98 * self._seen[broker, office] + 1
        self._selected[broker, office] = 0.98 * self._selected[broker, office] + selected
        if follows:
            depth = self._depth[broker]
            self._depth[broker] = (
                max(DEPTH_LEAST, depth * _RETREAT) if selected else min(DEPTH_FIRST, depth + _ADVANCE)
            )

    def caught(self, number: int, day: int) -> None:
        """Let the importer of declaration *number* know on *day* that it was found irregular."""
        slot = self._phoenix_of.get(number)
        if slot is not None:
            self._burnt_on[slot] = min(day, self._burnt_on.get(slot, day))
