"""The store port in memory: the naive twin of the SQL store, for fast tests of the flow.

The whole state is one value.  A writer changes a copy that replaces the state at the commit, a
reader keeps the state that it found: so a roll back leaves nothing, and a view is consistent.
"""

from __future__ import annotations

import copy
import hashlib
import secrets
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any, Literal, TypeVar

from tests.fakes.memory_erasures import MemoryErasures
from tests.fakes.memory_inspections import InspectionState, MemoryInspections
from tests.fakes.memory_overrides import MemoryOverrides, OverrideState
from tests.fakes.memory_people import MemoryPeople, PeopleState
from tests.fakes.memory_profiles import MemoryProfiles, ProfileState
from tests.fakes.memory_sign_on import MemorySignOn, SignOnState
from tidewaiter.core.decision import Decision
from tidewaiter.core.errors import Conflict
from tidewaiter.core.ledger import SALT_BYTES, canonical_json, commitment, leaf_hash, salted
from tidewaiter.flow.ports import (
    Client,
    JournalEntry,
    KeptAnswer,
    LedgerLeaf,
    MessageKey,
    ModelRecord,
    NewAnswer,
    NewDeclaration,
    NewResult,
    Publication,
    StoredDecision,
    StoredDeclaration,
    StoredResult,
    UnitOfWork,
)
from tidewaiter.flow.ports.erasures import Hold
from tidewaiter.flow.ports.events import Delivery, Event, Subscriber
from tidewaiter.flow.ports.leaves import (
    Leaf,
    client_leaf,
    model_leaf,
    reassessment_leaf,
    recall_alert,
    subscriber_leaf,
)
from tidewaiter.flow.ports.standin import Reassessment

_Version = TypeVar("_Version")


@dataclass(kw_only=True)
class State(PeopleState, InspectionState, OverrideState, SignOnState, ProfileState):
    """Everything that is recorded."""

    answers: dict[tuple[str, str], KeptAnswer] = field(default_factory=dict)
    declarations: list[StoredDeclaration] = field(default_factory=list)
    #: (source, id) -> version -> declaration.
    versions: dict[tuple[str, str], dict[int, StoredDeclaration]] = field(default_factory=dict)
    results: list[StoredResult] = field(default_factory=list)
    #: (source, control id) -> version -> result.
    controls: dict[tuple[str, str], dict[int, StoredResult]] = field(default_factory=dict)
    #: (source, declaration id) -> results that wait for it.
    parked: dict[tuple[str, str], list[StoredResult]] = field(default_factory=dict)
    journal: list[JournalEntry] = field(default_factory=list)
    decisions: list[tuple[Decision, StoredDecision]] = field(default_factory=list)
    #: (source, declaration id) -> version -> index in decisions.
    decided: dict[tuple[str, str], dict[int, int]] = field(default_factory=dict)
    decision_ids: dict[str, int] = field(default_factory=dict)
    publications: list[Publication] = field(default_factory=list)
    models: dict[str, ModelRecord] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    capacity: dict[str, bytes] = field(default_factory=dict)
    #: (key, event).
    outbox: list[tuple[str, Event]] = field(default_factory=list)
    subscribers: dict[str, Subscriber] = field(default_factory=dict)
    #: (subscriber, position) -> what waits.
    deliveries: dict[tuple[str, int], Delivery] = field(default_factory=dict)
    #: (kind, subject, leaf hash).
    leaves: list[tuple[str, str, bytes]] = field(default_factory=list)
    #: The bytes of each leaf; None: erased.
    leaf_bodies: list[bytes | None] = field(default_factory=list)
    #: What kind of row, and which -> the act that erased it.
    erased: dict[tuple[str, int | str], int] = field(default_factory=dict)
    holds: list[Hold] = field(default_factory=list)

    def copy(self) -> State:
        """Return a state that can be changed; the values inside are immutable or replaced as a whole."""
        return State(**{each.name: copy.copy(getattr(self, each.name)) for each in fields(self)})


