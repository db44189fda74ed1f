"""The edge of the driver: its exceptions become ours here, with the cause kept.

What contradicts a constraint is a :class:`Conflict`, a value that cannot be kept (a NUL in text)
an :class:`InputError`; all else that a driver can say (disk full, locked, no connection, file not a
database) means that the store is not available now.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from tidewaiter.core.errors import Conflict, InputError, TidewaiterError, Unavailable

__all__ = ["translated", "translation"]

#: What to do, by the beginning of SQLite's error name or of PostgreSQL's SQLSTATE.
_HINTS: Final[Mapping[str, str]] = {
    "SQLITE_FULL": "The disk is full: free space, then send again.",
    "SQLITE_BUSY": "Another process writes to it: try again.",
    "SQLITE_LOCKED": "Another connection uses it: try again.",
    "SQLITE_IOERR": "Reading or writing failed: check the disk.",
    "SQLITE_READONLY": "The file cannot be written: check its owner and mode.",
    "SQLITE_CANTOPEN": "The file cannot be opened: check the folder, its owner and mode.",
    "SQLITE_CORRUPT": "The file is damaged: restore a backup.",
    "SQLITE_NOTADB": "The file is not a Tidewaiter store: check the path, or restore a backup.",
    "08": "The connection was lost: try again.",
    "25006": "The server is a standby, which only reads: name the primary.",
    "25P0": "The transaction took too long and the server ended it: try again.",
    "42501": "The user may not do this: make it the owner of the database.",
    "53100": "The disk is full: free space, then send again.",
    "55P03": "Another process writes to it: try again.",
    "57": "The server is starting or shutting down, or ended this: try again.",
    "XX": "The database is damaged: look into the log of the server.",
}


def translation(error: DBAPIError | PoolTimeout) -> TidewaiterError:
    """Return the error of ours that says what *error* says."""
    if isinstance(error, PoolTimeout):
        return Unavailable("The store has no free connection: try again.")
    name = getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None) or ""
    if isinstance(error, IntegrityError):
        return Conflict(f"This contradicts what is recorded: {error.orig}.")
    if isinstance(error, DataError):
        return InputError(f"A value cannot be kept: {error.orig}.")
    if name:
        hint = next((hint for start, hint in _HINTS.items() if name.startswith(start)), "Try again.")
    else:  # no server has spoken
        hint = "Check that the server runs and what the URL of the store names, then try again."
    told = " ".join(str(error.orig).split()).rstrip(".")
    return Unavailable(f"The store is not available: {told}{f' ({name})' if name else ''}. {hint}")


@contextmanager
def translated() -> Iterator[None]:
    """Run a block in which driver exceptions become errors of ours, with the cause kept."""
    try:
        yield
    except (DBAPIError, PoolTimeout) as error:
        raise translation(error) from error
