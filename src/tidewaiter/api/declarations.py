"""Declarations in, answers out: one at a time, or many as lines."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Coroutine, Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.routing import APIRoute

from tidewaiter.api import description
from tidewaiter.api.auth import Allowed, SystemCaller
from tidewaiter.api.in_time import InTime
from tidewaiter.api.ledger import CHECKPOINT_HEADER, RECEIPT_HEADER, checkpoint_header, receipt_of
from tidewaiter.api.problems import details
from tidewaiter.core.access import Action
from tidewaiter.core.declaration import Declaration
from tidewaiter.core.errors import InputError, TidewaiterError
from tidewaiter.flow.messages import Incoming, Reply, declaration_message
from tidewaiter.flow.standin import MARK

__all__ = ["BATCH_MAX", "MessageId", "answered", "router", "single"]


class _Straight(APIRoute):
    """A route that most requests take without FastAPI's solving of dependencies, a tenth of a millisecond.

    What is left to solve is the caller; a request that says more than its body goes the ordinary way.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler (FastAPI's way to bring one's own)."""
        ordinary, endpoint = super().get_route_handler(), self.endpoint
        (allowed,) = [part.call for part in self.dependant.dependencies if isinstance(part.call, Allowed)]

        async def handler(request: Request) -> Response:
            message_id = request.headers.get("idempotency-key")
            if request.scope["query_string"] or (message_id is not None and not _MESSAGE_ID(message_id)):
                return await ordinary(request)
            response: Response = await endpoint(request, await allowed(request), message_id)
            return response

        return handler


router = APIRouter(tags=["declarations"])
#: The one route on which a trader waits.
single = APIRouter(tags=["declarations"], route_class=_Straight)

#: Lines of one batch.
BATCH_MAX: Final = 500

#: Header of an answer that no assessment made.
MARK_HEADER: Final = "Tidewaiter-Mark"
_LINES: Final = "application/x-ndjson"
_XML: Final = "application/xml"
_KEPT_IN_XML: Final = frozenset({"idempotency-replayed", CHECKPOINT_HEADER.lower(), RECEIPT_HEADER.lower()})

#: 1 to 200 printable ASCII characters without blanks.
_MESSAGE_ID_PATTERN: Final = r"^[\x21-\x7e]{1,200}$"
_MESSAGE_ID: Final = re.compile(_MESSAGE_ID_PATTERN.removesuffix("$")).fullmatch
MessageId = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=_MESSAGE_ID_PATTERN,
        description="Identity of the message; the same key with the same body gets the same answer. "
        "Without it, the identity and version of the content are the key.",
    ),
]

#: The office of an XML message that names none.
Office = Annotated[
    str | None,
    Query(max_length=70, description="Customs office to which an XML message was sent, where it names none."),
]


def answered(reply: Reply, request: Request) -> Response:
    """Return the HTTP response of *reply*, with newest checkpoint and receipt; raises its refusal."""
    headers = checkpoint_header(request)
    receipt = receipt_of(reply, request)
    if receipt is not None:
        headers[RECEIPT_HEADER] = receipt
    if reply.replayed:
        headers["Idempotency-Replayed"] = "true"
    return Response(reply.bytes_or_raise(), media_type="application/json", headers=headers)


def incoming(caller: SystemCaller, body: bytes, message_id: str | None) -> Incoming[Declaration]:
    """Read one declaration message in JSON; raises UnreadableMessage."""
    return _incoming(caller, caller.services.messages.read_declaration(body), message_id)


def _incoming(
    caller: SystemCaller, declaration: Declaration, message_id: str | None
) -> Incoming[Declaration]:
    return declaration_message(
        declaration,
        client=caller.client.id,
        source=caller.client.source,
        messages=caller.services.messages,
        message_id=message_id,
    )


def _incoming_xml(
    caller: SystemCaller, body: bytes, message_id: str | None, office: str | None
) -> tuple[Incoming[Declaration], int]:
    """Read one declaration message in XML, and how much of it has no place; raises UnreadableMessage."""
    services = caller.services
    read = services.read(
        body,
        client=caller.client.id,
        source=caller.client.source,
        message_id=message_id,
        received_at=services.clock.now(),
        office=office,
    )
    return _incoming(caller, read.declaration, read.message_id), read.not_mapped


@single.post(
    "/declarations",
    summary="Assess one declaration",
    openapi_extra=description.DECLARATION,
    responses=description.answers(
        "The decision", 401, 403, 422, 503, name="Answer", replayed=True, more=description.RESPONSE
    ),
    response_class=Response,
)
async def assess(
    request: Request,
    caller: Annotated[SystemCaller, Depends(Allowed(Action.DECLARATIONS_WRITE))],
    message_id: MessageId = None,
    office: Office = None,
) -> Response:
    """Answer with the lane, the instructions and the reasons, once the decision is durable.

    JSON, or XML: a WCO declaration (new or amended) or an ASYCUDA World SAD. With `Accept:
    application/xml` the answer is a WCO response message, without instructions and reasons.
    """
    in_time: InTime = request.app.state.in_time
    body, headers = await request.body(), {}
    if _is_xml(request.headers.get("content-type", "")):
        asked, not_mapped = await in_time.read(lambda: _incoming_xml(caller, body, message_id, office))
        headers["Tidewaiter-Not-Mapped"] = str(not_mapped)
    else:
        asked = incoming(caller, body, message_id)
    reply, stands_in = await in_time.one(asked)
    response = answered(reply, request)
    if stands_in:
        headers[MARK_HEADER] = MARK
    if _is_xml(request.headers.get("accept", "")):
        kept = {name: value for name, value in response.headers.items() if name in _KEPT_IN_XML}
        body = caller.services.formats.answer(bytes(response.body))
        response = Response(body, media_type=_XML, headers=kept)
    response.headers.update(headers)
    return response


def _is_xml(header: str) -> bool:
    """Tell whether a content type, or the first of those that are accepted, is XML."""
    media_type = header.partition(",")[0].partition(";")[0].strip().lower()
    return media_type in {_XML, "text/xml"}


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
    caller: Annotated[SystemCaller, Depends(Allowed(Action.DECLARATIONS_WRITE))],
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
    in_time: InTime = request.app.state.in_time
    replies = iter(await in_time.many(good))
    told = [next(replies) if isinstance(entry, Incoming) else Reply(refusal=entry) for entry in read]
    body = await asyncio.to_thread(_lines, told, request)
    return Response(body, media_type=_LINES, headers=checkpoint_header(request))


def _read_lines(
    caller: SystemCaller, lines: Sequence[bytes]
) -> list[Incoming[Declaration] | TidewaiterError]:
    """Read each line, or keep what is wrong with it."""
    read: list[Incoming[Declaration] | TidewaiterError] = []
    for line in lines:
        try:
            read.append(incoming(caller, line, None))
        except InputError as error:
            read.append(error)
    return read


def _lines(replies: Sequence[Reply], request: Request) -> bytes:
    """Return the line of each reply; signing so many receipts takes some milliseconds."""
    return b"".join(_line(reply, receipt_of(reply, request)) for reply in replies)


def _line(reply: Reply, receipt: str | None) -> bytes:
    if reply.refusal is not None:
        problem = details(reply.refusal)
        return json.dumps({"status": problem["status"], "problem": problem}).encode() + b"\n"
    promised = b"" if receipt is None else b',"receipt":"%s"' % receipt.encode()
    return b'{"status":200,"answer":%s%s}\n' % (reply.bytes_or_raise(), promised)
