"""Stand in: answer a declaration that cannot be assessed in time, without the store.

The answer has the shape of any other, with the mark ``STANDIN``.  It leaves only once it is kept
durably on this machine, with the message itself, so every one of them is assessed afterwards
(:mod:`tidewaiter.flow.reassess`).  Where it cannot be kept, nothing is stated: the declaration system
applies its own copy of the signed policy.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from tidewaiter.core.decision import decision_id
from tidewaiter.core.declaration import Declaration
from tidewaiter.core.draw import tickets_of
from tidewaiter.core.errors import Conflict, StandInNotKept, Unavailable
from tidewaiter.core.ledger import canonical_json
from tidewaiter.core.standin import StandIn, Usage, is_valid, stand_in
from tidewaiter.flow.messages import Incoming, Reply, body_digest
from tidewaiter.flow.ports import Clock, MessageFormat
from tidewaiter.flow.ports.standin import StandInJournal
from tidewaiter.flow.standin_policy import Held, StandInPolicy

__all__ = ["MARK", "Entry", "StandIns", "entry_of"]

#: Mark of an answer that no assessment made.
MARK: Final = "STANDIN"
_Key = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A stand-in as it is kept: the message, and what was answered."""

    client: str
    source: str
    message_id: str
    declaration_id: str
    declaration_version: int
    #: Canonical JSON of the declaration.
    body: str
    #: The answer that left, as JSON.
    answer: str
    given_at: str
    lane: str
    rule: str
    #: Version of the policy; None: no policy was valid.
    policy: str | None
    #: Codes of the rules whose caps it counts against.
    counted: tuple[str, ...]

    def line(self) -> bytes:
        """Return it as the line that is kept."""
        return canonical_json({name: getattr(self, name) for name in Entry.__slots__})

    def known_by(self) -> tuple[_Key, _Key]:
        """Return what it may be asked for by: its message, and its version of the declaration."""
        return _keys(self.client, self.message_id, self.source, self.declaration_id, self.declaration_version)


def entry_of(line: bytes) -> Entry:
    """Return what was kept as *line*."""
    data: dict[str, Any] = json.loads(line)
    return Entry(**data | {"counted": tuple(data["counted"])})


