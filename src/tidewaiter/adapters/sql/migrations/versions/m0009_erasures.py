"""Let an act of erasure replace personal content; salt what the ledger says of control results; holds.

What is recorded still changes in no other way: the triggers let a row through once, when it gets the
act that erased it, and all that identifies it stays.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

#: Table -> columns that stay when its personal content is erased.
_STAYS = {
    "message": ("client", "message_id", "at"),
    "declaration_version": (
        "seq", "source", "declaration_id", "version", "at", "received_at", "office", "flow",
    ),
    "control_result": (
        "seq", "source", "control_id", "version", "declaration_id", "known_at", "recorded_at", "irregular",
        "parked",
    ),
    "decision": (
        "seq", "id", "source", "declaration_id", "version", "declaration_seq", "office", "at", "lane", "arm",
        "inclusion_probability", "rules_version",
    ),
    "ledger_leaf": ("seq", "kind", "subject", "leaf_hash", "created_at"),
}  # fmt: skip


def upgrade() -> None:
    """Add the columns, the table of holds and the indexes; let the triggers know of erasures."""
    for table in _STAYS:
        op.add_column(table, sa.Column("erased_by", _SEQ, nullable=True))
    op.add_column("control_result", sa.Column("salt", sa.LargeBinary(32), nullable=True))
    op.create_index("ix_message_at", "message", ["at"])
    op.create_index("ix_outbox_created_at", "outbox", ["created_at"])
    op.create_index("ix_control_result_declaration_id", "control_result", ["declaration_id"])
    _holds()
    for table, stays in _STAYS.items():
        _let_erase(table, stays)


def _holds() -> None:
    op.create_table(
        "hold",
        sa.Column("number", _SEQ, nullable=False, autoincrement=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("declaration_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("placed_by", sa.Text(), nullable=False),
        sa.Column("placed_at", sa.BigInteger(), nullable=False),
        sa.Column("released_by", sa.Text(), nullable=True),
        sa.Column("released_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_hold"),
    )
    op.create_index("ix_hold_declaration_id", "hold", ["declaration_id"])


def _let_erase(table: str, stays: tuple[str, ...]) -> None:
    """Make the trigger that refuses updates anew: it lets an erasure through, once."""
    sentence = f"{table} keeps what is recorded: update refused"
    same = " AND ".join(f"NEW.{column} = OLD.{column}" for column in stays)
    changed = "UPDATE"
    if table == "control_result":  # what leaves its park has a trigger of its own
        changed = f"UPDATE OF {', '.join(stays[:-1])}, body, body_sha256, salt, erased_by"
    head = f"CREATE TRIGGER {table}_refuse_update BEFORE {changed} ON {table}"
    when = f"WHEN (NOT (OLD.erased_by IS NULL AND NEW.erased_by IS NOT NULL AND {same}))"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DROP TRIGGER {table}_refuse_update")
        op.execute(f"{head} {when} BEGIN SELECT RAISE(ABORT, '{sentence}'); END")
    else:
        op.execute(f"DROP TRIGGER {table}_refuse_update ON {table}")
        op.execute(f"{head} FOR EACH ROW {when} EXECUTE FUNCTION refuse_change('{sentence}')")
