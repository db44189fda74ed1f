"""Is the recall of a challenger that never ran known, and are the 95 % intervals honest?

A period of declarations is controlled by a champion, a random floor of 1 % and a shadow boost of
10 % of what the challenger would pick.  From the controls alone the recall of the challenger is
estimated; the truth is known here.  Each method sees the same rows:

  naive  inspected rows as they come
  ipw    weighted by the logged probability
  dr     doubly robust: predictions corrected by weighted errors

Coverage is the share of replications whose interval holds the truth (0.95 is wanted; +- is the
chance of the replications themselves), half-width the mean of half the interval.  Worlds differ in
how well irregularity can be predicted and how frequent it is; without the boost too few of the
challenger's picks are drawn, and the answer is "not enough evidence" instead of an interval.

    python bench/estimation.py [--replications 1000] [--rows 8000] [--seed 1] [--json] [--figure FILE]
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from _figure import Bar, Panel, intervals_svg

from tidewaiter.core.learning.estimate import (
    Estimate,
    Judgement,
    Method,
    Sample,
    compare,
    hit_rate,
    irregular_rate,
    recall,
)
from tidewaiter.core.learning.intervals import Floats

#: Share of declarations that champion and challenger each pick, about: a policy is a threshold set before.
#: (Filled to exactly a tenth of each period their figures vary less, and the intervals are a little wide.)
PICKED = 0.10


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A way in which irregular declarations come about: logistic in three independent signals."""

    name: str
    #: Log-odds of an average declaration.
    base: float
    #: Weight of the signal that both models see.
    common: float
    #: Weight of the signal that only the challenger sees.
    new: float
    #: Weight of what no model sees.
    hidden: float = 0.6
    #: Share of the challenger's picks that is controlled because it would pick them.
    boost: float = 0.10

    def declarations(self, rng: np.random.Generator, rows: int) -> tuple[Floats, Floats]:
        """Return (signals: common and new, irregular) of *rows* declarations."""
        signals = rng.normal(size=(rows, 3))
        log_odds = self.base + signals @ np.array([self.common, self.new, self.hidden])
        irregular = rng.random(rows) < 1.0 / (1.0 + np.exp(-log_odds))
        return signals[:, :2], irregular.astype(np.float64)


