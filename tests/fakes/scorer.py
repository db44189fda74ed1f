"""A scorer for tests of the flow: small, deterministic, moved by history, and one that fails.

Its score follows the counts of results, so a decision changes when a result is counted, or is not.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tidewaiter.core.errors import ConfigurationError, Unavailable
from tidewaiter.core.features import REGISTRY, FeatureVector
from tidewaiter.core.learning.labels import Example
from tidewaiter.core.scoring.contract import Contribution, ItemScore, Score, Scorer

__all__ = ["FakeModels", "FakeScorer"]

#: Feature -> log-odds of one unit, up to ten.
_WEIGHTS: Final = {
    "importer_irregular_all": 0.8,
    "importer_inspected_all": -0.1,
    "hs4_origin_irregular_all": 0.4,
    "seller_declared_365": -0.05,
}


class FakeScorer:
    """A logistic score of a few counts, or of learned rates; each vector is scored by itself alone."""

    def __init__(
        self, version: str = "fake-model", *, level: float = -1.5, rates: Mapping[str, float] | None = None
    ) -> None:
        """Begin with *level* as log-odds; *rates* (heading -> irregular share) replace the counts."""
        self.version = version
        self.feature_set = REGISTRY.version
        #: While True, the scorer does not answer.
        self.down = False
        self._level = level
        self._rates = rates

    def score(self, vectors: Sequence[FeatureVector]) -> list[Score]:
        """Return the score of each vector; raises Unavailable while it is down."""
        if self.down:
            raise Unavailable("The scorer does not answer.")
        return [self._score(vector) for vector in vectors]

    def explain(
        self, vectors: Sequence[FeatureVector], items: Sequence[int]
    ) -> list[tuple[Contribution, ...]]:
        """Return the contributions to one item of each vector, largest first."""
        told = []
        for vector, item in zip(vectors, items, strict=True):
            parts = self._parts(vector, item)
            made = [Contribution(feature=name, item=item, log_odds=value) for name, value in parts.items()]
            told.append(tuple(sorted(made, key=lambda part: -abs(part.log_odds))))
        return told

    def _score(self, vector: FeatureVector) -> Score:
        items = []
        for item in range(len(vector.items)):
            probability = 1.0 / (1.0 + math.exp(-self._level - sum(self._parts(vector, item).values())))
            value = REGISTRY.value(vector, "customs_value", item)
            duty = (value if isinstance(value, int) else 0) / 1e7
            items.append(ItemScore(probability=probability, expected_revenue=probability * duty))
        whole = 1.0 - math.prod(1.0 - item.probability for item in items)
        return Score(
            probability=whole,
            expected_revenue=sum(item.expected_revenue for item in items),
            kinds={"undervaluation": whole / 2},
            items=tuple(items),
            posterior=(4.0 * whole, 4.0 * (1.0 - whole)),
        )

    def _parts(self, vector: FeatureVector, item: int) -> dict[str, float]:
        """Return the contribution of each feature, and of the commodity by its digits."""
        if self._rates is not None:
            rate = self._rates.get(str(REGISTRY.value(vector, "hs4", item)), 0.5)
            return {"hs4": math.log(rate / (1.0 - rate)) - self._level}
        parts = {}
        for name, weight in _WEIGHTS.items():
            value = REGISTRY.value(vector, name, item)
            parts[name] = weight * min(value if isinstance(value, int) else 0, 10)
        digits = hashlib.sha256(str(REGISTRY.value(vector, "hs4", item)).encode()).digest()
        parts["hs4"] = digits[0] / 64 - 2.0
        return parts


class FakeModels:
    """The port of models on disk, in memory: a version is the hash of what was learned from."""

    def __init__(self) -> None:
        self.kept: dict[str, FakeScorer] = {}
        #: Versions whose files were altered.
        self.broken: set[str] = set()
        #: The examples of each training, in order.
        self.trainings: list[list[Example]] = []

    def put(self, scorer: FakeScorer) -> FakeScorer:
        """Keep a scorer that was not trained here."""
        self.kept[scorer.version] = scorer
        return scorer

    def train(self, examples: Iterable[Example], *, seed: int, threads: int) -> Scorer:
        """Return a scorer that learned the irregular share of each heading."""
        learned = list(examples)
        self.trainings.append(learned)
        content = repr([(e.vector, e.item_irregular, e.weight, e.known_day) for e in learned]) + str(seed)
        found: dict[str, list[bool]] = {}
        for example in learned:
            for item, bad in enumerate(example.item_irregular):
                found.setdefault(str(REGISTRY.value(example.vector, "hs4", item)), []).append(bool(bad))
        rates = {heading: (sum(bad) + 0.5) / (len(bad) + 1.0) for heading, bad in found.items()}
        version = hashlib.sha256(content.encode()).hexdigest()[:16]
        return self.put(FakeScorer(version, rates=rates))

    def load(self, version: str) -> Scorer:
        """Return a scorer that was kept; raises ConfigurationError when it is missing or was altered."""
        if version not in self.kept or version in self.broken:
            raise ConfigurationError(f"The files of model {version} were altered.")
        return self.kept[version]

    def card(self, version: str) -> Mapping[str, Any]:
        """Return a small card."""
        return {"version": version, "metrics": {"roc_auc": 0.5}}

    def path(self, version: str) -> Path:
        """Return a folder that is not there."""
        return Path("models") / version
