"""What a clearing agent can foretell: fixed rules, rules with shares and a random floor, and the suggestion.

The same declarations of the synthetic country are decided under each policy, with room for all that
it selects and without a model.  The adversary learns from the older two thirds what agents see and
foretells the newest third.  Wanted: fixed rules are foretold with an area above .9; the suggestion
that is made of them brings it to the limit, measured anew with an adversary that has seen the new lanes.

    python bench/predictability.py [--size 60000] [--seeds 3] [--first-seed 1] [--limit 0.75] [--json]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from statistics import mean
from typing import Any, Final

from _country import ITEMS, SOURCE, past, world
from _table import command, machine, print_table

from tidewaiter.bootstrap import Installation, installation
from tidewaiter.core.declaration import Declaration
from tidewaiter.flow.content import KINDS
from tidewaiter.flow.messages import declaration_message
from tidewaiter.flow.predictability import Predictability
from tidewaiter.settings import Settings

#: The least that a plan may draw at random.
FLOOR_MIN: Final = 0.001
TOGETHER: Final = 500


def bodies_in_force(here: Installation) -> dict[str, Any]:
    """Return the content in force as plain data."""
    with here.store.read() as uow:
        return {kind: json.loads(found.body) for kind in KINDS if (found := uow.published(kind))}


def put_in_force(here: Installation, kept: float | None, random_rate: float) -> None:
    """Select by profiles and the random draw alone; each profile keeps the part *kept* (None: its share)."""
    bodies = bodies_in_force(here)
    plan = bodies["plan"]
    for profile in bodies["rules"]["profiles"]:
        if kept is not None:
            profile["share"] = format(Decimal(str(round(kept, 4))).normalize(), "f")
    plan["random_floor"] = {"lane": "examination", "probability": round(random_rate, 4)}
    plan["degraded"] = {
        "model": {"lane": "documents", "probability": FLOOR_MIN}, "flows": {},
        "floor_without_history": FLOOR_MIN,
    }  # fmt: skip
    plan["exploration"]["share"] = 0
    plan["capacity"] = {"default": {"share": 1.0, "arrivals_per_day": 1000}}
    here.services.administration.publish(bodies, by="bench")


def measured(
    declarations: list[Declaration], kept: float | None, random_rate: float, limit: float
) -> tuple[Predictability, float]:
    """Decide *declarations* in a new installation; return what agents foretell and the share controlled."""
    with tempfile.TemporaryDirectory() as folder, installation(Settings(data=Path(folder))) as here:
        put_in_force(here, kept, random_rate)
        messages = here.services.messages
        waiting = iter(declarations)
        while together := list(islice(waiting, TOGETHER)):
            here.services.assess([
                declaration_message(
                    each, client="bench", source=SOURCE, messages=messages, message_id=None
                )
                for each in together
            ])  # fmt: skip
        found = here.predictability(limit)
    return found, found.alone.controlled / found.alone.rows


def of_seed(seed: int, size: int, limit: float) -> list[tuple[str, Predictability, float, float, float]]:
    """Return policy, what was measured, share controlled, part kept and random rate, for one country."""
    country = world(seed, int(size / ITEMS))
    declarations = [entry.declaration for entry in past(country) if entry.declaration.version == 1]
    fixed, work = measured(declarations, 1.0, FLOOR_MIN, limit)
    rows = [("fixed rules", fixed, work, 1.0, FLOOR_MIN)]
    shares, work = measured(declarations, None, 0.01, limit)
    rows.append(("starter shares, floor 1 %", shares, work, float("nan"), 0.01))
    if fixed.suggestion is not None:
        made = fixed.suggestion
        again, work = measured(declarations, made.kept, made.random_rate, limit)
        rows.append(("as suggested", again, work, made.kept, made.random_rate))
    return rows


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, default=60_000, help="items of each country")
    parser.add_argument("--seeds", type=int, default=3, help="countries")
    parser.add_argument("--first-seed", type=int, default=1, help="seed of the first")
    parser.add_argument("--limit", type=float, default=0.75, help="area that the policy should not exceed")
    parser.add_argument("--json", action="store_true", help="print JSON for machines")
    arguments = parser.parse_args()
    began = datetime.now(UTC)
    found: dict[str, list[tuple[Predictability, float, float, float]]] = {}
    for seed in range(arguments.first_seed, arguments.first_seed + arguments.seeds):
        print(f"Country {seed} ...", file=sys.stderr)
        for name, *rest in of_seed(seed, arguments.size, arguments.limit):
            found.setdefault(name, []).append(tuple(rest))  # type: ignore[arg-type]
    if arguments.json:
        print(
            json.dumps({name: [[asdict(row[0]), *row[1:]] for row in rows] for name, rows in found.items()})
        )
        return
    columns = ("policy", "own lanes", "all lanes", "bits", "all-knowing", "controlled", "kept", "random rate")
    print_table(
        f"Foretold by an adversary, area under the curve: mean of {arguments.seeds} countries",
        columns,
        [
            (
                name,
                mean(row[0].alone.area for row in rows),
                mean(row[0].pooled.area for row in rows),
                mean(max(row[0].alone.bits, row[0].pooled.bits) for row in rows),
                mean(row[0].all_knowing for row in rows),
                mean(row[1] for row in rows),
                mean(row[2] for row in rows),
                mean(row[3] for row in rows),
            )
            for name, rows in found.items()
        ],
    )
    worst = {name: max(max(r[0].alone.area, r[0].pooled.area) for r in rows) for name, rows in found.items()}
    print("\nHighest area of any country: " + ", ".join(f"{name} {area:.3f}" for name, area in worst.items()))
    spent = (datetime.now(UTC) - began).total_seconds()
    print(f"{spent:.0f} s; Python {machine()['python']}.\nRepeat: {command()}")


if __name__ == "__main__":
    main()
