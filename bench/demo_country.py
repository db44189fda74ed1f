"""A year in the demo country: what rules, chance, a model, and all together find with the same work.

The country starts with four weeks of history in which every declaration was examined; it counts
for nobody.  Then each policy may examine the same share of declarations at each office, and
learns only from its own controls.  Traders react to each policy: brokers see their lanes and hide
less or move, burnt importers take new names.  Half-way a new scheme begins.

  random    controls drawn at random
  rules     the starter profiles, every match; what they leave, at random
  model     the model alone, refitted every four weeks on what it found
  combined  the starter profiles with their shares, the random floor, the model and exploration

Intervals are 95 % over the seeds (Student); differences are paired by seed.

    python bench/demo_country.py [--seeds 5] [--first-seed 1] [--size 300000] [--share 0.05] [--jobs 2]
"""

from __future__ import annotations

import argparse
import heapq
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from multiprocessing import get_context
from statistics import mean, stdev
from typing import Any

from scipy.stats import t as student

from tidewaiter.adapters.starter.load import load_starter
from tidewaiter.adapters.starter.paths import starter_folder
from tidewaiter.core.control import ControlResult
from tidewaiter.core.declaration import Declaration
from tidewaiter.core.draw import DrawKey
from tidewaiter.core.features import REGISTRY, FeatureVector, compute
from tidewaiter.core.learning.labels import Example, example_of
from tidewaiter.core.selection.stages import Arm
from tidewaiter.core.times import day_of
from tidewaiter.demo import SCHEMES, World
from tidewaiter.flow.assessor import Assessed, Assessor, Case, EarlierDecision
from tidewaiter.flow.content import KINDS, Content, parse
from tidewaiter.flow.epochs import tickets_in

WARM_WEEKS = 4
YEAR_DAYS = 364
YEAR = date(2026, 1, 1)
START = YEAR - timedelta(weeks=WARM_WEEKS)
NEW_SCHEME_WEEK = 26
SOURCE = "demo"
POLICIES = ("random", "rules", "model", "combined")
EXAMINED = "examination"
#: Part of the work that explores: a twentieth by the random floor, half of that by the posteriors.
FLOOR = 0.0025
EXPLORED = 0.025
#: A random top-up aims this much above the capacity, so that it uses all of it.
TOP_UP = 2
#: About the additional duty of a finding in this country, so that number and money count alike.
VALUE_OF_FINDING = 10_000
#: The least that a plan may draw at random.
FLOOR_MIN = 0.001


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What a run varies."""

    seed: int
    size: int
    share: float
    refit_days: int = 28


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What one policy did in the year of one seed."""

    policy: str
    seed: int
    declarations: int = 0
    irregular: int = 0
    #: Controls, and officer-hours they took.
    controls: int = 0
    hours: float = 0.0
    #: Irregular declarations found, and additional duty of what was found, national currency.
    found: int = 0
    revenue: float = 0.0
    evaded: float = 0.0
    #: Controls and finds by the arm that selected.
    arms: dict[str, tuple[int, int]] = field(default_factory=dict)
    #: Scheme -> (irregular, found).
    schemes: dict[str, tuple[int, int]] = field(default_factory=dict)
    #: Weeks from the start of the new scheme until half of it was found in two weeks; None: never.
    weeks_to_half: int | None = None
    seconds: float = 0.0


# -- content


def content_of(policy: str, capacity: Mapping[str, Any]) -> Content:
    """Return the content in force under *policy*: the starter content, changed as the policy says.

    Every control is an examination, so that the same number of controls is the same work.
    """
    starter = load_starter(starter_folder(), REGISTRY)
    bodies: dict[str, Any] = json.loads(json.dumps(starter.bodies))
    controls = {lane["code"] for lane in bodies["lanes"]["lanes"] if lane["control"]}
    plan, profiles = bodies["plan"], bodies["rules"]["profiles"]
    for profile in profiles:
        profile["lane"] = EXAMINED if profile["lane"] in controls else profile["lane"]
    plan["capacity"] = capacity
    plan["model"] |= {"treatments": [{"lane": EXAMINED}], "value_of_finding": VALUE_OF_FINDING}
    plan["exploration"] |= {"lane": EXAMINED, "share": EXPLORED if policy == "combined" else 0}
    floor = FLOOR if policy == "combined" else FLOOR_MIN
    plan["random_floor"] = {"lane": EXAMINED, "probability": floor}
    if policy in {"random", "model"}:
        profiles.clear()
    if policy in {"random", "rules"}:
        # There is no model, and next to nothing stands in for it: what is left is drawn at random.
        plan["degraded"]["model"] = {"lane": EXAMINED, "probability": FLOOR_MIN}
        plan["degraded"]["flows"] = {}
        plan["top_up"] = {"lane": EXAMINED, "rate": TOP_UP * capacity["default"]["share"]}
    if policy == "rules":
        for profile in profiles:
            profile["share"] = "1" if profile["share"] == "1" else "0.999"
    return parse(bodies, dict.fromkeys(KINDS, policy))


