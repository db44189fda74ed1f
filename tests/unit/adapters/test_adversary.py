"""The adversary learns what is to be learned, sees nothing that agents do not see, and never looks ahead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from tests.fakes import trade
from tidewaiter.adapters.adversary import AdversaryTrees
from tidewaiter.core.features import FeatureVector, compute
from tidewaiter.core.history import History
from tidewaiter.core.learning.predictability import skill
from tidewaiter.flow.ports.adversary import Seen

ROWS, PAST = 1_500, 1_000


@cache
def vectors() -> tuple[FeatureVector, ...]:
    return tuple(compute(each, History(), each.lodged_at) for each in map(trade.declaration, range(ROWS)))


def rows(chance: Callable[[int], float]) -> list[Seen]:
    """Return declarations of two agents that are controlled with the *chance* of their number."""
    drawn = np.random.default_rng(1).random(ROWS)
    return [
        Seen(
            agent=f"B{number % 2}", vector=vector, controlled=bool(drawn[number] < chance(number)),
            probability=chance(number), hits=(),
        )
        for number, vector in enumerate(vectors())
    ]  # fmt: skip


def area(seen: list[Seen], *, pooled: bool = False) -> float:
    forecast = AdversaryTrees().forecast(seen[:PAST], seen[PAST:], pooled=pooled)
    found = skill(np.array([float(each.controlled) for each in seen[PAST:]]), np.array(forecast), 0.1)
    assert found is not None
    return found.area


@pytest.mark.parametrize("pooled", [False, True])
def test_a_fixed_rule_is_seen_through(pooled: bool) -> None:
    assert area(rows(lambda number: 1.0 if number % 8 == 3 else 0.0), pooled=pooled) > 0.95


def test_a_random_draw_cannot_be_foretold() -> None:
    assert abs(area(rows(lambda _: 0.1)) - 0.5) < 0.08


def test_a_share_hides_a_part_of_the_rule() -> None:
    # Who knew the rule would reach 0.79.
    assert 0.65 < area(rows(lambda number: 0.6 if number % 8 == 3 else 0.05)) < 0.87


def test_no_forecast_depends_on_its_own_lane_or_a_later_one() -> None:
    seen = rows(lambda number: 0.9 if number % 8 == 3 else 0.05)
    changed = PAST + 200
    other = [*seen]
    for at in range(changed, ROWS):
        other[at] = replace(seen[at], controlled=not seen[at].controlled)
    before = AdversaryTrees().forecast(seen[:PAST], seen[PAST:], pooled=True)
    after = AdversaryTrees().forecast(other[:PAST], other[PAST:], pooled=True)
    assert before[: changed - PAST + 1] == after[: changed - PAST + 1]
    # The law would see it: what comes after does depend on the lanes that were seen.
    assert before[changed - PAST + 1 :] != after[changed - PAST + 1 :]


def test_what_only_the_administration_knows_changes_nothing() -> None:
    seen = rows(lambda number: 0.9 if number % 8 == 3 else 0.05)
    told = [replace(each, probability=0.5, hits=("SECRET",)) for each in seen]
    forecast = AdversaryTrees().forecast(seen[:PAST], seen[PAST:], pooled=False)
    assert forecast == AdversaryTrees().forecast(told[:PAST], told[PAST:], pooled=False)


@pytest.mark.parametrize("always", [0.0, 1.0])
def test_who_has_seen_one_lane_only_expects_nothing_else(always: float) -> None:
    seen = rows(lambda _: always)
    assert set(AdversaryTrees().forecast(seen[:PAST], seen[PAST:], pooled=True)) == {always}
