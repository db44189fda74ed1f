"""An operator that makes no sense for the kind of its feature."""

from __future__ import annotations

from collections.abc import Iterator

from tidewaiter.core.errors import Fault
from tidewaiter.core.plain import at, names
from tidewaiter.core.rules.checks.known import OPERATORS, Known, operator_of
from tidewaiter.core.rules.nodes import Leaf

__all__ = ["operator_fits"]


def operator_fits(leaf: Leaf, place: str, known: Known) -> Iterator[Fault]:
    """An operator makes sense for the kind of its feature."""
    kind = known.registry[leaf.feature].kind
    if operator_of(leaf) not in OPERATORS[kind]:
        yield Fault(
            code="operator-not-for-kind",
            place=at(place, operator_of(leaf)),
            message=f"`{operator_of(leaf)}` makes no sense for `{leaf.feature}`, which is of kind {kind}",
            hint=f"Use one of {names(sorted(OPERATORS[kind]))}.",
        )