WORLDS = (
    World(name="well predicted, 26 % irregular", base=-2.2, common=2.0, new=2.0),
    World(name="hard to predict, 19 % irregular", base=-2.2, common=1.2, new=1.2),
    World(name="rare, 5 % irregular", base=-4.2, common=1.2, new=1.2),
    World(name="well predicted, no boost", base=-2.2, common=2.0, new=2.0, boost=0.0),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the result."""

    world: str
    figure: str
    method: str
    truth: float
    #: Replications with an interval; the others said "not enough evidence".
    judged: int
    coverage: float
    half_width: float
    bias: float


def fitted(signals: Floats, irregular: Floats) -> Floats:
    """Return the coefficients of a logistic regression (constant first), by Newton's method."""
    design = np.column_stack([np.ones(len(signals)), signals])
    coefficients = np.zeros(design.shape[1])
    for _ in range(25):
        predicted = 1.0 / (1.0 + np.exp(-design @ coefficients))
        curvature = design.T @ (design * (predicted * (1.0 - predicted))[:, np.newaxis])
        coefficients += np.linalg.solve(curvature, design.T @ (irregular - predicted))
    return coefficients


def predicted(coefficients: Floats, signals: Floats) -> Floats:
    """Return the predicted probability of each declaration."""
    return np.asarray(1.0 / (1.0 + np.exp(-(coefficients[0] + signals @ coefficients[1:]))))


def threshold(scores: Floats) -> float:
    """Return the score above which about the wanted part lies."""
    return float(np.quantile(scores, 1.0 - PICKED))


def picks(scores: Floats, least: float) -> Floats:
    """Return 1 where the score is above *least*, else 0."""
    return (scores > least).astype(np.float64)


def controlled(
    rng: np.random.Generator,
    signals: Floats,
    irregular: Floats,
    model: Floats,
    least: tuple[float, float],
    *,
    floor: float,
    boost: float,
) -> tuple[Sample, Floats, Floats]:
    """Return what the administration knows after the period, and the picks of champion and challenger."""
    scores = predicted(model, signals)
    champion, challenger = picks(signals[:, 0], least[0]), picks(scores, least[1])
    inclusion = 1.0 - (1.0 - champion) * (1.0 - floor) * (1.0 - boost * challenger)
    inspected = rng.random(inclusion.size) < inclusion
    known = np.where(inspected, irregular, np.nan)  # nobody knows the others
    sample = Sample(inclusion=inclusion, inspected=inspected, irregular=known, predicted=scores)
    return sample, champion, challenger


def truths(world: World, model: Floats, seed: int) -> tuple[dict[str, float], tuple[float, float]]:
    """Return the true figures, from two million declarations, and both thresholds."""
    signals, irregular = world.declarations(np.random.default_rng([seed, 99]), 2_000_000)
    scores = predicted(model, signals)
    least = threshold(signals[:, 0]), threshold(scores)
    champion, challenger = picks(signals[:, 0], least[0]), picks(scores, least[1])
    total = irregular.sum()
    found, before = (challenger * irregular).sum(), (champion * irregular).sum()
    figures = {
        "recall": found / total,
        "recall gained": (found - before) / total,
        "hit rate": found / challenger.sum(),
        "irregular rate": total / irregular.size,
    }
    return figures, least


def judged(sample: Sample, champion: Floats, challenger: Floats) -> Iterator[tuple[str, Method, Judgement]]:
    """Yield each figure by each method, from the same rows."""
    for method in Method:
        yield "recall", method, recall(sample, challenger, champion=champion, method=method)
    yield "recall gained", Method.DR, compare(sample, champion, challenger)
    yield "hit rate", Method.DR, hit_rate(sample, challenger, champion=champion)
    yield "irregular rate", Method.DR, irregular_rate(sample)


def measure(world: World, *, replications: int, rows: int, seed: int, floor: float = 0.01) -> list[Row]:
    """Return coverage, half-width and bias of every figure in *world*."""
    rng = np.random.default_rng([seed, sum(world.name.encode())])
    model = fitted(*world.declarations(rng, 200_000))
    truth, least = truths(world, model, seed)
    seen: dict[tuple[str, Method], list[Estimate]] = {}
    for _ in range(replications):
        signals, irregular = world.declarations(rng, rows)
        known = controlled(rng, signals, irregular, model, least, floor=floor, boost=world.boost)
        for figure, method, judgement in judged(*known):
            estimates = seen.setdefault((figure, method), [])
            if isinstance(judgement, Estimate):
                estimates.append(judgement)
    return [_row(world, figure, method, truth[figure], found) for (figure, method), found in seen.items()]


def _row(world: World, figure: str, method: Method, truth: float, found: Sequence[Estimate]) -> Row:
    def mean(values: list[float]) -> float:
        return sum(values) / len(values) if values else math.nan

    return Row(
        world=world.name,
        figure=figure,
        method=method.value,
        truth=truth,
        judged=len(found),
        coverage=mean([float(e.low <= truth <= e.high) for e in found]),
        half_width=mean([(e.high - e.low) / 2.0 for e in found]),
        bias=mean([e.value - truth for e in found]),
    )


def _line(row: Row) -> str:
    start = f"{row.world:31} {row.figure:14} {row.method:6} {row.truth:6.3f} "
    if row.judged == 0:
        return f"{start}{'not enough evidence':>33} {row.judged:7d}"
    # Two standard errors of a share near 0.95, or near 0 where a method never holds the truth.
    chance = 2.0 * math.sqrt(max(row.coverage * (1.0 - row.coverage), 1.0 / row.judged) / row.judged)
    return f"{start}{row.coverage:8.3f} {chance:5.3f} {row.half_width:10.3f} {row.bias:+7.3f} {row.judged:7d}"


#: Method -> its name in the figure.
_TOLD = {"naive": "as they come", "ipw": "weighted", "dr": "doubly robust"}


def figure(rows: Sequence[Row]) -> str:
    """Return the estimates of recall beside the truth: the mean estimate with the mean interval."""
    panels = []
    for world in dict.fromkeys(row.world for row in rows):
        shown = [row for row in rows if row.world == world and row.figure == "recall" and row.judged]
        bars = [
            Bar(
                _TOLD[row.method],
                row.truth + row.bias,
                row.truth + row.bias - row.half_width,
                row.truth + row.bias + row.half_width,
                row.method == "naive",
            )
            for row in shown
        ]
        if len(bars) == len(_TOLD):
            panels.append(Panel(world, shown[0].truth, bars))
    return intervals_svg(
        panels,
        "recall of a policy that never ran; dashed: the truth",
        "The naive estimate lies far above the truth in every world; the intervals of the others hold it.",
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and say how to repeat it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--replications", type=int, default=1000)
    parser.add_argument("--rows", type=int, default=8000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print for machines")
    parser.add_argument("--figure", type=Path, help="write the estimates of recall as an SVG file")
    given = parser.parse_args(arguments)
    began = time.perf_counter()
    rows = [
        row
        for world in WORLDS
        for row in measure(world, replications=given.replications, rows=given.rows, seed=given.seed)
    ]
    seconds = time.perf_counter() - began
    if given.figure is not None:
        given.figure.write_text(figure(rows), encoding="utf-8")
    options = f"--replications {given.replications} --rows {given.rows} --seed {given.seed}"
    command = f"python bench/estimation.py {options}"
    if given.json:
        result = {"command": command, "seconds": round(seconds, 1), "rows": [asdict(row) for row in rows]}
        json.dump(result, sys.stdout, indent=1)
        sys.stdout.write("\n")
        return 0
    print(
        f"{given.replications} periods of {given.rows} declarations, floor 1 %, shadow boost 10 %; "
        "95 % intervals\n"
    )
    print(
        f"{'world':31} {'figure':14} {'method':6} {'truth':>6} {'coverage':>8} {'+-':>5} {'half-width':>10} "
        f"{'bias':>7} {'judged':>7}"
    )
    for row in rows:
        print(_line(row))
    print(f"\n{seconds:.1f} s; repeat with: {command}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
