"""A custodian's own key file: his part of the seed of an epoch, on his own medium."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Final

from tidewaiter.core.errors import ConfigurationError

__all__ = ["custodian_secret"]

_SECRET_BYTES: Final = 32


def custodian_secret(path: Path, *, make: bool = False) -> bytes:
    """Return the 32 secret bytes in *path*; with *make* they are made when there is no such file.

    Raises ConfigurationError when the file is missing, holds something else or may be read by others.
    """
    if make:
        _make(path)
    message = f"The key file {path.name} cannot be used: it holds {_SECRET_BYTES} bytes as hex digits."
    try:
        mode = path.stat().st_mode
        secret = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{message} Restore it from the custodian's own copy.") from error
    if len(secret) != _SECRET_BYTES:
        raise ConfigurationError(f"{message} This one holds {len(secret)}.")
    if mode & 0o077:
        raise ConfigurationError(
            f"The key file {path.name} may be read by others (mode {mode & 0o777:o}); make it 600, and make "
            "a new secret if somebody may have seen it."
        )
    return secret


def _make(path: Path) -> None:
    """Make the file with new secret bytes, for its owner alone, unless it is there."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(_SECRET_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())
