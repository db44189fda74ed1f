"""The laws of pacing: never above capacity, neither front-loaded nor idle, exact to replay."""

from __future__ import annotations

import json
import random  # noqa: TID251 - seeded, and passed in
from collections.abc import Callable
from dataclasses import replace

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
from tidewaiter.core.selection import (
    Arm,
    Earlier,
    Inputs,
    Lanes,
    Mark,
    OfficeState,
    Plan,
    RuleHit,
    opened,
    recorded,
    select,
    start,
)
from tidewaiter.core.selection.pacing import capacity_hours, hours_left
from tidewaiter.core.selection.plan import Capacity, OfficeCapacity
from tidewaiter.core.selection.proposals import Proposals

FIRST = {Arm.MANDATORY, Arm.RANDOM}


def charges_above_capacity(plan: Plan, make: Callable[[int, int], Inputs], counts: list[int]) -> list[str]:
    """Return each charge of a stage that must fit into the day's hours and did not."""
    state = start("A")
    found = []
    for offset, count in enumerate(counts):
        for number in range(count):
            inputs = make(DAY + offset, offset * 10_000 + number)
            state = opened(state, DAY + offset, plan, LANES)
            selection = select(inputs, state)
            if selection.pool is not None and selection.charged_stage not in FIRST:
                room = capacity_hours(state, plan.capacity.of("A"), selection.pool)
                if state.used.get(selection.pool, 0.0) + selection.charged_hours > room:
                    found.append(f"{selection.charged_stage} on day {offset}")
            state = recorded(state, selection, plan, LANES)
    return found


offices = st.one_of(
    st.builds(
        OfficeCapacity,
        hours=st.fixed_dictionaries(
            {"officers": st.floats(min_value=0, max_value=30), "scanner": st.floats(min_value=0, max_value=5)}
        ),
        weekdays=st.tuples(*[st.sampled_from([0.0, 0.5, 1.0])] * 7),
        arrivals_per_day=st.floats(min_value=1, max_value=200),
    ),
    st.builds(
        OfficeCapacity,
        share=st.floats(min_value=0, max_value=0.5),
        arrivals_per_day=st.floats(min_value=1, max_value=200),
    ),
)


@settings(max_examples=25)
@given(offices, st.integers(1, 10_000), st.lists(st.integers(0, 60), min_size=1, max_size=5))
def test_model_exploration_and_shares_never_exceed_the_day(
    office: OfficeCapacity, seed: int, counts: list[int]
) -> None:
    plan = make_plan(capacity=Capacity(default=office))
    assert charges_above_capacity(plan, random_declarations(seed, plan), counts) == []


def test_a_stage_that_forgets_the_hours_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Proposals, "_within", lambda self, lane, probability: probability)
    plan = make_plan(capacity=Capacity(default=OfficeCapacity(hours={"officers": 3.0, "scanner": 0.0})))
    assert charges_above_capacity(plan, random_declarations(4, plan), [60, 60])


def day_of_use(plan: Plan, pool: str, *, seed: int) -> tuple[float, float]:
    """Return (share of the capacity used, part of it in the first half) of a day after experience."""
    state = worked_in(plan, seed=seed)
    make = random_declarations(seed + 1, plan)
    half = 0.0
    for number, (_, after) in enumerate(run_day(state, make, DAY, 300)):
        state = after
        if number == 149:
            half = state.used.get(pool, 0.0)
    used, office = state.used[pool], plan.capacity.of("A")
    # In share mode a day may take in advance from the next; what it should use is its own share.
    whole = capacity_hours(state, office, pool) if office.hours else office.share * state.arrivals
    return used / whole, half / used


@pytest.mark.parametrize(
    ("plan", "pool", "least"),
    # A share is kept over a week, so a single day may use less.
    [(make_plan(), "officers", 0.85), (make_plan(capacity=SHARES), "controls", 0.7)],
)
def test_the_hours_of_a_steady_day_are_used_and_not_in_the_morning(
    plan: Plan, pool: str, least: float
) -> None:
    days = [day_of_use(plan, pool, seed=seed) for seed in range(20, 28)]
    used = [share for share, _ in days]
    halves = [half for _, half in days]
    assert 0.90 <= sum(used) / len(used) <= 1.02, used  # mandatory work may go a little above
    assert min(used) >= least, used
    assert 0.40 <= sum(halves) / len(halves) <= 0.60, halves


def test_a_price_that_is_never_steered_would_be_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = make_plan()
    spend_at_once = replace(plan, model=replace(plan.model, temperature=1.0, band=0.5))
    monkeypatch.setattr("tidewaiter.core.selection.proposals._chance", lambda value, price, stage: 1.0)
    used, half = day_of_use(spend_at_once, "officers", seed=20)
    assert used >= 0.9
    assert half > 0.6


