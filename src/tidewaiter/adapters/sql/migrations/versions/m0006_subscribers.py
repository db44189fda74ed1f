"""Make the tables of subscribers; let the outbox say which declaration an event concerns."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0003"
branch_labels = None
depends_on = None

_SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the columns, fill them from what is recorded, and make the tables."""
    op.add_column("outbox", sa.Column("source", sa.Text(), nullable=True))
    op.add_column("outbox", sa.Column("declaration_id", sa.Text(), nullable=True))
    _fill()
    op.create_table(
        "subscriber",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("rotated_at", sa.BigInteger(), nullable=True),
        sa.Column("position", _SEQ, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("paused_until", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("stopped_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_subscriber"),
    )
    op.create_table(
        "delivery",
        sa.Column("subscriber", sa.Text(), nullable=False),
        sa.Column("position", _SEQ, nullable=False, autoincrement=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("dead", sa.Boolean(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["subscriber"], ["subscriber.id"], name="fk_delivery_subscriber"),
        sa.ForeignKeyConstraint(["position"], ["outbox.seq"], name="fk_delivery_position"),
        sa.PrimaryKeyConstraint("subscriber", "position", name="pk_delivery"),
    )


def _fill() -> None:
    """Let what waits in the outbox say what it concerns: decisions by their id, results by their control."""
    outbox, decision = (
        sa.table("outbox", *_columns("topic", "key", "source", "declaration_id")),
        sa.table("decision", *_columns("id", "source", "declaration_id")),
    )
    result = sa.table(
        "control_result", *_columns("source", "control_id", "declaration_id"), sa.column("version")
    )
    named = result.c.source + " " + result.c.control_id + " " + sa.cast(result.c.version, sa.Text())
    for topic, table, key in (("decision", decision, decision.c.id), ("result", result, named)):
        values = {
            name: sa.select(table.c[name]).where(key == outbox.c.key).limit(1).scalar_subquery()
            for name in ("source", "declaration_id")
        }
        op.execute(outbox.update().where(outbox.c.topic == topic).values(values))


def _columns(*names: str) -> list[sa.ColumnClause[str]]:
    return [sa.column(name, sa.Text()) for name in names]
