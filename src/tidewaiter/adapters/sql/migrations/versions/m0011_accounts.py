"""Let PostgreSQL tell every process at once that a client changed."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the trigger; on SQLite asking costs next to nothing, so there it is not needed."""
    if op.get_bind().dialect.name == "postgresql":
        _tell_of_clients()


def _tell_of_clients() -> None:
    op.execute(
        "CREATE FUNCTION tell_of_clients() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "PERFORM pg_notify('tidewaiter_client', ''); RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER client_tell AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON client "
        "FOR EACH STATEMENT EXECUTE FUNCTION tell_of_clients()"
    )
