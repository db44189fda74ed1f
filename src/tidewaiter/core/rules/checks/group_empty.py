"""A group without members."""

from __future__ import annotations

from collections.abc import Iterator

from tidewaiter.core.errors import Fault
from tidewaiter.core.plain import at
from tidewaiter.core.rules.checks.known import group_key
from tidewaiter.core.rules.nodes import Group

__all__ = ["group_not_empty"]


def group_not_empty(group: Group, place: str) -> Iterator[Fault]:
    """A group has members: an empty one would hold for everything or for nothing."""
    if not group.nodes:
        yield Fault(code="group-empty", place=at(place, group_key(group)), message="the group is empty")
