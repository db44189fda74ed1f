"""A named list that is not there."""

from __future__ import annotations

from collections.abc import Iterator

from tidewaiter.core.errors import Fault
from tidewaiter.core.plain import at, meant
from tidewaiter.core.rules.checks.known import Known
from tidewaiter.core.rules.nodes import InList, Leaf

__all__ = ["list_exists"]


def list_exists(leaf: Leaf, place: str, known: Known) -> Iterator[Fault]:
    """A named list that is used exists."""
    if isinstance(leaf, InList) and leaf.list not in known.lists:
        hint = meant(leaf.list, known.lists) or "Add the list, or correct its name."
        message = "there is no list of this name"
        yield Fault(
            code="list-unknown", place=at(place, "in_list"), message=message, value=leaf.list, hint=hint
        )