class StandIns:
    """The use case; any thread may call it."""

    def __init__(
        self, *, policy: StandInPolicy, journal: StandInJournal, clock: Clock, messages: MessageFormat
    ) -> None:
        self._policy, self._journal = policy, journal
        self._clock, self._messages = clock, messages
        self._turn = threading.Lock()
        self._usage = Usage()
        #: What this process has stated and what was not assessed yet, and whether it is kept durably.
        self._stated: dict[_Key, Entry] = {}
        self._kept: set[bytes] = set()
        #: How many were stated since the start.
        self.count = 0

    def open(self) -> None:
        """Hold what a stand-in needs, and take up what was stated before and not assessed yet.

        Raises Unavailable when the store does not answer, or the journal cannot be opened.
        """
        self._policy.refresh()
        for line in self._journal.own():
            entry = entry_of(line)
            self._remember(entry)
            self._kept.add(line)
            declaration = self._messages.read_declaration(entry.body.encode())
            self._usage.count(entry.counted, declaration, datetime.fromisoformat(entry.given_at).date())

    def close(self) -> None:
        """Give the journal back."""
        self._journal.close()

    def __call__(self, message: Incoming[Declaration]) -> Reply:
        """Return the stand-in for *message*, kept durably.

        The same message gets the same answer until it is assessed; another content under the same key
        is refused as ever.  Raises StandInNotKept when it cannot be kept.
        """
        with self._turn:
            found, refusal = self._stated_before(message)
            if refusal is not None:
                return Reply(refusal=refusal)
            entry = found or self._new(message)
            self._remember(entry)
        line = entry.line()
        if line not in self._kept:
            try:
                self._journal.append(line)
            except Unavailable as error:
                with self._turn:
                    self._drop(entry, line)
                raise StandInNotKept from error
            with self._turn:
                self._kept.add(line)
                self.count += 1
        return Reply(answer=entry.answer.encode(), replayed=found is not None)

    def forget(self, entries: Sequence[Entry]) -> None:
        """Forget what was assessed: from now on the decision is the answer."""
        with self._turn:
            for entry in entries:
                self._drop(entry, entry.line())

    def _drop(self, entry: Entry, line: bytes) -> None:
        self._kept.discard(line)
        for key in entry.known_by():
            if self._stated.get(key) == entry:
                del self._stated[key]

    def _remember(self, entry: Entry) -> None:
        for key in entry.known_by():
            self._stated[key] = entry

    def _stated_before(self, message: Incoming[Declaration]) -> tuple[Entry | None, Conflict | None]:
        """Return what was stated for this message or version, and why it is refused."""
        declaration = message.content
        for key in _keys(
            message.client, message.message_id, message.source, declaration.id, declaration.version
        ):
            entry = self._stated.get(key)
            if entry is not None and body_digest(entry.body.encode()) != body_digest(message.body):
                return None, Conflict(
                    f"This {key[0]} was received before with another content (declaration "
                    f"{declaration.id!r}, version {declaration.version}); the first answer stands. Send a "
                    "change as a new version."
                )
            if entry is not None and (entry.client, entry.message_id) == (message.client, message.message_id):
                return entry, None
            if entry is not None:  # the same version under another key: the same answer, kept under both
                return None, None
        return None, None

    def _new(self, message: Incoming[Declaration]) -> Entry:
        """State a lane, or take that of the same version under another key."""
        declaration, now = message.content, self._clock.now()
        held = self._policy.held
        if held is None:
            raise StandInNotKept
        version = ("version of the declaration", message.source, declaration.id, str(declaration.version))
        same = self._stated.get(version)
        if same is not None:
            return _as(same, message)
        told, policy = self._told(held, declaration, now)
        self._usage.count(told.counted, declaration, now.date())
        return Entry(
            client=message.client,
            source=message.source,
            message_id=message.message_id,
            declaration_id=declaration.id,
            declaration_version=declaration.version,
            body=message.body.decode(),
            answer=_answer(message, told, held, now).decode(),
            given_at=now.isoformat(),
            lane=told.lane,
            rule=told.rule,
            policy=policy,
            counted=told.counted,
        )

    def _told(self, held: Held, declaration: Declaration, now: datetime) -> tuple[StandIn, str | None]:
        """Return the lane and the version of the policy; without a valid policy, the mildest control."""
        if held.signed is None or not is_valid(held.signed, now):
            lane = next(lane.code for lane in held.lanes if lane.control)
            reason = "It could not be assessed in time."
            return StandIn(lane=lane, rule="no_policy", reason=reason), None
        policy = held.signed.policy
        stated = stand_in(
            policy,
            declaration,
            lanes=held.lanes,
            usage=self._usage,
            day=now.date(),
            keys={held.draw_key.id: held.draw_key},
            tickets=tickets_of(declaration, key_id=held.draw_key.id),
            plan_id=held.plan_id,
            draws=held.draws,
        )
        return stated, policy.version


def _answer(message: Incoming[Declaration], told: StandIn, held: Held, now: datetime) -> bytes:
    """Return the answer to the declaration system, in the shape of that of a decision."""
    declaration, lane = message.content, held.lanes[told.lane]
    return canonical_json({
        "decision_id": decision_id(message.source, declaration.id, declaration.version),
        "declaration_id": declaration.id,
        "declaration_version": declaration.version,
        "decided_at": now.isoformat(),
        "lane": lane.code,
        "lane_words": dict(lane.words),
        "control": lane.control,
        "wco_response_code": lane.wco_response,
        "instructions": [],
        "reasons": [told.reason] if lane.control else [],
        "degraded": True,
        "marks": [MARK],
    })  # fmt: skip


def _as(entry: Entry, message: Incoming[Declaration]) -> Entry:
    """Return what was stated for a version as the answer to another message of it."""
    members = {name: getattr(entry, name) for name in Entry.__slots__}
    return Entry(**members | {"client": message.client, "message_id": message.message_id, "counted": ()})


def _keys(client: str, message_id: str, source: str, declaration_id: str, version: int) -> tuple[_Key, _Key]:
    return (
        ("message id", client, message_id),
        ("version of the declaration", source, declaration_id, str(version)),
    )
