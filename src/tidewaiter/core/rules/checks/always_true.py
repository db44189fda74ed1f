"""A condition that every declaration makes true."""

from __future__ import annotations

from collections.abc import Iterator

from tidewaiter.core.errors import Fault
from tidewaiter.core.rules.checks.known import Known
from tidewaiter.core.rules.checks.solving import NOT_TRUE, impossible, wants
from tidewaiter.core.rules.nodes import Node

__all__ = ["always_true"]


def always_true(node: Node, place: str, known: Known) -> Iterator[Fault]:
    """A condition that always holds selects every declaration."""
    if impossible([wants(node, NOT_TRUE, known)]):
        message = "the condition always holds, for every declaration"
        hint = "Remove the branch that covers everything; to select at random, use the plan."
        yield Fault(code="always-true", place=place or "/", message=message, hint=hint)
