"""What every test gets: seeded laws, a network that ends at this machine, an empty data folder."""

from __future__ import annotations

import ipaddress
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# Laws are tried on the same examples everywhere, so that a red run can be repeated.  `dev` looks
# for new counter-examples: HYPOTHESIS_PROFILE=dev make test.  No deadline: a busy machine is no fault.
settings.register_profile(
    "ci",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=60,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("dev", deadline=None, max_examples=300, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


class NetworkRefusedError(RuntimeError):
    """A test tried to reach another machine."""


def is_loopback(host: object) -> bool:
    """Tell whether *host* (a name, an address or None) can only be this machine."""
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    text = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    try:
        return ipaddress.ip_address(text.partition("%")[0]).is_loopback
    except ValueError:
        return False


def refuse_network(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse to look up or to reach any host but this machine; an audit hook, so no library gets around it.

    It sees every socket that is made in Python; a child process has none of it.
    """
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        address = arguments[1]
        if not isinstance(address, tuple):  # a path: a socket of this machine; None: already connected
            return
        host = address[0]
    else:
        return
    if not is_loopback(host):
        raise NetworkRefusedError(f"a test must not reach {host!r}; serve it on 127.0.0.1 or use a fake")


sys.addaudithook(refuse_network)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the settings of whoever runs the tests out of them."""
    for name in [name for name in os.environ if name.startswith("TIDEWAITER_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a data folder that does not exist yet, inside an empty current directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / "tidewaiter-data"
