"""The laws of probabilities that wait for the next epoch."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.epochs import DAYS, Custody
from tests.fakes.site import Site, starter_bodies
from tests.fakes.trade import declaration
from tidewaiter.flow.next_epoch import with_probabilities_of

SHARES = st.sampled_from(["0.1", "0.5", "1"])


@pytest.fixture
def custody() -> Custody:
    return Custody(Site(model=None))


def changed(**changes: Any) -> dict[str, Any]:
    """Return the starter content with another random floor, and what else is given of the plan."""
    bodies = starter_bodies()
    bodies["plan"]["random_floor"]["probability"] = 0.07
    bodies["plan"].update(changes)
    return bodies


def floor(custody: Custody, number: int) -> float:
    """Return the probability with which the random floor draws a new import."""
    stages = custody.site.decide(declaration(number))["stages"]
    return float(next(stage["probability"] for stage in stages if stage["stage"] == "random"))


def test_without_epochs_a_rate_counts_at_once(custody: Custody) -> None:
    custody.site.publish(changed())
    assert not custody.site.services.administration.waits()
    assert floor(custody, 1) == 0.07


def test_within_an_epoch_a_rate_waits_for_the_next_one(custody: Custody) -> None:
    custody.run(1)
    assert floor(custody, 1) == 0.01
    custody.site.publish(changed())
    assert custody.site.services.administration.waits()
    assert floor(custody, 2) == 0.01
    custody.site.clock.advance(days=DAYS)
    assert floor(custody, 3) == 0.01  # the next epoch is late, so the last one goes on
    custody.run(2)
    assert floor(custody, 4) == 0.07
    assert not custody.site.services.administration.waits()
    assert [replayed.differences for replayed in custody.site.replays()] == [()] * 4


def test_what_is_not_about_draws_counts_at_once(custody: Custody) -> None:
    custody.run(1)
    before = custody.site.services.administration.published()["plan"]
    exploration = {**starter_bodies()["plan"]["exploration"], "share": 0.2}
    versions = custody.site.publish(changed(exploration=exploration))
    assert versions["plan"] != before
    assert floor(custody, 1) == 0.01
    custody.site.clock.advance(days=DAYS)
    custody.run(2)
    assert floor(custody, 2) == 0.07


def test_taking_a_rate_back_leaves_nothing_waiting(custody: Custody) -> None:
    custody.run(1)
    custody.site.publish(changed())
    custody.site.publish(starter_bodies())
    assert not custody.site.services.administration.waits()
    custody.site.clock.advance(days=DAYS)
    custody.run(2)
    assert floor(custody, 1) == 0.01


def test_the_last_of_several_publications_waits(custody: Custody) -> None:
    custody.run(1)
    custody.site.publish(changed())
    again = changed()
    again["plan"]["random_floor"]["probability"] = 0.03
    custody.site.publish(again)
    custody.site.clock.advance(days=DAYS)
    custody.run(2)
    assert floor(custody, 1) == 0.03


@given(st.data(), st.floats(min_value=0.001, max_value=1.0))
def test_no_known_share_changes_and_new_profiles_keep_theirs(data: st.DataObject, rate: float) -> None:
    current = starter_bodies()
    new = copy.deepcopy(current)
    new["plan"]["random_floor"]["probability"] = rate
    new["plan"]["draws"] = "anew"
    for profile in new["rules"]["profiles"]:
        profile["share"] = data.draw(SHARES)
    added = {**new["rules"]["profiles"][0], "code": "just_added", "share": "0.9"}
    new["rules"]["profiles"].append(added)
    made = with_probabilities_of(current, new)
    known = {profile["code"]: profile["share"] for profile in current["rules"]["profiles"]}
    assert {p["code"]: p["share"] for p in made["rules"]["profiles"]} == {**known, "just_added": "0.9"}
    assert made["plan"] == current["plan"]
    assert with_probabilities_of(new, new) == new
