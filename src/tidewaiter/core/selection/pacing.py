"""Pacing: the state of one office's day, and the price at which its hours last until the evening.

There is no clock here: the day is an argument, and how far the day has gone is told by the
declarations that arrived against those expected.  Each office is independent.  The state is a
value; :func:`opened` and :func:`recorded` return the next one, and :meth:`OfficeState.to_data` writes
it so that reading it back gives the same answers, bit for bit.

The *price* (lambda) of a pool of hours is the value per hour above which the model's work on offer
equals the hours that remain for it: hours left, less what mandatory profiles, shares, the floor
and the top-up will need for the rest of the day, less what is left for exploration, per arrival
still expected.  It is what one more officer-hour would bring.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from tidewaiter.core.selection.lanes import Lanes
from tidewaiter.core.selection.plan import OfficeCapacity, Plan
from tidewaiter.core.selection.prices import ValueDistribution
from tidewaiter.core.selection.stages import Arm, Selection

__all__ = ["OfficeState", "PoolPrice", "capacity_hours", "opened", "recorded", "start"]

#: Arrivals after which an observation counts half: enough to price a 1 % tail, soon enough to follow.
_HALF_LIFE: Final = 2000.0
_GROWTH: Final = 2.0 ** (1.0 / _HALF_LIFE)
#: What a day's end leaves of older experience: a half-life of about 23 days for small offices.
_FADE: Final = 0.97
#: Fewer scored arrivals than this give no price; a plain coin spends the budget meanwhile.
_EXPERIENCE_MIN: Final = 20.0
#: Weight of the newest day in the forecast of its weekday.
_NEWEST: Final = 0.3
#: The steering aims to have spent its hours this many standard deviations of a Poisson day early.
_EARLY: Final = 0.5
#: The share of a longer-than-expected day that is thought still to come, once the forecast is passed.
_TAIL: Final = 0.05
_WEIGHT_MAX: Final = 1e9
#: A share of the declarations is kept over a working week: that many days are planned together, so that
#: a day with many mandatory hits does not close an office to what is worth most.
_SHARE_DAYS: Final = 5.0

#: Stages whose needs are set aside before the model spends.
_RESERVED: Final = (Arm.MANDATORY, Arm.SHARE, Arm.RANDOM, Arm.TOP_UP)


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolPrice:
    """What steering knows of one pool at this moment."""

    #: Value of one more hour, national currency per hour; None: too little experience.
    price: float | None
    #: Hours the model may spend per arrival.
    hours_per_arrival: float
    #: Hours that exploration may still spend today.
    exploration_hours: float
    #: Arrivals still expected today, at least 1.
    remaining: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeState:
    """The pacing state of one office."""

    office: str
    #: Ordinal of the day that is open; 0: none yet.
    day: int = 0
    #: Declarations (first versions) so far today.
    arrivals: int = 0
    #: pool -> hours used today by everything.
    used: Mapping[str, float] = field(default_factory=dict)
    #: "lane/stage" -> hours used today.
    spent: Mapping[str, float] = field(default_factory=dict)
    #: Share mode only: unspent controls of earlier days (below 0: a debt), in controls.
    carried: float = 0.0
    #: weekday (0 Monday) -> declarations expected on a full day.
    weekdays: Mapping[int, float] = field(default_factory=dict)
    #: What one arrival weighs now, in the fading unit of the sums below.
    weight: float = 1.0
    #: Arrivals, in that unit.
    seen: float = 0.0
    #: Scored arrivals, in that unit.
    scored: float = 0.0
    #: pool -> work on offer to the model.
    values: Mapping[str, ValueDistribution] = field(default_factory=dict)
    #: "pool/stage" -> expected hours of the reserved stages, in that unit.
    needs: Mapping[str, float] = field(default_factory=dict)
    #: Hours of exploration asked for by the posteriors, before scaling, in that unit.
    curiosity: float = 0.0
    #: Inclusion probabilities without the top-up, in that unit.
    included: float = 0.0
    #: pool -> price.
    prices: Mapping[str, PoolPrice] = field(default_factory=dict)

    def expected(self, capacity: OfficeCapacity) -> float:
        """Return the declarations expected today, at least 1."""
        found = self.weekdays.get(_weekday(self.day))
        if found is None and self.weekdays:
            found = sum(self.weekdays.values()) / len(self.weekdays)
        return max(1.0, capacity.arrivals_per_day if found is None else found)

    def to_data(self) -> dict[str, Any]:
        """Return the state as plain data for JSON; :meth:`from_data` gives an equal state."""
        return {
            **{name: getattr(self, name) for name in _PLAIN_FIELDS},
            **{name: dict(getattr(self, name)) for name in ("used", "spent", "needs")},
            "weekdays": {str(day): count for day, count in self.weekdays.items()},
            # Hundreds of bins, written with every decision: their numbers become text where JSON is written.
            "values": {pool: v.hours for pool, v in self.values.items()},
            "prices": {
                pool: [p.price, p.hours_per_arrival, p.exploration_hours, p.remaining]
                for pool, p in self.prices.items()
            },
        }

    @staticmethod
    def from_data(data: Mapping[str, Any]) -> OfficeState:
        """Return the state that :meth:`to_data` wrote."""
        return OfficeState(
            **{name: data[name] for name in _PLAIN_FIELDS},
            used=dict(data["used"]),
            spent=dict(data["spent"]),
            needs=dict(data["needs"]),
            weekdays={int(day): count for day, count in data["weekdays"].items()},
            values={
                pool: ValueDistribution(hours={int(k): h for k, h in hours.items()})
                for pool, hours in data["values"].items()
            },
            prices={
                pool: PoolPrice(price=p[0], hours_per_arrival=p[1], exploration_hours=p[2], remaining=p[3])
                for pool, p in data["prices"].items()
            },
        )


_PLAIN_FIELDS: Final = (
    "office", "day", "arrivals", "carried", "weight", "seen", "scored", "curiosity", "included",
)  # fmt: skip


def start(office: str) -> OfficeState:
    """Return the state of an office without experience."""
    return OfficeState(office=office)


def opened(state: OfficeState, day: int, plan: Plan, lanes: Lanes) -> OfficeState:
    """Return *state* with *day* open: closes the earlier day and prices the new one.

    A *day* at or before the open one changes nothing: late messages are worked off on the open day.
    Only when another plan gave the office another set of pools is the open day priced anew.
    """
    capacity = plan.capacity.of(state.office)
    if day <= state.day:
        return state if state.prices.keys() == set(capacity.pools) else _priced(state, plan, lanes)
    closed = state if state.day == 0 else _closed(state, capacity)
    fresh = replace(closed, day=day, arrivals=0, used={}, spent={})
    return _priced(fresh, plan, lanes)


def _closed(state: OfficeState, capacity: OfficeCapacity) -> OfficeState:
    """Learn the day's arrivals, let older experience fade and carry over what a share left."""
    worked = capacity.worked(state.day)
    weekdays = dict(state.weekdays)
    if worked > 0:
        full_day = state.arrivals / worked
        earlier = weekdays.get(_weekday(state.day))
        weekdays[_weekday(state.day)] = (
            full_day if earlier is None else earlier + _NEWEST * (full_day - earlier)
        )
    carried = 0.0
    if capacity.hours is None:
        bound = _SHARE_DAYS * _usual_controls(state, capacity)
        left = state.carried + capacity.share * worked * state.arrivals - sum(state.used.values())
        carried = min(bound, max(-bound, left))
    return replace(state, weekdays=weekdays, carried=carried, weight=state.weight / _FADE)


