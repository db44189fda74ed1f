"""Which database a URL names, and what the store asks of either kind."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Final, Protocol

from sqlalchemy import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError

from tidewaiter.adapters.sql import postgresql, sqlite
from tidewaiter.adapters.sql.watching import ClientsWatch
from tidewaiter.core.errors import ConfigurationError

__all__ = ["Database", "database"]


class Database(Protocol):
    """A kind of database; the modules `sqlite` and `postgresql` are the two."""

    #: How long a writer waits for its turn.
    BUSY_TIMEOUT_SECONDS: int

    def prepared_url(self, url: URL) -> URL:
        """Return the URL to open; raises ConfigurationError or Unavailable when it cannot serve."""
        ...

    def open_engine(self, url: URL, *, writing: bool) -> Engine:
        """Return an engine of connections that only read, or of the one connection that writes."""
        ...

    def alone(self, reader: Engine, work: str) -> AbstractContextManager[bool]:
        """Give whether this is the only one that does *work* now, among all processes."""
        ...

    def clients_watch(self, reader: Engine) -> ClientsWatch:
        """Return what says whether clients changed."""
        ...

    def check_settings(self, connection: Connection) -> None:
        """Raise ConfigurationError when the database lacks what durability or order needs."""
        ...


_KINDS: Final[dict[str, Database]] = {"sqlite": sqlite, "postgresql": postgresql}


def database(text: str) -> tuple[Database, URL]:
    """Return the kind of database that a URL names, and the URL to open.

    Raises ConfigurationError when it names none of ours, or one that cannot serve.
    """
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise ConfigurationError(
            f"The store {text!r} is not a database URL: write sqlite:///folder/tidewaiter.db or "
            "postgresql://person@machine/database."
        ) from error
    kind = _KINDS.get(url.get_backend_name())
    if kind is None:
        raise ConfigurationError(
            f"The store {url.render_as_string()!r} is neither a SQLite file nor a PostgreSQL database."
        )
    return kind, kind.prepared_url(url)
