"""Enact profiles: shadow, ramp, live, the emergency, retirement, and the end of the last day.

What comes into force or goes out of it is published with the whole set of rules, in the transaction
that records the step: every process takes over all of it at its next turn, or nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from tidewaiter.core.access import Action, may
from tidewaiter.core.errors import ConfigurationError, Conflict, InputError
from tidewaiter.core.life_cycle import CLOCK, IN_FORCE, Kind, Stage, Version, emergency_until
from tidewaiter.flow.administer import Administration
from tidewaiter.flow.lives import (
    adopt,
    all_versions,
    as_published,
    content_to_be,
    data_of,
    record,
    replaced,
    require_may,
    sha256_of,
    version_in,
    versions_of,
)
from tidewaiter.flow.next_epoch import bodies_to_be
from tidewaiter.flow.people import subject_of
from tidewaiter.flow.ports import Clock, Person, Store, UnitOfWork

__all__ = ["Enacting"]

#: The same kind of notice as breaking the glass: it goes to whoever audits at once.
_BREAK_GLASS: Final = "break-glass"
_ENDS_BY_DATE: Final = IN_FORCE | {Stage.SHADOW}


class Enacting:
    """The use cases of those who put profiles in force and end them.

    Each asks the policy; raises Forbidden when it is not for this person, Conflict when it cannot be done
    where the version stands, InputError when the content could not be published so.
    """

    def __init__(self, *, store: Store, clock: Clock, administration: Administration) -> None:
        self._store = store
        self._clock = clock
        self._administration = administration

    def shadow(self, code: str, number: int, *, by: Person) -> Version:
        """Let an approved version be counted without effect."""
        require_may(by, Action.PROFILES_PUBLISH)
        with self._store.write() as uow:
            return self._begin(uow, version_in(uow, code, number), Kind.SHADOW, by)

    def ramp(self, code: str, number: int, *, share: Decimal, by: Person) -> Version:
        """Put an approved version in force with a part of its share, or with a larger part than before."""
        require_may(by, Action.PROFILES_PUBLISH)
        with self._store.write() as uow:
            version = version_in(uow, code, number)
            if share > Decimal(data_of(uow, version)["share"]):
                raise InputError("A ramp selects at most the share that was approved.")
            ramp = self._begin(uow, version, Kind.RAMP, by, share=share)
            return self._put(uow, ramp, f"{by.name}, approved by {ramp.approved_by}")

    def go_live(self, code: str, number: int, *, by: Person) -> Version:
        """Put an approved version in force in place of what is."""
        require_may(by, Action.PROFILES_PUBLISH)
        with self._store.write() as uow:
            version = version_in(uow, code, number)
            live = self._begin(uow, version, Kind.GO_LIVE, by)
            for other in versions_of(uow, code).values():
                if other.stage in IN_FORCE and other.number != number:
                    reason = f"Version {number} took its place."
                    record(uow, other, Kind.REPLACE, by=by.name, at=self._clock.now(), reason=reason)
            return self._put(uow, live, f"{by.name}, approved by {live.approved_by}")

    def emergency(self, code: str, number: int, *, reason: str, by: Person) -> Version:
        """Put a new profile in force alone, for at most 72 hours; whoever audits is told at once."""
        require_may(by, Action.PROFILES_EMERGENCY)
        with self._store.write() as uow:
            version, now = version_in(uow, code, number), self._clock.now()
            content = content_to_be(uow)
            until = min(version.valid_until, emergency_until(now))
            burning = record(
                uow, version, Kind.EMERGENCY, by=by.name, at=now, reason=reason, valid_until=until,
                replaces_sha256=sha256_of(replaced(content, version)),
            )  # fmt: skip
            told = {"act": "profile-emergency", "by": by.name, "reason": reason, "until": until.isoformat()}
            uow.add_notice(_BREAK_GLASS, f"{code} {number}", told, now)
            return self._put(uow, burning, f"{by.name} alone, in an emergency")

    def review(self, code: str, number: int, *, reason: str, by: Person) -> Version:
        """Record that another person looked at an emergency; it ends when it ends all the same."""
        require_may(by, Action.PROFILES_APPROVE)
        with self._store.write() as uow:
            version = version_in(uow, code, number)
            return record(uow, version, Kind.REVIEW, by=by.name, at=self._clock.now(), reason=reason)

    def ask_retirement(self, code: str, number: int, *, reason: str, by: Person) -> Version:
        """Ask another person to end what is in force."""
        require_may(by, Action.PROFILES_WRITE)
        with self._store.write() as uow:
            adopt(uow, content_to_be(uow), code, at=self._clock.now())
            version = version_in(uow, code, number)
            return record(uow, version, Kind.ASK_RETIREMENT, by=by.name, at=self._clock.now(), reason=reason)

    def retire(self, code: str, number: int, *, reason: str, by: Person) -> Version:
        """End what is in force, when another person asked for it; an emergency ends by one person."""
        require_may(by, Action.PROFILES_PUBLISH)
        with self._store.write() as uow:
            version = version_in(uow, code, number)
            if version.stage not in IN_FORCE:
                raise Conflict(f"Version {number} of profile {code!r} decides nothing; withdraw it instead.")
            ended = record(uow, version, Kind.RETIRE, by=by.name, at=self._clock.now(), reason=reason)
            asked = version.retirement_asked_by
            self._take_out(uow, {code}, by.name if asked is None else f"{asked}, approved by {by.name}")
            return ended

    def step(self) -> bool:
        """End what has had its last day; return False, for there is no more then.

        It decides nothing from its last day on even when nobody ends it here.
        """
        now = self._clock.now()
        with self._store.read() as uow:
            due = _due(uow, now)
        if due:
            with self._store.write() as uow:
                due = _due(uow, now)
                for version in due:
                    record(uow, version, Kind.EXPIRE, by=CLOCK, at=now)
                self._take_out(uow, {each.code for each in due if each.stage in IN_FORCE}, CLOCK)
        return False

    def _begin(self, uow: UnitOfWork, version: Version, kind: Kind, by: Person, **members: Any) -> Version:
        """Record a step that needs an approval that counts now."""
        content = content_to_be(uow)
        approver = None if version.approved_by is None else uow.person(version.approved_by)
        standing = (
            {approver.name}
            if approver is not None and may(subject_of(approver), Action.PROFILES_APPROVE).allowed
            else set()
        )
        return record(
            uow, version, kind, by=by.name, at=self._clock.now(), standing=standing,
            replaces_sha256=sha256_of(replaced(content, version)), **members,
        )  # fmt: skip

    def _put(self, uow: UnitOfWork, version: Version, by: str) -> Version:
        """Publish the rules with this version in the place of the profile's, or beside the others."""
        new = as_published(data_of(uow, version), version)
        self._publish(uow, {version.code}, [new], by)
        return version

    def _take_out(self, uow: UnitOfWork, codes: set[str], by: str) -> None:
        """Publish the rules without these profiles, if there are any."""
        if codes:
            self._publish(uow, codes, [], by)

    def _publish(self, uow: UnitOfWork, codes: set[str], new: list[Mapping[str, Any]], by: str) -> None:
        bodies = bodies_to_be(uow)
        rules = bodies["rules"]
        profiles = [*(each for each in rules["profiles"] if each["code"] not in codes), *new]
        try:
            self._administration.publish_in(uow, {**bodies, "rules": {**rules, "profiles": profiles}}, by)
        except ConfigurationError as error:
            raise InputError(error.message, faults=error.faults) from error


def _due(uow: UnitOfWork, now: datetime) -> list[Version]:
    """Return the versions whose last day is over at *now*."""
    return [
        version
        for versions in all_versions(uow).values()
        for version in versions.values()
        if version.stage in _ENDS_BY_DATE and now.astimezone(UTC).date() > version.valid_until
    ]
