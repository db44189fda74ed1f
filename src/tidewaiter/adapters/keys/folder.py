"""A folder of draw keys.

A key is named by the digest of its secret, so the name that is published beforehand commits to the
secret that is revealed later.
"""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path
from typing import Final

from tidewaiter.core.draw import DrawKey
from tidewaiter.core.draw.epoch import seed_name
from tidewaiter.core.errors import ConfigurationError

__all__ = ["DrawKeyFolder"]

_NAME: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)
_SECRET_BYTES: Final = 32


class DrawKeyFolder:
    """Makes and reads draw keys."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def make(self) -> DrawKey:
        """Make a key from the system's randomness, and keep it durably before it is used."""
        return self.keep(secrets.token_bytes(_SECRET_BYTES))

    def keep(self, secret: bytes) -> DrawKey:
        """Keep a seed durably, readable by its owner alone, and return it as a draw key."""
        key = DrawKey(id=seed_name(secret), secret=secret)
        if self._path(key.id).exists():
            return self.load(key.id)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._path(key.id), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secret.hex())
            file.flush()
            os.fsync(file.fileno())
        return key

    def load(self, key_id: str) -> DrawKey:
        """Return the key of this name; raises ConfigurationError when it is missing or was altered."""
        if not _NAME.fullmatch(key_id):
            raise ConfigurationError(f"{key_id!r} is not the name of a draw key.")
        path = self._path(key_id)
        try:
            secret = bytes.fromhex(path.read_text().strip())
        except (OSError, ValueError) as error:
            message = f"The draw key {key_id} cannot be read; restore {path.name} from the escrow copy."
            raise ConfigurationError(message) from error
        if len(secret) != _SECRET_BYTES or seed_name(secret) != key_id:
            raise ConfigurationError(f"The file of the draw key {key_id} holds another secret; restore it.")
        return DrawKey(id=key_id, secret=secret)

    def _path(self, key_id: str) -> Path:
        return self._folder / f"{key_id}.key"