def capacity_of(setting: Setting) -> dict[str, Any]:
    """Return what the offices can do: the same share of declarations under every policy."""
    per_day = setting.size / 3.2 / (7 * WARM_WEEKS + YEAR_DAYS)
    return {"default": {"share": setting.share, "arrivals_per_day": round(per_day / 6, 1)}}


def world_of(setting: Setting) -> World:
    """Return the country of a seed."""
    return World(
        seed=setting.seed,
        size=setting.size,
        days=7 * WARM_WEEKS + YEAR_DAYS,
        start=START,
        new_scheme_day=7 * (WARM_WEEKS + NEW_SCHEME_WEEK),
    )


# -- the year


class Year:
    """One policy in the year of one seed."""

    def __init__(self, policy: str, setting: Setting, capacity: Mapping[str, Any]) -> None:
        self.policy, self.setting, self.capacity = policy, setting, capacity
        self.world = world_of(setting)
        key = DrawKey(id="bench", secret=setting.seed.to_bytes(32, "big"))
        self.assessor = Assessor(content=content_of(policy, capacity), draw_key=key, scorer=None)
        self.outcome = Outcome(policy=policy, seed=setting.seed)
        self.learns = policy in {"model", "combined"}
        #: (known at, position, result, declaration), by time.
        self.waiting: list[tuple[datetime, int, ControlResult, Declaration]] = []
        #: Latest decision of each declaration of the last days, for amendments.
        self.decided: dict[str, tuple[Declaration, Assessed]] = {}
        self.vectors: dict[str, tuple[FeatureVector, float | None, bool, int]] = {}
        self.examples: list[Example] = []
        self.results = 0
        self.fitted_on = 0
        self.arms: Counter[tuple[str, bool]] = Counter()

    def run(self) -> Outcome:
        """Return what the policy found."""
        started = time.perf_counter()
        for (day, _), group in groupby(self.world.declarations(), key=_quarter_day):
            declarations = list(group)
            self._learn_until(declarations[0].lodged_at)
            if day < YEAR:
                self._label(declarations)
            else:
                self._refit(day)
                for batch in _batches(declarations):
                    self._decide(batch)
        self._account()
        self.outcome.seconds = time.perf_counter() - started
        return self.outcome

    def _label(self, declarations: Sequence[Declaration]) -> None:
        """Examine everything: the history before the year."""
        for declaration in declarations:
            at = declaration.lodged_at
            vector = compute(declaration, self.assessor.history, at, source=SOURCE) if self.learns else None
            self.assessor.history.observe_declaration(declaration, at, source=SOURCE)
            if declaration.version == 1:
                if vector is not None:
                    self.vectors[declaration.id] = (vector, None, True, day_of(at))
                self._control(declaration, "examination", at)

    def _decide(self, batch: Sequence[Declaration]) -> None:
        """Decide on *batch*, control what was selected, and tell the declarants their lanes."""
        cases = [Case(source=SOURCE, declaration=d, at=d.lodged_at, earlier=self._earlier(d)) for d in batch]
        for case, assessed in zip(cases, self.assessor.assess(cases), strict=True):
            declaration, decision = case.declaration, assessed.decision
            self.world.observe_lane(declaration.id, decision.lane)
            self.decided[declaration.id] = (declaration, assessed)
            lane = self.assessor.content.lanes[decision.lane]
            unchanged = case.earlier is not None and case.earlier.lane == decision.lane
            self.outcome.declarations += declaration.version == 1
            if not lane.control or unchanged:
                continue
            if self.learns:
                random_arm = decision.arm == Arm.RANDOM
                entry = (assessed.vector, decision.inclusion_probability, random_arm, day_of(decision.at))
                self.vectors[declaration.id] = entry
            self.outcome.controls += 1
            self.outcome.hours += self.assessor.content.lanes.hours(decision.lane, len(declaration.items))
            result = self._control(declaration, decision.lane, decision.at)
            truth = self.world.truth(declaration.id, declaration.version)
            hit = result.irregular and truth.irregular
            self.arms[decision.arm, hit] += 1
            if hit:
                self.outcome.revenue += float(result.duty_effect)

    def _earlier(self, declaration: Declaration) -> EarlierDecision | None:
        """Return the decision on the version that *declaration* amends."""
        before = self.decided.get(declaration.id)
        if before is None:
            return None
        decision = before[1].decision
        return EarlierDecision(
            declaration=before[0],
            lane=decision.lane,
            arm=Arm(decision.arm),
            inclusion_probability=decision.inclusion_probability,
            tickets=tickets_in(decision.consignment_keys, decision.draw_keys, decision.versions.draw_key),
        )

    def _control(self, declaration: Declaration, lane: str, at: datetime) -> ControlResult:
        result, known_at = self.world.inspect(declaration, lane, at)
        self.results += 1
        heapq.heappush(self.waiting, (known_at, self.results, result, declaration))
        return result

    def _learn_until(self, moment: datetime) -> None:
        """Let history have the results that are known before *moment*; keep what they teach."""
        while self.waiting and self.waiting[0][0] < moment:
            known_at, _, result, declaration = heapq.heappop(self.waiting)
            self.assessor.history.observe_result(result, declaration, known_at, source=SOURCE)
            entry = self.vectors.pop(declaration.id, None)
            if entry is None:
                continue
            vector, inclusion, random_arm, lodged_day = entry
            example = example_of(
                result, declaration, vector, lodged_day=lodged_day, known_day=day_of(known_at),
                inclusion_probability=inclusion, random_arm=random_arm,
            )  # fmt: skip
            if example is not None:
                self.examples.append(example)
        oldest = moment - timedelta(days=4)
        if len(self.decided) > 20_000:
            self.decided = {k: v for k, v in self.decided.items() if v[0].lodged_at >= oldest}

    def _refit(self, day: date) -> None:
        """Train a model when it is due: at the start of the year, then every so many days."""
        due = day.toordinal() - self.fitted_on >= self.setting.refit_days
        if not self.learns or not due:
            return
        from tidewaiter.adapters.scorers.stack import train

        self.assessor.scorer = train(self.examples, seed=self.setting.seed, threads=1, registry=REGISTRY)
        self.fitted_on = day.toordinal()

    def _account(self) -> None:
        """Ask the country what was missed in the year."""
        outcome = self.outcome
        for account in self.world.missed({}):
            weeks = {w - WARM_WEEKS: n for w, n in account.weeks.items() if w >= WARM_WEEKS}
            irregular = sum(n for n, _ in weeks.values())
            found = sum(n for _, n in weeks.values())
            outcome.schemes[account.scheme] = (irregular, found)
            outcome.irregular += irregular
            outcome.found += found
            if account.scheme == SCHEMES[-1].name:
                outcome.weeks_to_half = weeks_to_half(weeks)
        for arm in sorted({arm for arm, _ in self.arms}):
            hits = self.arms[arm, True]
            outcome.arms[arm] = (hits + self.arms[arm, False], hits)


