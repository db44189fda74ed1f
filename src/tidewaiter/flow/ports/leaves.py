"""What the ledger holds of each kind, and the leaves of records that may change.

A leaf is written by the method of the unit of work that writes what it is about, so no use case can
forget it.  Secrets never become leaves, nor do hashes of keys.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from tidewaiter.core.ledger import canonical_json
from tidewaiter.flow.ports.events import Subscriber
from tidewaiter.flow.ports.inspections import Assignment
from tidewaiter.flow.ports.records import Client, ModelRecord
from tidewaiter.flow.ports.standin import Reassessment

__all__ = [
    "LEAF_KINDS", "Leaf", "assignment_leaf", "client_leaf", "model_leaf", "reassessment_leaf",
    "recall_alert", "subscriber_leaf",
]  # fmt: skip

#: Kind of leaf -> what it holds.  docs/reference/ledger-leaves.md is made of it.
LEAF_KINDS: Final[Mapping[str, str]] = {
    "access": "A read that somebody must answer for: who read what, when, and why.",
    "assignment": "Who took an inspection, or gave it back: which decision, who, when.",
    "break-glass": "An act that needed two persons and was done by one: who, which act, why.",
    "client": "A system that was admitted or revoked: name, source, what it may do, when.",
    "decision": "The whole decision: lane, stages with probabilities, hits with values, reasons, versions of "
    "all that was in force, consignment identities, hashes of its inputs and of the answer that left.",
    "erasure": "An act that erased personal content at the end of its retention: by whom, on what ground, "
    "how many declarations and persons, and the positions of the entries whose bytes went.",
    "handover": "The ledger goes on under another key: the old one, the new one, and who handed it over.",
    "hold": "A declaration that may not be erased, or may be again: which, who placed and released it.",
    "model": "A model and what became of it: state, hashes of its card and of its comparison.",
    "override": "A lane that people changed: the decision, from which lane to which, reason code, "
    "a commitment to the own text, who did it and who approved it.",
    "person": "A person who was added, disabled, or whose roles, offices, compartments, factors or link to a "
    "provider changed; who did it.",
    "profile": "A step in the life of a version of a profile: which step, who, hashes of the words that it "
    "is about, of those that it would replace, and of the reason and of the evidence.",
    "proposal": "A step of an act that needs two persons: who, which act, hash of the payload, approvals.",
    "publication": "Content, a draw key, a step of an epoch or a model that came into force: kind, version, "
    "hash of the content, who published it.",
    "result": "A control result: its identity, the declaration, a commitment to its content, when it was "
    "known.",
    "results": "Control results that were imported together: how many, from which row on, commitments to "
    "each.",
    "standin": "What came of a stand-in, or of a decision without a model: the lane that was given, by which "
    "rule and policy, the lane of the assessment afterwards, and whether it was recalled.",
    "start": "A service that started: its release, and the public keys of its receipts and checkpoints.",
    "subscriber": "A system that is sent events: name, source, topics, address, number of its secret, and "
    "whether it was stopped.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """What a record tells the ledger."""

    kind: str
    #: What it is about, for looking it up.
    subject: str
    content: Mapping[str, Any]
    at: datetime


def assignment_leaf(step: Assignment) -> Leaf:
    """Return the leaf of an inspection that was taken or given back."""
    content = {
        "decision": step.decision_id,
        "person": step.person,
        "by": step.by,
        "at": step.at.isoformat(),
    }
    return Leaf(kind="assignment", subject=step.decision_id, content=content, at=step.at)


def client_leaf(client: Client) -> Leaf:
    """Return the leaf of a client that was admitted, or revoked."""
    content = {
        "client": client.id,
        "name": client.name,
        "source": client.source,
        "scopes": sorted(client.scopes),
        "created_at": client.created_at.isoformat(),
        "revoked_at": None if client.revoked_at is None else client.revoked_at.isoformat(),
    }
    return Leaf(kind="client", subject=client.id, content=content, at=client.revoked_at or client.created_at)


def model_leaf(model: ModelRecord) -> Leaf:
    """Return the leaf of a model that was trained, or came into another state."""
    content = {
        "version": model.version,
        "state": model.state,
        "card_sha256": _hash(model.card),
        "comparison_sha256": _hash(model.comparison),
        "trained_at": model.trained_at.isoformat(),
    }
    return Leaf(kind="model", subject=model.version, content=content, at=model.trained_at)


def subscriber_leaf(subscriber: Subscriber) -> Leaf:
    """Return the leaf of a subscriber; where it stands with its events is not told."""
    times = [subscriber.created_at, subscriber.rotated_at, subscriber.stopped_at]
    content = {
        "subscriber": subscriber.id,
        "name": subscriber.name,
        "source": subscriber.source,
        "topics": sorted(subscriber.topics),
        "url": subscriber.url,
        "generation": subscriber.generation,
        "created_at": subscriber.created_at.isoformat(),
        "stopped_at": None if subscriber.stopped_at is None else subscriber.stopped_at.isoformat(),
    }
    at = max(time for time in times if time is not None)
    return Leaf(kind="subscriber", subject=subscriber.id, content=content, at=at)


def reassessment_leaf(found: Reassessment) -> Leaf:
    """Return the leaf of a stand-in that was assessed afterwards."""
    content = {
        name: getattr(found, name) for name in Reassessment.__slots__ if name not in {"given_at", "at"}
    } | {"given_at": found.given_at.isoformat(), "at": found.at.isoformat()}
    return Leaf(kind="standin", subject=found.subject, content=content, at=found.at)


def recall_alert(found: Reassessment) -> bytes:
    """Return what leaves when a stand-in was too mild: without the rule, which would tell what was drawn."""
    content = reassessment_leaf(found).content
    return canonical_json({name: content[name] for name in content if name != "rule"})


def _hash(data: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical_json(data)).hexdigest()
