"""One declaration of 5 items per request to a real `tidewaiter serve`: latency, throughput, where time goes.

A year of the synthetic country is imported into a temporary folder, a model is trained, and the
service runs as a child process on 2 cores (`--cores`) with the 30 starter profiles (or more of their
kind, `--profiles`), the model and its reasons.  Each request is one new declaration over a kept-alive
connection, and its decision is durable before the answer leaves.  Clients run on the other cores.

  echo    a bare FastAPI application that answers the same body: the floor of HTTP
  batch   500 declarations of their own 1 to 40 items per request, from two senders
  cpu ms  processor time of the server per request, which others on the machine disturb least
  synced  16 KiB written and synced, one after the other: the floor of the disk

The last table takes the same declarations one by one through the flow in one process, with a
stopwatch at each part; HTTP is what the service needs besides.  Wanted (at concurrency 4 on 2
cores): p50 at most 15 ms, p99 at most 60 ms; with 100 profiles, at concurrency 16, at least 250 a second
with p99 at most 120 ms, and as a batch 1,500 declarations a second.

`--store postgresql --servers 2` measures two processes on one PostgreSQL database that syncs to the
disk.  The processes share the cores; PostgreSQL runs on all.

    python bench/service.py [--requests 2000] [--past 20000] [--seed 1] [--cores 2]
        [--profiles 30] [--store sqlite] [--servers 1] [--json]
"""

from __future__ import annotations

import argparse
import http.client
import json
import math
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from _country import SOURCE, import_past, messages, with_items, world
from _profiles import publish_profiles
from _stages import Stopwatch
from _table import command, machine, percentile, print_table
from pydantic import SecretStr

from tests.fakes.postgresql import server
from tests.fakes.postgresql_stores import fresh_database
from tidewaiter.bootstrap import installation
from tidewaiter.flow.administer import Scope
from tidewaiter.flow.messages import Incoming
from tidewaiter.settings import Settings

ITEMS = 5
CONCURRENCY = (1, 4, 16)
WARM_UP = 100
BATCH, BATCH_SENDERS = 500, 2
SYNCED_BYTES = 16 * 1024
#: Begins a child on the cores in argv[1], then runs the rest of the command.
SERVE = "from tidewaiter.cli import main; main()"
ECHO = """
import uvicorn
from fastapi import FastAPI, Request, Response
app = FastAPI()
@app.post("/api/v1/declarations")
async def echo(request: Request) -> Response:
    return Response(await request.body(), media_type="application/json")
uvicorn.run(app, port=int(sys.argv[-1]), log_config=None, access_log=False, server_header=False)
"""
PIN = "import os, sys; hasattr(os, 'sched_setaffinity') and os.sched_setaffinity(0, {cores})\n"


