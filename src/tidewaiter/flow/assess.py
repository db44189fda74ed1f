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
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from tidewaiter.core.decision import decision_id
from tidewaiter.core.declaration import Declaration
from tidewaiter.core.errors import Conflict
from tidewaiter.core.ledger import canonical_json
from tidewaiter.core.override import lane_floor
from tidewaiter.flow.assessor import Assessed, Case, EarlierDecision
from tidewaiter.flow.epochs import tickets_of_decision
from tidewaiter.flow.messages import Incoming, Reply, body_digest
from tidewaiter.flow.next_epoch import take_effect
from tidewaiter.flow.ports import (
    Clock,
    MessageFormat,
    MessageKey,
    NewAnswer,
    NewDeclaration,
    Store,
    StoredDecision,
    StoredResult,
    UnitOfWork,
)
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
        # Most messages are the first that is heard of their declaration, and one look tells which.
        unheard = uow.unheard([
            MessageKey(each.client, each.message_id, each.source, each.content.id) for each in messages
        ])  # fmt: skip
        found = [
            (None if first else self._answered_before(message, uow))
            or self._new(message, uow, received_at, first=first)
            for message, first in zip(messages, unheard, strict=True)
        ]
        new = [entry for entry in found if isinstance(entry, _New)]
        assessed = self._present.assessor.assess([entry.case for entry in new])
        replies = iter(self._record(new, assessed, uow, received_at))
        return [next(replies) if isinstance(entry, _New) else entry for entry in found]

    def _answered_before(self, message: Incoming[Declaration], uow: UnitOfWork) -> Reply | None:
        """Return the stored answer of a message or version seen before, or its refusal; None when new."""
        digest = body_digest(message.body)
        declaration = message.content
        identity = decision_id(message.source, declaration.id, declaration.version)
        kept = uow.kept_answer(message.client, message.message_id)
        if kept is not None:
            if kept.body_sha256 != digest:
                return _contradiction(message, "message id")
            return _same(kept.answer, uow.leaf_hash("decision", identity))
        stored = uow.declaration(message.source, declaration.id, declaration.version)
        if stored is None:
            return None
        if stored.body_sha256 != digest:
            return _contradiction(message, "version of the declaration")
        decided = uow.decision(identity)
        if decided is None:
            refusal = Conflict(
                f"Version {declaration.version} of declaration {declaration.id!r} was imported as history; "
                "it was never assessed and is not assessed now."
            )
            return Reply(refusal=refusal)
        uow.keep_answer(message.client, message.message_id, digest, decided.answer, stored.received_at)
        return _same(decided.answer, uow.leaf_hash("decision", identity))

    def _new(
        self, message: Incoming[Declaration], uow: UnitOfWork, received_at: datetime, *, first: bool
    ) -> _New:
        """Return what there is to decide; *first*: nothing is recorded of the declaration."""
        declaration = message.content
        earlier: EarlierDecision | None = None
        waiting: Sequence[StoredResult] = ()
        if not first:
            earlier = earlier_decision(uow, self._messages, message.source, declaration.id)
            earlier = None if earlier is None else self._raised(uow, earlier, message.source)
            waiting = uow.parked_results(message.source, declaration.id)
        stale = earlier is not None and earlier.declaration.version > declaration.version
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

    def _raised(self, uow: UnitOfWork, earlier: EarlierDecision, source: str) -> EarlierDecision:
        """Return the earlier decision with the lane to which officers raised it: a raise stays."""
        identity = decision_id(source, earlier.declaration.id, earlier.declaration.version)
        overrides = uow.overrides_of(identity)
        if not overrides:
            return earlier
        lanes = self._present.assessor.content.lanes
        return replace(earlier, lane=lane_floor(earlier.lane, overrides, lanes))

    def _record(
        self, new: Sequence[_New], assessed: Sequence[Assessed], uow: UnitOfWork, received_at: datetime
    ) -> list[Reply]:
        """Record what was decided and return the replies."""
        content, decided = self._present.assessor.content, list(zip(new, assessed, strict=True))
        answers = [answer_bytes(made.decision, content) for made in assessed]
        uow.add_declarations([
            NewDeclaration(
                source=entry.message.source,
                declaration=entry.message.content,
                body=entry.message.body,
                body_sha256=entry.digest,
                at=made.decision.at,
                received_at=received_at,
            )
            for entry, made in decided
        ])  # fmt: skip
        leaves = uow.add_decisions([
            (
                made.decision,
                StoredDecision(
                    evidence=canonical_json(
                        made.decision.evidence() | {"answer_sha256": body_digest(answer)}
                    ),
                    inputs=made.inputs,
                    answer=answer,
                    declaration_body=entry.message.body,
                ),
            )
            for (entry, made), answer in zip(decided, answers, strict=True)
        ])  # fmt: skip
        uow.keep_answers([
            NewAnswer(
                client=entry.message.client,
                message_id=entry.message.message_id,
                body_sha256=entry.digest,
                answer=answer,
                at=received_at,
            )
            for entry, answer in zip(new, answers, strict=True)
        ])  # fmt: skip
        return [Reply(answer=answer, leaf=leaf) for answer, leaf in zip(answers, leaves, strict=True)]


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


def _same(answer: bytes, leaf: bytes | None) -> Reply:
    return Reply(answer=answer, replayed=True, leaf=leaf)


def _contradiction(message: Incoming[Declaration], what: str) -> Reply:
    declaration = message.content
    refusal = Conflict(
        f"This {what} was received before with another content, or was erased since (declaration "
        f"{declaration.id!r}, version {declaration.version}); the first answer stands. Send a change as a "
        "new version."
    )
    return Reply(refusal=refusal)
