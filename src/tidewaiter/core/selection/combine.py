"""Combine hits, draw and score into one lane, with the exact probability of having got it.

Every stage is proposed with a probability that is fixed before anything is drawn, then each is
drawn by itself under its own domain, and the strictest lane that was hit is given.  So the stages
are independent, and both the inclusion probability and the probability of the lane are products.

Order: mandatory profiles, profiles with a share, random floor, model within capacity (or the draw
that stands in for it), exploration, challengers in shadow, top-up to the expected rate, release.
The random floor is drawn for every declaration, whatever else selects it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tidewaiter.core.draw import Draw, draw
from tidewaiter.core.selection.lanes import Lanes
from tidewaiter.core.selection.pacing import OfficeState, opened
from tidewaiter.core.selection.proposals import Proposal, Proposals
from tidewaiter.core.selection.stages import Arm, Earlier, Inputs, Mark, Selection, StageOutcome

__all__ = ["select"]

_MARKS: Final = tuple(Mark)


def select(inputs: Inputs, state: OfficeState) -> Selection:
    """Return the selection for *inputs* in an office whose pacing is *state*.

    The state is not changed; `pacing.recorded` gives the next one.  Without a score the plan's
    degraded draw stands in and the selection is marked; without history the floor is raised.
    """
    if inputs.facts.office != state.office:
        raise ValueError(f"BUG: state of office {state.office!r} used for {inputs.facts.office!r}")
    state = opened(state, inputs.facts.day, inputs.plan, inputs.lanes)
    proposals = Proposals(inputs, state)
    stages: list[StageOutcome] = []
    draws: list[Draw] = []
    for proposal in proposals.made:
        hit, probability = True, 1.0
        if proposal.domain:
            made = _drawn(inputs, proposal)
            draws.append(made)
            hit, probability = made.hit, made.probability
        stages.append(
            StageOutcome(
                stage=proposal.stage,
                lane=proposal.lane,
                probability=probability,
                hit=hit,
                detail=proposal.detail,
            )
        )
    return _combined(inputs, state, proposals, tuple(stages), tuple(draws))


def _drawn(inputs: Inputs, proposal: Proposal) -> Draw:
    return draw(
        inputs.draw_keys,
        tickets=inputs.tickets,
        plan_id=inputs.plan.id,
        draws=inputs.plan.draws,
        probability=proposal.probability,
        domain=proposal.domain,
    )


def _combined(
    inputs: Inputs,
    state: OfficeState,
    proposals: Proposals,
    stages: tuple[StageOutcome, ...],
    draws: tuple[Draw, ...],
) -> Selection:
    """Give the strictest lane that was hit, with its probabilities, hours and marks."""
    lanes, earlier = inputs.lanes, inputs.earlier
    base = inputs.plan.base_lane(inputs.facts)
    inclusion = _inclusion(stages, lanes)
    if earlier is not None:
        base = lanes.highest(base, earlier.lane)
        inclusion = max(inclusion, earlier.inclusion_probability)
    lane = lanes.highest(base, *(stage.lane for stage in stages if stage.hit))
    charged_stage = next((stage.stage for stage in stages if stage.hit and stage.lane == lane), Arm.NONE)
    pool, hours = proposals.cost(lane)
    unchanged = earlier is not None and earlier.lane == lane
    charged = 0.0 if unchanged else hours
    marks = proposals.marks | ({Mark.RATCHET} if unchanged and not _hit(stages, lane) else set())
    if charged > 0.0 and pool is not None:
        marks |= _load_marks(state, proposals, pool, charged, charged_stage)
    priced = proposals.treatment_pool
    return Selection(
        office=state.office,
        day=state.day,
        lane=lane,
        arm=_arm(stages, lane, lanes, earlier),
        stages=stages,
        inclusion_probability=inclusion,
        lane_probability=_lane_probability(stages, base, lane, lanes),
        hours=hours,
        charged_hours=charged,
        charged_stage=charged_stage,
        pool=pool,
        value_of_hour=None if priced is None else state.prices[priced].price,
        value_per_hour=proposals.value_per_hour,
        marks=tuple(mark for mark in _MARKS if mark in marks),
        draws=draws,
        arrival=earlier is None,
        pacing=proposals.pacing,
        plan_version=inputs.plan.version,
    )


def _hit(stages: Sequence[StageOutcome], lane: str) -> bool:
    return any(stage.hit and stage.lane == lane for stage in stages)


def _inclusion(stages: Sequence[StageOutcome], lanes: Lanes) -> float:
    """Return the probability of any control lane: 1 - prod(1 - p)."""
    free = 1.0
    for stage in stages:
        if lanes[stage.lane].control:
            free *= 1.0 - stage.probability
    return 1.0 - free


def _lane_probability(stages: Sequence[StageOutcome], base: str, lane: str, lanes: Lanes) -> float:
    """Return the probability that *lane* is the strictest hit: none above it, and one of it (or the base)."""
    order = lanes.order(lane)
    above = same = 1.0
    for stage in stages:
        if lanes.order(stage.lane) > order:
            above *= 1.0 - stage.probability
        elif stage.lane == lane:
            same *= 1.0 - stage.probability
    return above if lane == base else above * (1.0 - same)


def _arm(stages: Sequence[StageOutcome], lane: str, lanes: Lanes, earlier: Earlier | None) -> Arm:
    """Return the first stage that selected for control; of a release, the first that gave its lane.

    An amendment of a controlled declaration keeps its arm.
    """
    if earlier is not None and lanes[earlier.lane].control:
        return earlier.arm
    if lanes[lane].control:
        return next((s.stage for s in stages if s.hit and lanes[s.lane].control), Arm.NONE)
    return next((s.stage for s in stages if s.hit and s.lane == lane), Arm.NONE)


def _load_marks(state: OfficeState, proposals: Proposals, pool: str, hours: float, stage: Arm) -> set[Mark]:
    """Mark work that comes first although the day's hours do not suffice for it: nothing is dropped."""
    marks = set()
    left = proposals.left(pool)
    if hours > left:
        marks.add(Mark.OVER_CAPACITY)
    if stage is Arm.MANDATORY:
        whole = left + state.used.get(pool, 0.0)
        mandatory = hours + _mandatory_hours(state, proposals, pool)
        if mandatory > proposals.plan.mandatory_share_max * whole:
            marks.add(Mark.MANDATORY_OVER_SHARE)
    return marks


def _mandatory_hours(state: OfficeState, proposals: Proposals, pool: str) -> float:
    """Return the hours of *pool* that mandatory work used today, in lanes that still exist."""
    total = 0.0
    for at, spent in state.spent.items():
        lane, _, stage = at.partition("/")
        if stage == Arm.MANDATORY and lane in proposals.lanes and proposals.cost(lane)[0] == pool:
            total += spent
    return total
