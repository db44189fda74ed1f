"""A condition, or a branch of it, that no declaration can make true."""

from __future__ import annotations

from collections.abc import Iterator

from tidewaiter.core.errors import Fault
from tidewaiter.core.rules.checks.known import Known, placed
from tidewaiter.core.rules.checks.solving import TRUE, impossible, wants
from tidewaiter.core.rules.nodes import AllOf, AnyOf, Node

__all__ = ["never_true"]


def never_true(node: Node, place: str, known: Known) -> Iterator[Fault]:
    """A condition that never holds finds nothing, and so does a branch of it."""
    dead: list[str] = []
    for inner, here in placed(node, place):
        if any(here.startswith(f"{above}/") for above in dead) or not _branch(node, place, here):
            continue
        if impossible([wants(inner, TRUE, known)]):
            dead.append(here)
            what = "the condition" if here == place else "this branch"
            message = f"{what} never holds: its parts exclude each other"
            hint = "Change what excludes the rest, or join by `or` what was meant as a choice."
            yield Fault(code="never-true", place=here or "/", message=message, hint=hint)


def _branch(node: Node, place: str, here: str) -> bool:
    """Tell whether *here* is the whole or a member of `any_of`, with no negation above it."""
    steps = here[len(place) :].split("/")[1:]
    if not steps:
        return True
    current = node
    choice = False
    for step in steps:
        if not step.isdigit():
            choice = step == "any_of"
            if not isinstance(current, AllOf | AnyOf):
                return False
        elif isinstance(current, AllOf | AnyOf):
            current = current.nodes[int(step)]
    return choice
