"""Decisions: the whole record of one, for auditors and analysts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from tidewaiter.api import description
from tidewaiter.api.auth import Allowed, Caller, SystemCaller
from tidewaiter.core.access import Action

__all__ = ["router"]

router = APIRouter(tags=["decisions"])


@router.get(
    "/decisions/{decision_id}",
    summary="One decision with its evidence",
    responses=description.answers("The record", 401, 403, 404, 422, 503, name="Evidence"),
    response_class=Response,
)
def one(
    decision_id: Annotated[str, Path(pattern=r"^D[0-9a-f]{24}$")],
    caller: Annotated[Caller, Depends(Allowed(Action.DECISIONS_READ))],
) -> Response:
    """Return the evidence of the decision: stages with probabilities, hits with values, versions.

    A system is told of its own declarations, a person of what the own offices may know; of all
    else nobody learns that it is there.
    """
    look_up = caller.services.look_up
    if isinstance(caller, SystemCaller):
        stored = look_up.decision(caller.client.source, decision_id)
    else:
        stored = look_up.decision_for(caller.subject, decision_id)
    return Response(stored.evidence, media_type="application/json")
