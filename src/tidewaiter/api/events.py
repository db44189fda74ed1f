"""Events: what happened, in the order in which it was recorded, for those who ask."""

from __future__ import annotations

from typing import Annotated, Final

import orjson
from fastapi import APIRouter, Depends, Query, Response

from tidewaiter.api import description
from tidewaiter.api.auth import Allowed, SystemCaller
from tidewaiter.core.access import Action
from tidewaiter.flow.subscribe import Topic

__all__ = ["router"]

_LIMIT_MAX: Final = 500

router = APIRouter(tags=["events"])


@router.get(
    "/events",
    summary="What happened after a position",
    responses=description.answers(
        "The events, and the position to ask from next", 401, 403, 422, 503, name="Events"
    ),
    response_class=Response,
)
def after(
    caller: Annotated[SystemCaller, Depends(Allowed(Action.EVENTS_READ))],
    position: Annotated[int, Query(alias="after", ge=0, le=2**53)] = 0,
    limit: Annotated[int, Query(ge=1, le=_LIMIT_MAX)] = 100,
    topic: Annotated[list[Topic] | None, Query(description="Repeat it for several; default: all.")] = None,
) -> Response:
    """Return the events of the caller's declaration system, oldest first.

    Ask again with `after` set to the `position` of the answer: the same question gets the same events,
    so a reader that keeps its position loses none and knows those that come twice by their `id`.
    """
    found = caller.services.subscriptions.pull(
        position, source=caller.client.source, topics=topic or list(Topic), limit=limit
    )
    return Response(orjson.dumps(found), media_type="application/json")
