"""How much of the crosswalk is read from real messages: element, taken, of how many, in how many files.

Usage: python bench/crosswalk.py FOLDER.  Reads every `.xml` file below the folder and prints each
element of the crosswalk that occurs: how many there are, how many entered the canonical form, and
the field that they became.  An element without a field is read and told as not mapped.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from _table import Cell, command, machine, print_table

from tidewaiter.adapters.formats.asycuda import CROSSWALK as SAD
from tidewaiter.adapters.formats.wco import CROSSWALK as WCO
from tidewaiter.adapters.messages import read_message
from tidewaiter.adapters.xml import Element
from tidewaiter.core.errors import UnreadableMessage
from tidewaiter.flow.ports.readings import Envelope, Reading

#: Stands in for what the envelope of a real message would say.
ENVELOPE = Envelope(received_at=datetime(2026, 1, 1, tzinfo=UTC), office="NOT-STATED")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--currency", help="national currency of the messages")
    arguments = parser.parse_args()
    files = sorted(arguments.folder.rglob("*.xml"))
    if not files:
        sys.exit(f"{arguments.folder} holds no .xml file.")
    envelope = Envelope(received_at=ENVELOPE.received_at, office=ENVELOPE.office, currency=arguments.currency)
    readings: list[Reading] = []
    outcomes: list[list[Cell]] = []
    started = time.process_time()
    for file in files:
        try:
            reading = read_message(file.read_bytes(), envelope)
        except UnreadableMessage as error:
            outcomes.append([file.name, "refused", error.faults[0].code, 0, 0])
            continue
        readings.append(reading)
        kind = "declaration" if reading.declaration else "amendment"
        unknown = sum(entry.element is None for entry in reading.not_mapped)
        outcomes.append([file.name, kind, reading.format, len(reading.not_mapped), unknown])
    seconds = time.process_time() - started
    print_table(
        "Messages", ("file", "read as", "format or fault", "not mapped", "of these unknown"), outcomes
    )
    for name, crosswalk in (("wco", WCO), ("asycuda", SAD)):
        rows = _rows([reading for reading in readings if reading.format == name], crosswalk)
        if rows:
            columns = ("element", "path", "field", "in files", "held", "taken")
            print_table(f"Crosswalk: {name}", columns, rows)
    print(f"\n{len(files)} files in {seconds * 1000:.0f} ms of processor time. {command()} {dict(machine())}")


def _rows(readings: list[Reading], crosswalk: Sequence[Element]) -> list[list[Cell]]:
    """Return a row for each element of *crosswalk* that occurs in *readings*."""
    held: Counter[str] = Counter()
    taken: Counter[str] = Counter()
    files: Counter[str] = Counter()
    for reading in readings:
        for element, (there, read) in reading.crosswalk.items():
            held[element] += there
            taken[element] += read
            files[element] += 1
    paths: dict[str, tuple[str, str | None]] = {}
    for row in crosswalk:
        paths.setdefault(row.id, (row.path, row.field))
    return [
        [
            element,
            paths[element][0][-60:],
            paths[element][1] or "no field: told",
            files[element],
            count,
            taken[element],
        ]
        for element, count in sorted(held.items())
    ]


if __name__ == "__main__":
    main()
