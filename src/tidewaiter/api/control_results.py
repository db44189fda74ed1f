"""Control results in: what the officers found, once each, learned from at once."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from tidewaiter.api import description
from tidewaiter.api.auth import Allowed, Caller, PersonCaller, SystemCaller
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
        "The result is on record", 401, 403, 404, 422, 503, name="Recorded", replayed=True
    ),
    response_class=Response,
)
async def record(
    request: Request,
    caller: Annotated[Caller, Depends(Allowed(Action.RESULTS_WRITE))],
    message_id: MessageId = None,
) -> Response:
    """Record the result; a result whose declaration is not known yet waits for it and is not lost.

    The result of a person is that of an inspection: its identity is `I-` and the decision's, and its
    officer is the person.
    """
    result = caller.services.messages.read_control_result(await request.body())
    if isinstance(caller, PersonCaller):
        # It looks into the store, which must not keep others waiting.
        asked = await asyncio.to_thread(
            caller.services.inspections.result_by, caller.signed_in.person, result, message_id
        )
    else:
        asked = _of_system(caller, result, message_id)
    grouping: Grouping[Incoming[ControlResult], Reply] = request.app.state.recording
    return answered(await asyncio.wrap_future(grouping.submit(asked)), request)


def _of_system(caller: Caller, result: ControlResult, message_id: str | None) -> Incoming[ControlResult]:
    if not isinstance(caller, SystemCaller):
        raise TypeError("BUG: whoever records a result is a system or a person")
    return result_message(
        result,
        client=caller.client.id,
        source=caller.client.source,
        messages=caller.services.messages,
        message_id=message_id,
    )
