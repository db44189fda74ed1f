"""A system that shows a certificate to a proxy is known by it, over real TLS, and nobody else is."""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.api.test_served import running
from tests.fakes.authority import LIFE, PROXY_SECRET, Authority, proxy
from tests.fakes.site import SOURCE, FakeClock, Site
from tidewaiter.adapters.keys import ProxiedCertificates, certificate_fingerprint
from tidewaiter.flow.administer import Scope

READ = frozenset({Scope.EVENTS_READ})
EVENTS = "/api/v1/events"


@dataclass
class Border:
    """A service, the proxy in front of it, and a system with a certificate."""

    site: Site
    authority: Authority
    port: int
    proxy: int
    system: Path

    def connect(self, certificate: Path) -> http.client.HTTPSConnection:
        """Return a connection to the proxy that shows *certificate*."""
        context = ssl.create_default_context(cafile=str(self.authority.certificate))
        context.load_cert_chain(certificate)
        return http.client.HTTPSConnection("127.0.0.1", self.proxy, context=context, timeout=30)

    def status(self, certificate: Path) -> int:
        with closing(self.connect(certificate)) as connection:
            return asked(connection)

    def directly(self, *headers: tuple[str, str]) -> int:
        """Ask the service itself, past the proxy."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            connection.putrequest("GET", EVENTS)
            for header in headers:
                connection.putheader(*header)
            connection.endheaders()
            return connection.getresponse().status


def asked(connection: http.client.HTTPSConnection) -> int:
    connection.request("GET", EVENTS)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def register(site: Site, certificate: Path, name: str = "port", scopes: frozenset[Scope] = READ) -> None:
    sha256 = certificate_fingerprint(certificate.read_bytes())
    site.services.administration.add_certificate(name, SOURCE, scopes, sha256)


@pytest.fixture
def border(tmp_path: Path) -> Iterator[Border]:
    secret = tmp_path / "proxy-secret"
    secret.write_text(f"{PROXY_SECRET}\n")
    site = Site(clock=FakeClock(datetime.now(UTC)), certificates=ProxiedCertificates(secret))
    authority = Authority(tmp_path)
    system = authority.issue("system")
    register(site, system)
    with running(site) as (port, _), proxy(authority, port) as front:
        yield Border(site, authority, port, front, system)


def test_a_system_is_known_by_its_certificate(border: Border) -> None:
    assert border.status(border.system) == 200
    assert border.status(border.authority.issue("stranger")) == 401, "the same authority is not enough"


def test_a_certificate_allows_what_its_scopes_say(border: Border) -> None:
    other = border.authority.issue("other")
    register(border.site, other, "other", frozenset({Scope.LEDGER_READ}))
    assert border.status(other) == 403


def test_a_certificate_that_is_removed_is_refused_on_an_open_connection(border: Border) -> None:
    with closing(border.connect(border.system)) as connection:
        assert asked(connection) == 200
        border.site.services.administration.revoke_key("port")
        assert asked(connection) == 401


def test_a_certificate_that_ends_is_refused_on_an_open_connection(border: Border) -> None:
    with closing(border.connect(border.system)) as connection:
        assert asked(connection) == 200
        border.site.clock.at += 2 * LIFE  # it was issued after the clock was read
        assert asked(connection) == 401


def test_a_certificate_of_another_authority_stays_before_the_proxy(border: Border, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    with pytest.raises((ssl.SSLError, ConnectionError)):
        border.status(Authority(tmp_path / "elsewhere").issue("system"))


def test_nobody_but_the_proxy_is_believed(border: Border) -> None:
    pem = border.system.read_text().partition("-----BEGIN PRIVATE")[0]
    certificate, secret = ("Client-Cert", quote(pem)), ("Tidewaiter-Proxy-Secret", PROXY_SECRET)
    assert border.directly(certificate, secret) == 200, "so that what follows shows something"
    assert border.directly(certificate) == 401
    assert (
        border.directly(certificate, ("Tidewaiter-Proxy-Secret", "a guess that is long enough, too")) == 401
    )
    assert border.directly(certificate, ("Tidewaiter-Proxy-Secret", "")) == 401
    assert border.directly(secret) == 401
    assert border.directly(certificate, certificate, secret) == 401, "which of the two did the proxy write?"
    assert border.directly(("Client-Cert", quote("-----BEGIN CERTIFICATE-----")), secret) == 401
    assert border.directly(("Client-Cert", ":!:"), secret) == 401
    assert border.directly(("Client-Cert", f":{'A' * 17_000}:"), secret) == 401
    sha256 = certificate_fingerprint(pem.encode())
    for guess in (sha256, f"certificate {sha256}", pem.encode().hex()):
        assert border.directly(("Authorization", f"Bearer {guess}")) == 401, "a certificate is no key"


def test_without_a_secret_in_the_settings_no_certificate_is_believed(border: Border) -> None:
    off = Site(border.site.store, clock=border.site.clock)
    with running(off) as (port, _), proxy(border.authority, port) as front:
        border.proxy = front
        assert border.status(border.system) == 401
