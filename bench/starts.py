"""How long a killed service needs until it answers again: a new Python process, from the order on.

Each start is that of `tidewaiter serve` on a SQLite store after kill -9, until the first declaration is
answered over HTTP.  `--beside` names folders of other sources, such as a checkout of an older version;
they are started in turn, so that what else the machine does falls on all alike.  `--busy` processes
count meanwhile, so as many cores are taken.

    python bench/starts.py [--starts 20] [--busy 0] [--beside FOLDER]… [--json]
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from _busy import busy
from _table import command, machine, percentile, print_table

from tests.crash.serving import SERVE
from tests.fakes import trade
from tidewaiter.adapters.formats.json import write_declaration

HERE = Path(__file__).parent.parent


def made(sources: Path, data: Path) -> str:
    """Make an installation with these sources, whose schema is theirs; return a key for it."""
    code = "import sys, pathlib; from tests.crash.test_kill_http import new_installation as made\n"
    code += "print(made(pathlib.Path(sys.argv[1])))"
    environment = {**os.environ, "PYTHONPATH": f"{sources / 'src'}{os.pathsep}{sources}"}
    told = subprocess.run(
        [sys.executable, "-c", code, str(data)],
        cwd=sources, env=environment, text=True, capture_output=True, check=True,
    )  # fmt: skip
    return told.stdout.strip()


def started(sources: Path, data: Path, key: str, number: int) -> float:
    """Return the seconds from the order to start until the first answer; the service is killed then."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    environment = {**os.environ, "PYTHONPATH": str(sources / "src"), "TIDEWAITER_DATA": str(data)}
    body = write_declaration(trade.declaration(number))
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, "serve", "--port", str(port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment,
    )  # fmt: skip
    try:
        while process.poll() is None:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            try:
                connection.request("POST", "/api/v1/declarations", body, {"Authorization": f"Bearer {key}"})
                if connection.getresponse().status == 200:
                    return time.perf_counter() - began
            except ConnectionRefusedError:
                time.sleep(0.005)
            finally:
                connection.close()
        raise RuntimeError(f"the service of {sources} did not start")
    finally:
        process.kill()
        process.wait()


def measured(sources: list[Path], starts: int, cores: int) -> dict[str, list[float]]:
    """Return the seconds of each start, by the sources; the first start of each is not counted."""
    taken: dict[str, list[float]] = {each.name: [] for each in sources}
    with tempfile.TemporaryDirectory() as folder:
        keys = {each: made(each, Path(folder) / each.name) for each in sources}
        for start in range(starts + 1):
            with busy(cores if start else 0):
                for each in sources:
                    seconds = started(each, Path(folder) / each.name, keys[each], start + 1)
                    taken[each.name] += [seconds] if start else []
    return taken


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--starts", type=int, default=20, help="how often each is started")
    parser.add_argument("--busy", type=int, default=0, help="cores that are taken meanwhile")
    parser.add_argument("--beside", type=Path, action="append", default=[], help="folder of other sources")
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    given = parser.parse_args()
    taken = measured([HERE, *(each.resolve() for each in given.beside)], given.starts, given.busy)
    if given.json:
        json.dump({"machine": machine(), "busy": given.busy, "seconds": taken}, sys.stdout, indent=2)
        return
    print_table(
        f"From the order to start until the first answer, seconds; {given.busy} cores taken",
        ("sources", "starts", "p50", "p90", "max"),
        [
            (name, len(each), percentile(sorted(each), 0.5), percentile(sorted(each), 0.9), max(each))
            for name, each in taken.items()
        ],
    )
    print(f"\nRepeat: {command()}")


if __name__ == "__main__":
    main()
