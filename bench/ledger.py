"""Evidence: how fast a bundle is verified and a batch sealed, and whether every tampering is found.

Run ``python bench/ledger.py [--entries 1000000] [--tampered 5000]``.  Entries are 1 KiB, a
checkpoint stands after each 1,000; the file is read from disk as a stream, in one process.
"""

from __future__ import annotations

import argparse
import io
import resource
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random  # noqa: TID251 - seeded: the same places in every run

from _table import command, machine, print_table

from tidewaiter.adapters.keys import signature_holds
from tidewaiter.core.ledger.bundle import HEADER, checkpoint_lines, end_line, entry_line
from tidewaiter.core.ledger.tree import Frontier, leaf_hash
from tidewaiter.core.ledger.verify import verify

sys.path.append(str(Path(__file__).resolve().parents[1]))  # what tampers is shared with the tests

from tests.fakes.ledgers import FakeKey, body_of, make_bundle
from tests.fakes.tampering import TAMPERINGS, last_note

KEY = FakeKey()
BODY_BYTES = 1024
EVERY = 1000


def write_bundle(path: Path, entries: int) -> None:
    tree, checkpoints = Frontier(), 0
    with path.open("wb") as file:
        file.write(HEADER)
        for start in range(0, entries, EVERY):
            positions = range(start, min(start + EVERY, entries))
            bodies = [body_of(position, BODY_BYTES) for position in positions]
            hashes = [leaf_hash(body) for body in bodies]
            tree.extend(hashes)
            for position, hash_, body in zip(positions, hashes, bodies, strict=True):
                file.write(entry_line(position + 1, hash_, body))
            file.writelines(checkpoint_lines(KEY.note(tree.size, tree.root())))
            checkpoints += 1
        file.write(end_line(entries, checkpoints))


def speed(entries: int) -> list[list[str]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bundle"
        write_bundle(path, entries)
        wall, cpu = time.perf_counter(), time.process_time()
        with path.open("rb") as lines:
            report = verify(lines, key=KEY.public, signature_holds=signature_holds)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        if not report.holds:
            raise SystemExit(f"false alarm: {report.findings}")
        size = path.stat().st_size
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    hashes = [leaf_hash(b"%d" % number) for number in range(entries)]
    tree, start = Frontier(), time.process_time()
    for first in range(0, entries, EVERY):
        tree.extend(hashes[first : first + EVERY])
        KEY.note(tree.size, tree.root())
    sealing = time.process_time() - start
    return [
        ["verify, entries/s of wall time", f"{entries / wall:,.0f}"],
        ["verify, entries/s of CPU time", f"{entries / cpu:,.0f}"],
        ["verify, MB/s of wall time", f"{size / wall / 1e6:,.0f}"],
        ["memory at most after verifying, MiB", f"{peak:,.0f}"],
        [f"tree and signature, batches of {EVERY:,}, entries/s of CPU time", f"{entries / sealing:,.0f}"],
    ]


def tampering(count: int) -> list[list[str]]:
    random, found, done, alarms = Random(20260101), Counter[str](), Counter[str](), 0
    names = list(TAMPERINGS)
    for number in range(count):
        name = names[number % len(names)]
        bodies = [body_of(index) for index in range(random.randrange(2, 80))]
        sound = make_bundle(KEY, bodies, random.randrange(1, 20))
        note = last_note(sound)
        tampered = TAMPERINGS[name](sound, random, KEY)
        for parts, count_of in ((tampered, found), (sound, None)):
            lines = io.BytesIO(b"".join(parts))
            report = verify(lines, key=KEY.public, signature_holds=signature_holds, known=[note])
            if count_of is None:
                alarms += not report.holds
            else:
                count_of[name] += not report.holds
        done[name] += 1
    rows = [[name, f"{done[name]:,}", f"{found[name] / done[name]:.2%}"] for name in names if done[name]]
    rows.append(["all", f"{done.total():,}", f"{found.total() / done.total():.2%}"])
    rows.append(["nothing done: false alarms", f"{count:,}", f"{alarms / count:.2%}"])
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--tampered", type=int, default=5_000)
    arguments = parser.parse_args()
    print_table("Tampering", ["what was done", "times", "found"], tampering(arguments.tampered))
    title = f"{arguments.entries:,} entries of {BODY_BYTES} bytes"
    print_table(title, ["what", "figure"], speed(arguments.entries))
    print(f"\nmachine: {dict(machine())}\nrepeat: {command()}")


if __name__ == "__main__":
    main()
