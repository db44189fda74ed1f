"""Alembic's environment: migrations run on the connection, and in the transaction, of the caller."""

from __future__ import annotations

from alembic import context

from tidewaiter.adapters.sql.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # The caller's transaction holds all migrations, so that a crash leaves none half done.
    transaction_per_migration=False,
)
context.run_migrations()
