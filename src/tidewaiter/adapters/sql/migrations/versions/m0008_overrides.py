"""Make the table of overrides."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table, its index and its triggers."""
    op.create_table(
        "lane_override",
        sa.Column("seq", _SEQ, nullable=False, autoincrement=False),
        sa.Column("decision_seq", _SEQ, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("direction", sa.String(7), nullable=False),
        sa.Column("from_lane", sa.Text(), nullable=False),
        sa.Column("to_lane", sa.Text(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.JSON(), nullable=False),
        sa.Column("proposal_id", sa.Text(), nullable=True),
        sa.Column("adds_control", sa.Boolean(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["decision_seq"], ["decision.seq"], name="fk_lane_override_decision_seq"),
        sa.PrimaryKeyConstraint("seq", name="pk_lane_override"),
        sa.UniqueConstraint("decision_seq", "number", name="uq_lane_override_decision_seq_number"),
        sa.UniqueConstraint("proposal_id", name="uq_lane_override_proposal_id"),
    )
    op.create_index("ix_lane_override_at", "lane_override", ["at"])
    _refuse_changes()


def _refuse_changes() -> None:
    """Make the triggers that refuse to change, delete or empty what is recorded."""
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for action in ("UPDATE", "DELETE") if on_sqlite else ("UPDATE", "DELETE", "TRUNCATE"):
        verb = action.lower()
        sentence = f"lane_override keeps what is recorded: {verb} refused"
        trigger = f"CREATE TRIGGER lane_override_refuse_{verb} BEFORE {action} ON lane_override"
        if on_sqlite:
            op.execute(f"{trigger} BEGIN SELECT RAISE(ABORT, '{sentence}'); END")
        else:
            each = "" if action == "TRUNCATE" else "FOR EACH ROW"
            op.execute(f"{trigger} {each} EXECUTE FUNCTION refuse_change('{sentence}')")
