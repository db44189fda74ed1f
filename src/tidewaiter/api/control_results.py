"""Control results in: what the officers found, once each, learned from at once."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from tidewaiter.api import description
from tidewaiter.api.auth import Allowed, SystemCaller
from tidewaiter.api.declarations import MessageId, answered
from tidewaiter.api.grouping import Grouping
from tidewaiter.core.access import Action
from tidewaiter.core.control import ControlResult
from tidewaiter.flow.messages import Incoming, Reply, result_message

__all__ = ["router"]

router = APIRouter(tags=["control results"])


@router.post(
    "/control-results",
    summary="Record one control result",
    openapi_extra=description.RESULT,
    responses=description.answers(
        "The result is on record", 401, 403, 422, 503, name="Recorded", replayed=True
    ),
    response_class=Response,
)
async def record(
    request: Request,
    caller: Annotated[SystemCaller, Depends(Allowed(Action.RESULTS_WRITE))],
    message_id: MessageId = None,
) -> Response:
    """Record the result; a result whose declaration is not known yet waits for it and is not lost."""
    messages = caller.services.messages
    result = messages.read_control_result(await request.body())
    asked = result_message(
        result,
        client=caller.client.id,
        source=caller.client.source,
        messages=messages,
        message_id=message_id,
    )
    grouping: Grouping[Incoming[ControlResult], Reply] = request.app.state.recording
    return answered(await asyncio.wrap_future(grouping.submit(asked)), request)
