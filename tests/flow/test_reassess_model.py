"""What was decided without a model is assessed again once it is back; lanes only go up."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.fakes import trade
from tests.fakes.memory_store import MemoryStore
from tests.fakes.scorer import FakeModels, FakeScorer
from tests.fakes.site import SOURCE, FakeClock, Site, starter_bodies
from tests.fakes.sql_stores import DATABASES
from tidewaiter.adapters.sql import SqlStore
from tidewaiter.core.override import Change, Direction, ReasonCode
from tidewaiter.core.selection.lanes import lanes_from_data
from tidewaiter.core.selection.stages import Mark
from tidewaiter.flow.ports import Store

LANES = lanes_from_data(starter_bodies()["lanes"])
COUNT = 60
MODEL = "back-again"


@pytest.fixture(params=[*DATABASES, "memory"])
def site(request: pytest.FixtureRequest) -> Site:
    """Return a site on each store, whose model is in force and not there."""
    made: Store = MemoryStore()
    if request.param != "memory":
        sql: SqlStore = request.getfixturevalue(f"make_{request.param}_store")()
        made = sql
    return without_model(made)


def without_model(store: Store) -> Site:
    """Return a site that has decided on declarations while the model was missing."""
    site = Site(store, clock=FakeClock(trade.declaration(COUNT).lodged_at), models=FakeModels(), model=None)
    site.put_in_force(MODEL)
    site.assess(*(trade.declaration(number) for number in range(1, COUNT + 1)))
    assert site.present.model_fault is not None
    return site


def model_returns(site: Site) -> None:
    """Put a model in its place that finds much irregular, and let the worker finish."""
    site.models.put(FakeScorer(MODEL, level=1.5))
    while site.reassess_model.step():
        pass


def told(site: Site, kind: str) -> list[dict[str, Any]]:
    """Return the ledger entries of a kind."""
    with site.store.read() as uow:
        entries = [json.loads(leaf.body or b"{}") for leaf in uow.ledger()]
    return [entry for entry in entries if entry.get("kind") == kind]


def lane_now(site: Site, decision: str) -> str:
    """Return the lane in force of a decision."""
    with site.store.read() as uow:
        overrides = uow.overrides_of(decision)
    return overrides[-1].to_lane if overrides else str(site.evidence(decision)["lane"])


def recalls(site: Site) -> list[dict[str, Any]]:
    """Return the alerts that left."""
    with site.store.read() as uow:
        events, _ = uow.events(0, source=SOURCE, topics={"recall"}, limit=10_000)
    return [json.loads(event.payload) for event in events]


def test_each_is_assessed_again_and_a_stricter_lane_is_recalled_and_in_force(site: Site) -> None:
    decided = {each: site.evidence(each) for each in site.decisions()}
    assert all(Mark.DEGRADED_MODEL in each["marks"] for each in decided.values())
    assert not site.reassess_model.step(), "there is no model yet"
    assert told(site, "standin") == []
    model_returns(site)
    found = {each["decision_id"]: each for each in told(site, "standin")}
    assert found.keys() == decided.keys()
    stricter = {
        each for each, evidence in decided.items()
        if LANES.order(found[each]["lane"]) > LANES.order(evidence["lane"])
    }  # fmt: skip
    assert 0 < len(stricter) < COUNT, "the test shows both"
    assert {each["decision_id"] for each in recalls(site)} == stricter
    assert {each for each in found if found[each]["recalled"]} == stricter
    for each, evidence in decided.items():
        assert lane_now(site, each) == (found[each]["lane"] if each in stricter else evidence["lane"])
        assert site.evidence(each) == evidence, "a decision never changes"
        assert (found[each]["rule"], found[each]["given_lane"]) == ("DEGRADED_MODEL", evidence["lane"])
    with site.store.read() as uow:
        raised = [override for each in stricter for override in uow.overrides_of(each)]
    assert {each.direction for each in raised} == {Direction.RAISED}
    assert {(each.by, each.reason_code) for each in raised} == {(f"model {MODEL}", ReasonCode.REASSESSED)}
    assert not any(replayed.differences for replayed in site.replays())
    register = site.services.overrides.register(trade.START, site.clock.now() + timedelta(days=1))
    assert (len(register.overrides), register.raised) == (len(stricter), 0), "no officer raised any"


def test_what_is_decided_next_has_the_model_and_nothing_is_done_twice(site: Site) -> None:
    model_returns(site)
    before = told(site, "standin")
    evidence = site.decide(trade.declaration(COUNT + 1))
    assert Mark.DEGRADED_MODEL not in evidence["marks"]
    again = Site(site.store, clock=site.clock, models=site.models)  # a process that knows nothing of it
    model_returns(again)
    assert told(site, "standin") == before
    assert len(recalls(site)) == sum(each["recalled"] for each in before)


def test_an_amendment_keeps_the_lane_that_the_model_raised(site: Site) -> None:
    model_returns(site)
    recalled = next(each for each in told(site, "standin") if each["recalled"])
    number = int(recalled["declaration_id"][1:])
    amended = site.answer(trade.declaration(number, version=2))
    assert LANES.order(amended["lane"]) >= LANES.order(recalled["lane"])


def test_what_officers_did_since_stands() -> None:
    twin = without_model(MemoryStore())
    model_returns(twin)
    which = [each["decision_id"] for each in told(twin, "standin") if each["recalled"]]
    site = without_model(MemoryStore())
    controlled, raised, amended = (site.evidence(each) for each in which[:3])
    site.record(trade.result(int(controlled["declaration_id"][1:])))
    ida = site.services.people.add(
        "ida",
        staff_number="S-ida",
        roles=["manager"],
        offices=["*"],
        password="correct horse battery",
        by="root",
    ).person
    strict = LANES.highest(*LANES.codes)
    change = Change(
        decision_id=raised["id"], from_lane=raised["lane"], to_lane=strict, text="odd",
        reason_code=ReasonCode.OTHER,
    )  # fmt: skip
    site.services.overrides.raise_lane(change, by=ida)
    site.answer(trade.declaration(int(amended["declaration_id"][1:]), version=2))
    model_returns(site)
    found = {each["decision_id"]: each for each in told(site, "standin")}
    assert not found[controlled["id"]]["recalled"], "an officer has looked"
    assert found[raised["id"]]["given_lane"] == strict
    assert not found[raised["id"]]["recalled"]
    assert amended["id"] not in found, "the decision on the newest version counts"
    assert len([each for each in found if each in which]) == len(which) - 1


def test_what_is_older_than_a_week_is_left() -> None:
    site = without_model(MemoryStore())
    site.clock.advance(days=8)
    model_returns(site)
    assert told(site, "standin") == []
    site.models.kept.clear()
    again = Site(site.store, clock=site.clock, models=site.models)
    late = trade.declaration(COUNT + 5, lodged_at=again.clock.now() - timedelta(hours=1))
    again.answer(late)
    model_returns(again)
    assert [each["declaration_id"] for each in told(again, "standin")] == [late.id]
    assert datetime.fromisoformat(told(again, "standin")[0]["given_at"]) <= again.clock.now()


def test_a_model_that_has_no_score_leaves_it_for_later() -> None:
    site = without_model(MemoryStore())
    scorer = site.models.put(FakeScorer(MODEL, level=1.5))
    scorer.down = True
    while site.reassess_model.step():
        pass
    assert told(site, "standin") == []
    scorer.down = False
    again = Site(site.store, clock=site.clock, models=site.models)
    model_returns(again)
    assert len(told(again, "standin")) == COUNT


def test_the_tests_would_see_a_reassessment_that_only_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    site = without_model(MemoryStore())
    monkeypatch.setattr("tidewaiter.flow.reassess_model._stricter", lambda *_: False)
    model_returns(site)
    assert len(told(site, "standin")) == COUNT
    assert recalls(site) == []
