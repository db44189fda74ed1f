"""Bring the schema to the version that this code knows, at open; quick when it is there already."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, Engine, inspect, text

from tidewaiter.adapters.sql import postgresql
from tidewaiter.core.errors import ConfigurationError

if TYPE_CHECKING:
    from alembic.config import Config

__all__ = ["HEAD", "alembic_config", "current", "upgrade"]

#: The newest migration.  Kept here so that opening a store at head need not import Alembic (0.3 s).
HEAD: Final = "0014"

MIGRATIONS: Final = Path(__file__).parent / "migrations"


def current(connection: Connection) -> str | None:
    """Return the schema version of the database, None when it has no schema."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return version


def upgrade(writer: Engine, reader: Engine, target: str = HEAD) -> None:
    """Run the missing migrations in one transaction: all of them become durable, or none.

    Raises ConfigurationError when the schema is newer than this code.
    """
    with reader.connect() as connection, connection.begin():
        if current(connection) == target:
            return
    # A second process that opens the same new file waits here, and then finds nothing to do.
    with writer.connect() as connection, connection.begin():
        if current(connection) != target:
            _migrate(connection, target)


def alembic_config(connection: Connection) -> Config:
    """Return Alembic's configuration for migrations over an open connection."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.set_main_option("file_template", "m%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config


def _migrate(connection: Connection, target: str) -> None:
    """Run the migrations up to *target* on *connection*, inside its transaction."""
    from alembic import command
    from alembic.util import CommandError

    found = current(connection)
    if connection.dialect.name == "postgresql":
        postgresql.unhurried(connection)
    try:
        command.upgrade(alembic_config(connection), target)
    except CommandError as error:
        raise ConfigurationError(
            f"The store has schema version {found}, which this Tidewaiter does not know ({error}); "
            "use the version that wrote it, or a newer one."
        ) from error
