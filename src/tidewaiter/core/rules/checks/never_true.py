"""A condition, or a branch of it, that no declaration can make true."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Final

from tidewaiter.core.errors import Fault
from tidewaiter.core.plain import at
from tidewaiter.core.rules.checks.known import Known, group_key
from tidewaiter.core.rules.checks.solving import TRUE, impossible, wants
from tidewaiter.core.rules.nodes import AllOf, AnyOf, Node

__all__ = ["never_true"]

#: Members of a group among which a pair is looked for.
_PAIRS_OF_MAX: Final = 40


def never_true(node: Node, place: str, known: Known) -> Iterator[Fault]:
    """A condition that never holds finds nothing, and so does a branch of it."""
    if impossible([wants(node, TRUE, known)]):
        yield _fault(node, place or "/", "the condition", known)
    else:
        yield from _branches(node, place, known)


def _branches(node: Node, place: str, known: Known) -> Iterator[Fault]:
    """Look at the branches of each choice that no negation turns around."""
    if not isinstance(node, AllOf | AnyOf):
        return
    for index, inner in enumerate(node.nodes):
        here = at(at(place, group_key(node)), index)
        if isinstance(node, AnyOf) and impossible([wants(inner, TRUE, known)]):
            yield _fault(inner, here, "this branch", known)
        else:
            yield from _branches(inner, here, known)


def _fault(node: Node, place: str, what: str, known: Known) -> Fault:
    pair = _excluding(node, known)
    parts = "its parts" if pair is None else f"its parts {pair[0] + 1} and {pair[1] + 1}"
    hint = "Change what excludes the rest, or join by `or` what was meant as a choice."
    return Fault(
        code="never-true", place=place, message=f"{what} never holds: {parts} exclude each other", hint=hint
    )


def _excluding(node: Node, known: Known) -> tuple[int, int] | None:
    """Return the first two members of `all_of` that exclude each other; None when it takes one, or more."""
    if not isinstance(node, AllOf) or len(node.nodes) > _PAIRS_OF_MAX:
        return None
    demands = [wants(inner, TRUE, known) for inner in node.nodes]
    if any(impossible([demand]) for demand in demands):
        return None
    pairs = combinations(range(len(demands)), 2)
    return next((pair for pair in pairs if impossible([demands[pair[0]], demands[pair[1]]])), None)
