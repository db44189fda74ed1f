"""One trained model for the tests of this folder: training takes a second."""

from __future__ import annotations

from functools import cache

from tests.fakes.inspected import examples_of, inspected_trade
from tidewaiter.adapters.scorers.stack import StackScorer, train
from tidewaiter.core.learning.labels import Example

__all__ = ["examples", "model"]


@cache
def examples() -> list[Example]:
    """Return a thousand examples."""
    return examples_of(inspected_trade(1000, seed=6))


@cache
def model() -> StackScorer:
    """Return a scorer that learned from the first eight hundred."""
    return train(examples()[:800], seed=1)
