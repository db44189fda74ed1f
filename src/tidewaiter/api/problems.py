"""Errors as problem details (RFC 9457): what, where, which value, what to do."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from tidewaiter.core.errors import (
    ConfigurationError,
    Conflict,
    Fault,
    Forbidden,
    InputError,
    NotFound,
    TidewaiterError,
    TooManyAttempts,
    Unauthenticated,
    Unavailable,
    shorten,
)

__all__ = ["details", "install", "problem"]

_log = structlog.get_logger(__name__)

#: A key with another body is a contradiction of the content, which RFC 9110 calls 422.
_STATUS: dict[type[TidewaiterError], int] = {
    Unauthenticated: 401,
    Forbidden: 403,
    TooManyAttempts: 429,
    InputError: 422,
    Conflict: 422,
    NotFound: 404,
    Unavailable: 503,
    ConfigurationError: 500,
}


#: Status -> what its answer says about when to come back.
_RETRY_AFTER_SECONDS: Final = {429: "60", 503: "2"}


def status_of(error: TidewaiterError) -> int:
    """Return the HTTP status that *error* becomes."""
    return next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 500)


def details(error: TidewaiterError) -> dict[str, Any]:
    """Return the problem details of *error* as plain data."""
    return {
        "type": f"urn:tidewaiter:problem:{error.code}",
        "title": error.message,
        "status": status_of(error),
        "faults": [fault_data(fault) for fault in error.faults],
    }


def fault_data(fault: Fault) -> dict[str, str | None]:
    """Return one fault as plain data."""
    return {
        "code": fault.code,
        "place": fault.place,
        "message": fault.message,
        "value": fault.value,
        "hint": fault.hint,
    }


def _shown(entry: Mapping[str, Any]) -> str | None:
    """Return the value that was wrong; a secret, or a whole body that may hold one, is not shown."""
    place = entry["loc"][-1] if entry["loc"] else ""
    if entry.get("input") is None or entry["type"] == "missing" or place in {"body", "password", "code"}:
        return None
    return shorten(entry["input"])


def problem(error: TidewaiterError) -> JSONResponse:
    """Return the response for *error*."""
    body = details(error)
    headers = {"WWW-Authenticate": "Bearer"} if body["status"] == 401 else {}
    if body["status"] in _RETRY_AFTER_SECONDS:
        headers["Retry-After"] = _RETRY_AFTER_SECONDS[body["status"]]
    return JSONResponse(body, body["status"], headers, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Make every error of *app* a problem."""

    async def known(request: Request, error: Exception) -> JSONResponse:
        if not isinstance(error, TidewaiterError):
            raise error
        request.state.problem = type(error).__name__
        return problem(error)

    async def not_valid(request: Request, error: Exception) -> JSONResponse:
        if not isinstance(error, RequestValidationError):
            raise error
        request.state.problem = InputError.__name__
        faults = tuple(
            Fault(
                code=str(entry["type"]),
                place="/".join(str(part) for part in entry["loc"]),
                message=str(entry["msg"]),
                value=_shown(entry),
            )
            for entry in error.errors()
        )
        return problem(InputError(faults=faults))

    async def http(request: Request, error: Exception) -> JSONResponse:
        if not isinstance(error, HTTPException):
            raise error
        request.state.problem = "HTTPException"
        if error.status_code == 400:  # FastAPI could not read the body as JSON, and does not say where
            return problem(InputError("The body cannot be read; send JSON in UTF-8."))
        body = {
            "type": "about:blank",
            "title": HTTPStatus(error.status_code).phrase,
            "status": error.status_code,
            "faults": [],
        }
        return JSONResponse(body, error.status_code, error.headers, media_type="application/problem+json")

    async def gone(_: Request, __: Exception) -> JSONResponse:
        # Nobody hears it; it only must not count as a failure of the server.
        return problem(InputError("The connection ended before the message did; nothing was decided."))

    async def unknown(request: Request, error: Exception) -> JSONResponse:
        # The last resort: counted and logged by the server with its trace, told without any detail.
        _log.error("A request failed for a reason nobody foresaw.", action="request_failed",
                   route=getattr(request.scope.get("route"), "path", None), error=type(error).__name__,
                   exc_info=error)  # fmt: skip
        body = {
            "type": "urn:tidewaiter:problem:internal",
            "title": "The server failed; the failure was logged. Nothing was decided.",
            "status": 500,
            "faults": [],
        }
        return JSONResponse(body, 500, media_type="application/problem+json")

    app.add_exception_handler(TidewaiterError, known)
    app.add_exception_handler(RequestValidationError, not_valid)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(ClientDisconnect, gone)
    app.add_exception_handler(Exception, unknown)
