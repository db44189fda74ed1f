"""Time and memory of import, training and assessment as whole processes, the commands that people type.

Each command runs as a child process in an empty folder; its wall time, its processor time and its
largest memory are those that the system counted, interpreter and start included.  The files are a
year of the synthetic country and the declarations after it, as tables with one row an item, and the
public data where their folder is given (argument or TIDEWAITER_PUBLIC_DATA).

Wanted: import, training and assessment of the public data within 90 s in all and 1.5 GB; 20,000
declarations assessed within 60 s.

    python bench/resources.py [folder] [--past 20000] [--batch 20000] [--seed 1] [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from _country import messages, past, world
from _public import FILES, add_data_argument, find_data
from _table import command, machine, print_table

from tidewaiter.demo.export import write_csv

CLI = "from tidewaiter.cli import main; main()"
#: What the public data must stay within, in all: seconds and GB; and a batch of 20,000, in seconds.
WANTED = {"public_seconds": 90.0, "public_gb": 1.5, "batch_seconds": 60.0}
PER_ITEMS = 100_000


def run(folder: Path, *arguments: str) -> dict[str, Any]:
    """Run one command in *folder*; return its seconds, processor seconds, largest memory and answer."""
    answer, errors = folder / "answer.json", folder / "errors.txt"
    began = time.perf_counter()
    with answer.open("wb") as out, errors.open("wb") as err:
        child = subprocess.Popen(
            [sys.executable, "-c", CLI, *arguments, "--json"], cwd=folder, stdout=out, stderr=err
        )
        _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - began
    if child.returncode not in {0, 3}:  # 3: done, with rows set aside
        raise SystemExit(f"{' '.join(arguments)}: {answer.read_text()}{errors.read_text()[-2000:]}")
    # Linux counts in KiB, macOS in bytes.
    peak = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(f"{arguments[0]}: {seconds:.1f} s", file=sys.stderr)
    return {
        "command": arguments[0],
        "seconds": seconds,
        "cpu_seconds": used.ru_utime + used.ru_stime,
        "peak_mb": peak / 1e6,
        "answer": json.loads(answer.read_text()),
    }


def rows_of(table: Path) -> int:
    """Return the rows of a table without its head: one an item."""
    with table.open("rb") as file:
        return sum(1 for _ in file) - 1


def chain(name: str, known: Path, new: Path, mapping: str) -> list[dict[str, Any]]:
    """Import *known*, train and assess *new* in a fresh folder; return the figures of each step."""
    known, new = known.resolve(), new.resolve()
    with tempfile.TemporaryDirectory() as fresh:
        folder = Path(fresh)
        steps = [
            run(folder, "import", str(known), "--mapping", mapping),
            run(folder, "train"),
            run(folder, "assess", str(new), "--mapping", mapping, "--out", "decisions.csv"),
        ]
    done = [steps[0]["answer"]["declarations"], steps[1]["answer"]["examples"], steps[2]["answer"]["decided"]]
    items = [rows_of(known), rows_of(known), rows_of(new)]
    return [
        {"data": name, "declarations": count, "items": many, **step}
        for step, count, many in zip(steps, done, items, strict=True)
    ]


def country(folder: Path, arguments: argparse.Namespace) -> tuple[Path, Path]:
    """Write the past of the synthetic country and the declarations after it as tables."""
    known, new = folder / "past.csv", folder / "new.csv"
    here = world(arguments.seed, arguments.past)
    history = list(past(here))
    results = {
        (entry.declaration.id, entry.declaration.version): entry.results[0]
        for entry in history
        if entry.results
    }
    write_csv(known, (entry.declaration for entry in history), lambda d: results.get((d.id, d.version)))
    write_csv(new, messages(here, arguments.batch))
    return known, new


def report(steps: Sequence[dict[str, Any]], facts: dict[str, Any]) -> None:
    """Print the table for people."""
    print_table(
        "Whole processes",
        ("data", "command", "declarations", "items", "s", "processor s", "s per 100,000 items", "peak MB"),
        [
            (
                step["data"], step["command"], step["declarations"], step["items"], step["seconds"],
                step["cpu_seconds"], step["seconds"] * PER_ITEMS / step["items"], step["peak_mb"],
            )
            for step in steps
        ],
        places=1,
    )  # fmt: skip
    for name in dict.fromkeys(step["data"] for step in steps):
        own = [step for step in steps if step["data"] == name]
        peak = max(step["peak_mb"] for step in own) / 1e3
        whole = sum(step["seconds"] for step in own)
        print(f"\n{name}: {whole:.1f} s in all, at most {peak:.2f} GB")
    print(
        f"\nWanted: public data at most {WANTED['public_seconds']:.0f} s and {WANTED['public_gb']} GB, "
        f"20,000 declarations assessed in {WANTED['batch_seconds']:.0f} s."
    )
    print(f"{facts['cores']} cores, load {facts['load_1min']} before; Python {facts['python']}.")
    print(f"Repeat: {command()}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_data_argument(parser)
    parser.add_argument("--past", type=int, default=20_000, help="declarations of the synthetic past")
    parser.add_argument("--batch", type=int, default=20_000, help="declarations that are assessed")
    parser.add_argument("--seed", type=int, default=1, help="seed of the country")
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    arguments = parser.parse_args()
    facts = dict(machine())
    public = find_data(arguments.folder)
    steps: list[dict[str, Any]] = []
    if public is not None:
        steps += chain("public", public / FILES[0], public / FILES[1], "kcs")
    with tempfile.TemporaryDirectory() as folder:
        steps += chain("country", *country(Path(folder), arguments), "demo")
    if arguments.json:
        json.dump({"machine": facts, "steps": steps}, sys.stdout, indent=2)
    else:
        report(steps, facts)


if __name__ == "__main__":
    main()
