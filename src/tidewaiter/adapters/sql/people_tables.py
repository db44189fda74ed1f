"""The tables of people, sessions and proposals, in the metadata of all tables."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from tidewaiter.adapters.sql.column_types import Instant, Packed
from tidewaiter.adapters.sql.tables import metadata

__all__ = ["person", "proposal", "session", "sign_in_failure", "sign_on_attempt", "sign_on_link"]


def _column(name: str, kind: Any, comment: str, *, key: bool = False, nullable: bool = False) -> Column[Any]:
    return Column(name, kind, primary_key=key, nullable=nullable, comment=comment)


person: Final = Table(
    "person",
    metadata,
    _column("name", Text, "The name to sign in with.", key=True),
    _column("staff_number", Text, "Who it is in the administration: one account a person."),
    _column("roles", JSON, "What the person may be at work, sorted."),
    _column("offices", JSON, "The offices that the person works for, sorted; `*` means all."),
    _column("compartments", JSON, "The compartments that the person is cleared for, sorted."),
    _column("password_hash", Text, "Argon2id, with salt and parameters."),
    _column("totp_secret", Text, "The shared secret of the second factor, base32."),
    _column("totp_step", BigInteger, "The last time step whose code was used: a code is good once."),
    _column("created_at", Instant, "When the account was made."),
    _column("disabled_at", Instant, "When it was disabled; null while it may be used.", nullable=True),
    UniqueConstraint("staff_number"),
    comment="Accounts of people.",
)

session: Final = Table(
    "session",
    metadata,
    _column("token_sha256", String(64), "SHA-256 of the token, hex; the token is not kept.", key=True),
    _column("person", Text, "The name of the person."),
    _column("proved_at", Instant, "When both factors were shown."),
    _column("seen_at", Instant, "When it was last used, within a minute."),
    Index("ix_session_person", "person"),
    comment="People who are signed in; a row that is gone is a session that has ended.",
)

sign_in_failure: Final = Table(
    "sign_in_failure",
    metadata,
    _column("name_sha256", String(64), "SHA-256 of the name that was tried, hex.", key=True),
    _column("count", Integer, "Failed attempts in a row."),
    _column("last_at", Instant, "When the last one was."),
    _column("blocked_until", Instant, "Until then no attempt is looked at."),
    comment="Failed attempts to sign in, by name, whether or not there is such a person.",
)

proposal: Final = Table(
    "proposal",
    metadata,
    _column("id", Text, "Identity of the proposal.", key=True),
    _column("act", Text, "What is to be done."),
    _column("payload", Packed, "What it is to be done with, canonical JSON."),
    _column("payload_sha256", String(64), "SHA-256 of the payload, hex."),
    _column("requester", Text, "The person who wants it."),
    _column("reason", Text, "Why."),
    _column("requested_at", Instant, "When it was made."),
    _column("expires_at", Instant, "From then on it can be neither approved nor executed."),
    _column("approvals", JSON, "Who approved which payload, and when, in order."),
    _column("rejected_by", Text, "Who rejected or withdrew it.", nullable=True),
    _column("executed_by", Text, "Who executed it.", nullable=True),
    _column("executed_at", Instant, "When it was executed, once.", nullable=True),
    _column("broken_glass", Text, "Why it was done without a second person, if it was.", nullable=True),
    comment="Acts that need two persons, and what became of them.",
)

sign_on_link: Final = Table(
    "sign_on_link",
    metadata,
    _column("person", Text, "The name of the person.", key=True),
    _column("issuer", Text, "The identity provider, by the name that it calls itself."),
    _column("subject", Text, "Who it is to the provider; null until the first sign-on.", nullable=True),
    _column("email", Text, "The verified address that may claim this link once.", nullable=True),
    _column("password_allowed", Boolean, "Whether the person may also sign in with password and code."),
    UniqueConstraint("issuer", "subject", name="uq_sign_on_link_subject"),
    UniqueConstraint("issuer", "email", name="uq_sign_on_link_email"),
    comment="Which person an identity provider means.",
)

sign_on_attempt: Final = Table(
    "sign_on_attempt",
    metadata,
    _column("state_sha256", String(64), "SHA-256 of the state, hex; it is taken once.", key=True),
    _column("browser_sha256", String(64), "SHA-256 of what the browser's cookie keeps, hex."),
    _column("nonce", Text, "What the ID token must repeat."),
    _column("verifier", Text, "The secret half of the proof key."),
    _column("began_at", Instant, "When it was begun."),
    _column("place", Text, "The place of the interface to go to afterwards."),
    _column("person", Text, "Who must show again who they are; null: whoever comes.", nullable=True),
    _column("instead_of", String(64), "SHA-256 of the token of the session to replace.", nullable=True),
    comment="Sign-ons that were begun at the identity provider and have not come back.",
)
