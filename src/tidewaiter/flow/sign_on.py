"""Sign-on: an identity provider says who somebody is; who may come in, and to what, is decided here.

The authorization code flow with a proof key (OpenID Connect Core 1.0, 3.1; RFC 7636; RFC 9700, 2.1).
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from tidewaiter.core.errors import TooManyAttempts
from tidewaiter.core.sign_on import Expected, Identity, Refusal, SignOnRefused, identity_of
from tidewaiter.flow.linking import note_link
from tidewaiter.flow.ports import AttemptLimit, Clock, Person, Store, UnitOfWork
from tidewaiter.flow.ports.sign_on import Attempt, IdentityProvider, Link
from tidewaiter.flow.sign_in import Opened, Sessions, digest

__all__ = ["ATTEMPT_MAX", "AUTHENTICATION_MAX", "Began", "Ended", "SignOn"]

#: How long somebody may take at the provider.
ATTEMPT_MAX: Final = timedelta(minutes=10)
#: How long ago the person may have shown who they are: a session keeps eight of its twelve hours.
AUTHENTICATION_MAX: Final = timedelta(hours=4)
#: Places of the interface: paths below ours, which no browser reads as another host.
_PLACE: Final = re.compile(r"/(?:[A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)*)?")
_PLACE_LENGTH_MAX: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Began:
    """A sign-on that was begun."""

    #: Where the browser goes.
    address: str
    #: What its cookie keeps until it is back.
    browser: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A sign-on that succeeded."""

    opened: Opened
    #: The place of the interface to go to.
    place: str


class SignOn:
    """The use cases of whoever signs on through the provider."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        provider: IdentityProvider,
        sessions: Sessions,
        limit: AttemptLimit,
    ) -> None:
        self._store = store
        self._clock = clock
        self._provider = provider
        self._sessions = sessions
        self._limit = limit

    def begin(
        self, *, address: str, place: str = "/", again: bool = False, token: str | None = None
    ) -> Began:
        """Begin a sign-on from a network *address*; *token* is that of a session it will replace.

        *again*: whoever holds the session shows anew who they are.  Raises TooManyAttempts, or
        SignOnRefused when the provider cannot be reached.
        """
        state, browser, nonce = (secrets.token_urlsafe(32) for _ in range(3))
        # Nobody has a name yet: only the address counts.
        if not self._limit.admits(state, address):
            raise TooManyAttempts
        held = self._sessions.who(token) if token else None
        verifier, now = secrets.token_urlsafe(48), self._clock.now()
        attempt = Attempt(
            state_sha256=digest(state),
            browser_sha256=digest(browser),
            nonce=nonce,
            verifier=verifier,
            began_at=now,
            place=place if len(place) <= _PLACE_LENGTH_MAX and _PLACE.fullmatch(place) else "/",
            person=held.person.name if again and held is not None else None,
            instead_of=None if held is None else held.session.token_sha256,
        )
        where = self._provider.address(
            state=state,
            nonce=nonce,
            challenge=_challenge(verifier),
            max_age=int(_max_age(attempt).total_seconds()),
        )
        with self._store.write() as uow:
            uow.forget_attempts_before(now - ATTEMPT_MAX)
            uow.put_attempt(attempt)
        return Began(address=where, browser=browser)

    def end(self, *, state: str, browser: str, code: str | None, issuer: str | None) -> Ended:
        """Open a session for whom the provider sent back with *code*; raises SignOnRefused.

        *browser* is what its cookie kept, *issuer* who says to have sent it (RFC 9207).  An attempt is
        used up whatever comes of it.
        """
        with self._store.write() as uow:
            attempt = uow.take_attempt(digest(state))
        now = self._clock.now()
        if attempt is None or now >= attempt.began_at + ATTEMPT_MAX:
            raise SignOnRefused(Refusal.EXPIRED, "No attempt with this `state` is open.")
        if not secrets.compare_digest(attempt.browser_sha256, digest(browser)):
            raise SignOnRefused(Refusal.EXPIRED, "The attempt was begun in another browser.")
        if not code:
            raise SignOnRefused(Refusal.REFUSED, "The provider sent an error instead of a code.")
        claims = self._provider.claims(code=code, verifier=attempt.verifier, issuer=issuer)
        now = self._clock.now()
        identity = identity_of(claims, self._expected(attempt, now), now)
        with self._store.write() as uow:
            person = _person(uow, identity, now)
            if attempt.person not in {None, person.name}:
                raise SignOnRefused(
                    Refusal.REFUSED, "Another person than the one signed in showed who they are."
                )
            opened = self._sessions.admit(uow, person, proved_at=identity.authenticated_at)
            if attempt.instead_of is not None:
                uow.end_session(attempt.instead_of)
        return Ended(opened=opened, place=attempt.place)

    def _expected(self, attempt: Attempt, now: datetime) -> Expected:
        return Expected(
            issuer=self._provider.issuer,
            client_id=self._provider.client_id,
            nonce=attempt.nonce,
            authenticated_since=now - AUTHENTICATION_MAX if attempt.person is None else attempt.began_at,
            two_factors=self._provider.two_factors,
        )


def _max_age(attempt: Attempt) -> timedelta:
    return AUTHENTICATION_MAX if attempt.person is None else timedelta()


def _person(uow: UnitOfWork, identity: Identity, now: datetime) -> Person:
    """Return whose account is linked; an address that an administrator named claims its link once."""
    link = uow.link_of_subject(identity.issuer, identity.subject)
    claimed: Link | None = None
    if link is None and identity.email is not None:
        waiting = uow.link_of_email(identity.issuer, identity.email)
        if waiting is not None:
            link = claimed = replace(waiting, subject=identity.subject, email=None)
    person = None if link is None else uow.person(link.person)
    if person is None or person.disabled_at is not None:
        raise SignOnRefused(Refusal.UNKNOWN, "No account that may be used is linked to this subject.")
    if claimed is not None:
        uow.put_link(claimed)
        note_link(uow, claimed, "linked by address", person.name, now)
    return person


def _challenge(verifier: str) -> str:
    """Return the public half of the proof key, by the method S256 (RFC 7636, 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
