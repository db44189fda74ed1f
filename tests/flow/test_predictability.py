"""Predictability of the decisions on record: what is measured, of what, and what it suggests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests.fakes import trade
from tests.fakes.site import Site, starter_bodies
from tidewaiter.core.errors import ConfigurationError, NotFound
from tidewaiter.flow.ports.adversary import Seen
from tidewaiter.flow.predictability import MeasurePredictability, Predictability

ROWS = 1_200
#: Goods of one heading in eight are examined.
RULE = {"code": "cement", "lane": "examination", "when": {"feature": "hs4", "=": "2523"}}


class Insider:
    """An adversary that looks at what it must not see: it marks the best that can be reached."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, int, bool]] = []

    def forecast(self, past: Sequence[Seen], later: Sequence[Seen], *, pooled: bool) -> list[float]:
        """Return the probabilities that were logged, if agents talk, and otherwise nothing of use."""
        self.asked.append((len(past), len(later), pooled))
        self.later = list(later)
        return [each.probability if pooled else 0.5 for each in later]


def decided(share: str, *, rows: int = ROWS) -> Site:
    """Return a site that selects by one profile and next to nothing else."""
    site, bodies = Site(model=None), starter_bodies()
    template: dict[str, Any] = bodies["rules"]["profiles"][0]
    bodies["rules"]["profiles"] = [{**template, **RULE, "flows": ["import"], "share": share}]
    plan = bodies["plan"]
    plan["random_floor"] = {"lane": "examination", "probability": 0.02}
    plan["degraded"]["model"], plan["degraded"]["flows"] = {"lane": "documents", "probability": 0.001}, {}
    plan["exploration"]["share"] = 0
    plan["capacity"] = {"default": {"share": 1.0, "arrivals_per_day": 1000}}
    site.publish(bodies)
    for first in range(0, rows, 100):
        site.assess(*[trade.declaration(number) for number in range(first, first + 100)])
    return site


def measured(site: Site, limit: float = 0.75) -> tuple[Predictability, Insider]:
    insider = Insider()
    return MeasurePredictability(store=site.store, adversary=insider)(limit), insider


def test_a_fixed_rule_stands_out_and_the_suggestion_hides_it() -> None:
    found, insider = measured(decided("1"))
    assert insider.asked == [(800, 400, False), (800, 400, True)]
    assert found.alone.area == 0.5
    assert found.pooled.area > 0.85
    assert found.all_knowing > 0.85
    assert [(each.code, each.hits) for each in found.profiles] == [("cement", 50)]
    assert found.profiles[0].skill.area == 1.0
    assert found.suggestion is not None
    assert 0.2 < found.suggestion.kept < 0.9
    assert found.suggestion.area <= 0.75


def test_within_the_limit_nothing_is_suggested() -> None:
    found, _ = measured(decided("0.6"), limit=0.99)
    assert found.suggestion is None


def test_the_adversary_is_told_what_was_decided() -> None:
    site = decided("0.6")
    _, insider = measured(site)
    of_rule = [each for each in insider.later if each.hits]
    assert {each.hits for each in of_rule} == {("cement",)}
    assert {each.agent for each in insider.later} == {"B1"}
    assert {each.controlled for each in of_rule} == {True, False}
    assert all(0.6 <= each.probability < 0.63 for each in of_rule)


def test_amendments_and_decisions_with_other_features_are_left_out() -> None:
    site = decided("1")
    site.assess(*[trade.amended(trade.declaration(number)) for number in range(100)])
    _, insider = measured(site)
    assert insider.asked[0][:2] == (800, 400)


def test_too_few_decisions_show_nothing() -> None:
    with pytest.raises(NotFound, match="it takes 1,000"):
        measured(decided("1", rows=200))


@pytest.mark.parametrize("limit", [0.5, 0.2, 1.1])
def test_a_limit_below_a_coin_is_none(limit: float) -> None:
    with pytest.raises(ConfigurationError, match="coin"):
        measured(Site(), limit)
