"""Salt what the ledger says of the own text of an override, and let an act of erasure take the text.

What is recorded still changes in no other way: the trigger lets a row through once, when it gets the act
that erased it, and all but text and salt stays.  And let decisions without a score be found.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0012"
branch_labels = None
depends_on = None

_SEQ = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
#: Columns that stay when the text is erased, those that may be null apart.
_STAYS = ("seq", "decision_seq", "number", "direction", "from_lane", "to_lane", "reason_code", "by",
          "adds_control", "at")  # fmt: skip


def upgrade() -> None:
    """Add the columns, let the trigger know of erasures, and make the index."""
    no_score = sa.text("probability IS NULL")
    op.create_index(
        "ix_decision_without_score", "decision", ["at", "seq"],
        sqlite_where=no_score, postgresql_where=no_score,
    )  # fmt: skip
    op.add_column("lane_override", sa.Column("salt", sa.LargeBinary(32), nullable=True))
    op.add_column("lane_override", sa.Column("erased_by", _SEQ, nullable=True))
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    sentence = "lane_override keeps what is recorded: update refused"
    same = " AND ".join(f'NEW."{column}" = OLD."{column}"' for column in _STAYS)
    is_same = "IS" if on_sqlite else "IS NOT DISTINCT FROM"
    text = "CAST(NEW.approved_by AS TEXT) = CAST(OLD.approved_by AS TEXT)"
    same += f" AND NEW.proposal_id {is_same} OLD.proposal_id AND {text}"
    head = "CREATE TRIGGER lane_override_refuse_update BEFORE UPDATE ON lane_override"
    when = f"WHEN (NOT (OLD.erased_by IS NULL AND NEW.erased_by IS NOT NULL AND {same}))"
    if on_sqlite:
        op.execute("DROP TRIGGER lane_override_refuse_update")
        op.execute(f"{head} FOR EACH ROW {when} BEGIN SELECT RAISE(ABORT, '{sentence}'); END")
    else:
        op.execute("DROP TRIGGER lane_override_refuse_update ON lane_override")
        op.execute(f"{head} FOR EACH ROW {when} EXECUTE FUNCTION refuse_change('{sentence}')")
