"""A range in which nothing lies."""

from __future__ import annotations

from collections.abc import Iterator

from tidewaiter.core.errors import Fault
from tidewaiter.core.plain import at
from tidewaiter.core.rules.checks.known import Known, parsed
from tidewaiter.core.rules.nodes import Between, Leaf

__all__ = ["bounds_in_order"]


def bounds_in_order(leaf: Leaf, place: str, known: Known) -> Iterator[Fault]:
    """The lower bound of a range is not above the upper one."""
    if isinstance(leaf, Between):
        bounds = parsed(leaf, (leaf.low, leaf.high), known)
        if bounds is not None and type(bounds[0]) is type(bounds[1]) and bounds[0] > bounds[1]:
            message = "the lower bound is above the upper bound; nothing lies between"
            shown = f"{leaf.low} .. {leaf.high}"
            yield Fault(code="range-reversed", place=at(place, "between"), message=message, value=shown)