class Server(NamedTuple):
    """A server that runs."""

    port: int
    process: int

    def cpu_seconds(self) -> float:
        """Return the processor time that it has used; not a number where the system does not tell."""
        try:
            fields = Path(f"/proc/{self.process}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return math.nan
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def cores(first: int) -> tuple[set[int], set[int]]:
    """Return the first cores of this machine, and the others (all of them when there are no others)."""
    usable = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    return set(usable[:first]), set(usable[first:]) or set(usable)


def seed(
    settings: Settings, past: int, number: int, count: int, profiles: int
) -> tuple[str, list[bytes], list[bytes]]:
    """Fill an installation with history and a model.

    Returns an API key, *count* bodies of 5 items to send, and as many with the items that they have.
    """
    country = world(number, past)
    with installation(settings) as here:
        import_past(here, country)
        here.services.learning.train()
        publish_profiles(here, profiles)
        key = here.services.administration.add_key("bench", SOURCE, frozenset(Scope)).key
        write = here.services.messages.write_declaration
        sent = messages(country, count)
        lines = [write(replace(declaration, id=f"{declaration.id}-line")) for declaration in sent]  # type: ignore[arg-type]
        return key, [write(declaration) for declaration in with_items(sent, ITEMS)], lines


@contextmanager
def serving(
    code: str, arguments: Sequence[str], on: set[int], settings: Settings | None = None
) -> Iterator[Server]:
    """Run a server that is given its port last; yields it once it answers, and stops it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    environment = dict(os.environ)
    if settings is not None:
        environment["TIDEWAITER_DATA"] = str(settings.data)
        if settings.database_url is not None:
            environment["TIDEWAITER_DATABASE_URL"] = settings.store_url
    child = subprocess.Popen(
        [sys.executable, "-c", PIN.format(cores=on) + code, *arguments, "--port", str(port)],
        stdout=subprocess.DEVNULL,
        env=environment,
    )
    try:
        until = time.monotonic() + 120
        while time.monotonic() < until and child.poll() is None:
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", port)) == 0:
                    yield Server(port, child.pid)
                    return
            time.sleep(0.05)
        raise SystemExit("the server did not start")
    finally:
        child.terminate()
        child.wait(30)


def load(servers: Sequence[Server], key: str, bodies: Sequence[bytes], concurrency: int) -> dict[str, float]:
    """Send *bodies*, so many at a time, to all servers alike; return the figures, in milliseconds."""
    waiting = iter(list(bodies))
    taken: list[float] = []
    faults: list[str] = []
    lock = threading.Lock()

    def client(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", servers[number % len(servers)].port)
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        while True:
            with lock:
                body = next(waiting, None)
            if body is None or faults:
                return
            began = time.perf_counter()
            connection.request("POST", "/api/v1/declarations", body, headers)
            response = connection.getresponse()
            answer = response.read()
            taken.append(1e3 * (time.perf_counter() - began))
            if response.status != 200:
                faults.append(f"{response.status}: {answer[:500]!r}")

    threads = [threading.Thread(target=client, args=(number,)) for number in range(concurrency)]
    used = sum(server.cpu_seconds() for server in servers)
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    if faults or len(taken) != len(bodies):
        raise SystemExit(f"a request failed: {faults[:1]}")
    ordered = sorted(taken)
    return {
        "concurrency": concurrency,
        "p50_ms": percentile(ordered, 0.50),
        "p95_ms": percentile(ordered, 0.95),
        "p99_ms": percentile(ordered, 0.99),
        "max_ms": ordered[-1],
        "per_second": len(bodies) / seconds,
        "cpu_ms": 1e3 * (sum(server.cpu_seconds() for server in servers) - used) / len(bodies),
    }


def batches(servers: Sequence[Server], key: str, lines: Sequence[bytes]) -> dict[str, float]:
    """Send *lines* in batches from two senders; return how many declarations were decided a second."""
    waiting = iter([b"\n".join(lines[at : at + BATCH]) for at in range(0, len(lines), BATCH)])
    faults: list[bytes] = []
    lock = threading.Lock()

    def sender(server: Server) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        while True:
            with lock:
                body = next(waiting, None)
            if body is None:
                return
            connection.request("POST", "/api/v1/declarations/batch", body, {"Authorization": f"Bearer {key}"})
            answers = connection.getresponse().read().splitlines()
            if len(answers) != body.count(b"\n") + 1:
                faults.append(answers[0][:300])
            faults.extend(line[:300] for line in answers if not line.startswith(b'{"status":200'))

    threads = [
        threading.Thread(target=sender, args=(servers[at % len(servers)],)) for at in range(BATCH_SENDERS)
    ]
    used, began = sum(server.cpu_seconds() for server in servers), time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    if faults:
        raise SystemExit(f"a line failed: {faults[:1]}")
    items = sum(len(json.loads(line)["items"]) for line in lines)
    return {
        "declarations": len(lines),
        "items_each": items / len(lines),
        "per_second": len(lines) / seconds,
        "cpu_ms": 1e3 * (sum(server.cpu_seconds() for server in servers) - used) / len(lines),
    }


def synced(folder: Path, times: int = 200) -> dict[str, float]:
    """Return the time of writing and syncing what one decision writes."""
    block, taken = os.urandom(SYNCED_BYTES), []
    with (folder / "synced").open("wb") as file:
        for _ in range(times):
            began = time.perf_counter()
            file.write(block)
            file.flush()
            os.fsync(file.fileno())
            taken.append(1e3 * (time.perf_counter() - began))
    ordered = sorted(taken)
    return {"p50_ms": percentile(ordered, 0.50), "p99_ms": percentile(ordered, 0.99)}


def stages(settings: Settings, bodies: Sequence[bytes]) -> list[tuple[str, float]]:
    """Return (part, milliseconds a declaration), one declaration after the other through the flow."""
    watch = Stopwatch()
    with installation(settings) as here:
        services, present = here.services, here.present
        services.assess([])
        with watch.on(here.store, present.assessor.scorer):
            for number, body in enumerate(bodies):
                if number == WARM_UP:
                    watch.seconds.clear()
                with watch.whole():
                    declaration = services.messages.read_declaration(body)
                    message = Incoming(
                        client="bench",
                        source=SOURCE,
                        message_id=str(declaration.id),
                        content=declaration,
                        body=services.messages.write_declaration(declaration),
                    )
                    services.assess([message])[0].bytes_or_raise()
    return watch.table(len(bodies) - WARM_UP)


def settings_of(arguments: argparse.Namespace, folder: Path, running: ExitStack) -> Settings:
    """Return the settings of a new installation, and of its database server if it needs one."""
    if arguments.store == "sqlite":
        return Settings(data=folder / "data")
    url = running.enter_context(fresh_database(running.enter_context(server(durable=True)).url()))
    return Settings(data=folder / "data", database_url=SecretStr(url))


def measure(
    arguments: argparse.Namespace, folder: Path, say: Callable[[str], None], running: ExitStack
) -> dict[str, Any]:
    """Return all figures."""
    say("Making a year of history and training a model ...")
    count, levels = arguments.requests, len(CONCURRENCY)
    size = (levels + 1) * count + 2 * WARM_UP
    settings = settings_of(arguments, folder, running)
    key, bodies, lines = seed(settings, arguments.past, arguments.seed, size, arguments.profiles)
    here, clients = cores(arguments.cores)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, clients)
    say("Sending declarations ...")
    figures: dict[str, Any] = {
        "at": datetime.now(UTC).isoformat(),
        "machine": machine(),
        "cores": arguments.cores,
        "profiles": arguments.profiles,
    }
    figures["store"], figures["servers"] = arguments.store, arguments.servers
    figures["body_bytes"] = sum(map(len, bodies)) // len(bodies)
    figures["synced"] = synced(folder)
    with serving(ECHO, [], here) as child:
        load([child], key, bodies[:WARM_UP], 4)
        figures["echo"] = [load([child], key, bodies[:count], level) for level in CONCURRENCY]
    began = time.perf_counter()
    with ExitStack() as serve:
        children = [
            serve.enter_context(serving(SERVE, ["serve"], here, settings)) for _ in range(arguments.servers)
        ]
        figures["start_seconds"] = time.perf_counter() - began
        load(children, key, bodies[:WARM_UP], 4)
        figures["service"] = []
        for at, level in enumerate(CONCURRENCY):
            first = WARM_UP + at * count
            figures["service"].append(load(children, key, bodies[first : first + count], level))
        figures["batch"] = batches(children, key, lines)
    say("Measuring parts ...")
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, here)
    parts = stages(settings, bodies[-(count + WARM_UP) :])
    inside = sum(spent for _, spent in parts)
    alone = figures["service"][0]["p50_ms"]
    figures["parts_ms"] = {**dict(parts), "HTTP, threads and waiting": max(0.0, alone - inside)}
    figures["load_after"] = machine()["load_1min"]
    return figures


def report(figures: Mapping[str, Any]) -> None:
    """Print the tables for people."""
    columns = ("", "at a time", "p50 ms", "p95 ms", "p99 ms", "max ms", "per second", "cpu ms")
    names = ("concurrency", "p50_ms", "p95_ms", "p99_ms", "max_ms", "per_second", "cpu_ms")
    rows = [(what, *(row[name] for name in names)) for what in ("echo", "service") for row in figures[what]]
    size, disk = figures["body_bytes"], figures["synced"]
    what = f"One declaration of {ITEMS} items ({size:,} bytes) per request, durable"
    who = f"{figures['servers']} process(es) on {figures['store']}, {figures['cores']} cores"
    print_table(f"{what}; {who}", columns, rows)
    synced_words = f"p50 {disk['p50_ms']:.2f} ms, p99 {disk['p99_ms']:.2f} ms"
    batch = figures["batch"]
    print(
        f"\nBatch: {batch['per_second']:,.0f} declarations ({batch['items_each']:.1f} items each) a second, "
        f"{batch['cpu_ms']:.2f} ms of processor each; {figures['profiles']} profiles"
    )
    print(f"Written and synced ({SYNCED_BYTES:,} bytes): {synced_words}")
    print(f"From start to the first connection, history folded in: {figures['start_seconds']:.1f} s")
    parts = figures["parts_ms"]
    whole = sum(parts.values())
    print_table(
        "Where the milliseconds of one request go (concurrency 1)",
        ("part", "ms", "share %"),
        [(part, spent, 100 * spent / whole) for part, spent in parts.items()],
    )
    facts = figures["machine"]
    print(
        f"\n{facts['cores']} cores, load {facts['load_1min']} before and {figures['load_after']} after; "
        f"Python {facts['python']}.\nRepeat: {command()}"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--requests", type=int, default=2_000, help="requests at each concurrency")
    parser.add_argument("--past", type=int, default=20_000, help="declarations of history")
    parser.add_argument("--seed", type=int, default=1, help="seed of the country")
    parser.add_argument("--cores", type=int, default=2, help="cores of the server")
    parser.add_argument("--profiles", type=int, default=30, help="profiles in force")
    parser.add_argument("--store", choices=("sqlite", "postgresql"), default="sqlite", help="database")
    parser.add_argument("--servers", type=int, default=1, help="processes; more than one on PostgreSQL only")
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    arguments = parser.parse_args()

    def say(sentence: str) -> None:
        print(sentence, file=sys.stderr)

    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        figures = measure(arguments, Path(folder), say, running)
    if arguments.json:
        json.dump(figures, sys.stdout, indent=2)
    else:
        report(figures)


if __name__ == "__main__":
    main()
