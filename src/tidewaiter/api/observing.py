"""One line in the log and one observation per request, without anything that the request says.

The route is its template, never its path: a path holds ids.  The caller is the id of an API key's
client, never a name, an address or a key.
"""

from __future__ import annotations

import secrets
import time
from typing import Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tidewaiter.api.metrics import Metrics

__all__ = ["Observing", "route_of"]

_log = structlog.get_logger(__name__)

#: Where nothing is served.
_NOWHERE: Final = "none"
_ID_BYTES: Final = 8
_UNFORESEEN: Final = 500


def route_of(scope: Scope) -> str:
    """Return the template of the route that took the request, such as ``/decisions/{decision_id}``."""
    return str(getattr(scope.get("route"), "path", _NOWHERE))


class Observing:
    """Gives each request an id, and tells how it ended."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and take the time until its answer is sent."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), _UNFORESEEN
        request_id = secrets.token_hex(_ID_BYTES)

        async def told(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = [*message.get("headers", ()), (b"tidewaiter-request-id", request_id.encode())]
                message = {**message, "headers": headers}
            await send(message)

        try:
            await self._app(scope, receive, told)
        finally:
            seconds, state = time.perf_counter() - began, scope.get("state", {})
            # What nobody foresaw passes here on its way to the last resort.
            kind = state.get("problem") or ("Internal" if status == _UNFORESEEN else None)
            self._metrics.answered(route_of(scope), status, seconds, kind)
            _log.info(
                "A request was answered.", action="request", request_id=request_id, route=route_of(scope),
                status=status, milliseconds=round(seconds * 1000, 2), client=state.get("client"),
            )  # fmt: skip
