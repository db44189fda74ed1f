"""Certificates of systems that a proxy has verified: the port :class:`~tidewaiter.flow.ports.Certificates`.

TLS ends at the proxy, so the certificate comes in a header, which anybody could write.  It is believed
when the proxy's secret comes with it.  Source: RFC 9440 (Client-Cert), 2.4 and 4.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from cryptography.hazmat.primitives import hashes

from tidewaiter.core.errors import ConfigurationError, InputError

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

__all__ = ["ProxiedCertificates", "certificate_fingerprint"]

_SECRET_LENGTH_MIN: Final = 32
#: A certificate with a long chain of names; more is no certificate.
_HEADER_LENGTH_MAX: Final = 16_384


class ProxiedCertificates:
    """Believes the proxy that knows the secret in a file; raises ConfigurationError without a good one."""

    def __init__(self, secret_file: Path) -> None:
        try:
            self._secret: Final = secret_file.read_bytes().strip()
        except OSError as error:
            raise ConfigurationError(
                f"The secret of the proxy cannot be read at {secret_file}: {error.strerror}."
            ) from error
        if len(self._secret) < _SECRET_LENGTH_MIN:
            raise ConfigurationError(
                f"The secret of the proxy in {secret_file} has {len(self._secret)} characters; give it "
                f"{_SECRET_LENGTH_MIN} or more, such as `openssl rand -hex 32` makes."
            )

    def fingerprint(self, secret: str, certificate: str, at: datetime) -> str | None:
        """Return the SHA-256 of a certificate that is valid *at*, hex, or None when it is not believed."""
        if not hmac.compare_digest(self._secret, secret.encode()):
            return None
        read = _read(certificate)
        if read is None or not read.not_valid_before_utc <= at < read.not_valid_after_utc:
            return None
        return _fingerprint(read)


def certificate_fingerprint(pem: bytes) -> str:
    """Return the SHA-256 of a certificate in PEM, hex; raises InputError when it is none."""
    from cryptography.x509 import load_pem_x509_certificate

    try:
        return _fingerprint(load_pem_x509_certificate(pem))
    except ValueError as error:
        raise InputError("This is no certificate in PEM: it has no readable BEGIN CERTIFICATE.") from error


def _fingerprint(certificate: Certificate) -> str:
    return certificate.fingerprint(hashes.SHA256()).hex()


# A system sends the same one with each request, and reading it takes longer than looking it up.
@lru_cache(maxsize=256)
def _read(header: str) -> Certificate | None:
    """Return the certificate of a header: base64 between colons (RFC 9440), or PEM in percent escapes."""
    if len(header) > _HEADER_LENGTH_MAX:
        return None
    # A twentieth of a second, for those whose systems show certificates.
    from cryptography.x509 import load_der_x509_certificate, load_pem_x509_certificate

    try:
        if header.startswith(":") and header.endswith(":"):
            return load_der_x509_certificate(base64.b64decode(header[1:-1], validate=True))
        return load_pem_x509_certificate(unquote(header).encode())
    except (ValueError, binascii.Error):
        return None
