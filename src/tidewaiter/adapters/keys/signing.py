"""The keys that sign checkpoints and receipts: Ed25519 in a file of its own, made at the first use."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import Final

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

__all__ = ["RotatingKeyFile", "SigningKeyFile", "signature_holds"]

#: The line by which a key file names the ledger whose later key it holds.
_LEDGER: Final = re.compile(rb"Ledger: ([^\s+]{1,200})\n")


class SigningKeyFile:
    """A signing key in a PEM file that only its owner may read.

    Its name, for the key of checkpoints the name of the ledger, is made from the key, so that no two
    installations share one.  A file that names its ledger in a line before the key, where PEM has room
    for words (RFC 7468, 2), holds a later key of that ledger.
    """

    def __init__(self, path: Path, of: str = "tidewaiter", ledger: str | None = None) -> None:
        self._path, self._of = path, of
        #: Name that a key which is made here gets; None: one of its own.
        self._ledger = ledger
        self._secret: Ed25519PrivateKey | None = None
        self._public: PublicKey | None = None

    @property
    def public(self) -> PublicKey:
        """Return the public half; raises ConfigurationError when the file cannot be used."""
        if self._public is None:
            key = self._loaded().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
            name = self._ledger or f"{self._of}/{hashlib.sha256(key).hexdigest()[:16]}"
            self._public = PublicKey(name=name, key=key)
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
        words = b"" if self._ledger is None else b"Ledger: %s\n" % self._ledger.encode()
        make_once(self._path, words + secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))

    def _read(self) -> Ed25519PrivateKey:
        message = f"The signing key {self._path.name} cannot be used; restore it from the escrow copy."
        try:
            mode = self._path.stat().st_mode
            content = self._path.read_bytes()
            key = load_pem_private_key(content, password=None)
        except (OSError, ValueError, TypeError) as error:
            raise ConfigurationError(message) from error
        if not isinstance(key, Ed25519PrivateKey):
            raise ConfigurationError(message)
        if mode & 0o077:
            raise ConfigurationError(
                f"The signing key {self._path.name} may be read by others (mode {mode & 0o777:o}); "
                f"make it 600, and make a new key if somebody may have copied it."
            )
        named = _LEDGER.match(content)
        self._ledger = named[1].decode() if named else None
        return key


class RotatingKeyFile:
    """The key of checkpoints in one file, and the one that comes after it in another beside it."""

    def __init__(self, path: Path) -> None:
        self._path, self._next = path, path.with_name(f"{path.name}.next")
        self._key, self._mark = SigningKeyFile(path), self._marked()

    @property
    def public(self) -> PublicKey:
        """Return the public half; raises ConfigurationError when the file cannot be used."""
        return self._key.public

    def sign(self, message: bytes) -> bytes:
        """Return the signature of *message*, 64 bytes."""
        return self._key.sign(message)

    def read_again(self) -> None:
        """Take notice when another process turned to the next key."""
        mark = self._marked()
        if mark != self._mark:
            self._key, self._mark = SigningKeyFile(self._path), mark

    def coming(self) -> SigningKeyFile | None:
        """Return the next key, or None while none was made."""
        return SigningKeyFile(self._next) if self._next.exists() else None

    def make_coming(self) -> SigningKeyFile:
        """Return the next key, made when there is none, durable before anybody is told of it."""
        made = SigningKeyFile(self._next, ledger=self._key.public.name)
        made.sign(b"")
        return made

    def turn(self) -> None:
        """Let the next key take the place of this one, whose secret is then nowhere here."""
        self._next.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self.read_again()

    def _marked(self) -> tuple[int, int] | None:
        """Return a value that is another one when the file was replaced; None while there is none."""
        try:
            stat = self._path.stat()
        except OSError:
            return None
        return stat.st_ino, stat.st_mtime_ns


def signature_holds(key: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether *signature* is one of *message* by the Ed25519 public *key* (32 bytes)."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
