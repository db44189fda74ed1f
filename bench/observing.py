"""What a request costs more because it is measured and logged: microseconds of processor time.

Usage: python bench/observing.py [--requests 20000]

The middleware and the counting of decisions stand around an application and a use case that do
nothing, so that what is measured is theirs alone.  `bench/service.py` says what a request costs.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from _table import command, machine, print_table

from tidewaiter import logs
from tidewaiter.api.metrics import Metrics
from tidewaiter.api.observing import Observing
from tidewaiter.flow.messages import Reply

ANSWER = json.dumps(
    {"lane": "release", "degraded": False, "reasons": ["x" * 80] * 4, "lane_words": {}}
).encode()
SCOPE = {"type": "http", "route": SimpleNamespace(path="/declarations"), "state": {"client": "c"}}


async def nothing(_scope: Any, _receive: Any, send: Any) -> None:
    """Answer at once."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def dropped(_message: Any) -> None:
    """Send nowhere."""


def per_call(work: Callable[[], Any], count: int) -> float:
    """Return the processor time of a call, in microseconds."""
    began = time.process_time()
    for _ in range(count):
        work()
    return 1e6 * (time.process_time() - began) / count


def passing(app: Any, count: int) -> float:
    """Return the processor time of a request through *app*, in microseconds."""

    async def many() -> float:
        began = time.process_time()
        for _ in range(count):
            await app(SCOPE, None, dropped)
        return 1e6 * (time.process_time() - began) / count

    return asyncio.run(many())


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--requests", type=int, default=20_000)
    count = parser.parse_args().requests
    metrics: Any = Metrics(SimpleNamespace())  # type: ignore[arg-type]  # no levels are asked
    message: Any = SimpleNamespace(content=SimpleNamespace(office="PORT"))
    counted = metrics.counting(lambda messages: [Reply(answer=ANSWER)] * len(messages))
    bare = passing(nothing, count)
    logs.configure(as_json=True, level="WARNING")
    quiet = passing(Observing(nothing, metrics), count) - bare
    verbose = _verbose(count) - bare
    decision = per_call(lambda: counted([message]), count)
    print_table(
        "Measured and logged",
        ("what", "us a request"),
        [
            ["metrics of a request", quiet],
            ["with its line in the log", verbose],
            ["counting a decision", decision],
        ],
    )
    print(f"\n{command()} {dict(machine())}")


def _verbose(count: int) -> float:
    """Measure in a child, because the level of a log is settled once."""
    code = (
        "import observing, sys; from types import SimpleNamespace; from tidewaiter import logs\n"
        "from tidewaiter.api.metrics import Metrics\n"
        "logs.configure(as_json=True, level='INFO')\n"
        "from tidewaiter.api.observing import Observing\n"
        f"print(observing.passing(Observing(observing.nothing, Metrics(SimpleNamespace())), {count}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parent, env=dict(os.environ), text=True, check=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return float(done.stdout)


if __name__ == "__main__":
    main()