def weeks_to_half(weeks: Mapping[int, tuple[int, int]]) -> int | None:
    """Return the weeks from the first one until at least half of two weeks' declarations was found."""
    first = min(weeks, default=0)
    for week in range(first, max(weeks, default=0)):
        irregular = sum(weeks.get(week + k, (0, 0))[0] for k in (0, 1))
        found = sum(weeks.get(week + k, (0, 0))[1] for k in (0, 1))
        if irregular and 2 * found >= irregular:
            return week + 2 - first
    return None


def _quarter_day(declaration: Declaration) -> tuple[date, int]:
    return declaration.lodged_at.date(), declaration.lodged_at.hour // 6


def _batches(declarations: Sequence[Declaration]) -> Iterator[list[Declaration]]:
    """Yield runs of declarations in which no declaration comes twice: an amendment sees its decision."""
    batch: list[Declaration] = []
    ids: set[str] = set()
    for declaration in declarations:
        if declaration.id in ids:
            yield batch
            batch, ids = [], set()
        batch.append(declaration)
        ids.add(declaration.id)
    if batch:
        yield batch


# -- the report


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Return the mean and half of its 95 % interval (Student); infinite for a single value."""
    if len(values) < 2:
        return mean(values), float("inf")
    half = float(student.ppf(0.975, len(values) - 1)) * stdev(values) / len(values) ** 0.5
    return mean(values), half


def simulate(arguments: tuple[str, Setting]) -> Outcome:
    """Return the outcome of a policy under a setting; runs in a process of its own."""
    policy, setting = arguments
    return Year(policy, setting, capacity_of(setting)).run()


def main() -> None:
    """Run all policies on all seeds and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=5, help="how many countries")
    parser.add_argument("--first-seed", type=int, default=1, help="seed of the first; then one by one")
    parser.add_argument("--size", type=int, default=300_000, help="items of the thirteen months")
    parser.add_argument(
        "--share", type=float, default=0.05, help="share of declarations that can be examined"
    )
    parser.add_argument("--refit-days", type=int, default=28)
    parser.add_argument("--policies", nargs="+", default=list(POLICIES), choices=POLICIES)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    work = [
        (
            policy,
            Setting(seed=seed, size=arguments.size, share=arguments.share, refit_days=arguments.refit_days),
        )
        for seed in range(arguments.first_seed, arguments.first_seed + arguments.seeds)
        for policy in arguments.policies
    ]
    outcomes = []
    with ProcessPoolExecutor(arguments.jobs, mp_context=get_context("spawn")) as pool:
        for outcome in pool.map(simulate, work):
            outcomes.append(outcome)
            print(f"{outcome.policy} {outcome.seed}: {outcome.seconds:.0f} s", file=sys.stderr)
    if arguments.json:
        print(json.dumps([asdict(outcome) for outcome in outcomes], indent=1))
    else:
        report(outcomes, arguments)


