"""API keys for systems: one header, compared by digest, checked on every request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from tidewaiter.api.problems import Forbidden, Unauthenticated
from tidewaiter.flow.administer import Scope
from tidewaiter.flow.ports import Client
from tidewaiter.flow.services import Services

__all__ = ["allowed", "services_of"]

#: ``auto_error`` is off so that a missing key becomes a problem with a hint, like every error.
_bearer = HTTPBearer(auto_error=False, description="The API key that `tidewaiter key add` printed.")


# Both are coroutines although they wait for nothing: FastAPI gives each plain function to a thread,
# which takes longer than either of them.


async def services_of(request: Request) -> Services:
    """Return the use cases of this installation."""
    services: Services = request.app.state.services
    return services


def allowed(scope: Scope) -> Callable[..., Awaitable[Client]]:
    """Return a dependency that gives the calling system, if its key is valid and has *scope*."""

    async def check(
        services: Annotated[Services, Depends(services_of)],
        credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    ) -> Client:
        client = None if credentials is None else services.administration.client_of(credentials.credentials)
        if client is None:
            raise Unauthenticated
        if scope not in client.scopes:
            raise Forbidden(f"This API key does not have the scope {scope.value!r}.")
        return client

    return check
