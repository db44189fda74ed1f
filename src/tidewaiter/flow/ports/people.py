"""What people need from the world: accounts, sessions and proposals in the store, secrets, a limit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from tidewaiter.core.two_persons import Proposal

__all__ = [
    "AttemptLimit", "Certificates", "Credentials", "Failures", "PeopleWork", "Person", "Session",
    "StoredProposal",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An account of one person; a person has one."""

    #: The name to sign in with; never given to somebody else.
    name: str
    #: Who it is in the administration; no two accounts share it, so two accounts are two persons.
    staff_number: str
    roles: frozenset[str]
    offices: frozenset[str]
    compartments: frozenset[str]
    #: Argon2id, with its salt and parameters.
    password_hash: str
    #: The shared secret of the second factor, base32.
    totp_secret: str
    #: The last time step whose code was used: a code is good once.
    totp_step: int
    created_at: datetime
    disabled_at: datetime | None = None

    @property
    def erased(self) -> bool:
        """Tell whether what was known of the person is erased: only the name stays, for what it signed."""
        return not self.password_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A person who is signed in."""

    #: SHA-256 of the token, hex; the token itself is only with the person.
    token_sha256: str
    person: str
    #: When both factors were shown.
    proved_at: datetime
    #: When it was last used, within a minute.
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """Attempts in a row to sign in with a name that failed, whether or not there is such a person."""

    #: SHA-256 of the name, hex: what people type by mistake (a password, say) is not kept.
    name_sha256: str
    count: int
    last_at: datetime
    #: Until then no attempt is looked at.
    blocked_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredProposal:
    """A proposal with what it wants done."""

    proposal: Proposal
    #: Canonical JSON.
    payload: bytes


class PeopleWork(Protocol):
    """The part of a unit of work that is about people."""

    def person(self, name: str) -> Person | None:
        """Return the person of this name, or None."""
        ...

    def people(self) -> Sequence[Person]:
        """Return all people, by name."""
        ...

    def put_person(self, person: Person) -> None:
        """Record a person, or a new state; raises Conflict when the staff number is another one's."""
        ...

    def session(self, token_sha256: str) -> Session | None:
        """Return a session, or None."""
        ...

    def put_session(self, session: Session) -> None:
        """Record a session, or a new state."""
        ...

    def end_session(self, token_sha256: str) -> None:
        """Forget a session."""
        ...

    def end_sessions_of(self, person: str) -> None:
        """Forget all sessions of a person."""
        ...

    def end_sessions_before(self, proved_at: datetime) -> None:
        """Forget the sessions whose person showed both factors before this instant."""
        ...

    def failures(self, name_sha256: str) -> Failures | None:
        """Return the failed attempts with a name, or None."""
        ...

    def put_failures(self, failures: Failures) -> None:
        """Record failed attempts."""
        ...

    def forget_failures(self, name_sha256: str) -> None:
        """Forget the failed attempts with this name."""
        ...

    def forget_failures_before(self, last_at: datetime) -> None:
        """Forget the failed attempts of every name whose last one was before this instant."""
        ...

    def put_proposal(self, stored: StoredProposal) -> None:
        """Record a proposal, or a new state."""
        ...

    def proposal(self, proposal_id: str) -> StoredProposal | None:
        """Return a proposal, or None."""
        ...

    def proposals(self) -> Sequence[Proposal]:
        """Return all proposals, oldest first."""
        ...

    def add_notice(self, topic: str, subject: str, content: Mapping[str, Any], at: datetime) -> None:
        """Record what somebody did as an outbox row and a ledger leaf of the kind *topic*."""
        ...


class Credentials(Protocol):
    """Passwords and second factors."""

    def hash(self, password: str) -> str:
        """Return a hash of *password* that is costly to guess."""
        ...

    def holds(self, password_hash: str | None, password: str) -> bool:
        """Tell whether *password* is that of the hash; None costs as much, and never holds."""
        ...

    def is_common(self, password: str, name: str) -> bool:
        """Tell whether who guesses finds *password* early: common ones, words, runs of keys, the name."""
        ...

    def new_secret(self) -> str:
        """Return a new shared secret of a second factor, base32."""
        ...

    def uri(self, secret: str, name: str) -> str:
        """Return the secret as an ``otpauth://`` address, for the device of the person."""
        ...

    def step(self, secret: str | None, code: str, at: datetime) -> int | None:
        """Return the time step around *at* whose code this is, or None; without a secret always None."""
        ...


class Certificates(Protocol):
    """Certificates of systems, as a proxy hands them on."""

    def fingerprint(self, secret: str, certificate: str, at: datetime) -> str | None:
        """Return the SHA-256 of a certificate that is valid *at*, hex.

        None when it is not, cannot be read, or the secret is not that of the proxy.
        """
        ...


class AttemptLimit(Protocol):
    """How often somebody may try to sign in."""

    def admits(self, name: str, address: str) -> bool:
        """Count an attempt with a name from an address; tell whether it may be looked at."""
        ...
