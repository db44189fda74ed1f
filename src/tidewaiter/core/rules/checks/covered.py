"""A profile whose every match another profile finds too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tidewaiter.core.errors import Fault
from tidewaiter.core.plain import at
from tidewaiter.core.rules.checks.known import Known
from tidewaiter.core.rules.checks.solving import FALSE, NOT_FALSE, NOT_TRUE, TRUE, about, impossible, wants
from tidewaiter.core.rules.profile import MissingMeans, Profile

__all__ = ["covered"]


def covered(profile: Profile, others: Iterable[Profile], place: str, known: Known) -> Iterator[Fault]:
    """A profile that fires only where another one fires is no news, unless it asks for more.

    Both are compared item by item, so what is said holds for declarations too.  Others that share no
    feature with it are not looked at.
    """
    fires = wants(profile.when, NOT_FALSE if _fires_on_missing(profile) else TRUE, known)
    if impossible([fires]):
        return
    subjects = about(fires)
    for other in others:
        if other.code == profile.code or not _in_force_wherever(other, profile):
            continue
        silent = wants(other.when, FALSE if _fires_on_missing(other) else NOT_TRUE, known)
        if not subjects.isdisjoint(about(silent)) and impossible([fires, silent]):
            message = f"profile `{other.code}` finds everything that this profile finds"
            hint = "Keep it only if it asks for more: a stricter lane, other checks, a larger share."
            yield Fault(code="covered", place=at(place, "when"), message=message, value=other.code, hint=hint)


def _fires_on_missing(profile: Profile) -> bool:
    return profile.unknown is MissingMeans.FIRES


def _in_force_wherever(other: Profile, profile: Profile) -> bool:
    """Tell whether *other* is in force for every flow and office and on every day that *profile* is."""
    return (
        profile.flows <= other.flows
        and (not other.offices or (bool(profile.offices) and profile.offices <= other.offices))
        and other.valid_from <= profile.valid_from
        and profile.valid_until <= other.valid_until
    )
