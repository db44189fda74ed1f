"""What every scorer gives: a calibrated probability, expected revenue and true reasons.

High is suspicious.  A scorer reads feature vectors only, so a stored vector gives the same score
again; it keeps no state between calls and never changes after it was loaded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from tidewaiter.core.features.registry import FeatureVector

__all__ = ["Contribution", "ItemScore", "Score", "Scorer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """How much one feature moved the score of one item, in log-odds (positive: more suspicious)."""

    feature: str
    #: Item index, from 0.
    item: int
    log_odds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemScore:
    """The score of one item."""

    #: Calibrated probability that the item is irregular, 0 to 1.
    probability: float
    #: Expected additional duty and tax, national currency, from 0.
    expected_revenue: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The score of one declaration."""

    #: Calibrated probability that the declaration is irregular, 0 to 1.
    probability: float
    #: Expected additional duty and tax if controlled, national currency, from 0.
    expected_revenue: float
    #: Probability per kind of irregularity (names of ``core.control.Irregularity``); may be empty.
    kinds: Mapping[str, float] = field(default_factory=dict)
    items: tuple[ItemScore, ...]
    #: Parameters of the Beta posterior of the irregularity rate: how sure the score is.
    posterior: tuple[float, float]

    @property
    def leading(self) -> int:
        """The index, from 0, of the most suspicious item; the first where several are equal."""
        probabilities = [item.probability for item in self.items]
        return probabilities.index(max(probabilities))


class Scorer(Protocol):
    """A model that was trained, saved, loaded and promoted."""

    @property
    def version(self) -> str:
        """Content hash of the saved model."""
        ...

    @property
    def feature_set(self) -> str:
        """Version of the feature registry that it was trained on; loading refuses another."""
        ...

    def score(self, vectors: Sequence[FeatureVector]) -> list[Score]:
        """Return the score of each vector, in order."""
        ...

    def explain(
        self, vectors: Sequence[FeatureVector], items: Sequence[int]
    ) -> list[tuple[Contribution, ...]]:
        """Return the contributions to the score of one item (index from 0) of each vector.

        The largest magnitude comes first; with the expected value they add up to the log-odds of the
        item (of trees: TreeSHAP, Lundberg 2018).
        """
        ...
