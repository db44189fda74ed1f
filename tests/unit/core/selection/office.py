"""A small customs office for the tests of selection: lanes, a plan, scores and whole days."""

from __future__ import annotations

import hashlib
import random  # noqa: TID251 - seeded, and passed in
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from tidewaiter.core.draw import DrawKey, Ticket
from tidewaiter.core.scoring.contract import Score
from tidewaiter.core.selection import (
    Facts,
    Inputs,
    Lane,
    Lanes,
    OfficeState,
    Plan,
    RuleHit,
    Selection,
    recorded,
    select,
    start,
)
from tidewaiter.core.selection.plan import (
    Capacity,
    Degraded,
    DegradedModel,
    Exploration,
    ModelStage,
    OfficeCapacity,
    RandomFloor,
    TopUp,
    Treatment,
)

DAY = 739_000
KEY = DrawKey(id="epoch-1", secret=hashlib.sha256(b"made up").digest())

LANES = Lanes(
    [
        Lane(code="trusted", order=0, control=False),
        Lane(code="release", order=10, control=False),
        Lane(code="audit_later", order=20, control=False),
        Lane(code="documents", order=30, control=True, resource="officers", hours_per_declaration=0.5),
        Lane(code="scan", order=40, control=True, resource="scanner", hours_per_declaration=0.5),
        Lane(
            code="examination",
            order=50,
            control=True,
            resource="officers",
            hours_per_declaration=1.0,
            hours_per_item=0.1,
        ),
    ]
)


def make_plan(**changes: Any) -> Plan:
    """Return a plan of an office with 40 officer-hours and 8 scanner hours, with *changes*."""
    plan = Plan(
        id="test",
        draws="1",
        release_lane="release",
        aeo_lane="trusted",
        random_floor=RandomFloor(lane="examination", probability=0.01),
        model=ModelStage(
            treatments=(Treatment(lane="examination", probability_min=0.3), Treatment(lane="documents")),
            value_of_finding=200.0,
        ),
        exploration=Exploration(share=0.1, lane="documents"),
        top_up=TopUp(lane="documents"),
        capacity=Capacity(
            default=OfficeCapacity(hours={"officers": 40.0, "scanner": 8.0}, arrivals_per_day=300.0)
        ),
        degraded=Degraded(model=DegradedModel(lane="documents", probability=0.1)),
    )
    return replace(plan, **changes)


SHARES = Capacity(default=OfficeCapacity(share=0.10, arrivals_per_day=300.0))


def make_score(probability: float, revenue: float = 50.0, certainty: float = 20.0) -> Score:
    """Return a score whose posterior counts *certainty* inspections."""
    posterior = (probability * certainty + 0.01, (1 - probability) * certainty + 0.01)
    return Score(probability=probability, expected_revenue=revenue, items=(), posterior=posterior)


def make_inputs(number: int = 0, **changes: Any) -> Inputs:
    """Return inputs of consignment *number*; changes of facts are given by their own names."""
    facts: dict[str, Any] = {"flow": "import", "office": "A", "item_count": 1, "day": DAY}
    facts |= {name: changes.pop(name) for name in list(changes) if name in Facts.__slots__}
    given: dict[str, Any] = {
        "tickets": (Ticket(KEY.id, hashlib.sha256(number.to_bytes(8, "big")).digest()),),
        "draw_keys": {KEY.id: KEY},
        "plan": make_plan(),
        "lanes": LANES,
    }
    return Inputs(facts=Facts(**facts), **(given | changes))


def random_declarations(seed: int, plan: Plan, *, office: str = "A") -> Callable[[int, int], Inputs]:
    """Return a function (day, number) -> inputs with varied scores, items and hits."""
    rng = random.Random(seed)

    def make(day: int, number: int) -> Inputs:
        probability = min(0.999, rng.betavariate(0.5, 4))
        hits = []
        if rng.random() < 0.02:
            hits.append(RuleHit(profile="M", lane="examination"))
        if rng.random() < 0.05:
            hits.append(RuleHit(profile="S", lane="documents", share=0.3))
        return make_inputs(
            number + 1_000_000 * seed,
            day=day,
            office=office,
            item_count=rng.randint(1, 5),
            score=make_score(probability, probability * rng.lognormvariate(5, 1)),
            hits=tuple(hits),
            plan=plan,
        )

    return make


def run_day(
    state: OfficeState, make: Callable[[int, int], Inputs], day: int, count: int
) -> Iterator[tuple[Selection, OfficeState]]:
    """Yield each selection of a day of *count* declarations with the state after it."""
    for number in range(count):
        inputs = make(day, day * 100_000 + number)
        selection = select(inputs, state)
        state = recorded(state, selection, inputs.plan, inputs.lanes)
        yield selection, state


def worked_in(
    plan: Plan, *, days: int = 5, count: int = 300, seed: int = 9, office: str = "A"
) -> OfficeState:
    """Return the state of an office that has worked under *plan* for some days."""
    state = start(office)
    make = random_declarations(seed, plan, office=office)
    for day in range(DAY - days, DAY):
        for _, after in run_day(state, make, day, count):
            state = after
    return state
