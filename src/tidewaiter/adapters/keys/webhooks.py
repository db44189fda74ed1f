"""Secrets of webhooks: derived from one key in a file, so the database holds none of them."""

from __future__ import annotations

import hmac
import secrets
from pathlib import Path
from typing import Final

from tidewaiter.adapters.keys.secret_file import make_once
from tidewaiter.core.errors import ConfigurationError

__all__ = ["WebhookKeyFile"]

_BYTES: Final = 32


class WebhookKeyFile:
    """The key in a file that only its owner may read, made at the first use."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._key: bytes | None = None

    def secret(self, subscriber: str, generation: int) -> bytes:
        """Return the secret of a subscriber: HMAC-SHA256 of its name and generation, 32 bytes.

        Raises ConfigurationError when the file cannot be used.
        """
        message = f"tidewaiter/webhook/v1|{subscriber}|{generation}".encode()
        return hmac.digest(self._loaded(), message, "sha256")

    def _loaded(self) -> bytes:
        if self._key is None:
            if not self._path.exists():
                make_once(self._path, secrets.token_bytes(_BYTES).hex().encode())
            try:
                self._key = bytes.fromhex(self._path.read_text().strip())
            except (OSError, ValueError) as error:
                raise ConfigurationError(self._fault()) from error
            if len(self._key) != _BYTES:
                raise ConfigurationError(self._fault())
        return self._key

    def _fault(self) -> str:
        return f"The webhook key {self._path.name} cannot be used; restore it from the escrow copy."
