"""The vocabulary of selection: arms, marks, what goes in and what comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tidewaiter.core.draw import Draw, DrawKey, Ticket
from tidewaiter.core.scoring.contract import Score
from tidewaiter.core.selection.lanes import Lanes
from tidewaiter.core.selection.plan import Facts, Plan

__all__ = ["Arm", "Earlier", "Mark", "PacingFacts", "RuleHit", "Selection", "Shadow", "StageOutcome"]


class Arm(StrEnum):
    """The stages in their order; the arm of a decision is the first that selected."""

    MANDATORY = "mandatory"
    SHARE = "share"
    RANDOM = "random"
    MODEL = "model"
    #: The draw that takes the model's place when there is no score.
    DEGRADED = "degraded"
    EXPLORATION = "exploration"
    SHADOW = "shadow"
    TOP_UP = "top_up"
    NONE = "none"


class Mark(StrEnum):
    """What a decision says about the circumstances in which it was made."""

    #: There was no usable score; the plan's degraded draw took the model's place.
    DEGRADED_MODEL = "DEGRADED_MODEL"
    #: There was no history; the random floor was raised.
    DEGRADED_FEATURES = "DEGRADED_FEATURES"
    #: Mandatory or random work used more hours than the office has today.
    OVER_CAPACITY = "OVER_CAPACITY"
    #: Mandatory work uses more than the plan's share of the office's hours.
    MANDATORY_OVER_SHARE = "MANDATORY_OVER_SHARE"
    #: A stage could not select because today's hours are used.
    CAPACITY_SPENT = "CAPACITY_SPENT"
    #: There is too little experience for a price; a plain coin stood in.
    NO_PRICE_YET = "NO_PRICE_YET"
    #: The lane is that of an earlier version: lanes only go up.
    RATCHET = "RATCHET"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleHit:
    """A hit of a profile, reduced to what selection needs."""

    profile: str
    lane: str
    #: Part of the matches that is selected, above 0 to 1; 1 is mandatory.
    share: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadow:
    """What a running challenger would do with the declaration."""

    id: str
    would_pick: bool
    #: Probability with which its picks are controlled for comparison, 0 to 1.
    rate: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """The decision on the earlier version of the declaration, or on the same consignment."""

    lane: str
    arm: Arm
    inclusion_probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """All that one selection depends on; equal inputs give equal selections, bit for bit."""

    facts: Facts
    #: Published profiles that hit, each once.
    hits: tuple[RuleHit, ...] = ()
    #: None: there is no model, or it did not answer.
    score: Score | None = None
    #: What is drawn (`core.draw.tickets_of`).
    tickets: tuple[Ticket, ...]
    #: The sealed keys that the tickets name, by name.
    draw_keys: Mapping[str, DrawKey]
    plan: Plan
    lanes: Lanes
    #: None for a first version.
    earlier: Earlier | None = None
    #: False when history could not be read.
    history: bool = True
    shadows: tuple[Shadow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StageOutcome:
    """What one stage did."""

    stage: Arm
    lane: str
    #: Exact probability that the stage selects, given all that was known before any draw.
    probability: float
    hit: bool
    #: Profile, stratum or challenger.
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PacingFacts:
    """What pacing learns from a decision."""

    #: Pool of the model's treatment; None when there was no score or no treatment.
    pool: str | None = None
    #: Value per hour of that treatment, national currency.
    value_per_hour: float = 0.0
    #: Its hours, times the probability that no earlier stage selects.
    free_hours: float = 0.0
    #: ("pool/stage", expected hours) of the stages whose needs are set aside.
    needs: tuple[tuple[str, float], ...] = ()
    #: Hours that exploration asks for before it is scaled to its budget.
    curiosity: float = 0.0
    #: Inclusion probability without the top-up.
    included: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The lane of a declaration, how it came about, and how probable it was."""

    office: str
    #: Ordinal of the day on which it was made.
    day: int
    lane: str
    #: The first stage that selected the declaration for control.
    arm: Arm
    stages: tuple[StageOutcome, ...]
    #: Probability that a control lane is given: 1 - prod(1 - p) over the stages with a control lane.
    #: For an amendment: the higher of this and the earlier version's (a lower bound, exact when
    #: nothing material changed).
    inclusion_probability: float
    #: Probability that exactly this lane is given (for an amendment: given the earlier lane).
    lane_probability: float
    #: Working time of the lane, hours; in share mode 1 per control.
    hours: float
    #: What is charged today: less than `hours` when an earlier version was charged already.
    charged_hours: float
    #: Stage that is charged: the first that selected this lane.
    charged_stage: Arm
    #: Pool that is charged; None: the lane takes from none.
    pool: str | None
    #: The value of one more officer-hour (lambda) of the model's pool, national currency per hour.
    value_of_hour: float | None
    #: What the declaration would bring per hour of its treatment, national currency per hour.
    value_per_hour: float | None
    #: In the order of :class:`Mark`.
    marks: tuple[Mark, ...]
    #: Every draw that was made, for the log.
    draws: tuple[Draw, ...]
    #: Whether this is a first version (an amendment is no new arrival).
    arrival: bool
    pacing: PacingFacts
    plan_version: str