def test_a_share_is_kept_over_many_days_of_changing_length() -> None:
    plan = make_plan(capacity=SHARES)
    rng = random.Random(3)
    make = random_declarations(11, plan)
    state = start("A")
    controls = arrivals = 0
    for day in range(DAY, DAY + 20):
        count = rng.randint(100, 400)
        for selection, after in run_day(state, make, day, count):
            state = after
            controls += LANES[selection.lane].control
        arrivals += count
    assert controls / arrivals == pytest.approx(0.10, abs=0.012)


@settings(max_examples=25)
@given(st.integers(1, 10_000), st.lists(st.integers(0, 80), min_size=5, max_size=12))
def test_a_share_is_never_overdrawn_by_more_than_a_usual_day(seed: int, counts: list[int]) -> None:
    """Without mandatory profiles and without the floor: over any days from the first on."""
    office = OfficeCapacity(share=0.10, arrivals_per_day=40.0)
    plan = make_plan(capacity=Capacity(default=office))
    make = random_declarations(seed, plan)
    state = start("A")
    controls = allowed = certain = 0.0
    for day, count in enumerate(counts, start=DAY):
        for selection, after in run_day(state, make, day, count):
            state = after
            controls += selection.charged_hours
            certain += selection.charged_hours * (selection.arm in {Arm.MANDATORY, Arm.RANDOM})
        allowed += office.share * max(count, state.expected(office))
        usual = max(2.0, office.share * max(40.0, *counts))
        assert controls - certain <= allowed + 6.0 * usual


def test_a_day_of_many_mandatory_hits_leaves_room_for_what_is_worth_most() -> None:
    office = OfficeCapacity(share=0.05, arrivals_per_day=60.0)
    plan = make_plan(capacity=Capacity(default=office))
    state = replace(opened(start("A"), DAY, plan, LANES), arrivals=30, used={"controls": 4.0})
    assert hours_left(state, office, "controls") >= 1.0
    overdrawn = replace(state, used={"controls": 6.5})
    assert hours_left(overdrawn, office, "controls") < 1.0
    # What was taken in advance is missing on the next day, and is given back over the week.
    following = opened(overdrawn, DAY + 1, plan, LANES)
    assert following.carried == pytest.approx(0.05 * 30 - 6.5)
    spared = opened(replace(state, used={}), DAY + 1, plan, LANES)
    assert following.prices["controls"].hours_per_arrival < spared.prices["controls"].hours_per_arrival
    assert following.prices["controls"].hours_per_arrival > 0.0


def test_a_small_office_saves_up_for_whole_controls() -> None:
    plan = make_plan(capacity=Capacity(default=OfficeCapacity(share=0.10, arrivals_per_day=3.0)))
    make = random_declarations(12, plan)
    state = start("A")
    controls = 0
    for day in range(DAY, DAY + 200):
        for selection, after in run_day(state, make, day, 3):
            state = after
            controls += LANES[selection.lane].control
    assert 40 <= controls <= 75  # of 600; certain profiles and the floor come on top when they must


def test_the_price_rises_when_there_is_less_time() -> None:
    prices = []
    for hours in (10.0, 20.0, 40.0, 80.0):
        capacity = Capacity(default=OfficeCapacity(hours={"officers": hours}, arrivals_per_day=300.0))
        plan = make_plan(capacity=capacity)
        state = opened(worked_in(plan), DAY, plan, LANES)
        price = state.prices["officers"].price
        assert price is not None
        prices.append(price)
    assert prices == sorted(prices, reverse=True)
    assert prices[0] > 2 * prices[-1]


def test_mandatory_work_comes_first_and_shrinks_the_rest() -> None:
    plan = make_plan()
    state = worked_in(plan)
    hit = (RuleHit(profile="M", lane="examination"),)
    marks: set[Mark] = set()
    for number in range(60):
        inputs = make_inputs(number, hits=hit, score=make_score(0.1), plan=plan)
        selection = select(inputs, state)
        state = recorded(state, selection, plan, LANES)
        marks.update(selection.marks)
        assert selection.lane == "examination"
    assert {Mark.OVER_CAPACITY, Mark.MANDATORY_OVER_SHARE} <= marks
    assert state.used["officers"] > 40.0
    late = select(make_inputs(999, score=make_score(0.99, 1e9), plan=plan), state)
    outcomes = {stage.stage: stage.probability for stage in late.stages}
    assert outcomes[Arm.MODEL] == 0.0
    assert outcomes[Arm.RANDOM] == 0.01
    assert Mark.CAPACITY_SPENT in late.marks


