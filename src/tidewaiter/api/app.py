"""The HTTP application: routes, errors, limits, start and stop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

import structlog
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tidewaiter import __version__
from tidewaiter.api import (
    control_results,
    decisions,
    declarations,
    events,
    health,
    impact,
    inspections,
    ledger,
    lists,
    overrides,
    pages,
    problems,
    profile_steps,
    profiles,
    proposals,
    session,
    sign_on,
    vocabulary,
)
from tidewaiter.api import metrics as metrics_of_service
from tidewaiter.api.auth import action_of
from tidewaiter.api.description import Schemas, describing
from tidewaiter.api.grouping import Grouping
from tidewaiter.api.in_time import InTime
from tidewaiter.api.metrics import Metrics
from tidewaiter.api.observing import Observing
from tidewaiter.api.sequencing import Sequencer
from tidewaiter.core.errors import InputError, TidewaiterError
from tidewaiter.flow.services import Services

__all__ = ["BODY_MAX_BYTES", "PARTS", "create_app", "operations"]

_log = structlog.get_logger(__name__)

#: A batch of 500 declarations; one declaration is limited to 1 MiB by its format.
BODY_MAX_BYTES: Final = 16 * 1024 * 1024

#: A length of more digits is too large whatever they are; Python refuses to read thousands of them.
_DIGITS_MAX: Final = 18

_DESCRIPTION: Final = """Tidewaiter answers each declaration with a lane, instructions and reasons.

Systems authenticate with an API key (`Authorization: Bearer KEY`), people with a session (`POST
/api/v1/session`); what each may do is one table. The same message sent again gets
the same answer, byte for byte, with the header `Idempotency-Replayed: true`. Errors are problem
details (RFC 9457) that name the place, the value and what to do."""


#: What is served under ``/api/v1``, in the order of the description.
PARTS: Final = (
    declarations.single, declarations.router, decisions.router, inspections.router, overrides.router,
    control_results.router, events.router, ledger.router, session.router, sign_on.router, proposals.router,
    profiles.router, profile_steps.router, vocabulary.router, impact.router, lists.router,
    health.router, metrics_of_service.router,
)  # fmt: skip


def operations() -> list[APIRoute]:
    """Return every operation that is served."""
    routes = [route for part in PARTS for route in part.routes]
    return [route for route in routes if isinstance(route, APIRoute)]


def create_app(services: Services, schemas: Callable[[], Schemas]) -> FastAPI:
    """Return the application on top of *services*; *schemas* gives those of the messages that it takes."""
    metrics = Metrics(services.measure)

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        app.state.promising = _promising(services)
        _open_stand_ins(services)
        app.state.assess = metrics.counting(services.assess)
        app.state.assessing = Grouping(app.state.assess, "assess")
        app.state.in_time = InTime(
            app.state.assessing, app.state.assess, services.stand_ins, budget=services.budget_seconds
        )
        app.state.recording = Grouping(services.record, "record")
        app.state.sequencer = Sequencer(services.seal)
        metrics.watch(
            app.state.sequencer, services.stand_ins, assess=app.state.assessing, record=app.state.recording
        )
        try:
            yield
        finally:
            app.state.in_time.close()
            app.state.assessing.close()
            app.state.recording.close()
            app.state.sequencer.close()  # last: what the others have committed is sealed

    app = FastAPI(
        title="Tidewaiter",
        version=__version__,
        description=_DESCRIPTION,
        lifespan=life,
        # The interactive pages load scripts from elsewhere; a customs network has no elsewhere.
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
    )
    app.state.services = services
    app.state.metrics = metrics
    problems.install(app)
    for part in PARTS:
        app.include_router(part, prefix="/api/v1")
    pages.install(app)
    # Whoever adds an operation gives it an action of the policy, or nothing starts.
    for route in operations():
        action_of(route)
    app.add_middleware(BodyLimit, limit=BODY_MAX_BYTES)
    app.add_middleware(Observing, metrics=metrics)
    app.openapi = describing(app, schemas, operations)  # type: ignore[method-assign]  # FastAPI's way
    return app


def _promising(services: Services) -> bool:
    """Name the keys of this start in the ledger; return whether receipts can be given.

    A declaration gets its lane also where they cannot; the log says why.
    """
    try:
        services.receipts.start(__version__)
    except TidewaiterError as fault:
        _log.error("receipts_not_given", fault=str(fault))
        return False
    return True


def _open_stand_ins(services: Services) -> None:
    """Hold what a stand-in needs; where that fails, the service starts without, and the log says why."""
    try:
        if services.stand_ins is not None:
            services.stand_ins.open()
    except TidewaiterError as fault:
        _log.error("Nothing can stand in.", action="stand_ins_not_open", fault=str(fault))


class BodyLimit:
    """Refuse a body that is too large before it is read, by what really arrives."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counting its bytes."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._limit:
                raise InputError(f"The body is larger than {self._limit} bytes; send smaller batches.")
            return message

        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and (len(declared) > _DIGITS_MAX or int(declared) > self._limit):
            error = InputError(f"The body is larger than {self._limit} bytes; send smaller batches.")
            await problems.problem(error)(scope, receive, send)
            return
        await self._app(scope, counted, send)