def report(outcomes: Sequence[Outcome], arguments: argparse.Namespace) -> None:
    """Print the tables for people."""
    by = {p: sorted((o for o in outcomes if o.policy == p), key=lambda o: o.seed) for p in arguments.policies}
    print(f"Demo country, one year, {arguments.seeds} seeds, {arguments.size} items\n")
    print(f"{'':22}" + "".join(f"{policy:>20}" for policy in by))

    def line(name: str, of: Any, form: str = "{:.3f}") -> None:
        cells = []
        for runs in by.values():
            middle, half = interval([of(o) for o in runs])
            cells.append(f"{form.format(middle)} ±{form.format(half)}")
        print(f"{name:22}" + "".join(f"{cell:>20}" for cell in cells))

    line("declarations", lambda o: o.declarations, "{:.0f}")
    line("share irregular", lambda o: o.irregular / o.declarations, "{:.4f}")
    line("share controlled", lambda o: o.controls / o.declarations, "{:.4f}")
    line("hours", lambda o: o.hours, "{:.0f}")
    line("irregular found", lambda o: o.found, "{:.0f}")
    line("hit rate", lambda o: o.found / max(1, o.controls))
    line("recall", lambda o: o.found / max(1, o.irregular))
    line("revenue, million", lambda o: o.revenue / 1e6, "{:.2f}")
    for scheme in SCHEMES:
        line(f"  recall {scheme.name}", lambda o, s=scheme.name: o.schemes[s][1] / max(1, o.schemes[s][0]))
    never = YEAR_DAYS // 7 - NEW_SCHEME_WEEK
    line("weeks to half of new", lambda o: o.weeks_to_half or never, "{:.1f}")
    for policy, runs in by.items():
        arms: Counter[str] = Counter()
        hits: Counter[str] = Counter()
        for o in runs:
            for arm, (controls, found) in o.arms.items():
                arms[arm] += controls
                hits[arm] += found
        told = ", ".join(f"{arm} {n} ({hits[arm] / n:.2f})" for arm, n in sorted(arms.items()))
        print(f"{policy}: controls (hit rate) by arm: {told}")
    if "combined" in by:
        for policy, others in by.items():
            if policy == "combined":
                continue
            pairs = list(zip(by["combined"], others, strict=True))
            found = interval([a.found - b.found for a, b in pairs])
            revenue = interval([(a.revenue - b.revenue) / 1e6 for a, b in pairs])
            print(
                f"combined less {policy}: found {found[0]:+.0f} ±{found[1]:.0f}, "
                f"revenue {revenue[0]:+.2f} ±{revenue[1]:.2f} million"
            )


if __name__ == "__main__":
    main()