def test_offices_do_not_influence_each_other() -> None:
    plan = make_plan()
    alone = worked_in(plan, office="A")
    worked_in(plan, office="B", seed=5)
    assert worked_in(plan, office="A") == alone


def test_a_stored_state_goes_on_exactly_as_if_it_had_never_been_stored() -> None:
    plan = make_plan()
    kept = stored = worked_in(plan, days=2)
    make = random_declarations(5, plan)
    for number in range(100):
        stored = OfficeState.from_data(json.loads(json.dumps(stored.to_data(), allow_nan=False)))
        assert stored == kept
        inputs = make(DAY, number)
        one, other = select(inputs, kept), select(inputs, stored)
        assert one == other
        kept, stored = recorded(kept, one, plan, LANES), recorded(stored, other, plan, LANES)


def test_the_state_stays_small_and_finite_over_years() -> None:
    plan = make_plan()
    make = random_declarations(6, plan)
    state = start("A")
    for day in range(DAY, DAY + 1500):
        for _, after in run_day(state, make, day, 3):
            state = after
    assert len(json.dumps(state.to_data(), allow_nan=False)) < 20_000


def test_a_late_message_is_worked_off_on_the_open_day() -> None:
    plan = make_plan()
    state = opened(start("A"), DAY, plan, LANES)
    late = select(make_inputs(score=make_score(0.2), day=DAY - 3, plan=plan), state)
    assert late.day == DAY
    assert recorded(state, late, plan, LANES).day == DAY


def test_an_amendment_is_no_new_arrival_and_charges_only_a_stricter_lane() -> None:
    plan = make_plan()
    state = worked_in(plan)
    hit = (RuleHit(profile="M", lane="examination"),)
    first = select(make_inputs(1, hits=hit, plan=plan, score=make_score(0.1)), state)
    state = recorded(state, first, plan, LANES)
    earlier = Earlier(lane=first.lane, arm=first.arm, inclusion_probability=first.inclusion_probability)
    second = select(make_inputs(1, plan=plan, score=make_score(0.1), earlier=earlier), state)
    after = recorded(state, second, plan, LANES)
    assert second.charged_hours == 0.0
    assert (after.arrivals, after.used) == (state.arrivals, state.used)


def test_a_closed_day_selects_nothing_but_what_must_be() -> None:
    capacity = Capacity(default=OfficeCapacity(hours={"officers": 40.0}, weekdays=(0.0,) * 7))
    plan = make_plan(capacity=capacity)
    for number in range(50):
        selection = select(make_inputs(number, score=make_score(0.9, 1e6), plan=plan), start("A"))
        chances = {stage.stage: stage.probability for stage in selection.stages}
        assert chances[Arm.MODEL] == 0.0
        assert chances[Arm.RANDOM] == 0.01


@settings(max_examples=20)
@given(st.integers(1, 10_000))
def test_the_same_day_twice_is_the_same_day(seed: int) -> None:
    plan = make_plan()
    one = list(run_day(start("A"), random_declarations(seed, plan), DAY, 30))
    assert one == list(run_day(start("A"), random_declarations(seed, plan), DAY, 30))


def test_exploration_spends_its_share() -> None:
    plan = make_plan()
    state = worked_in(plan)
    make = random_declarations(31, plan)
    explored = []
    for day in range(DAY, DAY + 10):
        for _, after in run_day(state, make, day, 300):
            state = after
        explored.append(state.spent.get("documents/exploration", 0.0))
    assert sum(explored) / 10 == pytest.approx(4.0, rel=0.3)  # a tenth of 40 hours


def test_a_plan_with_other_pools_and_lanes_may_come_into_force_at_midday() -> None:
    plan = make_plan()
    state = worked_in(plan)
    hit = (RuleHit(profile="M", lane="examination"),)
    state = recorded(
        state, select(make_inputs(1, hits=hit, score=make_score(0.2), plan=plan), state), plan, LANES
    )
    kept = Lanes([lane for lane in LANES if lane.code != "examination"])
    floor = replace(plan.random_floor, lane="documents")
    model = replace(plan.model, treatments=plan.model.treatments[1:])
    hours = Capacity(default=OfficeCapacity(hours={"documents": 20.0}))
    other = make_plan(capacity=hours, random_floor=floor, model=model)
    inputs = make_inputs(2, hits=(RuleHit(profile="M", lane="documents"),), score=make_score(0.2), plan=other)
    inputs = replace(inputs, lanes=kept)
    selection = select(inputs, state)
    assert (selection.lane, selection.pool) == ("documents", "documents")
    after = recorded(state, selection, other, kept)
    assert set(after.prices) == {"documents"}
    assert after.arrivals == state.arrivals + 1
