"""Declarations in, answers out: one at a time, or many as lines."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header, Request, Response

from tidewaiter.api import description
from tidewaiter.api.auth import Allowed, Caller
from tidewaiter.api.grouping import Grouping
from tidewaiter.api.ledger import checkpoint_header
from tidewaiter.api.problems import details
from tidewaiter.core.declaration import Declaration
from tidewaiter.core.errors import InputError, TidewaiterError
from tidewaiter.flow.administer import Scope
from tidewaiter.flow.messages import Incoming, Reply

__all__ = ["BATCH_MAX", "MessageId", "answered", "router"]

router = APIRouter(tags=["declarations"])

#: Lines of one batch.
BATCH_MAX: Final = 500

_LINES: Final = "application/x-ndjson"

#: 1 to 200 printable ASCII characters without blanks.
MessageId = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[\x21-\x7e]{1,200}$",
        description="Identity of the message; the same key with the same body gets the same answer. "
        "Without it, the identity and version of the content are the key.",
    ),
]


def answered(reply: Reply, request: Request) -> Response:
    """Return the HTTP response of *reply*, with the newest checkpoint; raises its refusal."""
    headers = checkpoint_header(request)
    if reply.replayed:
        headers["Idempotency-Replayed"] = "true"
    return Response(reply.bytes_or_raise(), media_type="application/json", headers=headers)


def incoming(caller: Caller, body: bytes, message_id: str | None) -> Incoming[Declaration]:
    """Read one declaration message; raises UnreadableMessage."""
    messages = caller.services.messages
    declaration = messages.read_declaration(body)
    return Incoming(
        client=caller.client.id,
        source=caller.client.source,
        message_id=message_id or f"declaration/{declaration.id}/{declaration.version}",
        content=declaration,
        body=messages.write_declaration(declaration),
    )


@router.post(
    "/declarations",
    summary="Assess one declaration",
    openapi_extra=description.DECLARATION,
    responses=description.answers("The decision", 401, 403, 422, 503, name="Answer", replayed=True),
    response_class=Response,
)
async def assess(
    request: Request,
    caller: Annotated[Caller, Depends(Allowed(Scope.DECLARATIONS_WRITE))],
    message_id: MessageId = None,
) -> Response:
    """Answer with the lane, the instructions and the reasons, once the decision is durable."""
    grouping: Grouping[Incoming[Declaration], Reply] = request.app.state.assessing
    asked = incoming(caller, await request.body(), message_id)
    return answered(await asyncio.wrap_future(grouping.submit(asked)), request)


@router.post(
    "/declarations/batch",
    summary="Assess many declarations",
    openapi_extra=description.DECLARATION_LINES,
    responses=description.answers(
        "A line for each line", 401, 403, 422, 503, name="BatchLine", media_type=_LINES
    ),
    response_class=Response,
)
async def assess_batch(
    request: Request,
    caller: Annotated[Caller, Depends(Allowed(Scope.DECLARATIONS_WRITE))],
) -> Response:
    """Take one declaration a line (at most 500) and answer one line each, in the same order.

    A line holds ``status`` with ``answer`` or ``problem``: a bad line does not stop the others.
    """
    lines = (await request.body()).splitlines()
    if not 1 <= len(lines) <= BATCH_MAX:
        raise InputError(
            f"A batch has 1 to {BATCH_MAX} lines, one declaration each; this one has {len(lines)}."
        )
    read = await asyncio.to_thread(_read_lines, caller, lines)
    good = [entry for entry in read if isinstance(entry, Incoming)]
    replies = iter(await asyncio.to_thread(caller.services.assess, good) if good else [])
    told = [next(replies) if isinstance(entry, Incoming) else Reply(refusal=entry) for entry in read]
    body = b"".join(_line(reply) for reply in told)
    return Response(body, media_type=_LINES, headers=checkpoint_header(request))


def _read_lines(caller: Caller, lines: Sequence[bytes]) -> list[Incoming[Declaration] | TidewaiterError]:
    """Read each line, or keep what is wrong with it."""
    read: list[Incoming[Declaration] | TidewaiterError] = []
    for line in lines:
        try:
            read.append(incoming(caller, line, None))
        except InputError as error:
            read.append(error)
    return read


def _line(reply: Reply) -> bytes:
    if reply.refusal is not None:
        problem = details(reply.refusal)
        return json.dumps({"status": problem["status"], "problem": problem}).encode() + b"\n"
    return b'{"status":200,"answer":' + reply.bytes_or_raise() + b"}\n"
