"""The text of conditions: whether every tree survives, whether damage is always told, and how fast.

Run ``python bench/rule_text.py [--trees 100000] [--damaged 100000]``.  Trees are drawn over the real
features, and hold whatever the written form accepts, sensible or not.  Damaged texts are printed trees
with signs and words removed, doubled, swapped or put in; each must end as a tree or as faults whose
places lie in the text.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from random import Random  # noqa: TID251 - seeded: the same trees in every run

from _table import command, machine, percentile, print_table

from tidewaiter.core.features import REGISTRY
from tidewaiter.core.rules.form import to_data
from tidewaiter.core.rules.text.grammar import parse, read_text
from tidewaiter.core.rules.text.judged import judged
from tidewaiter.core.rules.text.places import in_text
from tidewaiter.core.rules.text.printing import print_text

sys.path.append(str(Path(__file__).resolve().parents[1]))  # the trees are shared with the tests

from tests.unit.core.rules.text.trees import tree

WORDS = [
    "and", "or", "not", "(", ")", ",", '"', "=", "==", "<", "in", "any of (", "5", "5kg", "x", "\n", "`",
    "\u202e",
]  # fmt: skip


def round_trips(count: int, seed: int) -> tuple[int, int, list[float], list[float]]:
    """Return how many trees were lost, characters printed, and seconds of each printing and reading."""
    random = Random(seed)
    lost = characters = 0
    printing: list[float] = []
    reading: list[float] = []
    for _ in range(count):
        node = tree(random, REGISTRY)
        started = time.perf_counter()
        text = print_text(node, REGISTRY)
        printed = time.perf_counter()
        again = parse(text, REGISTRY)
        reading.append(time.perf_counter() - printed)
        printing.append(printed - started)
        characters += len(text)
        # To the letter: 1 and true are equal in Python, not in a condition.
        lost += again != node or json.dumps(to_data(again)) != json.dumps(to_data(node))
        lost += print_text(again, REGISTRY) != text
    return lost, characters, printing, reading


def damage(random: Random, text: str) -> str:
    """Return *text* with one to three wounds."""
    for _ in range(random.randint(1, 3)):
        begin = random.randint(0, len(text))
        end = min(len(text), begin + random.randint(0, 6))
        wound = random.choice(["", random.choice(WORDS), text[begin:end] * 2, f" {random.choice(WORDS)} "])
        text = text[:begin] + wound + text[end:]
    return text


def damaged(count: int, seed: int) -> tuple[int, int, int, float]:
    """Return how many damaged texts were read, refused, and ended otherwise; and the slowest, in seconds."""
    random = Random(seed)
    read = refused = otherwise = 0
    slowest = 0.0
    for _ in range(count):
        text = damage(random, print_text(tree(random, REGISTRY), REGISTRY))
        started = time.perf_counter()
        reading = read_text(text, REGISTRY)
        faults = judged(text, REGISTRY, {})[1]
        slowest = max(slowest, time.perf_counter() - started)
        placed = all(0 <= f.span.start <= f.span.end <= len(text) and in_text(text, f) for f in faults)
        if not placed or (reading.node is None) is not bool(reading.faults):
            otherwise += 1
        elif reading.node is None:
            refused += 1
        else:
            read += 1
    return read, refused, otherwise, slowest


def main() -> int:
    """Print the tables; the exit code is 1 when a tree was lost or damage was not told."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--trees", type=int, default=100_000)
    options.add_argument("--damaged", type=int, default=100_000)
    options.add_argument("--seed", type=int, default=4)
    chosen = options.parse_args()
    print(command(), dict(machine()))
    lost, characters, printing, reading = round_trips(chosen.trees, chosen.seed)
    rows = []
    for what, times in (("print", printing), ("read", reading)):
        middle, slow = (percentile(sorted(times), share) * 1e6 for share in (0.5, 0.99))
        rows.append([what, chosen.trees, lost, characters / sum(times) / 1e6, middle, slow])
    columns = ["way", "trees", "lost", "M characters/s", "p50 µs", "p99 µs"]
    print_table("Trees to text and back", columns, rows)
    read, refused, otherwise, slowest = damaged(chosen.damaged, chosen.seed)
    columns = ["texts", "read", "refused with places", "otherwise", "slowest, s"]
    print_table("Damaged texts", columns, [[chosen.damaged, read, refused, otherwise, slowest]], places=3)
    return 1 if lost or otherwise else 0


if __name__ == "__main__":
    sys.exit(main())
