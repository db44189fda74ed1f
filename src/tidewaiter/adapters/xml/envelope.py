"""What a message leaves open and its envelope knows."""

from __future__ import annotations

from datetime import UTC

from tidewaiter.adapters.xml.draft import Draft
from tidewaiter.flow.ports.readings import Assumed, Envelope

__all__ = ["fill_from_envelope"]


def fill_from_envelope(draft: Draft, envelope: Envelope) -> tuple[Assumed, ...]:
    """Fill what only the envelope knows; each is told."""
    assumed: list[Assumed] = []
    if "office" not in draft.data and envelope.office is not None:
        draft.data["office"] = envelope.office
        hint = "The message names no office; give the office to which it was sent."
        assumed.append(Assumed(field="/office", value=envelope.office, hint=hint))
    if "lodged_at" not in draft.data and envelope.received_at is not None:
        received = envelope.received_at.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
        draft.data["lodged_at"] = received
        hint = "The message names no time; it counts from its reception."
        assumed.append(Assumed(field="/lodged_at", value=received, hint=hint))
    return tuple(assumed)
