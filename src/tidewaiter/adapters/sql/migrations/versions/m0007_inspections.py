"""Make the table of who took which inspection, and the indexes that find decisions as work."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table with its triggers, and the indexes."""
    op.create_table(
        "assignment",
        sa.Column("seq", _SEQ, nullable=False, autoincrement=False),
        sa.Column("decision_id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_assignment"),
    )
    op.create_index("ix_assignment_decision_id", "assignment", ["decision_id"])
    op.create_index("ix_decision_work", "decision", ["office", "lane", "at"])
    op.create_index("ix_decision_at", "decision", ["at"])
    op.create_index("ix_decision_declaration_id", "decision", ["declaration_id"])
    op.create_index("ix_control_result_of", "control_result", ["source", "declaration_id"])
    _refuse_changes()


def _refuse_changes() -> None:
    """Make triggers that refuse to change or delete what is recorded."""
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for verb in ("update", "delete") if on_sqlite else ("update", "delete", "truncate"):
        sentence = f"assignment keeps what is recorded: {verb} refused"
        trigger = f"CREATE TRIGGER assignment_refuse_{verb} BEFORE {verb.upper()} ON assignment"
        if on_sqlite:
            op.execute(f"{trigger} BEGIN SELECT RAISE(ABORT, '{sentence}'); END")
        else:
            each = "" if verb == "truncate" else "FOR EACH ROW"
            op.execute(f"{trigger} {each} EXECUTE FUNCTION refuse_change('{sentence}')")