class MemoryUnitOfWork(
    MemoryErasures, MemoryOverrides, MemoryPeople, MemorySignOn, MemoryInspections, MemoryProfiles
):
    """One transaction on a :class:`State`."""

    def __init__(self, state: State, *, writing: bool) -> None:
        self._state = state
        self._writing = writing

    @property
    def _changing(self) -> State:
        """Return the state, to be changed."""
        if not self._writing:
            raise RuntimeError("BUG: a reading transaction was asked to write")
        return self._state

    # -- messages
    def unheard(self, messages: Sequence[MessageKey]) -> list[bool]:
        state = self._state
        return [
            (client, message_id) not in state.answers
            and (source, declaration) not in state.versions
            and (source, declaration) not in state.parked
            for client, message_id, source, declaration in messages
        ]

    def kept_answer(self, client: str, message_id: str) -> KeptAnswer | None:
        return self._state.answers.get((client, message_id))

    def keep_answer(
        self, client: str, message_id: str, body_sha256: str, answer: bytes, at: datetime
    ) -> None:
        if (client, message_id) in self._changing.answers:
            raise Conflict(f"Message {message_id!r} of {client!r} was answered before.")
        self._state.answers[client, message_id] = KeptAnswer(body_sha256=body_sha256, answer=answer)

    def keep_answers(self, new: Sequence[NewAnswer]) -> None:
        keys = [(each.client, each.message_id) for each in new]
        if len(set(keys)) < len(keys) or any(key in self._changing.answers for key in keys):
            raise Conflict("One of several messages was answered before.")
        for each in new:
            self.keep_answer(each.client, each.message_id, each.body_sha256, each.answer, each.at)

    # -- declarations and their history
    def add_declaration(self, new: NewDeclaration) -> int:
        position = self.journal_end() + 1
        self.add_declarations([new])
        return position

    def add_declarations(self, new: Sequence[NewDeclaration]) -> int:
        keys = [(each.source, each.declaration.id, each.declaration.version) for each in new]
        known = [key for key in keys if key[2] in self._changing.versions.get(key[:2], {})]
        if known or len(set(keys)) < len(keys):
            raise Conflict("A declaration version is recorded already.")
        for each in new:
            self._add_declaration(each)
        return self.journal_end()

    def _add_declaration(self, new: NewDeclaration) -> None:
        state, key = self._state, (new.source, str(new.declaration.id))
        stored = StoredDeclaration(
            seq=len(state.declarations) + 1,
            source=new.source,
            declaration_id=new.declaration.id,
            version=new.declaration.version,
            body=new.body,
            body_sha256=new.body_sha256,
            at=new.at,
            received_at=new.received_at,
        )
        state.declarations.append(stored)
        state.versions[key] = {**state.versions.get(key, {}), stored.version: stored}
        self._append("declaration", new.at, new.source, new.body)
        for result in state.parked.pop(key, []):
            self._append("result", result.known_at, result.source, result.body, new.body)

    def declaration(
        self, source: str, declaration_id: str, version: int | None = None
    ) -> StoredDeclaration | None:
        return _pick(self._state.versions.get((source, declaration_id), {}), version)

    def journal_end(self) -> int:
        return len(self._state.journal)

    def journal(self, after: int = 0, until: int | None = None) -> Iterator[JournalEntry]:
        return iter(self._state.journal[after : self.journal_end() if until is None else until])

    def _append(
        self,
        kind: Literal["declaration", "result"],
        at: datetime,
        source: str,
        body: bytes,
        declaration_body: bytes | None = None,
    ) -> None:
        self._state.journal.append(
            JournalEntry(
                seq=self.journal_end() + 1,
                kind=kind,
                at=at,
                source=source,
                body=body,
                declaration_body=declaration_body,
            )
        )

    # -- decisions
    def add_decision(self, decision: Decision, stored: StoredDecision) -> bytes:
        state, key = self._changing, (decision.source, decision.declaration_id)
        version = state.versions.get(key, {}).get(decision.declaration_version)
        if version is None or version.body != stored.declaration_body:
            raise Conflict(
                f"Decision {decision.id}: version {decision.declaration_version} of declaration "
                f"{decision.declaration_id!r} is not recorded with the body that was decided on."
            )
        if decision.id in state.decision_ids or decision.declaration_version in state.decided.get(key, {}):
            raise Conflict(f"Decision {decision.id} is recorded already.")
        index = len(state.decisions)
        stored = replace(stored, evidence=_salted(stored.evidence))
        state.decisions.append((decision, stored))
        state.decision_ids[decision.id] = index
        state.decided[key] = {**state.decided.get(key, {}), decision.declaration_version: index}
        self._leave("decision", decision.id, stored.answer, decision.at, key)
        self._put_leaf("decision", decision.id, stored.evidence)
        return leaf_hash(stored.evidence)

    def add_decisions(self, new: Sequence[tuple[Decision, StoredDecision]]) -> list[bytes]:
        if len({decision.id for decision, _ in new}) < len(new):
            raise Conflict("One of several decisions is recorded already.")
        before = self._changing.copy()
        try:
            return [self.add_decision(decision, stored) for decision, stored in new]
        except Conflict:
            vars(self._state).update(vars(before))  # as a savepoint that is rolled back
            raise

    def decision(self, decision_id: str) -> StoredDecision | None:
        index = self._state.decision_ids.get(decision_id)
        return None if index is None else self._state.decisions[index][1]

    def first_drawn(self, consignment_key: str) -> StoredDecision | None:
        """Return the first decision whose first consignment identity is this (hex), or None."""
        return next(
            (s for d, s in self._state.decisions if d.consignment_keys[:1] == (consignment_key,)), None
        )

    def latest_decision(self, source: str, declaration_id: str) -> StoredDecision | None:
        index = _pick(self._state.decided.get((source, declaration_id), {}), None)
        return None if index is None else self._state.decisions[index][1]

    def decisions(self, after_rowid: int = 0, limit: int = 1000) -> Sequence[tuple[int, StoredDecision]]:
        chosen = self._state.decisions[after_rowid : after_rowid + limit]
        return [(after_rowid + number, stored) for number, (_, stored) in enumerate(chosen, 1)]

    def decisions_end(self) -> int:
        return len(self._state.decisions)

    def decided_without_score(
        self, since: datetime, after_rowid: int, *, limit: int
    ) -> Sequence[tuple[int, StoredDecision]]:
        found = [
            (number, stored) for number, (decision, stored) in enumerate(self._state.decisions, 1)
            if decision.probability is None and (decision.at, number) > (since, after_rowid)
        ]  # fmt: skip
        return found[:limit]

    def labels(self) -> Iterator[tuple[str, str, float | None, str | None]]:
        ordered = sorted(
            (decision for decision, _ in self._state.decisions),
            key=lambda each: (each.source, each.declaration_id, each.declaration_version),
        )
        for decision in ordered:
            yield decision.source, decision.declaration_id, decision.inclusion_probability, decision.arm

    # -- the ledger
    def add_leaf(self, kind: str, subject: str, content: Mapping[str, Any], at: datetime) -> None:
        self._add_leaf(kind, subject, canonical_json({"kind": kind, **content}))

    def _tell(self, leaf: Leaf) -> None:
        self.add_leaf(leaf.kind, leaf.subject, leaf.content, leaf.at)

    def leaf_hash(self, kind: str, subject: str) -> bytes | None:
        return next((leaf[2] for leaf in self._state.leaves if leaf[:2] == (kind, subject)), None)

    def _add_leaf(self, kind: str, subject: str, body: bytes) -> None:
        self._put_leaf(kind, subject, _salted(body))

    def _put_leaf(self, kind: str, subject: str, body: bytes) -> None:
        self._changing.leaves.append((kind, subject, leaf_hash(body)))
        self._state.leaf_bodies.append(body)

    def ledger_end(self) -> int:
        return len(self._state.leaves)

    def ledger(self, after: int = 0, until: int | None = None) -> Iterator[LedgerLeaf]:
        pairs = list(zip(self._state.leaves, self._state.leaf_bodies, strict=True))[after:until]
        for seq, ((_, _, hash_), body) in enumerate(pairs, after + 1):
            yield LedgerLeaf(seq=seq, leaf_hash=hash_, body=body)

    def ledger_position(self, kind: str, subject: str) -> int | None:
        found = [n for n, leaf in enumerate(self._state.leaves, 1) if leaf[:2] == (kind, subject)]
        return min(found, default=None)

    # -- control results
    def add_result(self, new: NewResult) -> int | None:
        end = self.journal_end()
        self._add_results([new])
        subject = f"{new.source} {new.result.id} {new.result.version}"
        content = {
            "kind": "result",
            "source": new.source,
            "control_id": new.result.id,
            "version": new.result.version,
            "declaration_id": new.result.declaration_id,
            "commitment": _committed(new.body),
            "known_at": new.known_at.isoformat(),
            "recorded_at": new.recorded_at.isoformat(),
        }
        concerns = (new.source, str(new.result.declaration_id))
        self._leave("result", subject, new.body, new.recorded_at, concerns)
        self._add_leaf("result", subject, canonical_json(content))
        return end + 1 if self.journal_end() > end else None

    def add_results(self, new: Sequence[NewResult]) -> int:
        if new:
            first = len(self._state.results) + 1
            self._add_results(new)
            committed = [_committed(each.body) for each in new]
            content = {"kind": "results", "first": first, "count": len(new), "commitments": committed}
            subject = f"{first} to {first + len(new) - 1}"
            self._add_leaf("results", subject, canonical_json(content))
        return self.journal_end()

    def _add_results(self, new: Sequence[NewResult]) -> None:
        keys = [(each.source, each.result.id, each.result.version) for each in new]
        known = [key for key in keys if key[2] in self._changing.controls.get(key[:2], {})]
        if known or len(set(keys)) < len(keys):
            raise Conflict("A control result version is recorded already.")
        for each in new:
            self._add_result(each)

    def _add_result(self, new: NewResult) -> None:
        state, result = self._state, new.result
        stored = StoredResult(
            seq=len(state.results) + 1,
            source=new.source,
            control_id=result.id,
            version=result.version,
            declaration_id=result.declaration_id,
            body=new.body,
            body_sha256=new.body_sha256,
            known_at=new.known_at,
            recorded_at=new.recorded_at,
        )
        key = (new.source, str(result.id))
        state.results.append(stored)
        self._note_outcome(new)
        state.controls[key] = {**state.controls.get(key, {}), result.version: stored}
        declaration = self.declaration(new.source, result.declaration_id)
        if declaration is None:
            waiting = (new.source, str(result.declaration_id))
            state.parked[waiting] = [*state.parked.get(waiting, []), stored]
        else:
            self._append("result", new.known_at, new.source, new.body, declaration.body)

    def result(self, source: str, control_id: str, version: int | None = None) -> StoredResult | None:
        return _pick(self._state.controls.get((source, control_id), {}), version)

    def parked_results(self, source: str, declaration_id: str) -> Sequence[StoredResult]:
        return list(self._state.parked.get((source, declaration_id), []))

    # -- content, models, clients, capacity
    def publish(self, kind: str, version: str, body: bytes, at: datetime, by: str) -> None:
        seq = len(self._changing.publications) + 1
        self._state.publications.append(
            Publication(seq=seq, kind=kind, version=version, body=body, at=at, by=by)
        )
        subject = f"{kind} {version}"
        content = publication_content(self._state.publications[-1])
        self._leave("publication", subject, canonical_json(content), at, (None, None))
        leaf = canonical_json({"kind": "publication", **content})
        self._add_leaf("publication", subject, leaf)

    def published(self, kind: str, version: str | None = None) -> Publication | None:
        fitting = [each for each in self.publications(kind) if version in {None, each.version}]
        return fitting[-1] if fitting else None

    def publications(self, kind: str) -> Sequence[Publication]:
        return [each for each in self._state.publications if each.kind == kind]

    def publications_end(self) -> int:
        return len(self._state.publications)

    def put_model(self, model: ModelRecord) -> None:
        self._changing.models[model.version] = replace(
            model, card=copy.deepcopy(dict(model.card)), comparison=copy.deepcopy(dict(model.comparison))
        )
        self._tell(model_leaf(model))

    def model(self, version: str) -> ModelRecord | None:
        return self._state.models.get(version)

    def models(self) -> Sequence[ModelRecord]:
        return sorted(self._state.models.values(), key=lambda each: (each.trained_at, each.version))

    def put_client(self, client: Client) -> None:
        self._changing.clients[client.id] = client
        self._tell(client_leaf(client))

    def clients(self) -> Sequence[Client]:
        return sorted(self._state.clients.values(), key=lambda each: (each.created_at, each.id))

    # -- what leaves
    def _leave(
        self, topic: str, key: str, payload: bytes, at: datetime, concerns: tuple[str | None, str | None]
    ) -> None:
        event = Event(
            position=len(self._state.outbox) + 1, topic=topic, source=concerns[0], declaration_id=concerns[1],
            payload=payload, at=at,
        )  # fmt: skip
        self._state.outbox.append((key, event))

    def events(
        self, after: int, *, source: str, topics: Collection[str], limit: int
    ) -> tuple[Sequence[Event], int]:
        of_source = [e for _, e in self._state.outbox if e.position > after and e.source in {source, None}]
        looked_at = of_source[:limit]
        end = looked_at[-1].position if len(looked_at) == limit else max(after, self.events_end())
        return [event for event in looked_at if event.topic in topics], end

    def events_end(self) -> int:
        return len(self._state.outbox)

    def add_reassessment(self, found: Reassessment) -> None:
        leaf = reassessment_leaf(found)
        self._tell(leaf)
        if found.recalled:
            concerns = (found.source, found.declaration_id)
            self._leave("recall", leaf.subject, recall_alert(found), leaf.at, concerns)

    def put_subscriber(self, subscriber: Subscriber) -> None:
        before = self._changing.subscribers.get(subscriber.id)
        self._state.subscribers[subscriber.id] = subscriber
        if before is None or subscriber_leaf(before) != subscriber_leaf(subscriber):
            self._tell(subscriber_leaf(subscriber))

    def subscribers(self) -> Sequence[Subscriber]:
        return sorted(self._state.subscribers.values(), key=lambda each: (each.created_at, each.id))

    def _deliveries(self, subscriber: str, *, dead: bool) -> list[Delivery]:
        found = [d for (of, _), d in self._state.deliveries.items() if of == subscriber and d.dead is dead]
        return sorted(found, key=lambda each: each.event.position)

    def due(self, subscriber: str, at: datetime, limit: int) -> Sequence[Delivery]:
        oldest: dict[tuple[str, str], int] = {}
        found = []
        for delivery in self._deliveries(subscriber, dead=False):
            event = delivery.event
            # What concerns no declaration waits for nothing.
            of = (event.source or "", event.declaration_id or str(event.position))
            if oldest.setdefault(of, event.position) == event.position and delivery.due_at <= at:
                found.append(delivery)
        return found[:limit]

    def waiting_declarations(self, subscriber: str) -> frozenset[str]:
        waiting = (d.event.declaration_id for d in self._deliveries(subscriber, dead=False))
        return frozenset(each for each in waiting if each is not None)

    def dead_letters(self, subscriber: str) -> Sequence[Delivery]:
        return self._deliveries(subscriber, dead=True)

    def put_delivery(self, subscriber: str, delivery: Delivery) -> None:
        self._changing.deliveries[subscriber, delivery.event.position] = delivery

    def drop_delivery(self, subscriber: str, position: int) -> None:
        self._changing.deliveries.pop((subscriber, position), None)

    def capacity_states(self) -> Mapping[str, bytes]:
        return dict(sorted(self._state.capacity.items()))

    def put_capacity_states(self, states: Mapping[str, bytes]) -> None:
        self._changing.capacity.update(states)


