"""Links to an identity provider, and the sign-ons that were begun there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, bindparam, delete, select

from tidewaiter.adapters.sql import people_tables as t
from tidewaiter.adapters.sql.work import Work
from tidewaiter.flow.ports.sign_on import Attempt, Link

__all__ = ["SignOn"]

_l, _a = t.sign_on_link.c, t.sign_on_attempt.c

_LINK: Final = select(t.sign_on_link).where(_l.person == bindparam("person"))
_LINK_OF_SUBJECT: Final = select(t.sign_on_link).where(
    _l.issuer == bindparam("issuer"), _l.subject == bindparam("subject")
)
_LINK_OF_EMAIL: Final = select(t.sign_on_link).where(
    _l.issuer == bindparam("issuer"), _l.email == bindparam("email")
)
_ATTEMPT: Final = select(t.sign_on_attempt).where(_a.state_sha256 == bindparam("state"))
_REMOVE_LINK: Final = delete(t.sign_on_link).where(_l.person == bindparam("person"))
_REMOVE_ATTEMPT: Final = delete(t.sign_on_attempt).where(_a.state_sha256 == bindparam("state"))
_FORGET_ATTEMPTS: Final = delete(t.sign_on_attempt).where(_a.began_at < bindparam("before"))


class SignOn(Work):
    """The part of a unit of work that is about sign-on."""

    def link(self, person: str) -> Link | None:
        """Return the link of a person, or None."""
        return self._link(_LINK, {"person": person})

    def link_of_subject(self, issuer: str, subject: str) -> Link | None:
        """Return the link of whom a provider calls so, or None."""
        return self._link(_LINK_OF_SUBJECT, {"issuer": issuer, "subject": subject})

    def link_of_email(self, issuer: str, email: str) -> Link | None:
        """Return the link that waits for this verified address, or None."""
        return self._link(_LINK_OF_EMAIL, {"issuer": issuer, "email": email})

    def put_link(self, link: Link) -> None:
        """Record a link, or a new state; raises Conflict when its subject or address is another's."""
        self.remove_link(link.person)
        self._insert(t.sign_on_link, asdict(link))

    def remove_link(self, person: str) -> None:
        """Forget the link of a person."""
        self._change(_REMOVE_LINK, {"person": person})

    def put_attempt(self, attempt: Attempt) -> None:
        """Record that a sign-on was begun."""
        self._insert(t.sign_on_attempt, asdict(attempt))

    def take_attempt(self, state_sha256: str) -> Attempt | None:
        """Return an attempt and forget it, so that nobody takes it twice; None when there is none."""
        row = self._first(_ATTEMPT, {"state": state_sha256})
        self._change(_REMOVE_ATTEMPT, {"state": state_sha256})
        return None if row is None else Attempt(**row._asdict())

    def forget_attempts_before(self, began_at: datetime) -> None:
        """Forget the attempts that were begun before this instant."""
        self._change(_FORGET_ATTEMPTS, {"before": began_at})

    def _link(self, statement: Select[Any], values: Mapping[str, Any]) -> Link | None:
        row = self._first(statement, values)
        return None if row is None else Link(**row._asdict())
