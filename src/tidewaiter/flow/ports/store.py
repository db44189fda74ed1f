"""The store: one unit of work is one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol

from tidewaiter.core.decision import Decision
from tidewaiter.flow.ports.erasures import ErasureWork
from tidewaiter.flow.ports.events import EventRecords
from tidewaiter.flow.ports.inspections import InspectionRecords
from tidewaiter.flow.ports.overrides import OverrideRecords
from tidewaiter.flow.ports.people import PeopleWork
from tidewaiter.flow.ports.profiles import ProfileRecords
from tidewaiter.flow.ports.records import (
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
)
from tidewaiter.flow.ports.sign_on import SignOnWork

__all__ = ["Store", "UnitOfWork"]


class UnitOfWork(
    EventRecords, OverrideRecords, PeopleWork, SignOnWork, InspectionRecords, ErasureWork, ProfileRecords,
    Protocol,
):  # fmt: skip
    """One transaction."""

    # -- messages: exactly once
    def unheard(self, messages: Sequence[MessageKey]) -> list[bool]:
        """Tell of each message, in one look, whether nothing that is recorded concerns it.

        That is: no answer is kept for it, no version of its declaration is recorded, and no result
        waits for that.
        """
        ...

    def kept_answer(self, client: str, message_id: str) -> KeptAnswer | None:
        """Return what was answered to this message of this client, or None when it is new."""
        ...

    def keep_answer(
        self, client: str, message_id: str, body_sha256: str, answer: bytes, at: datetime
    ) -> None:
        """Record the answer under the message key; the key is unique for ever."""
        ...

    def keep_answers(self, new: Sequence[NewAnswer]) -> None:
        """Record many answers as :meth:`keep_answer` does, all or none."""
        ...

    # -- declarations and their history
    def add_declaration(self, new: NewDeclaration) -> int:
        """Record a declaration version with its journal entry; return the journal position.

        Raises Conflict when this version of the declaration is already recorded.
        """
        ...

    def add_declarations(self, new: Sequence[NewDeclaration]) -> int:
        """Record many declaration versions, in order; return the last journal position."""
        ...

    def declaration(
        self, source: str, declaration_id: str, version: int | None = None
    ) -> StoredDeclaration | None:
        """Return a version of a declaration (the latest when *version* is None), or None."""
        ...

    def journal_end(self) -> int:
        """Return the last journal position, 0 when history is empty."""
        ...

    def journal(self, after: int = 0, until: int | None = None) -> Iterator[JournalEntry]:
        """Iterate over the journal in order, from after *after* up to and with *until*; bounded memory."""
        ...

    # -- decisions
    def add_decision(self, decision: Decision, stored: StoredDecision) -> bytes:
        """Record a decision with its evidence, inputs and answer, its outbox row and its ledger leaf.

        Returns the leaf hash.  The evidence is recorded with a salt that makes it unguessable.
        """
        ...

    def add_decisions(self, new: Sequence[tuple[Decision, StoredDecision]]) -> list[bytes]:
        """Record many decisions as :meth:`add_decision` does, all or none; return their leaf hashes."""
        ...

    def decision(self, decision_id: str) -> StoredDecision | None:
        """Return a recorded decision, or None."""
        ...

    def latest_decision(self, source: str, declaration_id: str) -> StoredDecision | None:
        """Return the decision on the highest version of a declaration, or None."""
        ...

    def first_drawn(self, consignment_key: str) -> StoredDecision | None:
        """Return the first decision whose first consignment identity is this (hex), or None."""
        ...

    def decisions(self, after_rowid: int = 0, limit: int = 1000) -> Sequence[tuple[int, StoredDecision]]:
        """Return recorded decisions in the order of recording, for replays and reports."""
        ...

    def decisions_end(self) -> int:
        """Return the position of the last recorded decision, 0 when there is none."""
        ...

    def decided_without_score(
        self, since: datetime, after_rowid: int, *, limit: int
    ) -> Sequence[tuple[int, StoredDecision]]:
        """Return decisions that no model scored, by time and place: what is beyond these two."""
        ...

    # -- control results
    def add_result(self, new: NewResult) -> int | None:
        """Record a control result version with its outbox row and ledger leaf.

        Returns the journal position, or None when its declaration is not known yet: the result is
        parked, and enters the journal right after the declaration when that arrives.
        Raises Conflict when this version of the control is already recorded.
        """
        ...

    def add_results(self, new: Sequence[NewResult]) -> int:
        """Record many results of imported history, in order; return the last journal position."""
        ...

    def result(self, source: str, control_id: str, version: int | None = None) -> StoredResult | None:
        """Return a version of a control result (the latest when *version* is None), or None."""
        ...

    def parked_results(self, source: str, declaration_id: str) -> Sequence[StoredResult]:
        """Return results that wait for this declaration."""
        ...

    def labels(self) -> Iterator[tuple[str, str, float | None, str | None]]:
        """Iterate over (source, declaration id, inclusion probability, arm) of every decision.

        By declaration, the latest version last.
        """
        ...

    # -- the ledger
    def add_leaf(self, kind: str, subject: str, content: Mapping[str, Any], at: datetime) -> None:
        """Record something that has no row of its own as a ledger leaf of this kind about *subject*."""
        ...

    def leaf_hash(self, kind: str, subject: str) -> bytes | None:
        """Return the leaf hash of the first entry of a kind about *subject*, or None."""
        ...

    def ledger_end(self) -> int:
        """Return the position of the last ledger entry, 0 when there is none."""
        ...

    def ledger(self, after: int = 0, until: int | None = None) -> Iterator[LedgerLeaf]:
        """Iterate over ledger entries with their bytes, in order; bounded memory."""
        ...

    def ledger_position(self, kind: str, subject: str) -> int | None:
        """Return the position of the first entry of a kind about *subject*, or None."""
        ...

    # -- content, models, clients, capacity
    def publish(self, kind: str, version: str, body: bytes, at: datetime, by: str) -> None:
        """Put a version of content in force, with its ledger leaf."""
        ...

    def published(self, kind: str, version: str | None = None) -> Publication | None:
        """Return what is in force of a kind (or the named version), or None."""
        ...

    def publications(self, kind: str) -> Sequence[Publication]:
        """Return all publications of a kind, oldest first."""
        ...

    def publications_end(self) -> int:
        """Return the number of the last publication of any kind, 0 when there is none."""
        ...

    def put_model(self, model: ModelRecord) -> None:
        """Record a model, or its new state, with its ledger leaf."""
        ...

    def model(self, version: str) -> ModelRecord | None:
        """Return a model record, or None."""
        ...

    def models(self) -> Sequence[ModelRecord]:
        """Return all models, oldest first."""
        ...

    def put_client(self, client: Client) -> None:
        """Record a client, or its revocation, with its ledger leaf."""
        ...

    def clients(self) -> Sequence[Client]:
        """Return all clients."""
        ...

    def capacity_states(self) -> Mapping[str, bytes]:
        """Return the pacing state per office, as it was written."""
        ...

    def put_capacity_states(self, states: Mapping[str, bytes]) -> None:
        """Write the pacing state of the offices that changed."""
        ...


class Store(Protocol):
    """The operational store."""

    def write(self) -> AbstractContextManager[UnitOfWork]:
        """Open a writing transaction: commits at the end, rolls back when an exception leaves it.

        Only one writer at a time on SQLite (BEGIN IMMEDIATE); durable when the block has ended.
        """
        ...

    def read(self) -> AbstractContextManager[UnitOfWork]:
        """Open a reading transaction: one consistent view."""
        ...

    def alone(self, work: str) -> AbstractContextManager[bool]:
        """Give whether this is the only one, among all processes on the store, that does *work* now.

        So it is until the block ends, or the process, in whatever way.
        """
        ...

    def clients_version(self) -> tuple[int, ...]:
        """Return what differs from before when a client was added or revoked since, by any process.

        Asked with each request, so it must cost next to nothing.
        """
        ...

    def close(self) -> None:
        """Release connections and files."""
        ...
