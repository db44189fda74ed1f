"""Models on disk: one folder per version, in data-only formats, named by the hash of the content."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tidewaiter.core.errors import ConfigurationError
from tidewaiter.core.features import REGISTRY
from tidewaiter.core.learning.labels import Example
from tidewaiter.core.scoring.contract import Scorer

__all__ = ["ModelStore"]


class ModelStore:
    """Trains, keeps and loads models; the libraries that do it are imported when they are needed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def train(self, examples: Iterable[Example], *, seed: int, threads: int) -> Scorer:
        """Train a model on *examples* and keep it; the same examples and seed give the same version."""
        from tidewaiter.adapters.scorers.stack import train

        scorer = train(list(examples), seed=seed, threads=threads, registry=REGISTRY)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        scorer.save(self.path(scorer.version))
        return scorer

    def load(self, version: str) -> Scorer:
        """Return the model of this version; raises ConfigurationError when it is missing or was altered."""
        from tidewaiter.adapters.scorers.stack import load

        scorer = load(self.path(version))
        if scorer.version != version:
            raise ConfigurationError(f"The folder of model {version} holds another model ({scorer.version}).")
        return scorer

    def card(self, version: str) -> Mapping[str, Any]:
        """Return the model card."""
        try:
            card: Mapping[str, Any] = json.loads(
                (self.path(version) / "card.json").read_text(encoding="utf-8")
            )
        except (OSError, ValueError) as error:
            raise ConfigurationError(f"The card of model {version} cannot be read.") from error
        return card

    def path(self, version: str) -> Path:
        """Return the folder of a version."""
        return self._folder / version
