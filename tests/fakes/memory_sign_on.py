"""Links and sign-ons in memory: part of the naive twin of the SQL store."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tidewaiter.core.errors import Conflict
from tidewaiter.flow.ports.sign_on import Attempt, Link


@dataclass(kw_only=True)
class SignOnState:
    """Everything that is recorded about sign-on."""

    links: dict[str, Link] = field(default_factory=dict)
    attempts: dict[str, Attempt] = field(default_factory=dict)


class MemorySignOn:
    """The part of a unit of work that is about sign-on."""

    _state: Any
    _changing: Any

    def link(self, person: str) -> Link | None:
        found: Link | None = self._state.links.get(person)
        return found

    def link_of_subject(self, issuer: str, subject: str) -> Link | None:
        links = self._state.links.values()
        return next((each for each in links if (each.issuer, each.subject) == (issuer, subject)), None)

    def link_of_email(self, issuer: str, email: str) -> Link | None:
        links = self._state.links.values()
        return next((each for each in links if (each.issuer, each.email) == (issuer, email)), None)

    def put_link(self, link: Link) -> None:
        others = [each for each in self._state.links.values() if each.person != link.person]
        for other in others:
            same_subject = link.subject is not None and other.subject == link.subject
            same_email = link.email is not None and other.email == link.email
            if other.issuer == link.issuer and (same_subject or same_email):
                raise Conflict("This contradicts what is recorded: the identity is another person's.")
        self._changing.links[link.person] = link

    def remove_link(self, person: str) -> None:
        self._changing.links.pop(person, None)

    def put_attempt(self, attempt: Attempt) -> None:
        self._changing.attempts[attempt.state_sha256] = attempt

    def take_attempt(self, state_sha256: str) -> Attempt | None:
        found: Attempt | None = self._changing.attempts.pop(state_sha256, None)
        return found

    def forget_attempts_before(self, began_at: datetime) -> None:
        state = self._changing
        state.attempts = {key: each for key, each in state.attempts.items() if each.began_at >= began_at}
