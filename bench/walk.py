"""The walk of seven people over the interface, long: no single person puts anything in force.

Usage: python bench/walk.py [--steps 20000] [--seed 1]

The model is that of tests/api/test_walk.py.  Each walk of 40 steps begins on an empty installation;
what was tried and how each try was answered is printed, and so is what was reached.  The first
break of the law ends the run with its steps.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any, ClassVar

from _table import Cell, command, machine, print_table
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.api.test_walk import ACTS, Walk
from tidewaiter import logs

#: Steps of one walk: long enough for two proposals to come to their end.
STEPS_OF_A_WALK = 40
STATUSES = (200, 403, 404, 422)


class Counted(Walk):
    """The same walk, which counts what it tried and how that was answered."""

    tried: ClassVar[Counter[str]] = Counter()
    answered: ClassVar[Counter[tuple[str, int]]] = Counter()
    _what = ""

    def one_step(self, by: str, what: str, act: str, chosen: str | None, number: int) -> None:
        """Try the step, and count it."""
        self._what = f"{act}: {what}"
        Counted.tried[self._what] += 1
        super().one_step(by, what, act, chosen, number)

    def step(self, by: str, method: str, path: str, body: Any) -> Any:
        """Do it, and count how it was answered."""
        response = self.people[by].call(method, path, body)
        Counted.answered[self._what, response.status_code] += 1
        if response.status_code not in STATUSES:
            raise AssertionError(response.text)
        return response.json() if response.status_code == 200 else None


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--steps", type=int, default=20_000, help="at least so many steps are tried")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    logs.configure(as_json=True, level="ERROR")
    began, turn = time.perf_counter(), 0
    while Counted.tried.total() < arguments.steps:
        walks = max(1, -(-(arguments.steps - Counted.tried.total()) // STEPS_OF_A_WALK))
        how = settings(
            max_examples=walks, stateful_step_count=STEPS_OF_A_WALK, deadline=None, database=None,
            phases=[Phase.generate, Phase.shrink], suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        machine_of_turn = seed(arguments.seed + turn)(type(f"Turn{turn}", (Counted,), {}))
        run_state_machine_as_test(machine_of_turn, settings=how)
        turn += 1
    rows: list[list[Cell]] = [
        [what, count, *(Counted.answered[what, status] for status in STATUSES)]
        for what, count in sorted(Counted.tried.items())
    ]
    print_table("What was tried", ("step", "tried", *(f"answered {status}" for status in STATUSES)), rows)
    reached: list[list[Cell]] = [[act, Walk.executed_acts[act], Walk.broken_acts[act]] for act in ACTS]
    print_table("What came into force", ("act", "by two persons", "by breaking the glass"), reached)
    print(
        f"\n{Counted.tried.total()} steps, nothing else by one person alone, in "
        f"{time.perf_counter() - began:.0f} s. {command()} {dict(machine())}"
    )


if __name__ == "__main__":
    main()
