"""Evidence: how fast a bundle is verified, whether every tampering is found, what a ledger costs.

Run ``python bench/ledger.py [--entries 1000000] [--tampered 5000] [--requests 1600]``.  Entries are
1 KiB, a checkpoint stands after each 1,000; the file is read from disk as a stream, in one process.

The last table sends declarations with 8 clients over HTTP to a service that writes leaves, signs
receipts and seals, and to the same service without any of it, in turns on the same store; the ratio
is that of the medians.  Wanted: at least 70 %.
"""

from __future__ import annotations

import argparse
import io
import os
import resource
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random  # noqa: TID251 - seeded: the same places in every run

from _table import command, machine, print_table
from service import SERVE, cores, load, seed, serving

from tidewaiter.adapters.keys import signature_holds
from tidewaiter.core.ledger.bundle import HEADER, checkpoint_lines, end_line, entry_line
from tidewaiter.core.ledger.tree import Frontier, leaf_hash
from tidewaiter.core.ledger.verify import verify

sys.path.append(str(Path(__file__).resolve().parents[1]))  # what tampers is shared with the tests

from tests.fakes.ledgers import FakeKey, body_of, make_bundle
from tests.fakes.long_tampering import LONG_TAMPERINGS, random_history
from tests.fakes.promised import BROKEN, bundle_of, decisions, kept_of, lines_of
from tests.fakes.tampering import TAMPERINGS, last_note

KEY = FakeKey()
BODY_BYTES = 1024
EVERY = 1000
CLIENTS = 8
ROUNDS = 4
#: The service without a ledger: no leaf, no salt, no receipt, nothing sealed.
WITHOUT = """
import tidewaiter.api.app as app, tidewaiter.adapters.sql.work as work, tidewaiter.flow.receipts as receipts
from tidewaiter.api.sequencing import SequencerState
class Still:
    state = SequencerState(status="watching")
    def __init__(self, *_): pass
    def close(self): pass
app.Sequencer = Still
work.Work._add_leaf = lambda *_, **__: None
work.Work._salted = staticmethod(lambda body: body)
receipts.Receipts.start = lambda *_: None
receipts.Receipts.sign = lambda *_: ""
"""


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
            file.writelines(checkpoint_lines(KEY.note(tree.size, tree.root(), time=tree.size)))
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
        KEY.note(tree.size, tree.root(), time=tree.size)
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
    alarms += promises(count // len(names), done, found)
    alarms += acts_and_handovers(count // len(names), done, found)
    names += [*BROKEN, *LONG_TAMPERINGS]
    rows = [[name, f"{done[name]:,}", f"{found[name] / done[name]:.2%}"] for name in names if done[name]]
    rows.append(["all", f"{done.total():,}", f"{found.total() / done.total():.2%}"])
    rows.append(["nothing done: false alarms", f"{done.total():,}", f"{alarms / done.total():.2%}"])
    return rows


def acts_and_handovers(times: int, done: Counter[str], found: Counter[str]) -> int:
    """Cheat with erasures and keys, each way so often; count what is found, return the false alarms."""
    random, alarms = Random(20260103), 0
    for name, cheat in LONG_TAMPERINGS.items():
        for _ in range(times):
            history = random_history(random)
            for parts, cheated in ((history.parts(), False), (cheat(history, random), True)):
                lines = io.BytesIO(b"".join(parts))
                report = verify(lines, key=history.keys[0].public, signature_holds=signature_holds)
                found[name] += cheated and not report.holds
                alarms += not cheated and not report.holds
            done[name] += 1
    return alarms


def promises(times: int, done: Counter[str], found: Counter[str]) -> int:
    """Break promises, each way so often; count what is found, return the false alarms."""
    random, alarms = Random(20260102), 0
    for name, (breaking, code) in BROKEN.items():
        for _ in range(times):
            bodies, answers = decisions(random.randrange(2, 40))
            kept, every = kept_of(KEY, bodies, answers), random.randrange(1, 9)
            for broken in (False, True):
                if broken:
                    bodies, kept = breaking(KEY, bodies, kept, random)
                report = verify(
                    io.BytesIO(bundle_of(KEY, bodies, every)),
                    key=KEY.public, signature_holds=signature_holds, receipts=lines_of(kept),
                )  # fmt: skip
                if broken:
                    found[name] += code in {each.code for each in report.findings}
                else:
                    alarms += not report.holds
            done[name] += 1
    return alarms


def throughput(requests: int, on: int) -> list[list[str]]:
    """Return requests a second with and without a ledger, by turns."""
    server, clients = cores(on)
    rates: dict[str, list[float]] = {"with": [], "without": []}
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        key, bodies = seed(data, 5_000, 1, 2 * ROUNDS * (requests + CLIENTS))
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, clients)
        for number in range(2 * ROUNDS):
            # Each way goes first as often as the other: what is slow at first burdens neither.
            which = "with" if (number + number // 2) % 2 else "without"
            code = SERVE if which == "with" else WITHOUT + SERVE
            turn, bodies = bodies[: requests + CLIENTS], bodies[requests + CLIENTS :]
            with serving(code, ["serve", "--data", str(data)], server) as child:
                load(child, key, turn[:CLIENTS], CLIENTS)
                rates[which].append(load(child, key, turn[CLIENTS:], CLIENTS)["per_second"])
    median = {which: statistics.median(found) for which, found in rates.items()}
    rows = [
        [f"{which} ledger", f"{median[which]:,.0f}", " ".join(f"{rate:,.0f}" for rate in found)]
        for which, found in rates.items()
    ]
    return [*rows, ["with / without", f"{median['with'] / median['without']:.0%}", ""]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--tampered", type=int, default=5_000)
    parser.add_argument("--requests", type=int, default=1_600, help="declarations of each turn over HTTP")
    parser.add_argument("--cores", type=int, default=2, help="cores of the server")
    arguments = parser.parse_args()
    print_table("Tampering", ["what was done", "times", "found"], tampering(arguments.tampered))
    title = f"{arguments.entries:,} entries of {BODY_BYTES} bytes"
    print_table(title, ["what", "figure"], speed(arguments.entries))
    over_http = throughput(arguments.requests, arguments.cores)
    title = f"{CLIENTS} clients over HTTP, server on {arguments.cores} cores"
    print_table(title, ["service", "declarations/s, median", "each turn"], over_http)
    print(f"\nmachine: {dict(machine())}\nrepeat: {command()}")


if __name__ == "__main__":
    main()
