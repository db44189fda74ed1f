"""Remarks on conditions and profiles that load: what is surely not meant, though it can be evaluated.

They refuse nothing.  A rule set that was in force is read again as it was, whatever it says; and a
condition without a remark may still say less than its author thinks (`solving` tells what is open).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from tidewaiter.core.errors import Fault
from tidewaiter.core.features.registry import Registry
from tidewaiter.core.plain import at
from tidewaiter.core.rules.checks.always_true import always_true
from tidewaiter.core.rules.checks.covered import covered, firing
from tidewaiter.core.rules.checks.known import Known
from tidewaiter.core.rules.checks.narrows_nothing import narrows_nothing
from tidewaiter.core.rules.checks.never_true import never_true
from tidewaiter.core.rules.nodes import Node
from tidewaiter.core.rules.profile import NamedList, Profile

__all__ = ["remarks_on_condition", "remarks_on_profiles"]


def remarks_on_condition(
    node: Node, registry: Registry, lists: Mapping[str, NamedList], place: str = ""
) -> tuple[Fault, ...]:
    """Return the remarks on a condition without mistakes, with places below *place*.

    A condition that never or always holds has nothing else to be said about it.
    """
    known = Known(registry=registry, lists=lists)
    whole = (*never_true(node, place, known), *always_true(node, place, known))
    if any(fault.place == (place or "/") for fault in whole):
        return whole
    return (*whole, *narrows_nothing(node, place, known))


def remarks_on_profiles(
    profiles: Collection[Profile], lists: Collection[NamedList], registry: Registry
) -> tuple[Fault, ...]:
    """Return the remarks on *profiles* without mistakes; places begin with ``/profiles/<code>``.

    Each profile is held against each other one, which takes some 50 microseconds a pair; for one draft
    beside those in force, use `covered`.
    """
    named = {entry.code: entry for entry in lists}
    known = Known(registry=registry, lists=named)
    firings = {profile.code: firing(profile, known) for profile in profiles}
    found: list[Fault] = []
    for profile in profiles:
        place = at("/profiles", profile.code)
        found += remarks_on_condition(profile.when, registry, named, at(place, "when"))
        found += covered(firings[profile.code], firings.values(), place)
    return tuple(found)
