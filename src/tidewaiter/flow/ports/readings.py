"""What a reader of a foreign format hands on: the declaration, and an account of everything else.

A foreign message says less than the canonical form demands (where and when it was lodged may
stand only on its envelope) and more than it has room for.  Both are stated, so that nothing is
filled in or left out unseen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from tidewaiter.core.declaration import Declaration

__all__ = ["Amendment", "Assumed", "Envelope", "ForeignFormats", "NotMapped", "Reading"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What is known about a message from outside of it; used only where the message says nothing."""

    #: When it was received, aware: the lodging time of a message that names none.
    received_at: datetime | None = None
    #: Customs office to which it was sent.
    office: str | None = None
    #: ISO 4217 code of the national currency, in which values and duties are stated.
    currency: str | None = None
    #: Whether dates such as 3/4/26 begin with the day; None: not known.
    day_first: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotMapped:
    """One element or attribute of the message that is not in the canonical form."""

    #: Path from the root, positions included; an attribute ends in ``@name``.
    path: str
    line: int
    #: Shortened to 80 characters.
    value: str
    #: Its identity in the crosswalk (WCO number or name), None when the crosswalk does not know it.
    element: str | None = None
    #: Why it was left out.
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumed:
    """A field that the message leaves open and the envelope filled."""

    #: JSON pointer of the field.
    field: str
    value: str
    #: What to do when it is not right.
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """Changes to a declaration that the message does not repeat, or its cancellation."""

    kind: Literal["amendment", "cancellation"]
    #: Identity of the declaration that is changed.
    declaration_id: str
    #: The sender's own reference of this message.
    reference: str | None = None
    #: National code of the reason, and the reason in words.
    reason_code: str | None = None
    reason: str | None = None
    #: Canonical fields with their new values; ``items`` holds the number of each item that changes.
    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one message says."""

    #: Name of the format that it was read as.
    format: str
    #: None when the message is an amendment that does not repeat the declaration.
    declaration: Declaration | None = None
    amendment: Amendment | None = None
    not_mapped: tuple[NotMapped, ...] = ()
    assumed: tuple[Assumed, ...] = ()
    #: Identity in the crosswalk -> how many elements in the message, how many in the canonical form.
    crosswalk: Mapping[str, tuple[int, int]]


class ForeignFormats(Protocol):
    """The message formats of others."""

    def read(self, body: bytes, envelope: Envelope) -> Reading:
        """Return what a message says; raises UnreadableMessage with every fault."""
        ...

    def amended(self, declaration: Declaration, amendment: Amendment) -> Declaration:
        """Return the next version of a declaration; raises UnreadableMessage when it is none."""
        ...

    def answer(self, answer: bytes) -> bytes:
        """Return an answer (canonical JSON) as a response message of the WCO Data Model."""
        ...
