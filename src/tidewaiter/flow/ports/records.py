"""What a store keeps and gives back, as frozen records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple

from tidewaiter.core.control import ControlResult
from tidewaiter.core.declaration import Declaration

__all__ = [
    "Client", "JournalEntry", "KeptAnswer", "LedgerLeaf", "MessageKey", "ModelRecord", "NewAnswer",
    "NewDeclaration", "NewResult", "Publication", "StoredDecision", "StoredDeclaration", "StoredResult",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """What was answered to a message: the same message gets it again, byte for byte."""

    body_sha256: str
    answer: bytes


class MessageKey(NamedTuple):
    """What a declaration message is known by: as a message, and as what it is about."""

    client: str
    message_id: str
    source: str
    declaration_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAnswer:
    """What is answered to a message, to be kept."""

    client: str
    message_id: str
    body_sha256: str
    answer: bytes
    at: datetime


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
    received_at: datetime


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
    recorded_at: datetime


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

    #: ``Decision.evidence()`` with the hash of the answer, as canonical JSON; once recorded, with a salt.
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
