"""The laws of the combination: exact probabilities, ratchet, independence, degraded modes."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.core.selection.office import (
    DAY,
    LANES,
    SHARES,
    make_inputs,
    make_plan,
    make_score,
    random_declarations,
    run_day,
    worked_in,
)
from tidewaiter.core.scoring.contract import Score
from tidewaiter.core.selection import (
    Arm,
    Earlier,
    Mark,
    OfficeState,
    Plan,
    RuleHit,
    Selection,
    Shadow,
    combine,
    select,
    start,
)
from tidewaiter.core.selection.plan import DegradedModel, RandomFloor, TopUp

PLAN = make_plan()
WORKED = worked_in(PLAN)
CONTROLS = [lane.code for lane in LANES if lane.control]

profile_hits = st.lists(
    st.builds(
        RuleHit,
        profile=st.text("ABCDEF", min_size=1, max_size=4),
        lane=st.sampled_from(LANES.codes),
        share=st.sampled_from([1.0, 0.5, 0.1]),
    ),
    max_size=4,
    unique_by=lambda hit: hit.profile,
).map(tuple)
scores = st.one_of(
    st.none(),
    st.builds(make_score, st.floats(min_value=0, max_value=1), st.floats(min_value=0, max_value=1e6)),
)
shadows = st.lists(
    st.builds(
        Shadow, id=st.text("xyz", min_size=1, max_size=3), would_pick=st.booleans(), rate=st.just(0.15)
    ),
    max_size=2,
    unique_by=lambda shadow: shadow.id,
).map(tuple)
situations = st.fixed_dictionaries(
    {
        "hits": profile_hits,
        "score": scores,
        "shadows": shadows,
        "history": st.booleans(),
        "aeo": st.sampled_from([True, False, None]),
        "flow": st.sampled_from(["import", "export", "transit"]),
        "item_count": st.integers(1, 500),
    }
)


def select_many(count: int, state: OfficeState, **situation: Any) -> list[Selection]:
    return [select(make_inputs(number, **situation), state) for number in range(count)]


def stage_of(selection: Selection, stage: Arm) -> Any:
    return next(outcome for outcome in selection.stages if outcome.stage is stage)


def stage_price() -> float:
    found = select(make_inputs(score=make_score(0.01)), WORKED).value_of_hour
    assert found is not None
    return found


def score_worth(price: float) -> Score:
    """Return a score whose half-hour of documents is worth *price* an hour, with findings worth 200."""
    return make_score(0.01, price / 2 - 2.0, certainty=4.0)


RICH: dict[str, Any] = {
    "hits": (
        RuleHit(profile="half", lane="scan", share=0.4),
        RuleHit(profile="later", lane="audit_later", share=0.7),
    ),
    "score": score_worth(stage_price()),
    "shadows": (Shadow(id="c", would_pick=True, rate=0.15),),
    "plan": replace(
        PLAN,
        random_floor=RandomFloor(lane="examination", probability=0.1),
        top_up=TopUp(lane="documents", rate=0.5),
    ),
}


def deviations(count: int) -> list[float]:
    """Return how many standard deviations each observed frequency is from its stated probability."""
    made = select_many(count, WORKED, **RICH)
    seen = Counter(selection.lane for selection in made)
    stated = {selection.lane: selection.lane_probability for selection in made}
    stated["any control"] = made[0].inclusion_probability
    seen["any control"] = sum(LANES[selection.lane].control for selection in made)
    return [
        abs(seen[lane] - count * p) / math.sqrt(count * p * (1 - p))
        for lane, p in stated.items()
        if 0 < p < 1
    ]


def test_stated_probabilities_are_the_frequencies_over_many_consignments() -> None:
    found = deviations(6000)
    assert len(found) == 6  # five lanes, and any control
    assert max(found) < 4.5  # one false alarm in about 30,000 runs


def test_a_probability_that_forgets_a_stage_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = combine._inclusion
    monkeypatch.setattr(combine, "_inclusion", lambda stages, lanes: honest(stages[1:], lanes))
    assert max(deviations(1500)) > 4.5


def test_draws_that_share_a_domain_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = combine._drawn
    one_domain = lambda inputs, proposal: honest(inputs, replace(proposal, domain="model"))  # noqa: E731
    monkeypatch.setattr(combine, "_drawn", one_domain)
    assert max(deviations(1500)) > 4.5


@settings(max_examples=100)
@given(situations, st.integers(0, 10**6))
def test_the_probabilities_of_all_lanes_add_up_to_one(situation: dict[str, Any], number: int) -> None:
    selection = select(make_inputs(number, **situation), WORKED)
    base = PLAN.base_lane(make_inputs(**situation).facts)
    total = math.fsum(
        combine._lane_probability(selection.stages, base, lane, LANES)
        for lane in LANES.codes
        if LANES.order(lane) >= LANES.order(base)
    )
    assert total == pytest.approx(1.0, abs=1e-12)
    assert selection.lane_probability > 0.0


@settings(max_examples=100)
@given(situations, st.integers(0, 10**6))
def test_every_selection_is_consistent(situation: dict[str, Any], number: int) -> None:
    selection = select(make_inputs(number, **situation), WORKED)
    missed = math.prod(1 - s.probability for s in selection.stages if LANES[s.lane].control)
    assert selection.inclusion_probability == pytest.approx(1 - missed, abs=1e-12)
    assert LANES[selection.lane].control is any(s.hit and LANES[s.lane].control for s in selection.stages)
    assert (selection.arm is Arm.NONE) <= (not LANES[selection.lane].control)
    assert all(LANES.order(s.lane) <= LANES.order(selection.lane) for s in selection.stages if s.hit)
    assert [s.stage for s in selection.stages] == sorted(
        (s.stage for s in selection.stages), key=list(Arm).index
    )


@settings(max_examples=60)
@given(situations, situations, st.integers(0, 10**6))
def test_the_floor_is_drawn_alike_whatever_else_is_known(
    one: dict[str, Any], other: dict[str, Any], number: int
) -> None:
    other["history"] = one["history"]
    outcomes = [
        stage_of(select(make_inputs(number, **situation), state), Arm.RANDOM)
        for situation, state in ((one, WORKED), (other, WORKED), (one, start("A")))
    ]
    assert outcomes[0] == outcomes[1] == outcomes[2]


@settings(max_examples=60)
@given(situations, st.integers(0, 10**6), st.floats(0.01, 1.0), st.floats(0.01, 1.0))
def test_raising_the_floor_only_adds(
    situation: dict[str, Any], number: int, one: float, other: float
) -> None:
    low, high = (
        replace(PLAN, random_floor=RandomFloor(lane="examination", probability=rate))
        for rate in sorted((one, other))
    )
    before = stage_of(select(make_inputs(number, plan=low, **situation), WORKED), Arm.RANDOM)
    after = stage_of(select(make_inputs(number, plan=high, **situation), WORKED), Arm.RANDOM)
    assert after.hit or not before.hit


@settings(max_examples=60)
@given(situations, st.integers(0, 10**6), st.sampled_from(LANES.codes))
def test_an_amendment_never_lowers_the_lane(situation: dict[str, Any], number: int, lane: str) -> None:
    earlier = Earlier(lane=lane, arm=Arm.MODEL, inclusion_probability=0.4)
    selection = select(make_inputs(number, earlier=earlier, **situation), WORKED)
    assert LANES.order(selection.lane) >= LANES.order(lane)
    assert selection.inclusion_probability >= 0.4
    if LANES[lane].control:
        assert selection.arm is Arm.MODEL


def test_an_amendment_that_nothing_selects_keeps_its_lane_with_a_mark() -> None:
    earlier = Earlier(lane="documents", arm=Arm.RANDOM, inclusion_probability=0.02)
    kept = [
        s
        for s in select_many(50, WORKED, earlier=earlier, score=make_score(0.0, 0.0))
        if s.lane == "documents"
    ]
    assert kept
    assert any(Mark.RATCHET in s.marks for s in kept)
    assert all(s.charged_hours == 0.0 and s.arm is Arm.RANDOM for s in kept)


def test_equal_inputs_give_equal_selections() -> None:
    for number in range(20):
        assert select(make_inputs(number, **RICH), WORKED) == select(make_inputs(number, **RICH), WORKED)


def test_a_mandatory_profile_is_certain_and_the_floor_is_drawn_all_the_same() -> None:
    hit = (RuleHit(profile="M", lane="documents"),)
    made = select_many(400, WORKED, hits=hit, score=make_score(0.01))
    assert {s.inclusion_probability for s in made} == {1.0}
    assert all(stage_of(s, Arm.RANDOM).probability == 0.01 for s in made)
    assert {s.lane for s in made} == {"documents", "examination"}  # a floor hit raises the lane
    assert {s.arm for s in made} == {Arm.MANDATORY}


def test_a_share_selects_its_part_under_the_name_of_its_profile() -> None:
    made = select_many(
        2000, WORKED, hits=(RuleHit(profile="P9", lane="scan", share=0.3),), score=make_score(0.0, 0.0)
    )
    hits = sum(stage_of(s, Arm.SHARE).hit for s in made)
    assert hits == pytest.approx(600, abs=5 * math.sqrt(420))
    assert {d.domain for d in made[0].draws} >= {"share:P9", "random_floor"}


@pytest.mark.parametrize(
    "score",
    [
        None,
        make_score(math.nan),
        make_score(0.5, math.inf),
        make_score(0.5, -1.0),
        make_score(1.5),
        replace(make_score(0.5), posterior=(0.0, 1.0)),
        replace(make_score(0.5), posterior=(math.nan, 1.0)),
    ],
)
def test_without_a_usable_score_the_degraded_draw_stands_in_and_says_so(score: Score | None) -> None:
    degraded = replace(PLAN.degraded, flows={"import": DegradedModel(lane="documents", probability=0.3)})
    made = select_many(1000, start("A"), score=score, plan=replace(PLAN, degraded=degraded))
    assert all(Mark.DEGRADED_MODEL in s.marks for s in made)
    assert {stage_of(s, Arm.DEGRADED).probability for s in made} == {0.3}
    controlled = sum(LANES[s.lane].control for s in made) / 1000
    assert controlled == pytest.approx(made[0].inclusion_probability, abs=0.07)
    exports = select(make_inputs(flow="export", score=None), start("A"))
    assert stage_of(exports, Arm.DEGRADED).probability == 0.1


def test_without_history_the_floor_is_raised_and_nothing_is_removed() -> None:
    with_history = select_many(500, WORKED, score=make_score(0.1))
    without = select_many(500, WORKED, score=make_score(0.1), history=False)
    assert all(Mark.DEGRADED_FEATURES in s.marks for s in without)
    assert stage_of(without[0], Arm.RANDOM).probability == 0.05
    for before, after in zip(with_history, without, strict=True):
        assert stage_of(after, Arm.RANDOM).hit or not stage_of(before, Arm.RANDOM).hit


def test_near_the_price_selection_is_a_coin_and_beyond_the_band_it_is_certain() -> None:
    price = stage_price()
    chances = []
    for factor in (0.5, 0.8, 0.95, 1.0, 1.05, 1.2, 2.0):
        score = score_worth(price * factor)
        chances.append(stage_of(select(make_inputs(score=score), WORKED), Arm.MODEL).probability)
    assert chances == sorted(chances)
    assert (chances[0], chances[-1]) == (0.0, 1.0)
    assert chances[3] == pytest.approx(0.5, abs=1e-6)
    assert 0.2 < chances[2] < 0.5 < chances[4] < 0.8


def test_thresholds_choose_the_treatment_and_a_missing_scanner_the_next_one() -> None:
    def treated(plan: Plan, probability: float) -> str:
        return str(
            stage_of(
                select(make_inputs(score=make_score(probability), plan=plan), start("A")), Arm.MODEL
            ).lane
        )

    assert treated(PLAN, 0.4) == "examination"
    assert treated(PLAN, 0.2) == "documents"
    treatments = (replace(PLAN.model.treatments[0], lane="scan"), PLAN.model.treatments[1])
    scanning = replace(PLAN, model=replace(PLAN.model, treatments=treatments))
    assert treated(scanning, 0.4) == "scan"
    hours = replace(PLAN.capacity.default, hours={"officers": 40.0})
    no_scanner = replace(scanning, capacity=replace(PLAN.capacity, default=hours))
    assert treated(no_scanner, 0.4) == "documents"


def test_a_posterior_that_is_wide_is_explored_more_than_one_that_is_sure() -> None:
    chances = [
        stage_of(select(make_inputs(score=make_score(0.02, 2.0, certainty=sure)), WORKED), Arm.EXPLORATION)
        for sure in (1.0, 20.0, 500.0)
    ]
    assert chances[0].probability > chances[1].probability > chances[2].probability


def test_what_somebody_surely_selects_is_not_explored() -> None:
    selection = select(
        make_inputs(hits=(RuleHit(profile="M", lane="documents"),), score=make_score(0.2)), WORKED
    )
    assert all(stage.stage is not Arm.EXPLORATION for stage in selection.stages)


def test_a_challenger_gets_its_rate_only_where_it_would_pick() -> None:
    both = (Shadow(id="a", would_pick=True, rate=0.15), Shadow(id="b", would_pick=False, rate=0.15))
    selection = select(make_inputs(score=make_score(0.0), shadows=both), WORKED)
    found = [(s.detail, s.probability) for s in selection.stages if s.stage is Arm.SHADOW]
    assert found == [("a", 0.15)]


def test_the_top_up_brings_controls_to_the_expected_rate() -> None:
    plan = make_plan(
        top_up=TopUp(lane="documents", rate=0.0, offices={"A": 0.08}),
        exploration=replace(PLAN.exploration, share=0.0),
        model=replace(PLAN.model, price_min=1e11),
    )
    included = [
        selection.inclusion_probability
        for selection, _ in run_day(worked_in(plan, days=2), random_declarations(8, plan), DAY, 400)
    ]
    assert sum(included) / 400 == pytest.approx(0.08, abs=0.015)
    elsewhere = select(make_inputs(score=make_score(0.01), plan=plan, office="B"), start("B"))
    assert all(stage.stage is not Arm.TOP_UP for stage in elsewhere.stages)


def test_in_share_mode_every_control_costs_one_whatever_its_hours() -> None:
    plan = make_plan(capacity=SHARES)
    hit = (RuleHit(profile="M", lane="examination"),)
    selection = select(make_inputs(hits=hit, plan=plan, item_count=400), start("A"))
    assert (selection.pool, selection.hours) == ("controls", 1.0)


def test_a_rule_for_later_audit_does_not_count_as_a_control() -> None:
    made = select_many(
        300, WORKED, hits=(RuleHit(profile="L", lane="audit_later"),), score=make_score(0.0, 0.0)
    )
    audited = [s for s in made if s.lane == "audit_later"]
    assert audited
    assert all(s.arm is Arm.MANDATORY for s in audited)
    assert all(s.arm is not Arm.MANDATORY for s in made if LANES[s.lane].control)
    assert made[0].inclusion_probability < 0.2


def test_a_state_of_another_office_is_a_programmers_fault() -> None:
    with pytest.raises(ValueError, match="BUG"):
        select(make_inputs(office="B"), start("A"))
