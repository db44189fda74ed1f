"""Where trained models are kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

from tidewaiter.core.learning.labels import Example
from tidewaiter.core.scoring.contract import Scorer

__all__ = ["ModelFolder"]


class ModelFolder(Protocol):
    """Trains, saves and loads models; one folder per version."""

    def train(self, examples: Iterable[Example], *, seed: int, threads: int) -> Scorer:
        """Train a scorer on *examples* and save it; the same examples and seed give the same version."""
        ...

    def load(self, version: str) -> Scorer:
        """Load a saved scorer; raises ConfigurationError when its files are missing or were altered."""
        ...

    def card(self, version: str) -> Mapping[str, Any]:
        """Return the model card."""
        ...

    def path(self, version: str) -> Path:
        """Return the folder of a version."""
        ...
