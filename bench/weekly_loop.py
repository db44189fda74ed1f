"""The weekly loop: what is found when only what was picked is ever labelled.

The public data in the order of time.  Four weeks are fully labelled and count for nobody; then each
policy picks a share of each week's declarations, sees the results of its picks when the week has
ended, and of nothing else.  Precision and recall are over all picks, exploring ones too.

  ours        the product: features of the time of lodging, memory, general model refitted every week;
              a tenth of the picks explores: goods never inspected, one each, by chance and frequency
  greedy      the same without exploring
  dictionary  the record of the same goods, without any model; a tenth of the picks at random
  random      picks at random
  all labels  ours, if every label of the past were known: a bound that nobody reaches

    python bench/weekly_loop.py FOLDER [--share 0.05 0.10] [--weeks N] [--seed 1] [--jobs 2] [--json]
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from _public import Labelled, add_data_argument, example, find_data, read_year
from _table import command, machine, print_table

from tidewaiter.adapters.scorers.metrics import share
from tidewaiter.adapters.scorers.stack import train
from tidewaiter.core.features import REGISTRY, FeatureVector, compute
from tidewaiter.core.history import History
from tidewaiter.core.learning.labels import Example

#: Fully labelled at the beginning.
WARM_WEEKS = 4
#: Part of the picks that explores.
EXPLORED = 0.1
POLICIES = ("ours", "greedy", "dictionary", "random", "all labels")
#: Features that tell the same goods.
GOODS = ("hs6", "departure_country", "origin", "duty_rate", "duty_regime_code", "net_mass")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a policy found over all weeks."""

    policy: str
    share: float
    picks: int
    found: int
    irregular: int
    #: Precision of the exploring picks; None where nothing explores.
    explored_precision: float | None
    #: CPU seconds of all refits.
    training_seconds: float

    @property
    def precision(self) -> float:
        """Irregular among the picks."""
        return self.found / self.picks

    @property
    def recall(self) -> float:
        """Picked among the irregular."""
        return self.found / self.irregular


class Loop:
    """One policy through all weeks."""

    def __init__(self, policy: str, part: float, weeks: Sequence[Sequence[Labelled]], seed: int) -> None:
        self.policy = policy
        self.part = part
        self.weeks = weeks
        self.rng = np.random.default_rng([seed, POLICIES.index(policy), round(1000 * part)])
        self.seed = seed
        self.history = History()
        self.examples: list[Example] = []
        self.seen: Counter[tuple[object, ...]] = Counter()
        self.training = 0.0

    def run(self) -> Outcome:
        """Go through the weeks."""
        found = picked = irregular = explored = explored_found = 0
        for number, week in enumerate(self.weeks):
            vectors = self._pass(week)
            if number < WARM_WEEKS:
                self._learn(week, vectors, range(len(week)))
                continue
            best, more = self._pick(vectors, number)
            picks = [*best, *more]
            found += sum(week[i].irregular for i in picks)
            explored_found += sum(week[i].irregular for i in more)
            explored += len(more)
            picked += len(picks)
            irregular += sum(entry.irregular for entry in week)
            self._learn(week, vectors, range(len(week)) if self.policy == "all labels" else picks)
        return Outcome(
            policy=self.policy,
            share=self.part,
            picks=picked,
            found=found,
            irregular=irregular,
            explored_precision=explored_found / explored if explored else None,
            training_seconds=round(self.training, 1),
        )

    def _pass(self, week: Sequence[Labelled]) -> list[FeatureVector]:
        """Let the week's declarations pass: features as of their lodging."""
        vectors = []
        for entry in week:
            at = entry.declaration.lodged_at
            vectors.append(compute(entry.declaration, self.history, at))
            self.history.observe_declaration(entry.declaration, at)
        return vectors

    def _learn(
        self, week: Sequence[Labelled], vectors: Sequence[FeatureVector], picks: Sequence[int]
    ) -> None:
        """Take in the results of *picks*, which are known when the week has ended."""
        ended = max(entry.known_at for entry in week)
        for i in picks:
            self.history.observe_result(week[i].result, week[i].declaration, ended)
            self.examples.append(example(week[i], vectors[i]))
        self.seen.update(map(goods, vectors))

    def _pick(self, vectors: Sequence[FeatureVector], number: int) -> tuple[list[int], list[int]]:
        """Return the picks of the week that exploit, and those that explore."""
        quota = round(self.part * len(vectors))
        exploring = 0 if self.policy in {"greedy", "random", "all labels"} else round(EXPLORED * quota)
        chance = self._chances(vectors)
        best = np.argsort(-chance, kind="stable")[: quota - exploring].tolist()
        rest = [i for i in range(len(vectors)) if i not in set(best)]
        if self.policy == "dictionary":
            return best, self.rng.choice(rest, exploring, replace=False).tolist()
        return best, self._worth_knowing(vectors, chance, best, rest, number)[:exploring]

    def _chances(self, vectors: Sequence[FeatureVector]) -> np.ndarray:
        """Return by what the policy orders, the highest first."""
        if self.policy == "random":
            return self.rng.random(len(vectors))
        if self.policy == "dictionary":
            return np.array([record(vector) for vector in vectors]) + 1e-9 * self.rng.random(len(vectors))
        begun = time.process_time()
        scorer = train(self.examples, seed=self.seed)
        self.training += time.process_time() - begun
        return np.array([score.probability for score in scorer.score(vectors)])

    def _worth_knowing(
        self,
        vectors: Sequence[FeatureVector],
        chance: np.ndarray,
        best: Sequence[int],
        rest: Sequence[int],
        number: int,
    ) -> list[int]:
        """Return goods that were never inspected, one declaration each, the most worth knowing first.

        What a result teaches is worth its chance times how often such goods come; a chance counts
        more than its measure, because what is found now counts too.
        """
        keys = [goods(vector) for vector in vectors]
        here = Counter(keys)
        taken = {keys[i] for i in best}
        worth = {
            i: chance[i] ** 1.5 * (1.0 + 3.0 * (1 + self.seen[keys[i]] + here[keys[i]]) / (6 + number))
            for i in rest
        }
        found: list[int] = []
        for i in sorted(rest, key=lambda i: -worth[i]):
            if keys[i] not in taken and not REGISTRY.value(vectors[i], "goods_inspected_all"):
                taken.add(keys[i])
                found.append(i)
        return found


