"""A literal that reads a feature which is not registered."""

from __future__ import annotations

from collections.abc import Iterator

from tidewaiter.core.errors import Fault, shorten
from tidewaiter.core.plain import at, meant
from tidewaiter.core.rules.checks.known import Known
from tidewaiter.core.rules.nodes import CompareFields, Leaf

__all__ = ["feature_known"]


def feature_known(leaf: Leaf, place: str, known: Known) -> Iterator[Fault]:
    """A literal reads a registered feature."""
    read = [(leaf.feature, at(place, "feature"))]
    if isinstance(leaf, CompareFields):
        read.append((leaf.other, at(at(place, leaf.operator.value), "feature")))
    for feature, here in read:
        if feature not in known.registry:
            hint = meant(feature.lower(), [entry.name for entry in known.registry])
            message = "there is no feature of this name"
            yield Fault(
                code="feature-unknown", place=here, message=message, value=shorten(feature), hint=hint
            )
