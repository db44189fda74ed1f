"""A profile that ends later than a list it relies on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tidewaiter.core.errors import Fault
from tidewaiter.core.plain import at
from tidewaiter.core.rules.nodes import lists_of
from tidewaiter.core.rules.profile import NamedList, Profile

__all__ = ["outlives_list"]


def outlives_list(profile: Profile, place: str, lists: Mapping[str, NamedList]) -> Iterator[Fault]:
    """A profile ends no later than the lists it relies on."""
    for code in lists_of(profile.when):
        if code in lists and lists[code].expires < profile.valid_until:
            message = f"the profile relies on list `{code}`, which expires on {lists[code].expires}"
            here = at(place, "valid_until")
            yield Fault(code="outlives-list", place=here, message=message, value=str(profile.valid_until))
