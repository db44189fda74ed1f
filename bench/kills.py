"""kill -9 of the service, SIGKILL of PostgreSQL's postmaster, and modelled power cuts, under load.

`--store sqlite`: four systems send declarations and results to `tidewaiter serve` over HTTP; it is
killed at random moments, one time of five while it starts.  After every `--look` kills a copy of the
installation is checked: every answer that left is kept as it left, one decision a message, and the
ledger verifies.  A restart is timed from the order to start until the first answer, in a process that
has its modules imported; a cold one, at the end, includes the start of Python and all imports.

`--store postgresql`: the same load on two processes; the postmaster is killed and started again.  The
processes are not restarted.  The store and the ledger are checked after each kill, while they go on.

`--busy N`: so many processes count meanwhile.

`--power N`: the statements of the store on a modelled disk that loses power N times (tests/crash/power.py),
with synchronous=FULL, as the store has it, and with NORMAL, which must show losses.

    python bench/kills.py [--store sqlite] [--kills 2000] [--look 1] [--power 0] [--busy 0]
                          [--seed 1] [--json]
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from _busy import busy
from _table import command, machine, percentile, print_table

from tests.crash import test_kill_http, test_kill_postgresql, test_power_cut
from tests.crash.serving import serving
from tests.crash.test_kill_http import Heard
from tests.fakes.postgresql import server
from tidewaiter.bootstrap import installation
from tidewaiter.settings import Settings

COLD_STARTS = 5


def seconds_of(times: Sequence[float]) -> dict[str, float]:
    """Return the middle and the end of times, in seconds."""
    ordered = sorted(times)
    return {"p50_s": percentile(ordered, 0.5), "p99_s": percentile(ordered, 0.99), "max_s": ordered[-1]}


def looked(data: Path, copy: Path, heard: Heard) -> list[str]:
    """Return what is wrong in a copy of the store and with its ledger."""
    found = test_kill_http.faults_in(data, copy, heard)
    shutil.copytree(data, copy)  # to open an installation changes it, and the next start shall not profit
    with installation(Settings(data=copy)) as here:
        report = here.services.prove.verify(here.ledger_key.public).report
    shutil.rmtree(copy)
    return found + [finding.message for finding in report.findings]


def cold_starts(data: Path) -> list[float]:
    """Return how long starts of a new Python process take until it answers, seconds."""
    taken = []
    for _ in range(COLD_STARTS):
        began = time.perf_counter()
        with serving(Settings(data=data), 1):
            taken.append(time.perf_counter() - began)
    return taken


def on_sqlite(folder: Path, kills: int, look: int, seed: int) -> dict[str, Any]:
    """Kill the service; return the figures."""
    tally = test_kill_http.kill_often(folder, kills, seed=seed, look_every=look, look=looked)
    return {
        "store": "sqlite", "kills": tally.kills, "heard": len(tally.heard.answers),
        "repeated": tally.heard.replayed, "faults": tally.faults,
        "restart": seconds_of(tally.restarts), "cold_start": seconds_of(cold_starts(folder / "data")),
    }  # fmt: skip


def on_postgresql(folder: Path, kills: int, seed: int) -> dict[str, Any]:
    """Kill the postmaster; return the figures."""
    with server(durable=True) as database:
        tally = test_kill_postgresql.kill_often(database, folder / "data", kills, seed=seed)
    return {
        "store": "postgresql", "kills": tally.kills, "heard": len(tally.heard.answers),
        "repeated": tally.heard.replayed, "refused": tally.heard.refused, "faults": tally.faults,
        "recovery": seconds_of(tally.recoveries),
    }  # fmt: skip


def power_cuts(folder: Path, cuts: int, seed: int) -> list[dict[str, Any]]:
    """Cut the modelled power with each setting; return the figures."""
    noted = folder / "noted"
    noted.mkdir()
    workload, figures = test_power_cut.noted_workload(noted), []
    for synchronous in ("FULL", "NORMAL"):
        tally = test_power_cut.cut_often(
            workload, folder / synchronous, cuts, synchronous, seed=seed, stop=lambda _: False
        )
        figures.append(
            {"synchronous": synchronous, "cuts": tally.cuts, "acknowledged": tally.acknowledged,
             "lost": tally.lost, "damage": tally.damage[:5]}
        )  # fmt: skip
    return figures


def report(figures: dict[str, Any]) -> None:
    """Print the tables for people."""
    killed = figures.get("kills")
    if killed:
        times = {name: killed[name] for name in ("restart", "cold_start", "recovery") if name in killed}
        timed = [f"{name} {of}" for name in times for of in times[name]]
        print_table(
            f"Killed under load: {killed['store']}, {figures['seconds']:.0f} s",
            ("kills", "answers heard", "repeated", "faults", *timed),
            [(killed["kills"], killed["heard"], killed["repeated"], len(killed["faults"]),
              *(value for each in times.values() for value in each.values()))],
        )  # fmt: skip
        print("\n".join(killed["faults"][:20]))
    if figures["power"]:
        columns = ("synchronous", "cuts", "acknowledged", "lost", "damage")
        rows = [tuple({**each, "damage": len(each["damage"])}.values()) for each in figures["power"]]
        print_table("Modelled power cuts", columns, rows)
    print(f"\nRepeat: {command()}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--store", choices=("sqlite", "postgresql"), default="sqlite", help="what to kill")
    parser.add_argument("--kills", type=int, default=100, help="how often; 0: not at all")
    parser.add_argument("--look", type=int, default=1, help="kills between two looks at a SQLite store")
    parser.add_argument("--power", type=int, default=0, help="modelled power cuts")
    parser.add_argument("--busy", type=int, default=0, help="cores that something else takes meanwhile")
    parser.add_argument("--seed", type=int, default=1, help="seed of the moments")
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    given = parser.parse_args()
    figures: dict[str, Any] = {"machine": machine(), "power": []}
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as name, busy(given.busy):
        folder = Path(name)
        if given.kills and given.store == "sqlite":
            figures["kills"] = on_sqlite(folder, given.kills, given.look, given.seed)
        elif given.kills:
            figures["kills"] = on_postgresql(folder, given.kills, given.seed)
        figures["seconds"] = time.perf_counter() - began
        if given.power:
            figures["power"] = power_cuts(folder, given.power, given.seed)
    if given.json:
        json.dump(figures, sys.stdout, indent=2)
    else:
        report(figures)
    full = [each for each in figures["power"] if each["synchronous"] == "FULL"]
    if figures.get("kills", {}).get("faults") or any(each["lost"] or each["damage"] for each in full):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
