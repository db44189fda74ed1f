"""People: make accounts, give and take rights; each change is in the ledger."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from tidewaiter.core.access import GRANTABLE, Role, Subject
from tidewaiter.core.errors import Conflict, InputError, NotFound
from tidewaiter.flow.ports import Clock, Credentials, Person, Store, UnitOfWork

__all__ = [
    "PASSWORD_LENGTH_MAX", "PASSWORD_LENGTH_MIN", "NewSecret", "People", "Rights", "note",
    "require_password", "subject_of",
]  # fmt: skip

#: Length counts, composition does not (NIST SP 800-63B-4, 3.1.1.2; OWASP ASVS 5.0.0, 6.2).
PASSWORD_LENGTH_MIN: Final = 12
#: Beyond it a password is only a way to make hashing slow.
PASSWORD_LENGTH_MAX: Final = 128

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_WORD: Final = re.compile(r"[A-Za-z0-9*._/-]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSecret:
    """A person with a second factor that was just made: shown once."""

    person: Person
    #: The second factor, as an ``otpauth://`` address.
    totp_uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What a person may do, where, and what they are cleared for; no roles: nothing."""

    roles: frozenset[str] = frozenset()
    offices: frozenset[str] = frozenset()
    compartments: frozenset[str] = frozenset()

    def require_possible(self) -> None:
        """Raise InputError when one of them cannot be given to a person."""
        require_roles(self.roles)
        _require_words(office=self.offices, compartment=self.compartments)


class People:
    """The use cases of whoever gives and takes rights."""

    def __init__(self, *, store: Store, clock: Clock, credentials: Credentials) -> None:
        self._store = store
        self._clock = clock
        self._credentials = credentials

    def add(
        self,
        name: str,
        *,
        staff_number: str,
        roles: Collection[str],
        offices: Collection[str] = (),
        compartments: Collection[str] = (),
        password: str,
        by: str,
    ) -> NewSecret:
        """Make an account, as :meth:`prepare` and :meth:`add_in` say."""
        rights = Rights(
            roles=frozenset(roles), offices=frozenset(offices), compartments=frozenset(compartments)
        )
        made = self.prepare(name, staff_number=staff_number, rights=rights, password=password)
        with self._store.write() as uow:
            self.add_in(uow, made, by=by)
        return made

    def prepare(self, name: str, *, staff_number: str, rights: Rights, password: str) -> NewSecret:
        """Return an account that could be made; none has a default password or lacks a second factor.

        Hashing takes a while, so it is done before the transaction that makes the account.  Raises
        InputError for a name, right or password that cannot be.
        """
        require_name(name)
        _require_words(staff_number=[staff_number])
        rights.require_possible()
        require_password(self._credentials, password, name)
        secret = self._credentials.new_secret()
        person = Person(
            name=name,
            staff_number=staff_number,
            roles=rights.roles,
            offices=rights.offices,
            compartments=rights.compartments,
            password_hash=self._credentials.hash(password),
            totp_secret=secret,
            totp_step=0,
            created_at=self._clock.now(),
        )
        return NewSecret(person=person, totp_uri=self._credentials.uri(secret, name))

    def add_in(self, uow: UnitOfWork, made: NewSecret, *, by: str) -> None:
        """Make a prepared account within *uow*.

        Raises Conflict when the name or the staff number is taken: a name is never given to somebody else.
        """
        person = made.person
        if uow.person(person.name) is not None:
            raise Conflict(f"There is or was an account {person.name!r}; choose another name.")
        other = next((each for each in uow.people() if each.staff_number == person.staff_number), None)
        if other is not None:
            raise Conflict(
                f"Staff number {person.staff_number!r} is that of {other.name!r}; a person has one account."
            )
        uow.put_person(person)
        note(uow, person, "added", by, person.created_at)

    def set_rights_in(self, uow: UnitOfWork, name: str, rights: Rights, *, by: str) -> Person:
        """Give a person exactly these rights, from now on; raises NotFound, InputError, Conflict.

        Within the transaction of who decided it: it takes two persons (:mod:`~tidewaiter.flow.two_persons`).
        """
        rights.require_possible()
        person = replace(
            _not_erased(uow, name),
            roles=rights.roles,
            offices=rights.offices,
            compartments=rights.compartments,
        )
        uow.put_person(person)
        note(uow, person, "rights set", by, self._clock.now())
        return person

    def disable(self, name: str, by: str) -> Person:
        """End all sessions of a person and admit no new one, at once; raises NotFound."""
        now = self._clock.now()
        with self._store.write() as uow:
            person = _existing(uow, name)
            person = replace(person, disabled_at=person.disabled_at or now)
            uow.put_person(person)
            uow.end_sessions_of(name)
            note(uow, person, "disabled", by, now)
        return person

    def reset(self, name: str, password: str, by: str) -> NewSecret:
        """Give a person a new password and a new second factor, and end all sessions.

        A disabled account may be used again afterwards.  Raises NotFound, InputError for the password, or
        Conflict when the account is erased.
        """
        require_password(self._credentials, password, name)
        secret, password_hash = self._credentials.new_secret(), self._credentials.hash(password)
        with self._store.write() as uow:
            person = replace(
                _not_erased(uow, name),
                password_hash=password_hash,
                totp_secret=secret,
                totp_step=0,
                disabled_at=None,
            )
            uow.put_person(person)
            uow.end_sessions_of(name)
            note(uow, person, "secrets reset", by, self._clock.now())
        return NewSecret(person=person, totp_uri=self._credentials.uri(secret, name))

    def one(self, name: str) -> Person:
        """Return the person of this name; raises NotFound."""
        with self._store.read() as uow:
            return _existing(uow, name)

    def all(self) -> Sequence[Person]:
        """Return all people, disabled ones too, by name."""
        with self._store.read() as uow:
            return uow.people()


