"""Make the first tables: declarations, results, their journal, decisions, outbox, ledger, content.

Triggers refuse to change or delete what is recorded.  They are trip-wires against our own faults
and careless hands; the ledger is what proves tampering by the owner of the database.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

#: Tables whose rows are never changed and never deleted.
_APPEND_ONLY = ("message", "declaration_version", "journal", "decision", "ledger_leaf", "publication")

#: The one change that a recorded result allows: it leaves its park.
_UNPARKS = {
    "sqlite": "OLD.parked = 1 AND NEW.parked = 0",
    "postgresql": "OLD.parked AND NOT NEW.parked",
}


def upgrade() -> None:
    """Make the tables, their indexes and their triggers."""
    _declarations()
    _results()
    _journal()
    _decisions()
    _messages()
    _content()
    if op.get_bind().dialect.name == "postgresql":
        _refuse_on_postgresql()
    for table in _APPEND_ONLY:
        _refuse(table, "UPDATE")
        _refuse(table, "DELETE")
    _refuse("control_result", "DELETE")
    _refuse(
        "control_result",
        "UPDATE OF seq, source, control_id, version, declaration_id, body, body_sha256, known_at, "
        "recorded_at, irregular",
    )
    _refuse("control_result", "UPDATE OF parked", _UNPARKS[op.get_bind().dialect.name])


def _column(name: str, kind: Any, *, nullable: bool = False, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=nullable, **options)


def _refuse(table: str, action: str, unless: str | None = None) -> None:
    """Make a trigger that refuses *action* on the rows of *table*, unless a condition holds."""
    verb = action.split(maxsplit=1)[0].lower() + ("_parked" if action.endswith(" parked") else "")
    sentence = f"{table} keeps what is recorded: {verb} refused"
    when = f"WHEN (NOT ({unless}))" if unless else ""
    trigger = f"CREATE TRIGGER {table}_refuse_{verb} BEFORE {action} ON {table}"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"{trigger} {when} BEGIN SELECT RAISE(ABORT, '{sentence}'); END")
    else:
        op.execute(f"{trigger} FOR EACH ROW {when} EXECUTE FUNCTION refuse_change('{sentence}')")


def _refuse_on_postgresql() -> None:
    """Make what the triggers call on PostgreSQL, and refuse there to empty a table, which passes no row."""
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    for table in (*_APPEND_ONLY, "control_result"):
        op.execute(
            f"CREATE TRIGGER {table}_refuse_truncate BEFORE TRUNCATE ON {table} "
            f"EXECUTE FUNCTION refuse_change('{table} keeps what is recorded: truncate refused')"
        )


def _declarations() -> None:
    op.create_table(
        "declaration_version",
        _column("seq", _SEQ, autoincrement=False),
        _column("source", sa.Text()),
        _column("declaration_id", sa.Text()),
        _column("version", sa.Integer()),
        _column("body", sa.LargeBinary()),
        _column("body_sha256", sa.String(64)),
        _column("at", sa.BigInteger()),
        _column("received_at", sa.BigInteger()),
        _column("office", sa.Text()),
        _column("flow", sa.String(10)),
        sa.PrimaryKeyConstraint("seq", name="pk_declaration_version"),
        sa.UniqueConstraint(
            "source", "declaration_id", "version", name="uq_declaration_version_source_declaration_id_version"
        ),
    )


def _results() -> None:
    op.create_table(
        "control_result",
        _column("seq", _SEQ, autoincrement=False),
        _column("source", sa.Text()),
        _column("control_id", sa.Text()),
        _column("version", sa.Integer()),
        _column("declaration_id", sa.Text()),
        _column("body", sa.LargeBinary()),
        _column("body_sha256", sa.String(64)),
        _column("known_at", sa.BigInteger()),
        _column("recorded_at", sa.BigInteger()),
        _column("irregular", sa.Boolean()),
        _column("parked", sa.Boolean()),
        sa.PrimaryKeyConstraint("seq", name="pk_control_result"),
        sa.UniqueConstraint(
            "source", "control_id", "version", name="uq_control_result_source_control_id_version"
        ),
    )
    op.create_index(
        "ix_control_result_parked",
        "control_result",
        ["source", "declaration_id"],
        sqlite_where=sa.text("parked = 1"),
        postgresql_where=sa.text("parked"),
    )


def _journal() -> None:
    op.create_table(
        "journal",
        _column("seq", _SEQ, autoincrement=False),
        _column("kind", sa.String(11)),
        _column("at", sa.BigInteger()),
        _column("declaration_seq", _SEQ),
        _column("result_seq", _SEQ, nullable=True),
        sa.PrimaryKeyConstraint("seq", name="pk_journal"),
        sa.UniqueConstraint("result_seq", name="uq_journal_result_seq"),
        sa.ForeignKeyConstraint(
            ["declaration_seq"], ["declaration_version.seq"], name="fk_journal_declaration_seq"
        ),
        sa.ForeignKeyConstraint(["result_seq"], ["control_result.seq"], name="fk_journal_result_seq"),
        sa.CheckConstraint("(kind = 'result') = (result_seq IS NOT NULL)", name=op.f("ck_journal_kind")),
    )


def _decisions() -> None:
    op.create_table(
        "decision",
        _column("seq", _SEQ, autoincrement=False),
        _column("id", sa.String(40)),
        _column("source", sa.Text()),
        _column("declaration_id", sa.Text()),
        _column("version", sa.Integer()),
        _column("declaration_seq", _SEQ),
        _column("office", sa.Text()),
        _column("at", sa.BigInteger()),
        _column("lane", sa.Text()),
        _column("arm", sa.Text()),
        _column("probability", sa.Double(), nullable=True),
        _column("expected_revenue", sa.Double(), nullable=True),
        _column("inclusion_probability", sa.Double()),
        _column("model_version", sa.Text(), nullable=True),
        _column("rules_version", sa.Text()),
        _column("consignment_key", sa.Text(), nullable=True),
        _column("evidence", sa.LargeBinary()),
        _column("inputs", sa.LargeBinary()),
        _column("answer", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("seq", name="pk_decision"),
        sa.UniqueConstraint("id", name="uq_decision_id"),
        sa.UniqueConstraint(
            "source", "declaration_id", "version", name="uq_decision_source_declaration_id_version"
        ),
        sa.ForeignKeyConstraint(
            ["declaration_seq"], ["declaration_version.seq"], name="fk_decision_declaration_seq"
        ),
    )
    op.create_index("ix_decision_consignment_key", "decision", ["consignment_key"])


def _messages() -> None:
    op.create_table(
        "message",
        _column("client", sa.Text()),
        _column("message_id", sa.Text()),
        _column("body_sha256", sa.String(64)),
        _column("answer", sa.LargeBinary()),
        _column("at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("client", "message_id", name="pk_message"),
    )
    op.create_table(
        "outbox",
        _column("seq", _SEQ),
        _column("topic", sa.Text()),
        _column("key", sa.Text()),
        _column("payload", sa.LargeBinary()),
        _column("created_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("seq", name="pk_outbox"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "ledger_leaf",
        _column("seq", _SEQ, autoincrement=False),
        _column("kind", sa.Text()),
        _column("subject", sa.Text()),
        _column("body", sa.LargeBinary(), nullable=True),
        _column("leaf_hash", sa.LargeBinary(32)),
        _column("created_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("seq", name="pk_ledger_leaf"),
    )


def _content() -> None:
    op.create_table(
        "publication",
        _column("seq", _SEQ, autoincrement=False),
        _column("kind", sa.Text()),
        _column("version", sa.Text()),
        _column("body", sa.LargeBinary()),
        _column("at", sa.BigInteger()),
        _column("published_by", sa.Text()),
        sa.PrimaryKeyConstraint("seq", name="pk_publication"),
    )
    op.create_index("ix_publication_kind_seq", "publication", ["kind", "seq"])
    op.create_table(
        "model",
        _column("version", sa.Text()),
        _column("state", sa.String(20)),
        _column("card", sa.JSON()),
        _column("comparison", sa.JSON()),
        _column("trained_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("version", name="pk_model"),
    )
    op.create_table(
        "client",
        _column("id", sa.Text()),
        _column("name", sa.Text()),
        _column("source", sa.Text()),
        _column("scopes", sa.JSON()),
        _column("key_sha256", sa.String(64)),
        _column("created_at", sa.BigInteger()),
        _column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_client"),
    )
    op.create_table(
        "capacity_state",
        _column("office", sa.Text()),
        _column("state", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("office", name="pk_capacity_state"),
    )
