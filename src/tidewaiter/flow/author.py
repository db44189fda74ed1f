"""Author profiles: draft, edit, submit with evidence, approve what was read, restore, extend."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from tidewaiter.core.access import Action
from tidewaiter.core.errors import Conflict, Fault, InputError, NotFound
from tidewaiter.core.features import REGISTRY
from tidewaiter.core.life_cycle import OPEN, Kind, Step, Version, version_of
from tidewaiter.core.profiles import Profile, profile_data
from tidewaiter.core.rules.check import check_condition
from tidewaiter.core.rules.checks.covered import covered, firing
from tidewaiter.core.rules.checks.known import Known
from tidewaiter.core.rules.checks.remarks import remarks_on_condition
from tidewaiter.core.rules.form import from_data, read_node
from tidewaiter.core.rules.text.conditions import in_data_form
from tidewaiter.flow.content import Content
from tidewaiter.flow.lives import (
    adopt,
    all_versions,
    content_to_be,
    data_of,
    record,
    replaced,
    require_may,
    sha256_of,
    version_in,
    versions_of,
    words_of,
    written,
)
from tidewaiter.flow.ports import Clock, Person, Store, UnitOfWork
from tidewaiter.flow.ports.profiles import Tally, words_sha256
from tidewaiter.flow.tally import Trial
from tidewaiter.flow.vocabulary import Vocabulary, vocabulary
from tidewaiter.flow.wording import Changed, Told, changes, told

__all__ = ["Authoring", "Judged", "Life", "Read"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What is to be said about words that nobody has kept."""

    #: The profile as it would be kept; None: it has faults.
    profile: Mapping[str, Any] | None
    #: Its condition as people read it; None: it cannot be read.
    condition: Told | None
    #: What keeps it from being kept.
    faults: Sequence[Fault] = ()
    #: What is surely not meant, and refuses nothing.
    remarks: Sequence[Fault] = ()
    changes: Sequence[Changed] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """A profile with all that is recorded of it."""

    code: str
    #: The title, owner and lane that it has, or would have, now.
    title: str
    owner: str
    lane: str
    #: Recorded versions, oldest first.
    versions: Sequence[Version]
    #: Number of the version that decides lanes; None: none does.
    in_force: int | None
    #: Its last day.
    valid_until: date | None
    tallies: Sequence[Tally] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A version with its words, beside what it would replace."""

    version: Version
    data: Mapping[str, Any]
    condition: Told
    steps: Sequence[Step]
    #: Hash of the words that it would replace, hex; None: none.
    replaces_sha256: str | None
    changes: Sequence[Changed]


class Authoring:
    """The use cases of those who write profiles, and of those who approve them.

    Each asks the policy; raises Forbidden when it is not for this person.
    """

    def __init__(self, *, store: Store, clock: Clock, trial: Trial) -> None:
        self._store = store
        self._clock = clock
        self._trial = trial

    def judge(self, data: Mapping[str, Any]) -> Judged:
        """Return what is to be said about the words of a profile, also about half of them."""
        with self._store.read() as uow:
            content = content_to_be(uow)
            try:
                profile = written(data, 1, content)
            except InputError as error:
                condition, faults = _condition(data, content)
                known = {(fault.code, fault.place) for fault in error.faults}
                more = [fault for fault in faults if (fault.code, fault.place) not in known]
                return Judged(profile=None, condition=condition, faults=(*error.faults, *more))
            profile = replace(profile, version=_next_number(uow, content, profile.code))
        return Judged(
            profile=profile_data(profile),
            condition=told(profile.when),
            remarks=_remarks(profile, content),
            changes=_changes(_in_force(content, profile.code), profile_data(profile)),
        )

    def draft(self, data: Mapping[str, Any], *, by: Person) -> Version:
        """Begin a version of the profile that *data* write; raises InputError or Conflict."""
        with self._writing(by, Action.PROFILES_WRITE) as (uow, content):
            return self._draft(uow, content, data, by)

    def edit(
        self, code: str, number: int, data: Mapping[str, Any], *, by: Person, seen: str | None = None
    ) -> Version:
        """Give a version other words, which voids its approval; the same words change nothing.

        *seen* is the hash of the words that were edited: raises Conflict when somebody else changed them.
        """
        with self._writing(by, Action.PROFILES_WRITE) as (uow, content):
            version = version_in(uow, code, number)
            if seen is not None and seen != version.body_sha256:
                raise Conflict("Somebody else edited it since you read it; read it again.")
            profile = written({**data, "code": data.get("code", code)}, number, content)
            if profile.code != code:
                raise InputError(f"The code of a profile stays: {code!r}, not {profile.code!r}.")
            if sha256_of(profile) == version.body_sha256:
                return version
            return record(uow, version, Kind.EDIT, by=by.name, at=self._clock.now(), profile=profile)

    def submit(self, code: str, number: int, *, reason: str, by: Person) -> Version:
        """Freeze a version for another person to read, with what it would have found as evidence."""
        with self._store.read() as uow:
            version = version_in(uow, code, number)
            content = content_to_be(uow)
            profile = written(data_of(uow, version), number, content)
            evidence = self._trial.evidence(uow, profile, content)
        with self._writing(by, Action.PROFILES_WRITE) as (uow, content):
            now = version_in(uow, code, number)
            if now.body_sha256 != version.body_sha256:
                raise Conflict("It was edited at the same time; read it again.")
            return record(
                uow, now, Kind.SUBMIT, by=by.name, at=self._clock.now(), reason=reason, evidence=evidence,
                replaces_sha256=sha256_of(replaced(content, now)),
            )  # fmt: skip

    def approve(
        self, code: str, number: int, *, sha256: str, replaces_sha256: str | None, by: Person
    ) -> Version:
        """Approve the words that were read, as a change of those that they replace.

        Raises Forbidden for whoever wrote any of them, Conflict when either is another by now.
        """
        with self._writing(by, Action.PROFILES_APPROVE) as (uow, content):
            version = version_in(uow, code, number)
            if sha256_of(replaced(content, version)) != replaces_sha256:
                raise Conflict("What it would replace is another by now; read the change again.")
            return record(
                uow, version, Kind.APPROVE, by=by.name, at=self._clock.now(), body_sha256=sha256,
                replaces_sha256=replaces_sha256,
            )  # fmt: skip

    def reject(self, code: str, number: int, *, reason: str, by: Person) -> Version:
        """Give a version back to those who write it; what was approved is approved no more."""
        with self._writing(by, Action.PROFILES_WRITE) as (uow, _):
            version = version_in(uow, code, number)
            return record(uow, version, Kind.REJECT, by=by.name, at=self._clock.now(), reason=reason)

    def withdraw(self, code: str, number: int, *, reason: str, by: Person) -> Version:
        """Give up a version that is being worked on; its words and steps stay on record."""
        with self._writing(by, Action.PROFILES_WRITE) as (uow, _):
            version = version_in(uow, code, number)
            if version.stage not in OPEN:
                raise Conflict(
                    f"Version {number} of profile {code!r} is {version.stage.value}; retire it instead."
                )
            return record(uow, version, Kind.RETIRE, by=by.name, at=self._clock.now(), reason=reason)

    def restore(self, code: str, number: int, *, by: Person) -> Version:
        """Begin a version with the words of an earlier one; it is approved like any other."""
        with self._writing(by, Action.PROFILES_WRITE) as (uow, content):
            adopt(uow, content, code, at=self._clock.now())
            return self._draft(uow, content, data_of(uow, version_in(uow, code, number)), by)

    def extend(self, code: str, valid_until: date, *, by: Person) -> Version:
        """Begin a version that is what is in force, from today until *valid_until*."""
        with self._writing(by, Action.PROFILES_WRITE) as (uow, content):
            profile = _in_force(content, code)
            if profile is None:
                raise NotFound(f"No profile {code!r} is in force.")
            known = versions_of(uow, code).get(profile.version)
            data = profile_data(profile) if known is None else data_of(uow, known)
            today = self._clock.now().date().isoformat()
            days = {"valid_from": today, "valid_until": valid_until.isoformat()}
            return self._draft(uow, content, data | days, by)

    def vocabulary(self) -> Vocabulary:
        """Return what a profile can refer to."""
        with self._store.read() as uow:
            return vocabulary(content_to_be(uow))

    def all(self) -> list[Life]:
        """Return every profile that is in force or recorded, by code."""
        with self._store.read() as uow:
            content = content_to_be(uow)
            recorded = all_versions(uow)
            published = {profile.code: profile for profile in content.rules.profiles}
            return [
                _life(uow, code, recorded.get(code, {}), published.get(code))
                for code in sorted({*recorded, *published})
            ]

    def one(self, code: str) -> Life:
        """Return a profile with all its versions, and how often each matched; raises NotFound."""
        with self._store.read() as uow:
            content = content_to_be(uow)
            profile, versions = _in_force(content, code), versions_of(uow, code)
            if profile is None and not versions:
                raise NotFound(f"There is no profile {code!r}.")
            return _life(uow, code, versions, profile, uow.tallies(code))

    def version(self, code: str, number: int) -> Read:
        """Return a recorded version with its words, steps and changes; raises NotFound."""
        with self._store.read() as uow:
            content = content_to_be(uow)
            steps = [step for step in uow.profile_steps(code) if step.number == number]
            if not steps:
                return _unrecorded(uow, content, code, number)
            version = version_of(steps)
            before, data = replaced(content, version), data_of(uow, version)
        return Read(
            version=version,
            data=data,
            condition=told(from_data(data["when"])),
            steps=steps,
            replaces_sha256=sha256_of(before),
            changes=_changes(before, data),
        )

    @contextmanager
    def _writing(self, by: Person, action: Action) -> Iterator[tuple[UnitOfWork, Content]]:
        """Give a writing transaction and the content, to somebody who may do *action*."""
        require_may(by, action)
        with self._store.write() as uow:
            content = content_to_be(uow)
            yield uow, content

    def _draft(self, uow: UnitOfWork, content: Content, data: Mapping[str, Any], by: Person) -> Version:
        """Begin a version with the words *data*, after what is in force of the profile."""
        profile, now = written(data, 1, content), self._clock.now()
        adopt(uow, content, profile.code, at=now)
        profile = replace(profile, version=_next_number(uow, content, profile.code))
        return record(uow, None, Kind.DRAFT, by=by.name, at=now, profile=profile)


def _in_force(content: Content, code: str) -> Profile | None:
    return next((each for each in content.rules.profiles if each.code == code), None)


def _unrecorded(uow: UnitOfWork, content: Content, code: str, number: int) -> Read:
    """Return what is in force without a record, as its publication put it there; raises NotFound."""
    profile, rules = _in_force(content, code), uow.published("rules")
    if profile is None or rules is None or profile.version != number:
        raise NotFound(f"There is no version {number} of profile {code!r}.")
    step = Step(
        code=code, number=number, ordinal=1, kind=Kind.ADOPT, by=rules.by, at=rules.at,
        body_sha256=words_sha256(words_of(profile)), valid_until=profile.valid_until,
    )  # fmt: skip
    version = version_of([step])
    return Read(
        version=version, data=profile_data(profile), condition=told(profile.when), steps=[],
        replaces_sha256=None, changes=[],
    )  # fmt: skip


def _next_number(uow: UnitOfWork, content: Content, code: str) -> int:
    """Return the number of the next version of a profile."""
    profile = _in_force(content, code)
    return max(0 if profile is None else profile.version, *versions_of(uow, code), 0) + 1


def _condition(data: Mapping[str, Any], content: Content) -> tuple[Told | None, Sequence[Fault]]:
    """Return the condition that half-written words hold, and what is wrong with it by itself."""
    faults: list[Fault] = []
    written_as = in_data_form({"when": data.get("when")}, REGISTRY, faults)
    if faults or not isinstance(written_as, dict):
        return None, faults
    node = read_node(written_as["when"], "/when", faults)
    if node is not None and not faults:
        faults += check_condition(node, REGISTRY, content.rules.lists, "/when")
    return (None if node is None or faults else told(node)), faults


def _remarks(profile: Profile, content: Content) -> Sequence[Fault]:
    """Return what a profile surely does not mean, alone and beside those in force."""
    known = Known(registry=REGISTRY, lists=content.rules.lists)
    others = [firing(other, known) for other in content.rules.profiles]
    alone = remarks_on_condition(profile.when, REGISTRY, content.rules.lists, "/when")
    return (*alone, *covered(firing(profile, known), others, ""))


def _changes(before: Profile | None, after: Mapping[str, Any]) -> Sequence[Changed]:
    return changes({} if before is None else profile_data(before), after)


def _life(
    uow: UnitOfWork, code: str, versions: Mapping[int, Version], profile: Profile | None,
    tallies: Sequence[Tally] = (),
) -> Life:  # fmt: skip
    """Return a profile as it is recorded, and published (None: it is not)."""
    data = data_of(uow, versions[max(versions)]) if profile is None else profile_data(profile)
    return Life(
        code=code,
        title=data["title"],
        owner=data["owner"],
        lane=data["lane"],
        versions=tuple(versions.values()),
        in_force=None if profile is None else profile.version,
        valid_until=None if profile is None else profile.valid_until,
        tallies=tallies,
    )
