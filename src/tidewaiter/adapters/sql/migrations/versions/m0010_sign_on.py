"""Make the tables of links to an identity provider and of sign-ons that were begun there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "sign_on_link",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("password_allowed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("person", name="pk_sign_on_link"),
        sa.UniqueConstraint("issuer", "subject", name="uq_sign_on_link_subject"),
        sa.UniqueConstraint("issuer", "email", name="uq_sign_on_link_email"),
    )
    op.create_table(
        "sign_on_attempt",
        sa.Column("state_sha256", sa.String(64), nullable=False),
        sa.Column("browser_sha256", sa.String(64), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("verifier", sa.Text(), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("instead_of", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("state_sha256", name="pk_sign_on_attempt"),
    )
