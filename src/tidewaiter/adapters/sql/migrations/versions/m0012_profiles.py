"""Make the tables of the lives of profiles."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables, and the triggers of those that keep what is recorded."""
    op.create_table(
        "profile_words",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("code", "number", "sha256", name="pk_profile_words"),
    )
    op.create_table(
        "profile_step",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("ordinal", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("body_sha256", sa.String(64), nullable=False),
        sa.Column("valid_until", sa.String(10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("replaces_sha256", sa.String(64), nullable=True),
        sa.Column("share", sa.Text(), nullable=True),
        sa.Column("evidence", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("code", "number", "ordinal", name="pk_profile_step"),
    )
    op.create_table(
        "profile_tally",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("shadow", sa.Boolean(), nullable=False),
        sa.Column("matches", sa.Integer(), nullable=False),
        sa.Column("undecided", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", "number", "day", "shadow", name="pk_profile_tally"),
    )
    op.create_table(
        "profile_tally_position",
        sa.Column("work", sa.Text(), nullable=False),
        sa.Column("upto", _SEQ, nullable=False),
        sa.PrimaryKeyConstraint("work", name="pk_profile_tally_position"),
    )
    for table in ("profile_words", "profile_step"):
        _refuse_changes(table)


def _refuse_changes(table: str) -> None:
    """Make the triggers that refuse to change, delete or empty what is recorded."""
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for action in ("UPDATE", "DELETE") if on_sqlite else ("UPDATE", "DELETE", "TRUNCATE"):
        verb = action.lower()
        sentence = f"{table} keeps what is recorded: {verb} refused"
        trigger = f"CREATE TRIGGER {table}_refuse_{verb} BEFORE {action} ON {table}"
        if on_sqlite:
            op.execute(f"{trigger} BEGIN SELECT RAISE(ABORT, '{sentence}'); END")
        else:
            each = "" if action == "TRUNCATE" else "FOR EACH ROW"
            op.execute(f"{trigger} {each} EXECUTE FUNCTION refuse_change('{sentence}')")
