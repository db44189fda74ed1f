"""Propose: fix the probability of every stage before anything is drawn.

Nothing here depends on the outcome of a draw; so the stages are independent, and whatever the
capacity allows or the price says is part of the stated probability.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from tidewaiter.core.scoring.contract import Score
from tidewaiter.core.selection.beta import beta_survival
from tidewaiter.core.selection.pacing import OfficeState, hours_left
from tidewaiter.core.selection.plan import CONTROLS, ModelStage, Treatment
from tidewaiter.core.selection.stages import Arm, Inputs, Mark, PacingFacts, RuleHit

__all__ = ["Proposal", "Proposals"]

#: Less than four seconds of work counts as this, so that a free lane has a finite value per hour.
_HOURS_MIN: Final = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What one stage would do, before its draw."""

    stage: Arm
    lane: str
    #: Probability of a single draw, 0 to 1.
    probability: float
    #: Domain of the draw; empty: certain, nothing is drawn.
    domain: str
    #: Profile, stratum or challenger.
    detail: str = ""


class Proposals:
    """The proposals for one declaration, in order, and what pacing learns from them."""

    def __init__(self, inputs: Inputs, state: OfficeState) -> None:
        self.inputs = inputs
        self.state = state
        self.facts = inputs.facts
        self.plan = inputs.plan
        self.lanes = inputs.lanes
        self.capacity = inputs.plan.capacity.of(state.office)
        self.made: list[Proposal] = []
        self.marks: set[Mark] = set()
        #: Probability that no stage so far gives a control lane.
        self.free = 1.0
        self.needs: list[tuple[str, float]] = []
        self.value_per_hour: float | None = None
        self.treatment_pool: str | None = None
        self.treatment_hours = 0.0
        self.curiosity = 0.0
        self.included = 0.0
        self._costs: dict[str, tuple[str | None, float]] = {}
        self._left: dict[str, float] = {}
        self._propose()

    @property
    def pacing(self) -> PacingFacts:
        """Return what pacing learns from these proposals."""
        return PacingFacts(
            pool=self.treatment_pool,
            value_per_hour=self.value_per_hour or 0.0,
            free_hours=self.treatment_hours,
            needs=tuple(self.needs),
            curiosity=self.curiosity,
            included=self.included,
        )

    def cost(self, lane: str) -> tuple[str | None, float]:
        """Return (pool, hours) of *lane* here; in share mode each control costs 1."""
        found = self._costs.get(lane)
        if found is None:
            pool = self.capacity.pool(self.lanes[lane])
            hours = 1.0 if pool == CONTROLS else self.lanes.hours(lane, self.facts.item_count)
            found = self._costs[lane] = pool, hours
        return found

    def left(self, pool: str) -> float:
        """Return the hours of *pool* that are not used yet today."""
        found = self._left.get(pool)
        if found is None:
            found = self._left[pool] = hours_left(self.state, self.capacity, pool)
        return found

    def _propose(self) -> None:
        for hit in self.inputs.hits:
            if hit.share >= 1.0:
                self._add(Arm.MANDATORY, hit.lane, 1.0, "", hit.profile)
        for hit in self.inputs.hits:
            if hit.share < 1.0:
                self._add(Arm.SHARE, hit.lane, self._share(hit), f"share:{hit.profile}", hit.profile)
        self._random_floor()
        score = self.inputs.score
        usable = score if score is not None and _usable(score) else None
        if usable is None:
            self._degraded()
        else:
            self._model(usable)
        self._exploration(usable)
        for shadow in self.inputs.shadows:
            if shadow.would_pick:
                rate = self._within(self.plan.exploration.lane, shadow.rate)
                self._add(Arm.SHADOW, self.plan.exploration.lane, rate, f"shadow:{shadow.id}", shadow.id)
        self.included = 1.0 - self.free
        self._top_up()

    def _add(self, stage: Arm, lane: str, probability: float, domain: str, detail: str = "") -> None:
        """Note a proposal, what it will need on average, and what it leaves free."""
        self.made.append(
            Proposal(stage=stage, lane=lane, probability=probability, domain=domain, detail=detail)
        )
        if not self.lanes[lane].control:
            return
        pool, hours = self.cost(lane)
        if pool is not None and self.free * probability > 0.0:
            self.needs.append((f"{pool}/{stage}", self.free * probability * hours))
        self.free *= 1.0 - probability

    def _within(self, lane: str, probability: float) -> float:
        """Return *probability*, or 0 with a mark when the lane does not fit into today's hours."""
        pool, hours = self.cost(lane)
        if pool is not None and hours <= self.left(pool):
            return probability
        if probability > 0.0:
            self.marks.add(Mark.CAPACITY_SPENT)
        return 0.0

    def _share(self, hit: RuleHit) -> float:
        """Return the share of a profile, 0 when its lane is a control that does not fit today."""
        return self._within(hit.lane, hit.share) if self.lanes[hit.lane].control else hit.share

    def _random_floor(self) -> None:
        """Propose the uniform draw: independent of load, of hits and of the score."""
        stratum, lane, probability = self.plan.random_floor.of(self.facts)
        if not self.inputs.history:
            self.marks.add(Mark.DEGRADED_FEATURES)
            probability = max(probability, self.plan.degraded.floor_without_history)
        self._add(Arm.RANDOM, lane, probability, "random_floor", stratum)

    def _degraded(self) -> None:
        """Propose the draw that stands in for the model."""
        self.marks.add(Mark.DEGRADED_MODEL)
        instead = self.plan.degraded.flows.get(self.facts.flow, self.plan.degraded.model)
        probability = self._within(instead.lane, instead.probability)
        self._add(Arm.DEGRADED, instead.lane, probability, "degraded", "no model")

    def _model(self, score: Score) -> None:
        """Propose the treatment whose value per hour is weighed against the price."""
        treatment = self._treatment(score)
        if treatment is None:
            return
        pool, hours = self.cost(treatment.lane)
        if pool is None:
            return
        worth = score.expected_revenue + score.probability * self.plan.model.value_of_finding
        value = worth / max(hours, _HOURS_MIN)
        self.value_per_hour = value
        self.treatment_pool = pool
        self.treatment_hours = hours * self.free
        price = self.state.prices[pool]
        if price.price is None:
            self.marks.add(Mark.NO_PRICE_YET)
            chance = min(1.0, price.hours_per_arrival / max(hours, _HOURS_MIN))
        else:
            chance = _chance(value, price.price, self.plan.model)
        self._add(Arm.MODEL, treatment.lane, self._within(treatment.lane, chance), "model")

    def _treatment(self, score: Score) -> Treatment | None:
        """Return the first treatment whose thresholds are met and that the office can do."""
        for treatment in self.plan.model.treatments:
            if (
                score.probability >= treatment.probability_min
                and score.expected_revenue >= treatment.expected_revenue_min
                and (not treatment.flows or self.facts.flow in treatment.flows)
                and self.capacity.pool(self.lanes[treatment.lane]) is not None
            ):
                return treatment
        return None

    def _exploration(self, score: Score | None) -> None:
        """Propose a control that teaches: how likely the true rate is worth the price (Thompson).

        The probability of Thompson's draw has a closed form, the Beta survival function at the rate
        that pays the price; it is scaled so that the exploration budget lasts the day.
        """
        lane = self.plan.exploration.lane
        pool, hours = self.cost(lane)
        if pool is None or self.free <= 0.0 or self.plan.exploration.share == 0.0:
            return
        price = self.state.prices[pool]
        wish = 1.0 if score is None or price.price is None else self._wish(score, price.price, hours)
        self.curiosity = wish * hours * self.free
        mean = self.state.curiosity / self.state.seen if self.state.seen > 0.0 else hours
        scale = price.exploration_hours / price.remaining / mean if mean > 0.0 else 0.0
        probability = min(self.plan.exploration.probability_max, scale * wish)
        self._add(Arm.EXPLORATION, lane, self._within(lane, probability), "exploration")

    def _wish(self, score: Score, price: float, hours: float) -> float:
        """Return P(true rate > the rate at which *hours* would pay *price*) under the posterior."""
        found = self.plan.model.value_of_finding
        if score.probability > 0.0:
            found += score.expected_revenue / score.probability
        if found <= 0.0:
            return 0.0
        return beta_survival(score.posterior[0], score.posterior[1], price * hours / found)

    def _top_up(self) -> None:
        """Propose what the other stages lack, on average, to the expected rate of controls."""
        rate = self.plan.top_up.of(self.facts.office)
        if rate <= 0.0:
            return
        weight = self.state.weight
        mean = (self.state.included + weight * self.included) / (self.state.seen + weight)
        lacking = (rate - mean) / (1.0 - mean) if mean < rate else 0.0
        lane = self.plan.top_up.lane
        self._add(Arm.TOP_UP, lane, self._within(lane, lacking), "top_up")


def _usable(score: Score) -> bool:
    """Tell whether a score can be used: a broken one counts as none, and the decision says so."""
    a, b = score.posterior
    return (
        0.0 <= score.probability <= 1.0
        and 0.0 <= score.expected_revenue < math.inf
        and 0.0 < a < math.inf
        and 0.0 < b < math.inf
    )


def _chance(value: float, price: float, stage: ModelStage) -> float:
    """Return the chance of a control worth *value* per hour at *price*: smooth near it, certain beyond."""
    if value <= 0.0:
        return 0.0
    if price <= 0.0:
        return 1.0
    distance = (value - price) / (stage.temperature * price)
    if abs(distance) >= stage.band:
        return 1.0 if distance > 0.0 else 0.0
    return 1.0 / (1.0 + math.exp(-distance))
