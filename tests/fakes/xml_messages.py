"""XML messages made for tests, and how to change one."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from tidewaiter.adapters.messages import read_message
from tidewaiter.core.declaration import Declaration
from tidewaiter.core.errors import UnreadableMessage
from tidewaiter.flow.ports.readings import Envelope, Reading

__all__ = ["AMENDMENT", "ENVELOPE", "SAD", "WCO", "changed", "codes", "declaration_in", "refusal"]

_FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"

WCO = (_FIXTURES / "wco.xml").read_text(encoding="utf-8")
AMENDMENT = (_FIXTURES / "wco-amendment.xml").read_text(encoding="utf-8")
SAD = (_FIXTURES / "asycuda.xml").read_text(encoding="utf-8")

ENVELOPE = Envelope(received_at=datetime(2026, 3, 2, 12, tzinfo=UTC), office="SENT-TO")


def changed(text: str, *changes: tuple[str, str]) -> bytes:
    """Return *text* with each first part replaced by the second; a part that is not there is a fault."""
    for old, new in changes:
        assert old in text, f"the fixture has no {old!r}"
        text = text.replace(old, new, 1)
    return text.encode()


def declaration_in(reading: Reading) -> Declaration:
    """Return the declaration of *reading*, which must hold one."""
    assert reading.declaration is not None
    return reading.declaration


def refusal(body: bytes, envelope: Envelope = ENVELOPE) -> UnreadableMessage:
    """Return the error with which *body* is refused."""
    try:
        reading = read_message(body, envelope)
    except UnreadableMessage as error:
        return error
    raise AssertionError(f"this was read: {reading}")


def codes(body: bytes, envelope: Envelope = ENVELOPE) -> set[str]:
    """Return the codes of the faults for which *body* is refused."""
    return {fault.code for fault in refusal(body, envelope).faults}
