"""An identity provider for tests of the flow: it says of whoever comes what a test wants."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from joserfc.util import urlsafe_b64encode

from tests.fakes.site import ISSUER, Site
from tidewaiter.core.sign_on import Refusal, SignOnRefused
from tidewaiter.flow.sign_on import SignOn

__all__ = ["FakeProvider", "sign_on_of"]


class FakeProvider:
    """Gives a code for each address that was asked for, and for a code, once, what it says."""

    def __init__(self) -> None:
        self.issuer = ISSUER
        self.client_id = "tidewaiter"
        self.two_factors: frozenset[str] = frozenset()
        self.well = True
        #: State -> what was asked for.
        self.asked: dict[str, dict[str, Any]] = {}
        self._codes: dict[str, tuple[str, dict[str, Any]]] = {}

    def address(self, *, state: str, nonce: str, challenge: str, max_age: int) -> str:
        if not self.well:
            raise SignOnRefused(Refusal.UNAVAILABLE, "down")
        self.asked[state] = {"nonce": nonce, "challenge": challenge, "max_age": max_age}
        return f"{ISSUER}/authorize?{urlencode({'state': state})}"

    def code(self, state: str, subject: str, now: datetime, **claims: Any) -> str:
        """Let *subject* sign on for *state*; return the code that the browser brings back."""
        seconds = int(now.timestamp())
        told = {
            "iss": ISSUER, "aud": self.client_id, "sub": subject, "nonce": self.asked[state]["nonce"],
            "iat": seconds, "exp": seconds + 300, "auth_time": seconds, "amr": ["mfa"],
        }  # fmt: skip
        code = f"code-{len(self._codes)}"
        self._codes[code] = (self.asked[state]["challenge"], told | claims)
        return code

    def claims(self, *, code: str, verifier: str, issuer: str | None) -> Mapping[str, Any]:
        if issuer not in {None, ISSUER} or code not in self._codes:
            raise SignOnRefused(Refusal.REFUSED, "not ours")
        challenge, told = self._codes.pop(code)
        if challenge_of(verifier) != challenge:
            raise SignOnRefused(Refusal.REFUSED, "proof key")
        return told


def challenge_of(verifier: str) -> str:
    """Return what a client that holds *verifier* showed before (RFC 7636, 4.2), by another way than ours."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii")).digest()).decode()


def sign_on_of(site: Site, provider: Any) -> SignOn:
    """Return sign-on at a *site* through *provider*."""
    return SignOn(
        store=site.store,
        clock=site.clock,
        provider=provider,
        sessions=site.services.sessions,
        limit=site.limit,
    )
