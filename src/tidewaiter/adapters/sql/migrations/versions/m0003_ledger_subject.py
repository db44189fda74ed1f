"""Find the ledger entry of a decision by its subject, for the proof that it is in the ledger."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    op.create_index("ix_ledger_leaf_subject", "ledger_leaf", ["subject"])
