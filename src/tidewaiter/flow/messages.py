"""What comes in from another system, and what it gets back."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from tidewaiter.core.control import ControlResult
from tidewaiter.core.declaration import Declaration
from tidewaiter.core.errors import TidewaiterError
from tidewaiter.flow.ports import MessageFormat

__all__ = ["Incoming", "Reply", "body_digest", "declaration_message", "result_message"]

Content = TypeVar("Content", Declaration, ControlResult)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming(Generic[Content]):
    """One message of an authenticated client."""

    client: str
    #: The declaration system that the message speaks of.
    source: str
    #: Unique per client; the same message sent again carries the same id.
    message_id: str
    content: Content
    #: Canonical JSON of the content.
    body: bytes
    #: The instant it counts from; None: now.
    at: datetime | None = None


def declaration_message(
    declaration: Declaration,
    *,
    client: str,
    source: str,
    messages: MessageFormat,
    message_id: str | None = None,
    at: datetime | None = None,
) -> Incoming[Declaration]:
    """Return a declaration as a message; without a key of its own, identity and version are the key."""
    return Incoming(
        client=client,
        source=source,
        message_id=message_id or f"declaration/{declaration.id}/{declaration.version}",
        content=declaration,
        body=messages.write_declaration(declaration),
        at=at,
    )


def result_message(
    result: ControlResult,
    *,
    client: str,
    source: str,
    messages: MessageFormat,
    message_id: str | None = None,
    at: datetime | None = None,
) -> Incoming[ControlResult]:
    """Return a control result as a message; without a key of its own, identity and version are the key."""
    return Incoming(
        client=client,
        source=source,
        message_id=message_id or f"control-result/{result.id}/{result.version}",
        content=result,
        body=messages.write_control_result(result),
        at=at,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The answer to one message: bytes that never change, or why there is none."""

    answer: bytes | None = None
    #: The message had been answered before; these are the same bytes.
    replayed: bool = False
    refusal: TidewaiterError | None = None
    #: Leaf hash of the ledger entry that the answer is about; None when there is none.
    leaf: bytes | None = None

    def bytes_or_raise(self) -> bytes:
        """Return the answer, or raise the refusal."""
        if self.refusal is not None:
            raise self.refusal
        if self.answer is None:
            raise AssertionError("BUG: a reply holds an answer or a refusal")
        return self.answer


def body_digest(body: bytes) -> str:
    """Return the SHA-256 of *body* in hex."""
    return hashlib.sha256(body).hexdigest()
