"""The plan: every parameter of selection that the administration owns, as one versioned value.

Its version is the hash of its content, so a stored decision names exactly the plan it was made
under.  The series of draws (:attr:`Plan.draws`) is apart from the version: a changed rate must not
make the draws of open consignments anew.  :mod:`~tidewaiter.core.selection.plan_reading` reads it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from functools import cached_property
from typing import Any

from tidewaiter.core.ledger import canonical_json
from tidewaiter.core.selection.lanes import Lane

__all__ = [
    "CONTROLS",
    "Capacity",
    "Degraded",
    "DegradedModel",
    "Exploration",
    "Facts",
    "ModelStage",
    "OfficeCapacity",
    "Plan",
    "RandomFloor",
    "Stratum",
    "TopUp",
    "Treatment",
]

#: The one pool of an office whose hours are not known: each control costs 1 of it.
CONTROLS = "controls"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What selection asks of a declaration."""

    #: ``import``, ``export`` or ``transit``.
    flow: str
    office: str
    #: From 1.
    item_count: int
    #: Proleptic ordinal of the UTC day on which the declaration is decided.
    day: int
    #: Whether the responsible party is an authorised economic operator; None: not known.
    aeo: bool | None = None
    #: Header procedure code.
    procedure: str | None = None
    #: Groups of declarants, as the administration lists them.
    declarant_groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """A class of declarations with its own random rate; every condition that is written must hold."""

    code: str
    #: Probability of the draw, above 0 to 1.
    probability: float
    #: Lane of a hit; None: the lane of the floor.
    lane: str | None = None
    flows: frozenset[str] = frozenset()
    offices: frozenset[str] = frozenset()
    aeo: bool | None = None
    #: Beginnings of the procedure code, such as ``40``.
    procedures: tuple[str, ...] = ()
    declarant_groups: frozenset[str] = frozenset()

    def matches(self, facts: Facts) -> bool:
        """Tell whether *facts* fall into the stratum; an unknown AEO status is not an AEO."""
        return (
            (not self.flows or facts.flow in self.flows)
            and (not self.offices or facts.office in self.offices)
            and (self.aeo is None or self.aeo is bool(facts.aeo))
            and (not self.procedures or (facts.procedure or "").startswith(self.procedures))
            and (not self.declarant_groups or not self.declarant_groups.isdisjoint(facts.declarant_groups))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomFloor:
    """The uniform random floor: drawn for every declaration, before anything else."""

    lane: str
    #: Probability where no stratum matches, 0.001 to 1.
    probability: float
    #: The first that matches counts.
    strata: tuple[Stratum, ...] = ()

    def of(self, facts: Facts) -> tuple[str, str, float]:
        """Return (stratum code, lane, probability) for *facts*."""
        for stratum in self.strata:
            if stratum.matches(facts):
                return stratum.code, stratum.lane or self.lane, stratum.probability
        return "default", self.lane, self.probability


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """A lane that the model may choose, and from where on."""

    lane: str
    #: Least probability of irregularity, 0 to 1.
    probability_min: float = 0.0
    #: Least expected additional duty and tax, national currency.
    expected_revenue_min: float = 0.0
    #: Flows in which the treatment exists; empty: all.
    flows: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelStage:
    """How the score becomes a control."""

    #: From the strictest; the first whose thresholds are met, and that the office can do, counts.
    treatments: tuple[Treatment, ...]
    #: What one found irregularity is worth beside its revenue (deterrence), national currency.
    value_of_finding: float
    #: Softness of the steering price, as a share of it: 0.1 means that 10 % above it the chance is 0.73.
    temperature: float = 0.05
    #: Beyond this many temperatures from the price the chance is exactly 0 or 1.
    band: float = 3.0
    #: The price never falls below this, national currency per officer-hour (per control in share mode).
    price_min: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Exploration:
    """The part of the capacity that is spent to learn."""

    #: Share of the day's capacity of the lane's pool, 0 to 0.5.
    share: float
    lane: str
    #: Highest probability that exploration gives one declaration.
    probability_max: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class TopUp:
    """The expected rate of controls, kept by a random top-up where the other stages fall short."""

    lane: str
    #: Share of declarations, 0 to 1; 0: no top-up.
    rate: float = 0.0
    offices: Mapping[str, float] = field(default_factory=dict)

    def of(self, office: str) -> float:
        """Return the expected rate at *office*."""
        return self.offices.get(office, self.rate)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeCapacity:
    """What one office can do in a day: hours per pool, or a share of the declarations."""

    #: Hours of a full day per lane code or per resource; None: not known, the share counts.
    hours: Mapping[str, float] | None = None
    #: Share of the declarations that can be controlled, 0 to 1, where hours are not known.
    share: float = 0.10
    #: Part of a full day that is worked, from Monday to Sunday.
    weekdays: tuple[float, ...] = (1.0,) * 7
    #: The same for single dates (ordinals), such as holidays.
    dates: Mapping[int, float] = field(default_factory=dict)
    #: Declarations expected on a full day while there is no experience.
    arrivals_per_day: float = 50.0

    def worked(self, day: int) -> float:
        """Return the part of a full day that is worked on *day* (ordinal)."""
        return self.dates[day] if day in self.dates else self.weekdays[date.fromordinal(day).weekday()]

    def pool(self, lane: Lane) -> str | None:
        """Return the pool of hours that *lane* draws on here; None when the office has none for it."""
        if self.hours is None:
            return CONTROLS if lane.control else None
        if lane.code in self.hours:
            return lane.code
        return lane.resource if lane.resource in self.hours else None

    @property
    def pools(self) -> tuple[str, ...]:
        """Return the names of the pools."""
        return (CONTROLS,) if self.hours is None else tuple(self.hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """The capacity of each office."""

    default: OfficeCapacity
    offices: Mapping[str, OfficeCapacity] = field(default_factory=dict)

    def of(self, office: str) -> OfficeCapacity:
        """Return the capacity of *office*."""
        return self.offices.get(office, self.default)


@dataclass(frozen=True, slots=True, kw_only=True)
class DegradedModel:
    """What takes the model's place in one flow when there is no score."""

    lane: str
    #: Probability of the draw, 0 to 1.
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Degraded:
    """What happens when a part of the system is down: a stated lane, never a silent release."""

    #: Where no flow of its own is written.
    model: DegradedModel
    #: By flow.
    flows: Mapping[str, DegradedModel] = field(default_factory=dict)
    #: Without history the random floor is at least this, 0 to 1.
    floor_without_history: float = 0.05


@dataclass(frozen=True, kw_only=True)
class Plan:
    """All parameters of selection."""

    id: str
    #: Name of the series of draws: change it only to draw everything anew.
    draws: str
    #: Lane of what nobody selects.
    release_lane: str
    #: The same for authorised economic operators; None: no difference.
    aeo_lane: str | None
    random_floor: RandomFloor
    model: ModelStage
    exploration: Exploration
    top_up: TopUp
    capacity: Capacity
    degraded: Degraded
    #: Mandatory work above this share of a pool's capacity is marked (nothing is dropped), 0 to 1.
    mandatory_share_max: float = 0.8

    @cached_property
    def version(self) -> str:
        """Return the hash of the content: the same parameters have the same version everywhere."""
        return hashlib.sha256(canonical_json(_plain(self))).hexdigest()[:16]

    def base_lane(self, facts: Facts) -> str:
        """Return the lane of a declaration that nobody selects."""
        return self.aeo_lane if self.aeo_lane is not None and facts.aeo else self.release_lane


def _plain(value: Any) -> Any:
    """Return *value* with its dataclasses as mappings and its sets in order."""
    if is_dataclass(value):
        return {entry.name: _plain(getattr(value, entry.name)) for entry in fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    return value
