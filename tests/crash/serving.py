"""Several `tidewaiter serve` processes on one installation, as an administration runs them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from tidewaiter.settings import Settings

__all__ = ["SERVE", "Served", "serving"]

SERVE = "from tidewaiter.cli import main; main()"


@dataclass(frozen=True)
class Served:
    """One process that serves."""

    port: int
    process: subprocess.Popen[bytes]


@contextmanager
def serving(settings: Settings, count: int) -> Iterator[list[Served]]:
    """Run processes that serve the same installation; yields them once all answer, and stops them."""
    with ExitStack() as running:
        served = [running.enter_context(_process(settings)) for _ in range(count)]
        until = time.monotonic() + 120
        for each in served:
            while not _answers(each.port):
                if each.process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError("a service did not start")
                time.sleep(0.05)
        yield served


@contextmanager
def _process(settings: Settings) -> Iterator[Served]:
    """Start one process on a free port; stop it at the end."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    environment = {
        **os.environ,
        "PYTHONPATH": ":".join(path for path in sys.path if path),
        "TIDEWAITER_DATA": str(settings.data),
        "TIDEWAITER_STAND_IN": str(settings.stand_in),
        "TIDEWAITER_BUDGET_MS": str(settings.budget_ms),
    }
    if settings.database_url is not None:
        environment["TIDEWAITER_DATABASE_URL"] = settings.store_url
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, "serve", "--port", str(port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment,
    )  # fmt: skip
    try:
        yield Served(port, process)
    finally:
        process.terminate()
        process.wait(60)


def _answers(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0