def subject_of(person: Person) -> Subject:
    """Return who *person* is to the policy; a disabled account is nobody."""
    roles = frozenset(Role(role) for role in person.roles) if person.disabled_at is None else frozenset()
    return Subject(roles=roles, offices=person.offices, compartments=person.compartments)


def require_name(name: str) -> None:
    """Raise InputError when nobody can be called so."""
    if not _NAME.fullmatch(name):
        raise InputError(
            f"{name!r} cannot be a name: 1 to 64 small letters, digits, dots, hyphens or underlines, "
            "beginning with a letter or a digit."
        )


def require_roles(roles: Collection[str]) -> None:
    """Raise InputError when one of *roles* cannot be given to a person."""
    known = sorted(role.value for role in GRANTABLE)
    unknown = sorted(set(roles) - set(known))
    if unknown:
        raise InputError(f"{unknown[0]!r} is no role of people; choose among {', '.join(known)}.")


def require_password(credentials: Credentials, password: str, name: str) -> None:
    """Raise InputError when *password* is too short, too long, common, or has the name in it; not shown."""
    if not PASSWORD_LENGTH_MIN <= len(password) <= PASSWORD_LENGTH_MAX:
        raise InputError(
            f"A password has {PASSWORD_LENGTH_MIN} to {PASSWORD_LENGTH_MAX} characters; this one has "
            f"{len(password)}."
        )
    if name in password.casefold():
        raise InputError("A password must not contain the name; choose another one.")
    if credentials.is_common(password, name):
        raise InputError(
            "This password is among those that are guessed first; take several words that do not belong "
            "together."
        )


def _require_words(**given: Collection[str]) -> None:
    for what, words in given.items():
        for word in words:
            if not _WORD.fullmatch(word):
                raise InputError(
                    f"{word!r} cannot be the {what.replace('_', ' ')}: 1 to 64 letters, digits or * . _ / -."
                )


def _existing(uow: UnitOfWork, name: str) -> Person:
    person = uow.person(name)
    if person is None:
        raise NotFound(f"There is no account {name!r}; `tidewaiter user list` lists them.")
    return person


def _not_erased(uow: UnitOfWork, name: str) -> Person:
    """Return an account that can be used again; a name that stays after an erasure is nobody's any more."""
    person = _existing(uow, name)
    if person.erased:
        raise Conflict(f"The account {name!r} is erased and nobody's: make a new one.")
    return person


def note(uow: UnitOfWork, person: Person, change: str, by: str, at: datetime) -> None:
    """Record a change with the rights that it left; secrets stay out."""
    uow.add_notice(
        "person",
        person.name,
        {
            "change": change,
            "by": by,
            "staff_number": person.staff_number,
            "roles": sorted(person.roles),
            "offices": sorted(person.offices),
            "compartments": sorted(person.compartments),
            "disabled": person.disabled_at is not None,
        },
        at,
    )
