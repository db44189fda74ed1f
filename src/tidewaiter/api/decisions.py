"""Decisions: the whole record of one, for auditors and analysts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from tidewaiter.api import description
from tidewaiter.api.auth import Allowed, Caller
from tidewaiter.flow.administer import Scope

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
    caller: Annotated[Caller, Depends(Allowed(Scope.DECISIONS_READ))],
) -> Response:
    """Return the evidence of the decision: stages with probabilities, hits with values, versions."""
    stored = caller.services.look_up.decision(caller.client.source, decision_id)
    return Response(stored.evidence, media_type="application/json")
