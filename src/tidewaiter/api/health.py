"""Health: whether the process lives, and whether it can decide and record."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from tidewaiter.api import description
from tidewaiter.api.auth import Allowed, Caller
from tidewaiter.core.access import Action

__all__ = ["router"]

router = APIRouter(tags=["health"])


class Alive(BaseModel):
    """The process answers."""

    status: str = "alive"


class Readiness(BaseModel):
    """What the service can do now."""

    status: str
    #: Versions in force; the model is null when decisions are made without one.
    rules: str
    plan: str
    model: str | None
    #: History known: number of journal entries.
    journal: int
    #: Why the ledger is not sealed any more; null while it is.
    ledger_fault: str | None


@router.get(
    "/health/live",
    summary="Whether the process answers",
    dependencies=[Depends(Allowed(Action.PUBLIC_READ))],
)
def live() -> Alive:
    """Return at once, without touching anything."""
    return Alive()


@router.get(
    "/health/ready",
    summary="Whether declarations can be decided and recorded",
    responses=description.answers("What is in force", 503, name="Readiness"),
)
def ready(caller: Annotated[Caller, Depends(Allowed(Action.PUBLIC_READ))]) -> Readiness:
    """Read the store; 503 when it does not answer."""
    state = caller.services.look_up.state()
    status = "ready" if state.model is not None else "ready without a model"
    return Readiness(
        status=status,
        rules=state.rules,
        plan=state.plan,
        model=state.model,
        journal=state.journal,
        ledger_fault=caller.services.sequencing.fault,
    )