def capacity_hours(state: OfficeState, capacity: OfficeCapacity, pool: str) -> float:
    """Return the hours of *pool* that the open day may use.

    In share mode: its controls, and those of one usual day in advance, because a share is kept over
    weeks.
    """
    own = _own_hours(state, capacity, pool)
    return own if capacity.hours is not None else max(0.0, own + _usual_controls(state, capacity))


def _own_hours(state: OfficeState, capacity: OfficeCapacity, pool: str) -> float:
    """Return the hours that the open day brings.

    In share mode: controls, with what was carried over (below 0: a debt).  They grow with the arrivals
    once these exceed the expected ones; the arrival that is being decided counts.
    """
    worked = capacity.worked(state.day)
    if capacity.hours is not None:
        return capacity.hours[pool] * worked
    arrivals = max(state.expected(capacity) * worked, state.arrivals + 1.0)
    return state.carried + capacity.share * worked * arrivals


def _usual_controls(state: OfficeState, capacity: OfficeCapacity) -> float:
    """Return the controls of a usual day in share mode, at least 2: an office may have few declarations."""
    return max(2.0, capacity.share * state.expected(capacity))


def hours_left(state: OfficeState, capacity: OfficeCapacity, pool: str) -> float:
    """Return the hours of *pool* that are not used yet; below 0 when mandatory work exceeded them."""
    return capacity_hours(state, capacity, pool) - state.used.get(pool, 0.0)