def goods(vector: FeatureVector) -> tuple[object, ...]:
    """Return what makes the goods of a declaration with one item the same."""
    return tuple(REGISTRY.value(vector, name) for name in GOODS)


def record(vector: FeatureVector) -> float:
    """Return the share of irregular among the controls of the same goods; one imagined control at a fifth."""
    inspected, irregular = (
        REGISTRY.value(vector, f"goods_{what}_all") for what in ("inspected", "irregular")
    )
    return (int(irregular or 0) + 0.2) / (int(inspected or 0) + 1.0)


def weeks_of(entries: Sequence[Labelled]) -> list[list[Labelled]]:
    """Return *entries* by week, from the first day on; days are never split."""
    first = entries[0].declaration.lodged_at.toordinal()
    weeks: dict[int, list[Labelled]] = {}
    for entry in entries:
        weeks.setdefault((entry.declaration.lodged_at.toordinal() - first) // 7, []).append(entry)
    return [weeks[number] for number in sorted(weeks)]


def measure(policy: str, part: float, folder: Path, weeks_max: int | None, seed: int) -> Outcome:
    """Run one policy on the data in *folder*."""
    entries = read_year(folder / "train.csv") + read_year(folder / "valid.csv")
    return Loop(policy, part, weeks_of(entries)[:weeks_max], seed).run()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    add_data_argument(parser)
    parser.add_argument("--share", type=float, nargs="+", default=[0.05, 0.10], help="shares inspected")
    parser.add_argument("--policy", nargs="+", choices=POLICIES, default=list(POLICIES))
    parser.add_argument("--weeks", type=int, help="only so many weeks")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--json", action="store_true", help="for machines")
    wanted = parser.parse_args()
    folder = find_data(wanted.folder)
    if folder is None:
        return 0
    runs = [(policy, part) for part in wanted.share for policy in wanted.policy]
    # The long ones first, so that the processes end together.
    order = sorted(runs, key=lambda run: (run[0] != "all labels", run[0] in {"random", "dictionary"}))
    with ProcessPoolExecutor(wanted.jobs, mp_context=get_context("spawn")) as pool:
        jobs = {run: pool.submit(measure, run[0], run[1], folder, wanted.weeks, wanted.seed) for run in order}
        outcomes = [jobs[run].result() for run in runs]
    told = [{**asdict(o), "precision": o.precision, "recall": o.recall} for o in outcomes]
    if wanted.json:
        print(json.dumps({"command": command(), "machine": machine(), "rows": told}, indent=2))
        return 0
    print_table(
        "The weekly loop: only picks are labelled",
        ("inspected", "policy", "precision", "95 %", "recall", "exploring picks", "picks", "training CPU s"),
        [row(outcome) for outcome in outcomes],
        places=3,
    )
    print(f"\n  repeat: {command()}")
    return 0


def row(outcome: Outcome) -> tuple[str | float | int | None, ...]:
    """Return the line of the table."""
    interval = share(float(outcome.found), outcome.picks)
    return (
        f"{outcome.share:.0%}",
        outcome.policy,
        outcome.precision,
        f"{interval.low:.3f} to {interval.high:.3f}",
        outcome.recall,
        outcome.explored_precision,
        outcome.picks,
        outcome.training_seconds,
    )


if __name__ == "__main__":
    sys.exit(main())
