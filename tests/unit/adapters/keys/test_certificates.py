"""A secret that is missing or short is refused at start; what is no certificate is told as such."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.fakes.authority import LIFE, PROXY_SECRET, Authority
from tidewaiter.adapters.keys import ProxiedCertificates, certificate_fingerprint
from tidewaiter.core.errors import ConfigurationError, InputError


def test_a_secret_that_is_missing_or_short_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        ProxiedCertificates(tmp_path / "secret")
    (tmp_path / "secret").write_text("short\n")
    with pytest.raises(ConfigurationError, match="has 5 characters"):
        ProxiedCertificates(tmp_path / "secret")


def test_what_is_no_certificate_has_no_fingerprint() -> None:
    with pytest.raises(InputError, match="PEM"):
        certificate_fingerprint(b"hello")


def test_a_certificate_is_good_between_its_two_instants(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(PROXY_SECRET)
    believed = ProxiedCertificates(tmp_path / "secret")
    pem = Authority(tmp_path).issue("system").read_bytes()
    header, now = quote(pem), datetime.now(UTC)
    assert believed.fingerprint(PROXY_SECRET, header, now) == certificate_fingerprint(pem)
    for instant in (now - LIFE - timedelta(minutes=1), now + LIFE):
        assert believed.fingerprint(PROXY_SECRET, header, instant) is None
    assert believed.fingerprint("another secret, just as long as it", header, now) is None
