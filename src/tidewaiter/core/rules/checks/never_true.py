"""A condition, or a branch of it, that no declaration can make true."""

from __future__ import annotations

from collections.abc import Iterator

from tidewaiter.core.errors import Fault
from tidewaiter.core.plain import at
from tidewaiter.core.rules.checks.known import Known, group_key
from tidewaiter.core.rules.checks.solving import TRUE, impossible, wants
from tidewaiter.core.rules.nodes import AllOf, AnyOf, Node

__all__ = ["never_true"]


def never_true(node: Node, place: str, known: Known) -> Iterator[Fault]:
    """A condition that never holds finds nothing, and so does a branch of it."""
    if impossible([wants(node, TRUE, known)]):
        yield _fault(place or "/", "the condition")
    else:
        yield from _branches(node, place, known)


def _branches(node: Node, place: str, known: Known) -> Iterator[Fault]:
    """Look at the branches of each choice that no negation turns around."""
    if not isinstance(node, AllOf | AnyOf):
        return
    for index, inner in enumerate(node.nodes):
        here = at(at(place, group_key(node)), index)
        if isinstance(node, AnyOf) and impossible([wants(inner, TRUE, known)]):
            yield _fault(here, "this branch")
        else:
            yield from _branches(inner, here, known)


def _fault(place: str, what: str) -> Fault:
    message = f"{what} never holds: its parts exclude each other"
    hint = "Change what excludes the rest, or join by `or` what was meant as a choice."
    return Fault(code="never-true", place=place, message=message, hint=hint)
