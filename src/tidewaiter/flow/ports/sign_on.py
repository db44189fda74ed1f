"""What sign-on needs from the world: an identity provider, links and attempts in the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

__all__ = ["Attempt", "IdentityProvider", "Link", "SignOnWork"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Which person an identity provider means; a person has at most one."""

    person: str
    issuer: str
    #: Who it is to the provider; None until the first sign-on with the address below.
    subject: str | None
    #: The verified address that may claim this link once, in small letters; None afterwards.
    email: str | None
    #: Whether the person may also sign in here, with password and code.
    password_allowed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A sign-on that was begun; it can be ended once, by the browser that began it."""

    #: SHA-256 of the state that goes to the provider and back, hex.
    state_sha256: str
    #: SHA-256 of the token in the browser's cookie, hex.
    browser_sha256: str
    #: What the ID token must repeat.
    nonce: str
    #: The secret half of the proof key (RFC 7636).
    verifier: str
    began_at: datetime
    #: The place of the interface to go to afterwards.
    place: str
    #: Who must show again who they are; None: whoever comes.
    person: str | None
    #: SHA-256 of the token of the session that the new one replaces, hex.
    instead_of: str | None


class SignOnWork(Protocol):
    """The part of a unit of work that is about sign-on."""

    def link(self, person: str) -> Link | None:
        """Return the link of a person, or None."""
        ...

    def link_of_subject(self, issuer: str, subject: str) -> Link | None:
        """Return the link of whom a provider calls so, or None."""
        ...

    def link_of_email(self, issuer: str, email: str) -> Link | None:
        """Return the link that waits for this verified address, or None."""
        ...

    def put_link(self, link: Link) -> None:
        """Record a link, or a new state; raises Conflict when its subject or address is another's."""
        ...

    def remove_link(self, person: str) -> None:
        """Forget the link of a person."""
        ...

    def put_attempt(self, attempt: Attempt) -> None:
        """Record that a sign-on was begun."""
        ...

    def take_attempt(self, state_sha256: str) -> Attempt | None:
        """Return an attempt and forget it, so that nobody takes it twice; None when there is none."""
        ...

    def forget_attempts_before(self, began_at: datetime) -> None:
        """Forget the attempts that were begun before this instant."""
        ...


class IdentityProvider(Protocol):
    """An OpenID provider, as a client that it knows sees it."""

    @property
    def issuer(self) -> str:
        """Return the name by which the provider calls itself."""
        ...

    @property
    def client_id(self) -> str:
        """Return the name by which the provider calls us."""
        ...

    @property
    def two_factors(self) -> frozenset[str]:
        """Return the values of ``acr`` that stand for two factors."""
        ...

    def address(self, *, state: str, nonce: str, challenge: str, max_age: int) -> str:
        """Return where the browser goes to sign on; *max_age* is in seconds, 0: show it anew.

        Raises SignOnRefused when the provider cannot be reached.
        """
        ...

    def claims(self, *, code: str, verifier: str, issuer: str | None) -> Mapping[str, Any]:
        """Return the claims of the ID token for *code*, its signature checked and nothing else.

        *issuer* is who says to have sent the code (RFC 9207).  Raises SignOnRefused.
        """
        ...
