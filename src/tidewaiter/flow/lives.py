"""The lives of profiles as the store has them, and the content that they are put into."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from tidewaiter.core.access import Action, may
from tidewaiter.core.errors import ConfigurationError, Fault, Forbidden, InputError, NotFound
from tidewaiter.core.features import REGISTRY
from tidewaiter.core.ledger import canonical_json
from tidewaiter.core.life_cycle import IN_FORCE, Kind, Stage, Step, Version, require_room, take, version_of
from tidewaiter.core.plain import at
from tidewaiter.core.profiles import Profile, profile_data, read_profile
from tidewaiter.core.quantities import canonical
from tidewaiter.core.rules.check import check_set, check_vocabulary
from tidewaiter.core.rules.text.conditions import in_data_form
from tidewaiter.flow.content import Content, parse
from tidewaiter.flow.next_epoch import bodies_to_be
from tidewaiter.flow.people import subject_of
from tidewaiter.flow.ports import Person, UnitOfWork
from tidewaiter.flow.ports.profiles import words_sha256

__all__ = [
    "adopt", "all_versions", "as_published", "content_to_be", "data_of", "follow", "record", "replaced",
    "require_may", "sha256_of", "version_in", "versions_of", "words_of", "written",
]  # fmt: skip


def require_may(by: Person, action: Action) -> None:
    """Raise Forbidden when the policy does not let *by* do *action*."""
    ruling = may(subject_of(by), action)
    if not ruling.allowed:
        raise Forbidden(ruling.reason)


def words_of(profile: Profile) -> bytes:
    """Return the canonical words of a profile, whose hash an approval names."""
    return canonical_json(profile_data(profile))


def content_to_be(uow: UnitOfWork) -> Content:
    """Return what was published last: within an epoch part of it may wait for the next one."""
    return parse(bodies_to_be(uow), {})


def versions_of(uow: UnitOfWork, code: str) -> dict[int, Version]:
    """Return the recorded versions of a profile by number, oldest first; none when it has no life yet."""
    return _folded(uow.profile_steps(code)).get(code, {})


def _folded(steps: Iterable[Step]) -> dict[str, dict[int, Version]]:
    """Return, by code and number, the versions that *steps* (in order) made."""
    grouped: dict[str, dict[int, list[Step]]] = {}
    for step in steps:
        grouped.setdefault(step.code, {}).setdefault(step.number, []).append(step)
    return {
        code: {number: version_of(of_version) for number, of_version in numbers.items()}
        for code, numbers in grouped.items()
    }


def all_versions(uow: UnitOfWork) -> dict[str, dict[int, Version]]:
    """Return the recorded versions of every profile, by code and number."""
    return _folded(uow.profile_steps())


def version_in(uow: UnitOfWork, code: str, number: int) -> Version:
    """Return a recorded version; raises NotFound."""
    steps = [step for step in uow.profile_steps(code) if step.number == number]
    if not steps:
        raise NotFound(f"Profile {code!r} has no recorded version {number}.")
    return version_of(steps)


def data_of(uow: UnitOfWork, version: Version) -> dict[str, Any]:
    """Return the words of a version as plain data."""
    words = uow.profile_words(version.code, version.number, version.body_sha256)
    if words is None:
        raise ValueError(f"BUG: version {version.number} of profile {version.code!r} has no words")
    data: dict[str, Any] = json.loads(words)
    return data


def as_published(data: Mapping[str, Any], version: Version) -> dict[str, Any]:
    """Return the *data* of a version as its stage has them in force: a ramp has less, an emergency ends."""
    published = dict(data)
    if version.stage is Stage.RAMP and version.share is not None:
        published["share"] = canonical(version.share)
    if version.stage is Stage.EMERGENCY:
        published["valid_from"] = min(data["valid_from"], version.since.date().isoformat())
        published["valid_until"] = version.valid_until.isoformat()
    return published


def replaced(content: Content, version: Version) -> Profile | None:
    """Return what a version would replace; None: nothing, or itself."""
    if version.stage in IN_FORCE:
        return None
    return next((each for each in content.rules.profiles if each.code == version.code), None)


def sha256_of(profile: Profile | None) -> str | None:
    """Return the hash of the words of what is replaced, if anything is."""
    return None if profile is None else words_sha256(words_of(profile))


def written(data: Mapping[str, Any], number: int, content: Content) -> Profile:
    """Return the profile that *data* write, as version *number*; its condition may be data or text.

    Raises InputError with every fault of it beside the lanes, checks and lists of *content*.
    """
    faults: list[Fault] = []
    numbered = in_data_form({**data, "version": number}, REGISTRY, faults)
    profile = read_profile(numbered, "", faults)
    if profile is not None and not faults:
        found = (
            *check_set([profile], content.rules.lists.values(), REGISTRY),
            *check_vocabulary([profile], lanes=content.lanes.codes, checks=tuple(content.checks)),
        )
        # It is judged as one of a set; whoever writes it sees one profile.
        here = at("/profiles", profile.code)
        faults += [replace(fault, place=fault.place.removeprefix(here)) for fault in found]
    if faults or profile is None:
        raise InputError("The profile cannot be kept; correct the places named here.", faults=tuple(faults))
    return profile


def record(
    uow: UnitOfWork, version: Version | None, kind: Kind, *, by: str, at: datetime,
    profile: Profile | None = None, code: str = "", number: int = 0, standing: Collection[str] = (),
    **members: Any,
) -> Version:  # fmt: skip
    """Record a step of *version* (None: its first), with the words of *profile* if it brings any.

    Raises as :func:`~tidewaiter.core.life_cycle.take` does, and Conflict when the other versions of the
    profile leave no room for it.
    """
    words = None if profile is None else words_of(profile)
    if words is not None and profile is not None:
        members |= {"body_sha256": words_sha256(words), "valid_until": profile.valid_until}
        code, number = profile.code, profile.version
    elif version is not None:
        code, number = version.code, version.number
        members = {"body_sha256": version.body_sha256, "valid_until": version.valid_until} | members
    ordinal = 1 if version is None else version.ordinal + 1
    step = Step(code=code, number=number, ordinal=ordinal, kind=kind, by=by, at=at, **members)
    after = take(version, step, standing=standing)
    others = versions_of(uow, code)
    others.pop(number, None)
    require_room(others.values(), step)
    uow.add_profile_step(step, words)
    return after


def follow(uow: UnitOfWork, content: Content, *, by: str, at: datetime) -> None:
    """Record what the publication of a whole *content* means for profiles whose life is recorded.

    Raises ConfigurationError when it gives a recorded version other words: those of a number never change.
    """
    published = {profile.code: profile for profile in content.rules.profiles}
    for code, versions in all_versions(uow).items():
        profile = published.get(code)
        known = None if profile is None else versions.get(profile.version)
        if profile is not None and known is not None:
            _require_its_words(uow, known, profile)
        for version in versions.values():
            if version.stage in IN_FORCE and version is not known:
                record(uow, version, Kind.REPLACE, by=by, at=at, reason="The whole content was published.")
        if profile is not None and (known is None or known.stage not in IN_FORCE):
            record(uow, known, Kind.ADOPT, by=by, at=at, profile=profile)


def _require_its_words(uow: UnitOfWork, version: Version, profile: Profile) -> None:
    """Raise ConfigurationError when *profile* says something else than the version whose number it has."""
    if profile_data(profile) == as_published(data_of(uow, version), version):
        return
    fault = Fault(
        code="version-taken",
        place=f"/profiles/{profile.code}/version",
        message="this version of the profile is recorded with other words",
        value=str(profile.version),
        hint="Count its version up, or edit the profile where it is recorded.",
    )
    raise ConfigurationError("The content cannot be published.", faults=(fault,))


def adopt(uow: UnitOfWork, content: Content, code: str, *, at: datetime) -> None:
    """Begin the record of a profile that is in force and has none, as it was published."""
    profile = next((each for each in content.rules.profiles if each.code == code), None)
    rules = uow.published("rules")
    if profile is not None and rules is not None and not versions_of(uow, code):
        record(uow, None, Kind.ADOPT, by=rules.by, at=at, profile=profile)
