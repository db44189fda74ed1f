"""Read a message of another format as the declaration that it says, also when it says only changes."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime

from tidewaiter.core.declaration import Declaration
from tidewaiter.core.errors import Fault, UnreadableMessage
from tidewaiter.flow.ports import MessageFormat, Store
from tidewaiter.flow.ports.readings import Amendment, Envelope, ForeignFormats, Reading

__all__ = ["Read", "ReadMessages"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A declaration, and how much of its message is not in it."""

    declaration: Declaration
    #: Name of the format.
    format: str
    #: Elements and attributes that the canonical form has no place for.
    not_mapped: int
    #: Key of the message where it states one of its own.
    message_id: str | None = None


class ReadMessages:
    """The use case; *nation* is what messages leave open because everybody in the country knows it."""

    def __init__(
        self, *, store: Store, messages: MessageFormat, formats: ForeignFormats, nation: Envelope
    ) -> None:
        self._store = store
        self._messages = messages
        self._formats = formats
        self._nation = nation

    def __call__(
        self,
        body: bytes,
        *,
        client: str,
        source: str,
        message_id: str | None,
        received_at: datetime,
        office: str | None,
    ) -> Read:
        """Return the declaration that *body* says; raises UnreadableMessage with every fault.

        A message that does not say when it was lodged counts from its reception; sent again, from
        its first reception, so that the same message stays the same declaration.
        """
        envelope = replace(self._nation, received_at=received_at, office=office)
        reading = self._formats.read(body, envelope)
        if reading.amendment is not None:
            return self._amended(reading, reading.amendment, client, source, message_id)
        if reading.declaration is None:
            raise AssertionError("BUG: a reading holds a declaration or an amendment")
        if any(entry.field == "/lodged_at" for entry in reading.assumed):
            first = self._stored(source, reading.declaration.id, reading.declaration.version)
            if first is not None:
                as_at_first = replace(reading.declaration, lodged_at=first.lodged_at)
                return _read(reading, as_at_first, message_id)
        return _read(reading, reading.declaration, message_id)

    def _amended(
        self, reading: Reading, amendment: Amendment, client: str, source: str, message_id: str | None
    ) -> Read:
        """Put an amendment in place: on the newest version, or where it was put when it came before."""
        key = message_id or (amendment.reference and f"amendment/{amendment.reference}")
        if not key:
            raise _refused(
                "amendment-without-key", "/reference", "is missing: it could be put in place twice.",
                None, "Send its FunctionalReferenceID, or the header Idempotency-Key.",
            )  # fmt: skip
        with self._store.read() as uow:
            kept = uow.kept_answer(client, key)
        version = None if kept is None else int(json.loads(kept.answer)["declaration_version"]) - 1
        before = self._stored(source, amendment.declaration_id, version)
        if before is None:
            raise _refused(
                "amended-unknown", "/declaration_id", "is no declaration that was received from this system.",
                amendment.declaration_id, "Send the declaration first, then its amendment.",
            )  # fmt: skip
        return _read(reading, self._formats.amended(before, amendment), key)

    def _stored(self, source: str, declaration_id: str, version: int | None) -> Declaration | None:
        """Return a version of a declaration that was received, by default the highest one; or None."""
        with self._store.read() as uow:
            stored = uow.declaration(source, declaration_id, version)
        return None if stored is None else self._messages.read_declaration(stored.body)


def _read(reading: Reading, declaration: Declaration, message_id: str | None) -> Read:
    return Read(
        declaration=declaration,
        format=reading.format,
        not_mapped=len(reading.not_mapped),
        message_id=message_id,
    )


def _refused(code: str, place: str, message: str, value: str | None, hint: str) -> UnreadableMessage:
    fault = Fault(code=code, place=place, message=message, value=value, hint=hint)
    return UnreadableMessage("The amendment cannot be put in place.", faults=(fault,))
