"""Who calls, and whether the policy allows it: asked by every operation, on every request.

A system shows an API key in a header, or a certificate that a trusted proxy verified; a person the cookie
of a session.  What either may do is in :mod:`tidewaiter.core.access`; an operation without an action there
does not start.
"""

from __future__ import annotations

import asyncio
import ipaddress
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.routing import APIRoute
from fastapi.security.utils import get_authorization_scheme_param

from tidewaiter.core.access import Action, Role, Ruling, Subject, may, needs_step_up
from tidewaiter.core.errors import Forbidden, StepUpNeeded, Unauthenticated
from tidewaiter.flow.people import subject_of
from tidewaiter.flow.ports import Client
from tidewaiter.flow.services import Services
from tidewaiter.flow.sign_in import SignedIn

__all__ = ["Allowed", "Caller", "PersonCaller", "SystemCaller", "action_of", "cookie_name", "is_secure"]

#: Methods that change nothing: a page of somebody else may cause them, but cannot read what they give.
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
#: Where a proxy hands on the certificate that it verified (RFC 9440), and says who it is itself.
_CERTIFICATE: Final = "Client-Cert"
_PROXY: Final = "Tidewaiter-Proxy-Secret"
_SYSTEM: Final = Subject(roles=frozenset({Role.SYSTEM}))
_NOBODY: Final = Subject(roles=frozenset())


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls, and the use cases that they may use."""

    services: Services
    subject: Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemCaller(Caller):
    """A declaration system with a valid key or certificate."""

    client: Client


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonCaller(Caller):
    """A person with a session that has not ended."""

    signed_in: SignedIn
    token: str


class Allowed:
    """A dependency that gives the caller, if the policy allows *action*."""

    def __init__(self, action: Action) -> None:
        self.action = action
        self._open = may(_NOBODY, action).allowed
        #: What the policy says of any system; each one's scopes narrow it.
        self._of_systems = may(_SYSTEM, action)

    # A coroutine, although a key makes it wait for nothing: FastAPI gives each plain function to a
    # thread, which takes longer than the look-up of a key.
    async def __call__(self, request: Request) -> Caller:
        """Return the caller; raises Unauthenticated, Forbidden or StepUpNeeded."""
        services: Services = request.app.state.services
        if self._open:
            return Caller(services=services, subject=_NOBODY)
        if "Authorization" in request.headers:
            return self._system(request, services, _client_with_key(request, services))
        token = request.cookies.get(cookie_name(request))
        if not token:
            return self._system(request, services, _client_with_certificate(request, services))
        require_own_page(request)
        signed_in = await asyncio.to_thread(services.sessions.who, token)
        if signed_in is None:
            raise Unauthenticated("The session has ended; sign in again.")
        subject = subject_of(signed_in.person)
        _allow(may(subject, self.action))
        if needs_step_up(self.action) and not signed_in.proved:
            raise StepUpNeeded
        return PersonCaller(services=services, subject=subject, signed_in=signed_in, token=token)

    def _system(self, request: Request, services: Services, client: Client | None) -> SystemCaller:
        """Return the system that showed what only it has."""
        if client is None:
            raise Unauthenticated
        if self.action.value not in client.scopes:
            raise Forbidden(f"This system does not have the scope {self.action.value!r}.")
        _allow(self._of_systems)
        request.state.client = client.id
        return SystemCaller(services=services, subject=_SYSTEM, client=client)


def _allow(ruling: Ruling) -> None:
    """Let the caller pass, or raise Forbidden with the reason of the policy."""
    if not ruling.allowed:
        raise Forbidden(ruling.reason)


def _client_with_key(request: Request, services: Services) -> Client | None:
    """Return the system whose key came with the request."""
    scheme, key = get_authorization_scheme_param(request.headers.get("Authorization"))
    return services.administration.client_of(key) if key and scheme.lower() == "bearer" else None


def _client_with_certificate(request: Request, services: Services) -> Client | None:
    """Return the system whose certificate a trusted proxy verified; one of two headers would be a guess."""
    certificates, secrets = (request.headers.getlist(name) for name in (_CERTIFICATE, _PROXY))
    if services.certificates is None or len(certificates) != 1 or len(secrets) != 1:
        return None
    sha256 = services.certificates.fingerprint(secrets[0], certificates[0], services.clock.now())
    return None if sha256 is None else services.administration.client_of_certificate(sha256)


def action_of(route: APIRoute) -> Action:
    """Return the action of the policy that an operation asks for; each operation asks for exactly one."""
    actions = [part.call.action for part in route.dependant.dependencies if isinstance(part.call, Allowed)]
    if len(actions) != 1:
        raise RuntimeError(f"BUG: {route.path} asks the policy for {len(actions)} actions instead of one")
    return actions[0]


def is_secure(request: Request) -> bool:
    """Tell whether a cookie can be marked Secure: always, but for plain HTTP on this machine itself."""
    if request.url.scheme == "https":
        return True
    host = request.url.hostname or ""
    if host == "localhost":
        return False
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return True


def cookie_name(request: Request) -> str:
    """Return the name of the session's cookie; browsers take one with the prefix from this very host only."""
    return "__Host-tidewaiter" if is_secure(request) else "tidewaiter"


def require_own_page(request: Request) -> None:
    """Raise Forbidden when a change may come from another site's page (cross-site request forgery).

    Browsers say where a request comes from, and pages cannot change what they say: in
    ``Sec-Fetch-Site``, or, older ones, in ``Origin``.  A program that sends neither sets ``Origin``.
    """
    if request.method in _SAFE:
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        own = site == "same-origin"
    else:
        origin = urlsplit(request.headers.get("Origin", ""))
        own = bool(origin.netloc) and origin.netloc == request.headers.get("Host")
    if not own:
        raise Forbidden(
            "A change by a person must come from this site: send the header Origin with its address."
        )
