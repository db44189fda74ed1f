"""Sign in: password and second factor for a session, which ends by itself or at once.

Nothing tells whether there is a person of some name: an unknown name takes the same hashing, the
same writing, the same delays and the same words.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from tidewaiter.core.errors import TooManyAttempts, Unauthenticated
from tidewaiter.flow.ports import (
    AttemptLimit,
    Clock,
    Credentials,
    Failures,
    Person,
    Session,
    Store,
    UnitOfWork,
)

__all__ = [
    "ABSOLUTE_MAX", "IDLE_MAX", "PROOF_MAX", "Opened", "Sessions", "SignedIn", "delay_after", "digest",
]  # fmt: skip

#: A session that is not used ends; any session ends after a working day.
IDLE_MAX: Final = timedelta(minutes=30)
ABSOLUTE_MAX: Final = timedelta(hours=12)
#: How long both factors, once shown, serve for a sensitive act.
PROOF_MAX: Final = timedelta(minutes=5)
#: A session's use is written down this often: each request would be a commit otherwise.
_SEEN_EVERY: Final = timedelta(minutes=1)

_FREE_FAILURES: Final = 3
_DELAY_FIRST: Final = timedelta(seconds=5)
_DELAY_MAX: Final = timedelta(minutes=15)
_FAILURES_KEPT: Final = timedelta(days=1)

_REFUSED: Final = (
    "The name, the password or the code is not right, or too many attempts failed just now. "
    "Each code is good once; wait for the next one."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A person with a session that has not ended."""

    person: Person
    session: Session
    #: Whether both factors were shown within :data:`PROOF_MAX`.
    proved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A session that was just opened: its token is shown once and kept nowhere."""

    token: str
    signed_in: SignedIn


class Sessions:
    """The use cases of whoever signs in."""

    def __init__(self, *, store: Store, clock: Clock, credentials: Credentials, limit: AttemptLimit) -> None:
        self._store = store
        self._clock = clock
        self._credentials = credentials
        self._limit = limit

    def open(
        self, name: str, password: str, code: str, *, address: str, instead_of: str | None = None
    ) -> Opened:
        """Open a session for who shows both factors; *instead_of* is the token of the one that it replaces.

        Raises Unauthenticated, whatever was wrong, and TooManyAttempts by name and address.
        """
        if not self._limit.admits(name, address):
            raise TooManyAttempts
        with self._store.read() as uow:
            seen = uow.person(name)
        right = self._credentials.holds(None if seen is None else seen.password_hash, password)
        now = self._clock.now()
        step = self._credentials.step(None if seen is None else seen.totp_secret, code, now)
        with self._store.write() as uow:
            # Looked at again: what was proved meanwhile by others (a code, a failure) counts.
            person, failures = uow.person(name), uow.failures(digest(name))
            blocked = failures is not None and now < failures.blocked_until
            link = uow.link(name)
            elsewhere = link is not None and not link.password_allowed
            if person is None or not _admitted(person, seen, step) or blocked or not right or elsewhere:
                if not blocked:
                    uow.put_failures(_one_more(failures, digest(name), now))
                uow.forget_failures_before(now - _FAILURES_KEPT)
                opened = None
            else:
                person = replace(person, totp_step=step or 0)
                uow.put_person(person)
                uow.forget_failures(digest(person.name))
                opened = self.admit(uow, person, proved_at=now)
                if instead_of is not None:
                    uow.end_session(digest(instead_of))
        if opened is None:
            raise Unauthenticated(_REFUSED)
        return opened

    def who(self, token: str) -> SignedIn | None:
        """Return who holds *token*, or None.  Read from the store each time, so an end is at once."""
        now = self._clock.now()
        with self._store.read() as uow:
            session = uow.session(digest(token))
            person = None if session is None else uow.person(session.person)
        if session is None or person is None or person.disabled_at is not None or _ended(session, now):
            return None
        if now - session.seen_at >= _SEEN_EVERY:
            session = replace(session, seen_at=now)
            with self._store.write() as uow:
                # It may have ended since it was read, and must not come back.
                if uow.session(session.token_sha256) is not None:
                    uow.put_session(session)
        return _signed_in(person, session, now)

    def close(self, token: str) -> None:
        """End the session of *token*."""
        with self._store.write() as uow:
            uow.end_session(digest(token))

    def admit(self, uow: UnitOfWork, person: Person, *, proved_at: datetime) -> Opened:
        """Open a session for a *person* who showed two factors, here or at the provider, at *proved_at*."""
        token, now = secrets.token_urlsafe(32), self._clock.now()
        session = Session(token_sha256=digest(token), person=person.name, proved_at=proved_at, seen_at=now)
        uow.put_session(session)
        uow.end_sessions_before(now - ABSOLUTE_MAX)
        return Opened(token=token, signed_in=_signed_in(person, session, now))


def delay_after(failures: int) -> timedelta:
    """Return how long a name waits after so many failures in a row: none, then doubling, to 15 minutes.

    >>> [delay_after(count).seconds for count in (2, 3, 4, 5, 30)]
    [0, 5, 10, 20, 900]
    """
    if failures < _FREE_FAILURES:
        return timedelta()
    # The exponent is bounded: a count of millions must not become a number of millions of bits.
    return min(_DELAY_FIRST * (1 << min(failures - _FREE_FAILURES, 16)), _DELAY_MAX)


def _admitted(person: Person, seen: Person | None, step: int | None) -> bool:
    """Tell whether the account may be used with this code, and is the one whose secrets were checked."""
    same = seen is not None and (seen.password_hash, seen.totp_secret) == (
        person.password_hash, person.totp_secret,
    )  # fmt: skip
    return same and person.disabled_at is None and step is not None and step > person.totp_step


def _one_more(failures: Failures | None, name_sha256: str, now: datetime) -> Failures:
    count = 1 if failures is None else failures.count + 1
    return Failures(name_sha256=name_sha256, count=count, last_at=now, blocked_until=now + delay_after(count))


def _ended(session: Session, now: datetime) -> bool:
    return now >= session.seen_at + IDLE_MAX or now >= session.proved_at + ABSOLUTE_MAX


def _signed_in(person: Person, session: Session, now: datetime) -> SignedIn:
    return SignedIn(person=person, session=session, proved=now < session.proved_at + PROOF_MAX)


def digest(text: str) -> str:
    """Return the digest of a token (256 random bits need no slow hash) or of a name."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
