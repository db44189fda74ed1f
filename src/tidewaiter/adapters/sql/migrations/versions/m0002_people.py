"""Make the tables of people, sessions, failed attempts to sign in, and acts that need two persons."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and their index."""
    op.create_table(
        "person",
        _column("name", sa.Text()),
        _column("staff_number", sa.Text()),
        _column("roles", sa.JSON()),
        _column("offices", sa.JSON()),
        _column("compartments", sa.JSON()),
        _column("password_hash", sa.Text()),
        _column("totp_secret", sa.Text()),
        _column("totp_step", sa.BigInteger()),
        _column("created_at", sa.BigInteger()),
        _column("disabled_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_person"),
        sa.UniqueConstraint("staff_number", name="uq_person_staff_number"),
    )
    op.create_table(
        "session",
        _column("token_sha256", sa.String(64)),
        _column("person", sa.Text()),
        _column("proved_at", sa.BigInteger()),
        _column("seen_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("token_sha256", name="pk_session"),
    )
    op.create_index("ix_session_person", "session", ["person"])
    op.create_table(
        "sign_in_failure",
        _column("name_sha256", sa.String(64)),
        _column("count", sa.Integer()),
        _column("last_at", sa.BigInteger()),
        _column("blocked_until", sa.BigInteger()),
        sa.PrimaryKeyConstraint("name_sha256", name="pk_sign_in_failure"),
    )
    op.create_table(
        "proposal",
        _column("id", sa.Text()),
        _column("act", sa.Text()),
        _column("payload", sa.LargeBinary()),
        _column("payload_sha256", sa.String(64)),
        _column("requester", sa.Text()),
        _column("reason", sa.Text()),
        _column("requested_at", sa.BigInteger()),
        _column("expires_at", sa.BigInteger()),
        _column("approvals", sa.JSON()),
        _column("rejected_by", sa.Text(), nullable=True),
        _column("executed_by", sa.Text(), nullable=True),
        _column("executed_at", sa.BigInteger(), nullable=True),
        _column("broken_glass", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_proposal"),
    )


def _column(name: str, kind: Any, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=nullable)
