"""The keys that sign checkpoints and receipts: Ed25519 in a file of its own, made at the first use."""

from __future__ import annotations

import hashlib
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from tidewaiter.adapters.keys.secret_file import make_once
from tidewaiter.core.errors import ConfigurationError
from tidewaiter.core.ledger.checkpoint import PublicKey

__all__ = ["SigningKeyFile", "signature_holds"]


class SigningKeyFile:
    """A signing key in a PEM file that only its owner may read.

    Its name, for the key of checkpoints the name of the ledger, is made from the key, so that no two
    installations share one.
    """

    def __init__(self, path: Path, of: str = "tidewaiter") -> None:
        self._path, self._of = path, of
        self._secret: Ed25519PrivateKey | None = None
        self._public: PublicKey | None = None

    @property
    def public(self) -> PublicKey:
        """Return the public half; raises ConfigurationError when the file cannot be used."""
        if self._public is None:
            key = self._loaded().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
            self._public = PublicKey(name=f"{self._of}/{hashlib.sha256(key).hexdigest()[:16]}", key=key)
        return self._public

    def sign(self, message: bytes) -> bytes:
        """Return the signature of *message*, 64 bytes."""
        return self._loaded().sign(message)

    def _loaded(self) -> Ed25519PrivateKey:
        """Return the key, making it at the first use."""
        if self._secret is None:
            if not self._path.exists():
                self._make()
            self._secret = self._read()
        return self._secret

    def _make(self) -> None:
        """Make a key and keep it durably before it signs anything."""
        secret = Ed25519PrivateKey.generate()
        make_once(self._path, secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))

    def _read(self) -> Ed25519PrivateKey:
        message = f"The signing key {self._path.name} cannot be used; restore it from the escrow copy."
        try:
            mode = self._path.stat().st_mode
            key = load_pem_private_key(self._path.read_bytes(), password=None)
        except (OSError, ValueError, TypeError) as error:
            raise ConfigurationError(message) from error
        if not isinstance(key, Ed25519PrivateKey):
            raise ConfigurationError(message)
        if mode & 0o077:
            raise ConfigurationError(
                f"The signing key {self._path.name} may be read by others (mode {mode & 0o777:o}); "
                f"make it 600, and make a new key if somebody may have copied it."
            )
        return key


def signature_holds(key: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether *signature* is one of *message* by the Ed25519 public *key* (32 bytes)."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