def recorded(state: OfficeState, selection: Selection, plan: Plan, lanes: Lanes) -> OfficeState:
    """Return *state* after *selection* was made: hours used, experience, and a new price when due."""
    state = opened(state, selection.day, plan, lanes)
    pacing = selection.pacing
    changes: dict[str, Any] = {}
    if selection.charged_hours > 0.0:
        spent_at = f"{selection.lane}/{selection.charged_stage}"
        changes["spent"] = {**state.spent, spent_at: state.spent.get(spent_at, 0.0) + selection.charged_hours}
        if selection.pool is not None:
            used = state.used.get(selection.pool, 0.0) + selection.charged_hours
            changes["used"] = {**state.used, selection.pool: used}
    if not selection.arrival:
        return replace(state, **changes) if changes else state
    weight = state.weight
    needs = dict(state.needs)
    for need in pacing.needs:
        needs[need[0]] = needs.get(need[0], 0.0) + weight * need[1]
    if pacing.pool is not None and pacing.free_hours > 0.0:
        values = state.values.get(pacing.pool) or ValueDistribution()
        added = values.adding(pacing.value_per_hour, weight * pacing.free_hours)
        changes["values"] = {**state.values, pacing.pool: added}
        changes["scored"] = state.scored + weight
    after = replace(
        state,
        arrivals=state.arrivals + 1,
        needs=needs,
        seen=state.seen + weight,
        curiosity=state.curiosity + weight * pacing.curiosity,
        included=state.included + weight * pacing.included,
        weight=weight * _GROWTH,
        **changes,
    )
    if after.weight > _WEIGHT_MAX:
        after = _rescaled(after)
    return _priced(after, plan, lanes) if _price_due(after) else after


def _price_due(state: OfficeState) -> bool:
    """Price anew about 32 times a day, and at each arrival near its end or in a small office."""
    remaining = max((price.remaining for price in state.prices.values()), default=0.0)
    stride = min(64, max(1, int(remaining / 32)))
    return state.arrivals % stride == 0


def _rescaled(state: OfficeState) -> OfficeState:
    """Return the same experience in a smaller unit, so that no sum ever overflows."""
    factor = 1.0 / state.weight
    return replace(
        state,
        weight=1.0,
        seen=state.seen * factor,
        scored=state.scored * factor,
        curiosity=state.curiosity * factor,
        included=state.included * factor,
        needs={name: hours * factor for name, hours in state.needs.items()},
        values={pool: values.scaled(factor) for pool, values in state.values.items()},
    )


def _priced(state: OfficeState, plan: Plan, lanes: Lanes) -> OfficeState:
    capacity = plan.capacity.of(state.office)
    exploring = capacity.pool(lanes[plan.exploration.lane])
    remaining = _remaining(state, capacity)
    prices = {
        pool: _pool_price(state, plan, capacity, pool, remaining, exploring=pool == exploring)
        for pool in capacity.pools
    }
    return replace(state, prices=prices)


def _remaining(state: OfficeState, capacity: OfficeCapacity) -> float:
    """Return the arrivals still to be served today: a little fewer than expected, so that hours are used."""
    expected = state.expected(capacity) * capacity.worked(state.day)
    early = expected - _EARLY * math.sqrt(expected)
    return max(1.0, early - state.arrivals, _TAIL * max(expected, state.arrivals))


def _pool_price(
    state: OfficeState, plan: Plan, capacity: OfficeCapacity, pool: str, remaining: float, *, exploring: bool
) -> PoolPrice:
    left = _own_hours(state, capacity, pool) - state.used.get(pool, 0.0)
    # In share mode the days ahead are planned together with this one.
    later = 0.0 if capacity.hours is not None else (_SHARE_DAYS - 1.0) * state.expected(capacity)
    left += capacity.share * later
    seen = max(state.seen, state.weight)
    needed = sum(state.needs.get(f"{pool}/{stage}", 0.0) for stage in _RESERVED) / seen
    left = max(0.0, left - (remaining + later) * needed)
    to_explore = min(left, _to_explore(state, plan, capacity, pool, later)) if exploring else 0.0
    per_arrival = (left - to_explore) / (remaining + later)
    to_explore *= remaining / (remaining + later)
    price = None
    if state.scored >= _EXPERIENCE_MIN * state.weight and pool in state.values:
        price = max(plan.model.price_min, state.values[pool].price(per_arrival * seen))
    return PoolPrice(
        price=price, hours_per_arrival=per_arrival, exploration_hours=to_explore, remaining=remaining
    )


def _to_explore(state: OfficeState, plan: Plan, capacity: OfficeCapacity, pool: str, later: float) -> float:
    """Return the hours that exploration may still spend on the arrivals ahead, from 0.

    *later* are those after today: a budget of a third of a control a day is spent over days.
    """
    explored = sum(
        hours for at, hours in state.spent.items() if at.endswith((f"/{Arm.EXPLORATION}", f"/{Arm.SHADOW}"))
    )
    hours = _own_hours(state, capacity, pool) + capacity.share * later
    return max(0.0, plan.exploration.share * hours - explored)


def _weekday(day: int) -> int:
    """Return the weekday of an ordinal: 0 is Monday, as day 1 of the calendar was one."""
    return (day + 6) % 7
