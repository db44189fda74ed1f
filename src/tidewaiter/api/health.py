"""Health: whether the process lives, and whether it can decide and record."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel

from tidewaiter.api import description
from tidewaiter.api.auth import Allowed, Caller
from tidewaiter.api.sequencing import Sequencer
from tidewaiter.core.access import Action

__all__ = ["router"]

router = APIRouter(tags=["health"])

#: Ways in which the sequencer does what it shall.
_SOUND: Final = frozenset({"starting", "sealing", "watching"})


class Alive(BaseModel):
    """The process answers."""

    status: str = "alive"


class LedgerState(BaseModel):
    """Whether what is decided is also sealed."""

    #: ``starting``, ``sealing``, ``watching``, ``waiting`` or ``stopped``: see docs/explanation/ledger.md.
    status: str
    #: Entries that are sealed, as far as this process knows.
    sealed: int | None
    #: Entries that are not sealed yet.
    lag: int
    #: What is wrong, and what to do.
    fault: str | None


class Readiness(BaseModel):
    """What the service can do now."""

    status: str
    #: Versions in force; the model is null when decisions are made without one.
    rules: str
    plan: str
    model: str | None
    #: History known: number of journal entries.
    journal: int
    #: Free bytes where the data lie; null where that is not known.
    space_bytes: int | None
    ledger: LedgerState


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
def ready(request: Request, caller: Annotated[Caller, Depends(Allowed(Action.PUBLIC_READ))]) -> Readiness:
    """Read the store and try to write to it; 503 when it refuses, or when space runs out.

    Without a model or a ledger, decisions still go on.
    """
    measure = caller.services.measure
    measure.require_writable()
    levels = measure.levels()
    state = caller.services.look_up.state()
    sequencer: Sequencer = request.app.state.sequencer
    ledger = sequencer.state
    lacks = [] if state.model is not None else ["a model"]
    lacks += [] if ledger.status in _SOUND else ["sealing its ledger"]
    return Readiness(
        status=f"ready without {' and '.join(lacks)}" if lacks else "ready",
        rules=state.rules,
        plan=state.plan,
        model=state.model,
        journal=state.journal,
        space_bytes=levels.space_bytes,
        ledger=LedgerState(
            status=ledger.status,
            sealed=ledger.sealed,
            lag=max(levels.ledger - (ledger.sealed or 0), 0),
            fault=ledger.fault,
        ),
    )