class MemoryStore:
    """The store port over a state in memory; many readers, one writer at a time."""

    def __init__(self) -> None:
        self.state = State()
        self._turn = threading.Lock()
        self._writing_thread: int | None = None
        self._busy: set[str] = set()

    @contextmanager
    def write(self) -> Iterator[UnitOfWork]:
        if self._writing_thread == threading.get_ident():
            raise RuntimeError("BUG: a writing transaction was opened inside another one")
        with self._turn:
            self._writing_thread = threading.get_ident()
            try:
                state = self.state.copy()
                yield MemoryUnitOfWork(state, writing=True)
                self.state = state
            finally:
                self._writing_thread = None

    @contextmanager
    def read(self) -> Iterator[UnitOfWork]:
        yield MemoryUnitOfWork(self.state, writing=False)

    @contextmanager
    def alone(self, work: str) -> Iterator[bool]:
        if work in self._busy:
            yield False
            return
        self._busy.add(work)
        try:
            yield True
        finally:
            self._busy.remove(work)

    def clients_version(self) -> tuple[int, ...]:
        clients = self.state.clients.values()
        return len(clients), sum(client.revoked_at is not None for client in clients)

    def close(self) -> None:
        """Nothing is open."""


def publication_content(publication: Publication) -> dict[str, Any]:
    """Return what the ledger says of a publication."""
    return {
        "content_kind": publication.kind,
        "version": publication.version,
        "body_sha256": hashlib.sha256(publication.body).hexdigest(),
        "at": publication.at.isoformat(),
        "by": publication.by,
    }


def _pick(versions: Mapping[int, _Version], version: int | None) -> _Version | None:
    """Return the numbered version, or the highest one; None when there is none."""
    if version is not None:
        return versions.get(version)
    return versions[max(versions)] if versions else None


def _salted(body: bytes) -> bytes:
    """Return what is recorded of *body*."""
    return salted(body, secrets.token_bytes(SALT_BYTES))


def _committed(body: bytes) -> str:
    """Return a commitment to *body*."""
    return commitment(body, secrets.token_bytes(SALT_BYTES))
