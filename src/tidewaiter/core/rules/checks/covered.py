"""A profile whose every match another profile finds too."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass

from tidewaiter.core.errors import Fault
from tidewaiter.core.plain import at
from tidewaiter.core.rules.checks.known import Known
from tidewaiter.core.rules.checks.solving import (
    FALSE,
    NOT_FALSE,
    NOT_TRUE,
    TRUE,
    Demand,
    about,
    impossible,
    wants,
)
from tidewaiter.core.rules.profile import MissingMeans, Profile

__all__ = ["Firing", "covered", "firing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """A profile, and what has to hold on an item so that it fires, or does not."""

    profile: Profile
    fires: Demand
    silent: Demand
    #: What its condition is about.
    subjects: frozenset[Hashable]


def firing(profile: Profile, known: Known) -> Firing:
    """Return when *profile*, which has no mistakes, fires; what missing data mean for it is part of that."""
    on_missing = profile.unknown is MissingMeans.FIRES
    fires = wants(profile.when, NOT_FALSE if on_missing else TRUE, known)
    silent = wants(profile.when, FALSE if on_missing else NOT_TRUE, known)
    return Firing(profile=profile, fires=fires, silent=silent, subjects=about(fires))


def covered(one: Firing, others: Iterable[Firing], place: str) -> Iterator[Fault]:
    """A profile that fires only where another one fires is no news, unless it asks for more.

    Both are compared item by item, so what is said holds for declarations too.  Others that are about
    nothing of the same are not looked at.
    """
    if impossible([one.fires]):
        return
    for other in others:
        if other.profile.code == one.profile.code or one.subjects.isdisjoint(other.subjects):
            continue
        if _in_force_wherever(other.profile, one.profile) and impossible([one.fires, other.silent]):
            code = other.profile.code
            message = f"profile `{code}` finds everything that this profile finds"
            hint = "Keep it only if it asks for more: a stricter lane, other checks, a larger share."
            yield Fault(code="covered", place=at(place, "when"), message=message, value=code, hint=hint)


def _in_force_wherever(other: Profile, profile: Profile) -> bool:
    """Tell whether *other* is in force for every flow and office and on every day that *profile* is."""
    return (
        profile.flows <= other.flows
        and (not other.offices or (bool(profile.offices) and profile.offices <= other.offices))
        and other.valid_from <= profile.valid_from
        and profile.valid_until <= other.valid_until
    )
