"""A condition that is too deep or too large."""

from __future__ import annotations

from collections.abc import Iterator

from tidewaiter.core.errors import Fault
from tidewaiter.core.rules.nodes import DEPTH_MAX, NODES_MAX, Node, depth, walk

__all__ = ["condition_bounds"]


def condition_bounds(node: Node, place: str) -> Iterator[Fault]:
    """A condition stays within its bounds, so that no profile can slow the decision of all."""
    levels, count = depth(node), sum(1 for _ in walk(node))
    if levels > DEPTH_MAX:
        message = f"a condition has at most {DEPTH_MAX} levels, not {levels}"
        yield Fault(code="condition-too-deep", place=place or "/", message=message)
    if count > NODES_MAX:
        message = f"a condition has at most {NODES_MAX} nodes, not {count}"
        yield Fault(code="condition-too-large", place=place or "/", message=message)
