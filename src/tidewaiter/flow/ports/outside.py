"""The clock and the message format: what the flow asks of the world around a store."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from tidewaiter.core.control import ControlResult
from tidewaiter.core.declaration import Declaration

__all__ = ["Clock", "MessageFormat"]


class Clock(Protocol):
    """Tells the time; a test gives its own."""

    def now(self) -> datetime:
        """Return the present instant, aware, UTC."""
        ...


class MessageFormat(Protocol):
    """Reads and writes declarations and control results in one format."""

    def read_declaration(self, body: bytes) -> Declaration:
        """Return the declaration in *body*; raises UnreadableMessage with place, value and hint."""
        ...

    def write_declaration(self, declaration: Declaration) -> bytes:
        """Return the canonical bytes of *declaration*."""
        ...

    def read_control_result(self, body: bytes) -> ControlResult:
        """Return the control result in *body*; raises UnreadableMessage."""
        ...

    def write_control_result(self, result: ControlResult) -> bytes:
        """Return the canonical bytes of *result*."""
        ...
