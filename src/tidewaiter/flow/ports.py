"""What the flow needs from the world: a store with transactions, a clock, models on disk.

One unit of work is one transaction: everything in it becomes durable together, or nothing does.
An answer leaves only after the commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Protocol

from tidewaiter.core.control import ControlResult
from tidewaiter.core.decision import Decision
from tidewaiter.core.declaration import Declaration
from tidewaiter.core.learning.labels import Example
from tidewaiter.core.scoring.contract import Scorer

__all__ = [
    "Client", "Clock", "JournalEntry", "KeptAnswer", "LedgerLeaf", "MessageFormat",
    "ModelFolder", "ModelRecord", "NewDeclaration", "NewResult", "Publication", "Store",
    "StoredDecision", "StoredDeclaration", "StoredResult", "UnitOfWork",
]  # fmt: skip


class Clock(Protocol):
    """Tells the time; a test gives its own."""

    def now(self) -> datetime:
        """Return the present instant, aware, UTC."""
        ...


class MessageFormat(Protocol):
    """Reads and writes declarations and control results in one format."""

    def read_declaration(self, body: bytes) -> Declaration:
        """Return the declaration in *body*; raises UnreadableMessage with place, value and hint."""
        ...

    def write_declaration(self, declaration: Declaration) -> bytes:
        """Return the canonical bytes of *declaration*."""
        ...

    def read_control_result(self, body: bytes) -> ControlResult:
        """Return the control result in *body*; raises UnreadableMessage."""
        ...

    def write_control_result(self, result: ControlResult) -> bytes:
        """Return the canonical bytes of *result*."""
        ...

    def recall_declaration(self, body: bytes) -> Declaration:
        """Return the declaration that :meth:`write_declaration` wrote, unchecked and so quickly."""
        ...

    def recall_control_result(self, body: bytes) -> ControlResult:
        """Return the result that :meth:`write_control_result` wrote, unchecked and so quickly."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """What was answered to a message: the same message gets it again, byte for byte."""

    body_sha256: str
    answer: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDeclaration:
    """A declaration version to be recorded."""

    source: str
    declaration: Declaration
    #: Canonical JSON, and its SHA-256 in hex.
    body: bytes
    body_sha256: str
    #: The instant it counts from in history: reception, or the lodging time when history is imported.
    at: datetime
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDeclaration:
    """A declaration version that is recorded."""

    seq: int
    source: str
    declaration_id: str
    version: int
    body: bytes
    body_sha256: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewResult:
    """A control result version to be recorded."""

    source: str
    result: ControlResult
    body: bytes
    body_sha256: str
    #: The instant it became known to Tidewaiter (end of the day for a date).
    known_at: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredResult:
    """A control result version that is recorded."""

    seq: int
    source: str
    control_id: str
    version: int
    declaration_id: str
    body: bytes
    body_sha256: str
    known_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One event of history, in the order in which it was committed."""

    seq: int
    kind: Literal["declaration", "result"]
    #: When it happened: ``at`` of a declaration, ``known_at`` of a result.
    at: datetime
    source: str
    #: Canonical JSON of the declaration or result version.
    body: bytes
    #: Canonical JSON of the latest declaration version at the time of a result; None for a declaration.
    declaration_body: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDecision:
    """A decision as recorded, with what it was made from."""

    #: ``Decision.evidence()`` as canonical JSON.
    evidence: bytes
    #: What it was made from: feature values, pacing, earlier decision (``assessor.inputs_bytes``).
    inputs: bytes
    #: The answer that left.
    answer: bytes
    declaration_body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """A version of content (rules, plan, lanes …) or the promotion of a model, in force from ``at``."""

    seq: int
    kind: str
    version: str
    body: bytes
    at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRecord:
    """A trained model: where its files are, what it scored, what became of it."""

    version: str
    #: ``candidate``, ``proposed``, ``refused`` or ``promoted`` (was in force at some time).
    state: str
    card: Mapping[str, Any]
    #: The comparison with the champion: gates with sentences and numbers; empty for the first model.
    comparison: Mapping[str, Any]
    trained_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A system that may call the API."""

    id: str
    name: str
    #: The declaration system whose declarations it speaks of.
    source: str
    scopes: frozenset[str]
    #: SHA-256 of the key, hex; the key itself is shown once and never kept.
    key_sha256: str
    created_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLeaf:
    """One entry of the ledger as the store holds it."""

    #: Position, from 1 without gaps.
    seq: int
    #: The leaf hash that was recorded with it.
    leaf_hash: bytes
    #: The canonical bytes; None when they are gone.
    body: bytes | None


class UnitOfWork(Protocol):
    """One transaction."""

    # -- messages: exactly once
    def kept_answer(self, client: str, message_id: str) -> KeptAnswer | None:
        """Return what was answered to this message of this client, or None when it is new."""
        ...

    def keep_answer(
        self, client: str, message_id: str, body_sha256: str, answer: bytes, at: datetime
    ) -> None:
        """Record the answer under the message key; the key is unique for ever."""
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
    def add_decision(self, decision: Decision, stored: StoredDecision) -> None:
        """Record a decision with its evidence, inputs and answer, its outbox row and its ledger leaf."""
        ...

    def decision(self, decision_id: str) -> StoredDecision | None:
        """Return a recorded decision, or None."""
        ...

    def latest_decision(self, source: str, declaration_id: str) -> StoredDecision | None:
        """Return the decision on the highest version of a declaration, or None."""
        ...

    def decisions(self, after_rowid: int = 0, limit: int = 1000) -> Sequence[tuple[int, StoredDecision]]:
        """Return recorded decisions in the order of recording, for replays and reports."""
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
    def ledger_end(self) -> int:
        """Return the position of the last ledger entry, 0 when there is none."""
        ...

    def ledger(self, after: int = 0, until: int | None = None) -> Iterator[LedgerLeaf]:
        """Iterate over ledger entries with their bytes, in order; bounded memory."""
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
        """Record a model, or its new state."""
        ...

    def model(self, version: str) -> ModelRecord | None:
        """Return a model record, or None."""
        ...

    def models(self) -> Sequence[ModelRecord]:
        """Return all models, oldest first."""
        ...

    def put_client(self, client: Client) -> None:
        """Record a client, or its revocation."""
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

    def close(self) -> None:
        """Release connections and files."""
        ...


class ModelFolder(Protocol):
    """Trains, saves and loads models; one folder per version."""

    def train(self, examples: Iterable[Example], *, seed: int, threads: int) -> Scorer:
        """Train a scorer on *examples* and save it; the same examples and seed give the same version."""
        ...

    def load(self, version: str) -> Scorer:
        """Load a saved scorer; raises ConfigurationError when its files are missing or were altered."""
        ...

    def card(self, version: str) -> Mapping[str, Any]:
        """Return the model card."""
        ...

    def path(self, version: str) -> Path:
        """Return the folder of a version."""
        ...
