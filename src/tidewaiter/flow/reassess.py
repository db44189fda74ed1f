"""Assess again what was stood in for: the messages go through the normal flow under their own keys.

A message that had reached the store after all gets its stored answer there, so each is decided once.
What the assessment says is recorded beside the stand-in, and when its lane is stricter, a recall
alert leaves in the same transaction.  Whatever fails in between is done again, with the same outcome.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tidewaiter.core.decision import decision_id
from tidewaiter.core.declaration import Declaration
from tidewaiter.core.errors import UnreadableMessage
from tidewaiter.core.selection.lanes import lanes_from_data
from tidewaiter.flow.assess import AssessDeclarations
from tidewaiter.flow.messages import Incoming, Reply
from tidewaiter.flow.ports import Clock, MessageFormat, Store, UnitOfWork
from tidewaiter.flow.ports.standin import Reassessment, StandInJournal, Waiting
from tidewaiter.flow.standin import Entry, StandIns, entry_of
from tidewaiter.flow.standin_policy import StandInPolicy

__all__ = ["Reassess", "Standing"]

#: Messages that share a commit; few, because others wait for their answer meanwhile.
_TOGETHER: Final = 16


class Reassess:
    """The use case: one step of the worker."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        messages: MessageFormat,
        assess: AssessDeclarations,
        journal: StandInJournal,
        stand_ins: StandIns,
    ) -> None:
        self._store, self._clock, self._messages = store, clock, messages
        self._assess, self._journal, self._stand_ins = assess, journal, stand_ins

    def step(self) -> bool:
        """Assess some of what waits on this machine; return whether more waits.

        Raises Unavailable when the store does not answer: then all of it goes on waiting.
        """
        more = False
        for lent in self._journal.waiting():
            with lent as waiting:
                if waiting is not None:
                    more = self._some(waiting) or more
        return more

    def _some(self, waiting: Waiting) -> bool:
        lines = waiting.entries()
        if not lines:
            return False
        entries = [entry_of(line) for line in lines[:_TOGETHER]]
        replies = self._assessed(entries)
        with self._store.write() as uow:
            self._record(uow, entries, replies)
        self._stand_ins.forget(entries)
        waiting.clear(len(entries))
        return len(lines) > len(entries)

    def _assessed(self, entries: Sequence[Entry]) -> list[Reply]:
        """Assess the messages; one that this release cannot read any more is refused, never lost."""
        read: list[Incoming[Declaration] | UnreadableMessage] = []
        for entry in entries:
            try:
                declaration = self._messages.read_declaration(entry.body.encode())
            except UnreadableMessage as error:
                read.append(error)
            else:
                read.append(Incoming(
                    client=entry.client, source=entry.source, message_id=entry.message_id,
                    content=declaration, body=entry.body.encode(),
                ))  # fmt: skip
        replies = iter(self._assess([each for each in read if isinstance(each, Incoming)]))
        return [next(replies) if isinstance(each, Incoming) else Reply(refusal=each) for each in read]

    def _record(self, uow: UnitOfWork, entries: Sequence[Entry], replies: Sequence[Reply]) -> None:
        """Record what came of each, once."""
        published = uow.published("lanes")
        if published is None:
            raise ValueError("BUG: declarations were assessed while no lanes are published")
        lanes = lanes_from_data(json.loads(published.body))
        for entry, reply in zip(entries, replies, strict=True):
            lane = None if reply.answer is None else str(json.loads(reply.answer)["lane"])
            found = Reassessment(
                decision_id=decision_id(entry.source, entry.declaration_id, entry.declaration_version),
                source=entry.source,
                declaration_id=entry.declaration_id,
                declaration_version=entry.declaration_version,
                given_at=datetime.fromisoformat(entry.given_at),
                given_lane=entry.lane,
                rule=entry.rule,
                policy=entry.policy,
                lane=lane,
                # A lane that was taken out of use cannot be compared: somebody must look.
                recalled=lane is None
                or (
                    lane != entry.lane
                    if entry.lane not in lanes
                    else lanes.order(lane) > lanes.order(entry.lane)
                ),
                at=self._clock.now(),
            )
            if uow.leaf_hash("standin", found.subject) is None:
                uow.add_reassessment(found)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What answers while the store does not, and what follows from it."""

    policy: StandInPolicy
    stand_ins: StandIns
    reassess: Reassess
