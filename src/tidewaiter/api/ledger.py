"""The ledger over HTTP: the newest checkpoint, and proofs that lead to it."""

from __future__ import annotations

from base64 import b64encode
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Query, Request

from tidewaiter.api import description
from tidewaiter.api.auth import Allowed, Caller, SystemCaller
from tidewaiter.api.messages import Consistency, Inclusion, SignedCheckpoint
from tidewaiter.api.sequencing import Sequencer
from tidewaiter.core.access import Action
from tidewaiter.core.errors import NotFound
from tidewaiter.flow.messages import Reply
from tidewaiter.flow.services import Services

__all__ = ["CHECKPOINT_HEADER", "RECEIPT_HEADER", "checkpoint_header", "receipt_of", "router"]

router = APIRouter(tags=["ledger"])

#: Header of each answer that records something: the newest signed checkpoint, in base64.
CHECKPOINT_HEADER: Final = "Ledger-Checkpoint"

#: Header of each answer that records something: the signed promise of its entry, in base64.
RECEIPT_HEADER: Final = "Ledger-Receipt"

#: Sizes of a ledger; a larger one than there is gives 404.
_SIZE_MAX: Final = 10**18 - 1
_Reader = Annotated[Caller, Depends(Allowed(Action.LEDGER_READ))]


def checkpoint_header(request: Request) -> dict[str, str]:
    """Return the header with the newest checkpoint that this process knows; empty when it knows none."""
    sequencer: Sequencer = request.app.state.sequencer
    note = sequencer.state.checkpoint
    return {} if note is None else {CHECKPOINT_HEADER: b64encode(note.encode()).decode()}


def receipt_of(reply: Reply, request: Request) -> str | None:
    """Return the receipt of a reply as one word; None without an entry of its own, or without a key."""
    if reply.leaf is None or not request.app.state.promising:
        return None
    services: Services = request.app.state.services
    return services.receipts.sign(reply.leaf)


@router.get(
    "/ledger/checkpoint",
    summary="The newest signed checkpoint of the ledger",
    responses=description.answers("The checkpoint", 401, 403, 404, 422, 503, name="SignedCheckpoint"),
)
def checkpoint(caller: _Reader) -> SignedCheckpoint:
    """Return what was signed last; keep it outside, because it shows a ledger that was rolled back."""
    note = caller.services.prove.last_checkpoint()
    if note is None:
        raise NotFound("Nothing is sealed yet.")
    return SignedCheckpoint(checkpoint=note)


@router.get(
    "/decisions/{decision_id}/proof",
    summary="The proof that a decision is in the ledger",
    responses=description.answers("The proof", 401, 403, 404, 422, 503, name="Inclusion"),
)
def inclusion(decision_id: Annotated[str, Path(pattern=r"^D[0-9a-f]{24}$")], caller: _Reader) -> Inclusion:
    """Lead from the evidence of the decision, byte for byte, to the newest checkpoint (RFC 9162, 2.1.3)."""
    look_up = caller.services.look_up
    if isinstance(caller, SystemCaller):
        look_up.decision(caller.client.source, decision_id)  # another source's is not found
    else:
        look_up.decision_for(caller.subject, decision_id)
    found = caller.services.prove.inclusion("decision", decision_id)
    return Inclusion(
        position=found.position, path=[each.hex() for each in found.path], checkpoint=found.checkpoint
    )


@router.get(
    "/ledger/consistency",
    summary="The proof that a later checkpoint extends an earlier one",
    responses=description.answers("The proof", 401, 403, 404, 422, 503, name="Consistency"),
)
def consistency(
    caller: _Reader,
    first: Annotated[int, Query(ge=1, le=_SIZE_MAX, description="Size of the earlier checkpoint.")],
    second: Annotated[int, Query(ge=1, le=_SIZE_MAX, description="Size of the later checkpoint.")],
) -> Consistency:
    """Show that nothing was changed or taken away from one size to the other (RFC 9162, 2.1.4)."""
    path = caller.services.prove.consistency(first, second)
    return Consistency(first=first, second=second, path=[each.hex() for each in path])
