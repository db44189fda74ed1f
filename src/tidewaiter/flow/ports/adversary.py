"""Whoever tries to foretell the lane: a port, because learning it needs a library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from tidewaiter.core.features.registry import FeatureVector

__all__ = ["Adversary", "Seen"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One decision as its agent saw it, and what only the administration knows of it."""

    #: Who lodged it: the declarant, or else the importer; None when neither is named.
    agent: str | None
    vector: FeatureVector
    controlled: bool
    #: The probability of control that was logged, exact.
    probability: float
    #: Codes of the profiles that it hit.
    hits: tuple[str, ...]


class Adversary(Protocol):
    """Foretells control from what agents see."""

    def forecast(self, past: Sequence[Seen], later: Sequence[Seen], *, pooled: bool) -> list[float]:
        """Return the probability of control of each of *later*, learned from *past*; *pooled*: they talk."""
        ...
