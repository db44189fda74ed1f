"""A group with the same member twice."""

from __future__ import annotations

from collections.abc import Iterator

from tidewaiter.core.errors import Fault
from tidewaiter.core.plain import at
from tidewaiter.core.rules.checks.known import group_key
from tidewaiter.core.rules.nodes import Group

__all__ = ["members_distinct"]


def members_distinct(group: Group, place: str) -> Iterator[Fault]:
    """A group does not have the same member twice."""
    for index, inner in enumerate(group.nodes):
        if inner in group.nodes[:index]:
            here = at(at(place, group_key(group)), index)
            yield Fault(code="member-twice", place=here, message="the group already has this member")
