"""How long the impact of a profile takes while somebody types: 2,000 decisions of the synthetic country.

Each question is another condition, so nothing can be remembered of the one before; `read` asks the same
of the store each time, as it would be without decisions that are kept ready in memory.

    python bench/impact.py [--questions 60] [--seed 1]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

from _country import SOURCE, import_past, messages, world
from _table import command, machine, percentile, print_table

from tidewaiter.bootstrap import installation
from tidewaiter.flow.impact import DECISIONS_MAX, Judge
from tidewaiter.flow.messages import declaration_message
from tidewaiter.settings import Settings

#: Declarations of the past: enough for counts of traders to mean something.
PAST = 4_000
TOGETHER = 500


def question(number: int) -> dict[str, Any]:
    """Return a profile of four conditions whose bounds differ each time."""
    when = {"all_of": [
        {"feature": "customs_value", ">": str(100 + number)},
        {"feature": "importer_declared_all", "<=": 40 + number},
        {"feature": "unit_value_ratio", "<": f"0.{900 + number}"},
        {"feature": "origin", "in": ["CN", "IN", "TR", "VN", "DE", "US"]},
    ]}  # fmt: skip
    return {
        "owner": "bench", "risk_area": "valuation", "flows": ["import"], "level": "national",
        "valid_from": "2026-01-01", "valid_until": "2026-12-31", "lane": "examination", "share": "1",
        "unknown": "undecided", "when": when,
    }  # fmt: skip


def timed(judge: Judge, count: int) -> tuple[list[float], int]:
    """Return the milliseconds of *count* questions, and how many declarations the last one matched."""
    taken, matches = [], 0
    for number in range(count):
        began = time.perf_counter()
        matches = judge(question(number)).impact.matches
        taken.append(1e3 * (time.perf_counter() - began))
    return sorted(taken), matches


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--questions", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    country = world(given.seed, PAST)
    with tempfile.TemporaryDirectory() as folder, installation(Settings(data=Path(folder))) as here:
        import_past(here, country, PAST)
        form = here.services.messages
        new = [
            declaration_message(each, client="bench", source=SOURCE, messages=form)
            for each in messages(country, DECISIONS_MAX + TOGETHER)
        ]
        for at in range(0, len(new), TOGETHER):
            here.services.assess(new[at : at + TOGETHER])
        began = time.perf_counter()
        here.services.judge(question(0))
        first = 1e3 * (time.perf_counter() - began)
        taken, matches = timed(here.services.judge, given.questions)
        cold = sorted(
            timed(Judge(store=here.store, messages=form), 1)[0][0]
            for _ in range(max(1, given.questions // 20))
        )
    print_table(
        "Impact of a profile of four conditions",
        ("questions", "p50 ms", "p95 ms", "max ms"),
        [
            ("kept ready", percentile(taken, 0.5), percentile(taken, 0.95), taken[-1]),
            ("read", percentile(cold, 0.5), percentile(cold, 0.95), cold[-1]),
        ],
    )
    print(f"\n{DECISIONS_MAX} decisions, {matches} matches; the first question took {first:,.0f} ms")
    print(f"{machine()}\n{command()}")


if __name__ == "__main__":
    main()
