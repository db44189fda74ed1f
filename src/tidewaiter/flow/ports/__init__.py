"""What the flow needs from the world: a store with transactions, a clock, models on disk.

One unit of work is one transaction: everything in it becomes durable together, or nothing does.
An answer leaves only after the commit.
"""

from tidewaiter.flow.ports.ledger import LedgerFiles, LedgerKey
from tidewaiter.flow.ports.models import ModelFolder
from tidewaiter.flow.ports.outside import Clock, MessageFormat
from tidewaiter.flow.ports.people import (
    AttemptLimit,
    Certificates,
    Credentials,
    Failures,
    Person,
    Session,
    StoredProposal,
)
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
from tidewaiter.flow.ports.store import Store, UnitOfWork

__all__ = [
    "AttemptLimit", "Certificates", "Client", "Clock", "Credentials", "Failures", "JournalEntry",
    "KeptAnswer", "LedgerFiles", "LedgerKey", "LedgerLeaf", "MessageFormat", "MessageKey", "ModelFolder",
    "ModelRecord", "NewAnswer", "NewDeclaration", "NewResult", "Person", "Publication", "Session", "Store",
    "StoredDecision", "StoredDeclaration", "StoredProposal", "StoredResult", "UnitOfWork",
]  # fmt: skip
