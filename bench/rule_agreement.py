"""One meaning of a condition: a million random pairs of condition and row, evaluated five ways.

Run ``python bench/rule_agreement.py [--pairs 1000000] [--seed 1]``.  The specification is compared with the
live evaluation, the one over columns, and SQL on DuckDB and on a PostgreSQL server that the run starts.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random  # noqa: TID251 - seeded, so that a difference can be found again

from _table import command, machine, print_table

sys.path.append(str(Path(__file__).resolve().parents[1]))  # the pairs are those of the tests

from tests.fakes.postgresql import server
from tests.fakes.random_rules import (
    EVALUATIONS,
    by_postgresql,
    by_reference,
    differences,
    random_rows,
    random_rules,
)

RULES, ROWS = 200, 250


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    answers: Counter[bool | None] = Counter()
    found: Counter[str] = Counter()
    seconds: Counter[str] = Counter()
    print(machine())
    with server() as postgresql:
        ways = {"specification": by_reference, **EVALUATIONS, "postgresql": by_postgresql(postgresql.url())}
        for round_ in range(-(-asked.pairs // (RULES * ROWS))):
            random = Random(asked.seed + round_)
            rules, rows = random_rules(random, RULES), random_rows(random, ROWS)
            expected = None
            for name, way in ways.items():
                start = time.perf_counter()
                given = way(rules, rows)
                seconds[name] += time.perf_counter() - start
                expected = expected or given
                for rule, row in differences(expected, given):
                    found[name] += 1
                    print(f"{name} differs: seed {asked.seed + round_}, {rules[rule]!r} on {rows[row]!r}")
            answers.update(answer for of_rule in expected or () for answer in of_rule)
    table = [(name, answers.total(), found[name], float(seconds[name])) for name in ways]
    print_table("Agreement with the specification", ("evaluation", "pairs", "differences", "wall s"), table)
    print(f"\n{dict(answers)}\n{command()}")
    raise SystemExit(found.total() > 0)


if __name__ == "__main__":
    main()
