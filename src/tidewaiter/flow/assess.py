"""Assess declarations: exactly once, in order, each decision durable before its answer leaves.

Messages that come together share one transaction.  They are worked off in rounds in which no
message and no declaration comes twice, so a repetition or an amendment within the same group finds
what came before it already recorded.  A message seen before gets the stored answer, byte for byte;
the same key, or the same version of a declaration, with another content is refused and changes
nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tidewaiter.core.decision import decision_id
from tidewaiter.core.declaration import Declaration
from tidewaiter.core.errors import Conflict
from tidewaiter.core.ledger import canonical_json
from tidewaiter.flow.assessor import Assessed, Case, EarlierDecision
from tidewaiter.flow.epochs import tickets_of_decision
from tidewaiter.flow.messages import Incoming, Reply, body_digest
from tidewaiter.flow.next_epoch import take_effect
from tidewaiter.flow.ports import Clock, MessageFormat, NewDeclaration, Store, StoredDecision, UnitOfWork
from tidewaiter.flow.present import Present
from tidewaiter.flow.telling import answer_bytes

__all__ = ["STALE", "AssessDeclarations", "earlier_decision"]

#: Mark: the version is older than one that was decided before it.
STALE: Final = "stale"


@dataclass(frozen=True, kw_only=True)
class _New:
    """A message that needs a decision."""

    message: Incoming[Declaration]
    digest: str
    case: Case


class AssessDeclarations:
    """The use case; `Present` lets one caller at a time have the state in memory."""

    def __init__(self, *, store: Store, present: Present, clock: Clock, messages: MessageFormat) -> None:
        self._store = store
        self._present = present
        self._clock = clock
        self._messages = messages

    def __call__(self, messages: Sequence[Incoming[Declaration]]) -> list[Reply]:
        """Return one reply per message, in order; all that they tell is durable.

        Raises Unavailable when the store cannot be written: then nothing was decided.
        """
        received_at = self._clock.now()
        with self._present.turn(), self._store.write() as uow:
            take_effect(uow, self._present.draw_keys.epoch(uow), received_at)
            self._present.catch_up(uow)
            replies = [
                reply for together in rounds(messages) for reply in self._round(together, uow, received_at)
            ]
            self._present.keep(uow)
        return replies

    def _round(
        self, messages: Sequence[Incoming[Declaration]], uow: UnitOfWork, received_at: datetime
    ) -> list[Reply]:
        """Answer messages of distinct declarations."""
        uow.expect(
            [(message.client, message.message_id) for message in messages],
            [(message.source, message.content.id, message.content.version) for message in messages],
        )
        found = [
            self._answered_before(message, uow) or self._new(message, uow, received_at)
            for message in messages
        ]
        new = [entry for entry in found if isinstance(entry, _New)]
        assessed = iter(self._present.assessor.assess([entry.case for entry in new]))
        return [
            Reply(answer=self._record(entry, next(assessed), uow, received_at))
            if isinstance(entry, _New)
            else entry
            for entry in found
        ]

    def _answered_before(self, message: Incoming[Declaration], uow: UnitOfWork) -> Reply | None:
        """Return the stored answer of a message or version seen before, or its refusal; None when new."""
        digest = body_digest(message.body)
        kept = uow.kept_answer(message.client, message.message_id)
        if kept is not None:
            return _same(kept.answer) if kept.body_sha256 == digest else _contradiction(message, "message id")
        declaration = message.content
        stored = uow.declaration(message.source, declaration.id, declaration.version)
        if stored is None:
            return None
        if stored.body_sha256 != digest:
            return _contradiction(message, "version of the declaration")
        decided = uow.decision(decision_id(message.source, declaration.id, declaration.version))
        if decided is None:
            refusal = Conflict(
                f"Version {declaration.version} of declaration {declaration.id!r} was imported as history; "
                "it was never assessed and is not assessed now."
            )
            return Reply(refusal=refusal)
        uow.keep_answer(message.client, message.message_id, digest, decided.answer, self._clock.now())
        return _same(decided.answer)

    def _new(self, message: Incoming[Declaration], uow: UnitOfWork, received_at: datetime) -> _New:
        declaration = message.content
        earlier = earlier_decision(uow, self._messages, message.source, declaration.id)
        stale = earlier is not None and earlier.declaration.version > declaration.version
        waiting = uow.parked_results(message.source, declaration.id)
        keys = self._present.draw_keys
        held = () if earlier is None else earlier.tickets
        seen = keys.seen(uow, declaration, held)
        case = Case(
            source=message.source,
            declaration=declaration,
            at=message.at or received_at,
            earlier=earlier,
            seen=seen,
            revealed=keys.revealed([*(ticket.key_id for ticket in held), *([seen] if seen else [])]),
            waiting=tuple(
                (self._messages.read_control_result(result.body), result.known_at) for result in waiting
            ),
            marks=(STALE,) if stale else (),
        )
        return _New(message=message, digest=body_digest(message.body), case=case)

    def _record(self, entry: _New, assessed: Assessed, uow: UnitOfWork, received_at: datetime) -> bytes:
        message, decision = entry.message, assessed.decision
        answer = answer_bytes(decision, self._present.assessor.content)
        uow.add_declaration(
            NewDeclaration(
                source=message.source,
                declaration=message.content,
                body=message.body,
                body_sha256=entry.digest,
                at=decision.at,
                received_at=received_at,
            )
        )
        stored = StoredDecision(
            evidence=canonical_json(decision.evidence()),
            inputs=assessed.inputs,
            answer=answer,
            declaration_body=message.body,
        )
        uow.add_decision(decision, stored)
        uow.keep_answer(message.client, message.message_id, entry.digest, answer, received_at)
        return answer


def rounds(messages: Sequence[Incoming[Declaration]]) -> Iterator[list[Incoming[Declaration]]]:
    """Cut *messages*, in order, so that no message key and no declaration comes twice in one piece."""
    together: list[Incoming[Declaration]] = []
    seen: set[tuple[str, str, str]] = set()
    for message in messages:
        keys = {
            ("message", message.client, message.message_id),
            ("declaration", message.source, message.content.id),
        }
        if keys & seen:
            yield together
            together, seen = [], set()
        together.append(message)
        seen |= keys
    if together:
        yield together


def earlier_decision(
    uow: UnitOfWork, messages: MessageFormat, source: str, declaration_id: str
) -> EarlierDecision | None:
    """Return the decision on the highest version of a declaration that was decided, or None."""
    stored = uow.latest_decision(source, declaration_id)
    if stored is None:
        return None
    evidence = json.loads(stored.evidence)
    return EarlierDecision(
        declaration=messages.read_declaration(stored.declaration_body),
        lane=evidence["lane"],
        arm=evidence["arm"],
        inclusion_probability=float(evidence["inclusion_probability"]),
        tickets=tickets_of_decision(evidence),
    )


def _same(answer: bytes) -> Reply:
    return Reply(answer=answer, replayed=True)


def _contradiction(message: Incoming[Declaration], what: str) -> Reply:
    declaration = message.content
    refusal = Conflict(
        f"This {what} was received before with another content (declaration {declaration.id!r}, version "
        f"{declaration.version}); the first answer stands. Send a change as a new version."
    )
    return Reply(refusal=refusal)
