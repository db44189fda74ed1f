"""Record control results: once each, learned from at once, never lost.

A result of a declaration that is not known yet is kept and enters history right after the
declaration when that arrives.  A correction is a higher version; the older one stays on record.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tidewaiter.core.control import ControlResult
from tidewaiter.core.errors import Conflict, Fault, UnreadableMessage
from tidewaiter.core.ledger import canonical_json
from tidewaiter.flow.messages import Incoming, Reply, body_digest
from tidewaiter.flow.ports import Clock, MessageFormat, NewResult, Store, UnitOfWork
from tidewaiter.flow.present import Present

__all__ = ["RecordResults"]


class RecordResults:
    """The use case."""

    def __init__(self, *, store: Store, present: Present, clock: Clock, messages: MessageFormat) -> None:
        self._store = store
        self._present = present
        self._clock = clock
        self._messages = messages

    def __call__(self, results: Sequence[Incoming[ControlResult]]) -> list[Reply]:
        """Return one reply per result, in order; all that they tell is durable.

        Raises Unavailable when the store cannot be written: then nothing was recorded.
        """
        recorded_at = self._clock.now()
        with self._present.turn(), self._store.write() as uow:
            self._present.catch_up(uow)
            replies = [self._one(message, uow, recorded_at) for message in results]
            # The counters change now: the next declaration is decided with what was just found.
            self._present.catch_up(uow)
        return replies

    def _one(self, message: Incoming[ControlResult], uow: UnitOfWork, recorded_at: datetime) -> Reply:
        result, digest = message.content, body_digest(message.body)
        subject = f"{message.source} {result.id} {result.version}"
        kept = uow.kept_answer(message.client, message.message_id)
        if kept is not None:
            if kept.body_sha256 != digest:
                return _contradiction(message, "message id")
            return Reply(answer=kept.answer, replayed=True, leaf=uow.leaf_hash("result", subject))
        stored = uow.result(message.source, result.id, result.version)
        if stored is not None and stored.body_sha256 != digest:
            return _contradiction(message, "version of the control result")
        if stored is not None:
            waiting = uow.declaration(message.source, result.declaration_id) is None
            answer = _answer(result, waiting=waiting)
            uow.keep_answer(message.client, message.message_id, digest, answer, stored.recorded_at)
            return Reply(answer=answer, replayed=True, leaf=uow.leaf_hash("result", subject))
        refusal = self._not_of_this_declaration(message, uow)
        if refusal is not None:
            return Reply(refusal=refusal)
        new = NewResult(
            source=message.source,
            result=result,
            body=message.body,
            body_sha256=digest,
            known_at=message.at or recorded_at,
            recorded_at=recorded_at,
        )
        position = uow.add_result(new)
        answer = _answer(result, waiting=position is None)
        uow.keep_answer(message.client, message.message_id, digest, answer, recorded_at)
        return Reply(answer=answer, leaf=uow.leaf_hash("result", subject))

    def _not_of_this_declaration(
        self, message: Incoming[ControlResult], uow: UnitOfWork
    ) -> UnreadableMessage | None:
        """Refuse findings on items that the declaration does not have: they would teach a falsehood."""
        result = message.content
        stored = uow.declaration(message.source, result.declaration_id, result.declaration_version)
        stored = stored or uow.declaration(message.source, result.declaration_id)
        if stored is None:
            return None
        count = len(self._messages.read_declaration(stored.body).items)
        faults = tuple(
            Fault(
                code="item-unknown",
                place=f"/findings/{position}/item_number",
                message=f"declaration {result.declaration_id!r} has {count} items",
                value=str(finding.item_number),
                hint="Name an item of the declaration, or leave the item out for the whole declaration.",
            )
            for position, finding in enumerate(result.findings)
            if finding.item_number is not None and finding.item_number > count
        )
        return (
            UnreadableMessage("The control result does not fit its declaration.", faults=faults)
            if faults
            else None
        )


def _answer(result: ControlResult, *, waiting: bool) -> bytes:
    return canonical_json(
        {
            "control_result": result.id,
            "version": result.version,
            "declaration_id": result.declaration_id,
            "status": "waiting for its declaration" if waiting else "recorded",
        }
    )


def _contradiction(message: Incoming[ControlResult], what: str) -> Reply:
    result = message.content
    refusal = Conflict(
        f"This {what} was received before with another content, or was erased since (control result "
        f"{result.id!r}, version {result.version}); the first stands. Send a correction as a new version."
    )
    return Reply(refusal=refusal)
