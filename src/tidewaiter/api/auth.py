"""API keys for systems: one header, compared by digest, checked on every request."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request
from fastapi.security import HTTPBearer
from fastapi.security.utils import get_authorization_scheme_param
from starlette.requests import HTTPConnection

from tidewaiter.core.errors import Forbidden, Unauthenticated
from tidewaiter.flow.administer import Scope
from tidewaiter.flow.ports import Client
from tidewaiter.flow.services import Services

__all__ = ["Allowed", "Caller", "services_of"]


@dataclass(frozen=True, slots=True)
class Caller:
    """The system that calls, and the use cases that it may use."""

    client: Client
    services: Services


# Coroutines, although they wait for nothing: FastAPI gives each plain function to a thread, which
# takes longer than either of them.


async def services_of(request: Request) -> Services:
    """Return the use cases of this installation."""
    services: Services = request.app.state.services
    return services


class Allowed(HTTPBearer):
    """A dependency that gives the caller, if the key is valid and has *scope*.

    It is the security scheme of the interface itself: each dependency of a dependency costs FastAPI
    more than the look-up of the key.
    """

    def __init__(self, scope: Scope) -> None:
        super().__init__(
            scheme_name=HTTPBearer.__name__, description="The API key that `tidewaiter key add` printed."
        )
        self._scope = scope

    async def __call__(self, request: HTTPConnection) -> Caller:  # type: ignore[override]  # a checked key
        """Return the caller; raises Unauthenticated or Forbidden."""
        services: Services = request.app.state.services
        scheme, key = get_authorization_scheme_param(request.headers.get("Authorization"))
        client = services.administration.client_of(key) if key and scheme.lower() == "bearer" else None
        if client is None:
            raise Unauthenticated
        if self._scope not in client.scopes:
            raise Forbidden(f"This API key does not have the scope {self._scope.value!r}.")
        return Caller(client, services)
