"""Sign-on: whether what an identity provider says of somebody may be believed, and for which person.

The signature is checked before (the adapter has the keys); here is everything that a well signed
ID token can still have wrong.  Source: OpenID Connect Core 1.0, 3.1.3.7 (ID token validation) and
2 (``auth_time``, ``acr``, ``amr``); RFC 8176 (values of ``amr``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from tidewaiter.core.errors import TidewaiterError

__all__ = ["CLOCK_SKEW", "Expected", "Identity", "Refusal", "SignOnRefused", "identity_of"]

#: How far the provider's clock may be from ours.
CLOCK_SKEW: Final = timedelta(seconds=60)
#: An ID token is used at once; an older one was kept by somebody.
_AGE_MAX: Final = timedelta(minutes=10)
#: More than any name, and no way to fill the store.
_TEXT_MAX: Final = 255
#: Seconds since 1970 that every calendar of ours can show (year 2242).
_SECONDS_MAX: Final = 2**33


class Refusal(StrEnum):
    """Why somebody did not come in, as far as they may know."""

    #: What came back does not prove who it is.
    REFUSED = "refused"
    #: The provider knows who it is, but no account that may be used is linked.
    UNKNOWN = "unknown"
    #: The provider did not ask for a second factor, or not when it was told to.
    WEAK = "weak"
    #: The attempt was begun too long ago, in another browser, or was used already.
    EXPIRED = "expired"
    #: The provider cannot be reached now.
    UNAVAILABLE = "unavailable"
    #: Too many attempts came from this address.
    TOO_MANY = "too-many"


class SignOnRefused(TidewaiterError):
    """Signing on did not succeed; nothing was changed."""

    code = "sign-on-refused"

    def __init__(self, refusal: Refusal, message: str) -> None:
        """*message* is for the log of the operator, never for the browser."""
        super().__init__(message)
        self.refusal = refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What an ID token must say."""

    issuer: str
    client_id: str
    #: The value that was made for this attempt alone.
    nonce: str
    #: The person must have shown who they are at the provider since then.
    authenticated_since: datetime
    #: Values of ``acr`` that stand for two factors, beside ``mfa`` among ``amr``.
    two_factors: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who somebody is to an identity provider."""

    #: A person is (issuer, subject), never the subject alone, and never the e-mail address.
    issuer: str
    subject: str
    #: In small letters; None when the provider has not verified it.
    email: str | None
    #: When they showed at the provider who they are; never later than now.
    authenticated_at: datetime


def identity_of(claims: Mapping[str, Any], expected: Expected, now: datetime) -> Identity:
    """Return who the *claims* of a well signed ID token speak of; raises SignOnRefused."""
    for name, wanted in (("iss", expected.issuer), ("nonce", expected.nonce)):
        if claims.get(name) != wanted:
            raise _refused(f"`{name}` is not the one that was expected")
    _require_audience(claims, expected.client_id)
    if now >= _instant(claims, "exp") + CLOCK_SKEW:
        raise _refused("the token has expired (`exp`)")
    issued = _instant(claims, "iat")
    if not now - _AGE_MAX - CLOCK_SKEW <= issued <= now + CLOCK_SKEW:
        raise _refused("the token was issued too long ago, or in the future (`iat`)")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= _TEXT_MAX:
        raise _refused("`sub` is not a text of 1 to 255 characters")
    return Identity(
        issuer=expected.issuer,
        subject=subject,
        email=_verified_email(claims),
        authenticated_at=_authenticated_at(claims, expected, now),
    )


def _require_audience(claims: Mapping[str, Any], client_id: str) -> None:
    """Refuse a token that was made for somebody else, or also for somebody else."""
    audience = claims.get("aud")
    if audience not in (client_id, [client_id]):
        raise _refused("`aud` is not this client alone")
    if claims.get("azp", client_id) != client_id:
        raise _refused("`azp` is not this client")


def _authenticated_at(claims: Mapping[str, Any], expected: Expected, now: datetime) -> datetime:
    """Return when the person showed two factors; refuses what is too old, missing or too weak."""
    if "auth_time" not in claims:
        raise _weak("`auth_time` is missing, although `max_age` was asked for")
    at = _instant(claims, "auth_time")
    if at > now + CLOCK_SKEW:
        raise _refused("`auth_time` is in the future")
    if at < expected.authenticated_since - CLOCK_SKEW:
        raise _weak("the provider did not ask again who it is (`auth_time`)")
    methods, level = claims.get("amr"), claims.get("acr")
    if not (isinstance(methods, list) and "mfa" in methods) and not (
        isinstance(level, str) and level in expected.two_factors
    ):
        raise _weak("neither `amr` has `mfa` nor is `acr` one of those in the settings")
    return min(at, now)


def _verified_email(claims: Mapping[str, Any]) -> str | None:
    email = claims.get("email")
    if claims.get("email_verified") is not True or not isinstance(email, str) or len(email) > _TEXT_MAX:
        return None
    return email.casefold()


def _instant(claims: Mapping[str, Any], name: str) -> datetime:
    """Return a NumericDate (RFC 7519, 2) as an instant."""
    seconds = claims.get(name)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < _SECONDS_MAX:
        raise _refused(f"`{name}` is not a time")
    return datetime.fromtimestamp(seconds, UTC)


def _refused(why: str) -> SignOnRefused:
    return SignOnRefused(Refusal.REFUSED, f"The ID token was refused: {why}.")


def _weak(why: str) -> SignOnRefused:
    return SignOnRefused(Refusal.WEAK, f"The ID token was refused: {why}.")
