"""All tables of the operational store, in one metadata; each column says what it holds.

Recorded content is never updated: a correction is a new version with a new row.  Only `parked`
of a control result (from true to false, once), the states of models, clients, subscribers and
capacity, and the outbox with what waits in it may change, and an act of erasure may replace personal
content, once.  Triggers refuse the rest.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from tidewaiter.adapters.sql.column_types import SEQ, Instant, Packed

__all__ = [
    "assignment",
    "capacity_state",
    "client",
    "control_result",
    "decision",
    "declaration_version",
    "delivery",
    "hold",
    "journal",
    "lane_override",
    "ledger_leaf",
    "message",
    "metadata",
    "model",
    "outbox",
    "publication",
    "subscriber",
]

_NAMES: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

metadata: Final = MetaData(naming_convention=_NAMES)


def _seq(comment: str, *, autoincrement: bool = False) -> Column[int]:
    """Return the position column of a table; the writer gives positions, unless the database does."""
    return Column("seq", SEQ, primary_key=True, autoincrement=autoincrement, comment=comment)


def _column(name: str, kind: Any, comment: str, *more: Any, **options: Any) -> Column[Any]:
    """Return a column that always has a value, unless *options* say otherwise."""
    options.setdefault("nullable", False)
    return Column(name, kind, *more, comment=comment, **options)


def _erased_by() -> Column[Any]:
    """Return the column that names the act that replaced the personal content of a row."""
    comment = "Ledger position of the act that erased its personal content; null: none did."
    return _column("erased_by", SEQ, comment, nullable=True)


message: Final = Table(
    "message",
    metadata,
    _column("client", Text, "The system that sent it.", primary_key=True),
    _column("message_id", Text, "Its key, unique for ever within the client.", primary_key=True),
    _column(
        "body_sha256", String(64), "SHA-256 of what was sent, hex: the same key with another body is refused."
    ),
    _column("answer", LargeBinary, "What was answered; the same message gets it again, byte for byte."),
    _column("at", Instant, "When what it tells was received first."),
    _erased_by(),
    Index("ix_message_at", "at"),
    comment="Messages that were answered: exactly once by construction.",
)

declaration_version: Final = Table(
    "declaration_version",
    metadata,
    _seq("Order of recording, from 1."),
    _column("source", Text, "The declaration system."),
    _column("declaration_id", Text, "Its identity of the declaration."),
    _column("version", Integer, "From 1; each amendment adds one."),
    _column("body", LargeBinary, "The version as canonical JSON."),
    _column("body_sha256", String(64), "SHA-256 of the body, hex."),
    _column(
        "at",
        Instant,
        "The instant it counts from in history: reception, or lodging when history is imported.",
    ),
    _column("received_at", Instant, "When Tidewaiter received it."),
    _column("office", Text, "The customs office."),
    _column("flow", String(10), "import, export or transit."),
    _erased_by(),
    UniqueConstraint("source", "declaration_id", "version"),
    comment="Versions of declarations; never changed.",
)

control_result: Final = Table(
    "control_result",
    metadata,
    _seq("Order of recording, from 1."),
    _column("source", Text, "The declaration system of the declaration that was controlled."),
    _column("control_id", Text, "Identity of the control in the sending system."),
    _column("version", Integer, "From 1; a correction adds one."),
    _column("declaration_id", Text, "The declaration that was controlled."),
    _column("body", LargeBinary, "The version as canonical JSON."),
    _column("body_sha256", String(64), "SHA-256 of the body, hex."),
    _column(
        "known_at", Instant, "The instant it became known; the end of the day when only a date is known."
    ),
    _column("recorded_at", Instant, "When Tidewaiter recorded it."),
    _column("irregular", Boolean, "Whether any risk that was checked proved irregular."),
    _column("parked", Boolean, "Waits for its declaration; becomes false, once, when that arrives."),
    _column(
        "salt",
        LargeBinary(32),
        "What makes its commitment in the ledger unguessable; null: its leaf holds the bare hash, or it was "
        "erased.",
        nullable=True,
    ),
    _erased_by(),
    UniqueConstraint("source", "control_id", "version"),
    Index("ix_control_result_declaration_id", "declaration_id"),
    comment="Versions of control results; never changed, but for the parked flag.",
)
Index("ix_control_result_of", control_result.c.source, control_result.c.declaration_id)
Index(
    "ix_control_result_parked",
    control_result.c.source,
    control_result.c.declaration_id,
    sqlite_where=text("parked = 1"),
    postgresql_where=text("parked"),
)

journal: Final = Table(
    "journal",
    metadata,
    _seq("Position, from 1 without gaps; a decision names the last one that its history had seen."),
    _column("kind", String(11), "declaration or result."),
    _column("at", Instant, "When it happened: at of the declaration, known_at of the result."),
    _column(
        "declaration_seq",
        SEQ,
        "The declaration version; for a result the latest one when the result entered the journal.",
        ForeignKey("declaration_version.seq"),
    ),
    _column(
        "result_seq",
        SEQ,
        "The control result version; null for a declaration. A result enters the journal once.",
        ForeignKey("control_result.seq"),
        nullable=True,
        unique=True,
    ),
    CheckConstraint("(kind = 'result') = (result_seq IS NOT NULL)", name="kind"),
    comment="The one order of events; history is a fold over it.",
)

decision: Final = Table(
    "decision",
    metadata,
    _seq("Order of recording, from 1."),
    _column("id", String(40), "Identity, made from source, declaration and version.", unique=True),
    _column("source", Text, "The declaration system."),
    _column("declaration_id", Text, "The declaration."),
    _column("version", Integer, "The version that was decided on."),
    _column("declaration_seq", SEQ, "The version as recorded.", ForeignKey("declaration_version.seq")),
    _column("office", Text, "The customs office."),
    _column("at", Instant, "The instant of the decision."),
    _column("lane", Text, "The lane that was given."),
    _column("arm", Text, "The first stage that selected, or none."),
    _column(
        "probability", Double, "Calibrated probability of irregularity; null without a model.", nullable=True
    ),
    _column(
        "expected_revenue",
        Double,
        "Expected revenue, national currency; null without a model.",
        nullable=True,
    ),
    _column("inclusion_probability", Double, "Exact probability that any stage selects it for a control."),
    _column("model_version", Text, "The model in force; null when there was none.", nullable=True),
    _column("rules_version", Text, "Content hash of the rules in force."),
    _column(
        "consignment_key", Text, "First consignment identity that the draws used.", nullable=True, index=True
    ),
    _column("evidence", LargeBinary, "The decision as canonical JSON, salted: the bytes of its ledger leaf."),
    _column(
        "inputs",
        Packed,
        "What it was made from (feature values, pacing, earlier decision) as JSON; zlib when above 1 KiB.",
    ),
    _column("answer", LargeBinary, "The answer that left."),
    _erased_by(),
    UniqueConstraint("source", "declaration_id", "version"),
    Index("ix_decision_work", "office", "lane", "at"),
    Index("ix_decision_at", "at"),
    Index(
        "ix_decision_without_score",
        "at",
        "seq",
        sqlite_where=text("probability IS NULL"),
        postgresql_where=text("probability IS NULL"),
    ),
    Index("ix_decision_declaration_id", "declaration_id"),
    comment="Decisions, one on each version of a declaration; never changed.",
)

assignment: Final = Table(
    "assignment",
    metadata,
    _seq("Order of recording, from 1; the last of a decision counts."),
    _column("decision_id", Text, "The decision that is inspected."),
    _column("person", Text, "Who took the inspection; null: it was given back.", nullable=True),
    _column("set_by", Text, "Who did this."),
    _column("at", Instant, "When."),
    Index("ix_assignment_decision_id", "decision_id"),
    comment="Who took which inspection, and who gave it back; never changed.",
)

lane_override: Final = Table(
    "lane_override",
    metadata,
    _seq("Order of recording, from 1."),
    _column("decision_seq", SEQ, "The decision whose lane was changed.", ForeignKey("decision.seq")),
    _column("number", Integer, "Order among the overrides of the decision, from 1."),
    _column("direction", String(7), "raised or lowered."),
    _column("from_lane", Text, "The lane in force before it."),
    _column("to_lane", Text, "The lane in force from then on."),
    _column("reason_code", Text, "Why, of a closed list."),
    _column("text", Text, "Why, in own words; empty once erased."),
    _column(
        "salt",
        LargeBinary(32),
        "What makes the commitment to the text in the ledger unguessable; null in "
        "older rows and once erased.",
        nullable=True,
    ),
    _column("by", Text, "Who raised it, or asked to have it lowered."),
    _column("approved_by", JSON, "Who approved a lowering, sorted; empty for a raise."),
    _column(
        "proposal_id", Text, "The proposal that was executed; null for a raise.", nullable=True, unique=True
    ),
    _column("adds_control", Boolean, "Made a control that no stage of the selection had chosen."),
    _column("at", Instant, "When it took effect.", index=True),
    _erased_by(),
    UniqueConstraint("decision_seq", "number"),
    comment="Overrides of the lanes of decisions; never changed.",
)

outbox: Final = Table(
    "outbox",
    metadata,
    _seq("Order of writing; never used twice, also when rows have gone.", autoincrement=True),
    _column(
        "topic", Text, "decision, override, result, publication, recall, person, proposal or break-glass."
    ),
    _column("key", Text, "What it is about."),
    _column("source", Text, "The declaration system that it concerns; null: all.", nullable=True),
    _column("declaration_id", Text, "The declaration that it concerns; null: none.", nullable=True),
    _column("payload", LargeBinary, "What is to be sent."),
    _column("created_at", Instant, "When it was caused."),
    Index("ix_outbox_created_at", "created_at"),
    comment="What is to leave, written in the transaction that caused it.",
    # A subscriber remembers a position, so the position of a row that has gone must not come again.
    sqlite_autoincrement=True,
)

subscriber: Final = Table(
    "subscriber",
    metadata,
    _column("id", Text, "Identity of the subscriber.", primary_key=True),
    _column("name", Text, "Its name for people."),
    _column("source", Text, "The declaration system whose events it gets."),
    _column("topics", JSON, "What it gets, sorted."),
    _column("url", Text, "Where events are sent."),
    _column("generation", Integer, "Number of its secret; the secret itself is never kept here."),
    _column("rotated_at", Instant, "When the secret was rotated last.", nullable=True),
    _column("position", SEQ, "Last event that was sent or put aside."),
    _column("failures", Integer, "Attempts in a row that did not reach it."),
    _column("paused_until", Instant, "Until when it is left alone.", nullable=True),
    _column("created_at", Instant, "When it was added."),
    _column("stopped_at", Instant, "When it was stopped; null while it is sent events.", nullable=True),
    comment="Systems that are sent events.",
)

delivery: Final = Table(
    "delivery",
    metadata,
    _column("subscriber", Text, "The subscriber.", ForeignKey("subscriber.id"), primary_key=True),
    _column("position", SEQ, "The event.", ForeignKey("outbox.seq"), primary_key=True, autoincrement=False),
    _column("attempts", Integer, "How often it was tried."),
    _column("due_at", Instant, "When it is tried again."),
    _column("dead", Boolean, "No further attempt until a person asks for one."),
    _column("error", Text, "Why the last attempt failed."),
    comment="Events that a subscriber did not take yet.",
)

ledger_leaf: Final = Table(
    "ledger_leaf",
    metadata,
    _seq("Order of writing, from 1 without gaps."),
    _column(
        "kind",
        Text,
        "decision, result, publication and so on; docs/reference/ledger-leaves.md names them all.",
    ),
    _column("subject", Text, "What it is about; the id of the decision."),
    _column(
        "body",
        LargeBinary,
        "The canonical bytes of the leaf; null for a decision, whose evidence they are, and when erased.",
        nullable=True,
    ),
    _column("leaf_hash", LargeBinary(32), "RFC 6962 leaf hash of the bytes."),
    _column("created_at", Instant, "When it was caused."),
    _erased_by(),
    Index("ix_ledger_leaf_subject", "subject"),
    comment="Leaves of the evidence log, written in the transaction that caused them.",
)

hold: Final = Table(
    "hold",
    metadata,
    _column("number", SEQ, "From 1.", primary_key=True, autoincrement=False),
    _column("source", Text, "The declaration system."),
    _column("declaration_id", Text, "The declaration that may not be erased."),
    _column("reason", Text, "Why."),
    _column("placed_by", Text, "Who placed it."),
    _column("placed_at", Instant, "When it was placed."),
    _column("released_by", Text, "Who released it.", nullable=True),
    _column("released_at", Instant, "When it was released; null while it holds.", nullable=True),
    Index("ix_hold_declaration_id", "declaration_id"),
    comment="What keeps declarations from being erased.",
)

publication: Final = Table(
    "publication",
    metadata,
    _seq("Order of publication; the last of its kind is in force."),
    _column("kind", Text, "What it is: rules, plan, lanes, checks, model and so on."),
    _column("version", Text, "Content hash or name; a roll back publishes an earlier one again."),
    _column("body", LargeBinary, "The content."),
    _column("at", Instant, "In force from."),
    _column("published_by", Text, "Who put it in force."),
    Index("ix_publication_kind_seq", "kind", "seq"),
    comment="What the administration put in force, and when.",
)

model: Final = Table(
    "model",
    metadata,
    _column("version", Text, "Content hash of the model.", primary_key=True),
    _column("state", String(20), "candidate, proposed, refused or promoted."),
    _column("card", JSON, "The model card."),
    _column("comparison", JSON, "The comparison with the model in force; empty for the first."),
    _column("trained_at", Instant, "When it was trained."),
    comment="Models that were trained, and what became of them.",
)

client: Final = Table(
    "client",
    metadata,
    _column("id", Text, "Identity of the client.", primary_key=True),
    _column("name", Text, "Its name for people."),
    _column("source", Text, "The declaration system that it speaks for."),
    _column("scopes", JSON, "What it may do, sorted."),
    _column("key_sha256", String(64), "SHA-256 of its key, hex; the key itself is never kept."),
    _column("created_at", Instant, "When it was admitted."),
    _column("revoked_at", Instant, "When it was revoked; null while it is admitted.", nullable=True),
    comment="Systems that may call the API.",
)

capacity_state: Final = Table(
    "capacity_state",
    metadata,
    _column("office", Text, "The customs office.", primary_key=True),
    _column("state", LargeBinary, "The pacing state, as the selection wrote it."),
    comment="How much of its capacity each office has used.",
)
