"""Linking: which person an identity provider means, as an administrator says; the ledger has each change."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from tidewaiter.core.errors import ConfigurationError, InputError, NotFound
from tidewaiter.flow.ports import Clock, Store, UnitOfWork
from tidewaiter.flow.ports.sign_on import Link

__all__ = ["Linking", "note_link"]

_EMAIL: Final = re.compile(r"[^\s@]{1,64}@[^\s@]{1,190}")
_SUBJECT: Final = re.compile(r"[\x21-\x7e]{1,255}")


class Linking:
    """The use cases of whoever says which account an identity at the provider stands for."""

    def __init__(self, *, store: Store, clock: Clock, issuer: str | None) -> None:
        self._store = store
        self._clock = clock
        self._issuer = issuer

    def link(
        self,
        name: str,
        *,
        subject: str | None = None,
        email: str | None = None,
        password_allowed: bool = True,
        by: str,
    ) -> Link:
        """Link a person by *subject*, or by the verified *email* of their first sign-on; ends all sessions.

        Raises NotFound, InputError unless exactly one of both is given and can be, Conflict when it is
        another person's, ConfigurationError when no provider is set.
        """
        if self._issuer is None:
            raise ConfigurationError("No identity provider is set; set TIDEWAITER_OIDC_ISSUER and its parts.")
        email = None if email is None else email.strip().casefold()
        if (subject is None) == (email is None):
            raise InputError("Name either the subject or the e-mail address of the person at the provider.")
        if subject is not None and not _SUBJECT.fullmatch(subject):
            raise InputError(f"{subject!r} cannot be a subject: 1 to 255 visible ASCII characters.")
        if email is not None and not _EMAIL.fullmatch(email):
            raise InputError(f"{email!r} cannot be an e-mail address: write name@host.")
        link = Link(
            person=name, issuer=self._issuer, subject=subject, email=email, password_allowed=password_allowed
        )
        with self._store.write() as uow:
            person = uow.person(name)
            if person is None or person.erased:
                raise NotFound(f"There is no account {name!r}; `tidewaiter user list` lists them.")
            uow.put_link(link)
            uow.end_sessions_of(name)
            note_link(uow, link, "linked", by, self._clock.now())
        return link

    def unlink(self, name: str, by: str) -> None:
        """Forget the link of a person, who signs in with password and code again; ends all sessions.

        Raises NotFound.
        """
        with self._store.write() as uow:
            link = uow.link(name)
            if link is None:
                raise NotFound(f"{name!r} is not linked to an identity provider.")
            uow.remove_link(name)
            uow.end_sessions_of(name)
            note_link(uow, link, "unlinked", by, self._clock.now())


def note_link(uow: UnitOfWork, link: Link, change: str, by: str, at: datetime) -> None:
    """Record a change of a link in the ledger; the address of a person stays out of it."""
    uow.add_notice(
        "person",
        link.person,
        {
            "change": change,
            "by": by,
            "issuer": link.issuer,
            "identity": link.subject,
            "password_allowed": link.password_allowed,
        },
        at,
    )
