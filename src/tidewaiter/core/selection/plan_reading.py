"""Read a plan from plain data (as in ``starter/plan.yaml``) and name every fault with its place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tidewaiter.core.declaration import TradeFlow
from tidewaiter.core.errors import Fault
from tidewaiter.core.plain import Reader, calendar_day, distinct, refuse
from tidewaiter.core.selection.lanes import Lanes
from tidewaiter.core.selection.plan import (
    Capacity,
    Degraded,
    DegradedModel,
    Exploration,
    ModelStage,
    OfficeCapacity,
    Plan,
    RandomFloor,
    Stratum,
    TopUp,
    Treatment,
)

__all__ = ["plan_from_data"]

#: Below this nothing can be measured: 8,000 declarations would give fewer than 8 draws.
_FLOOR_MIN: Final = 0.001
_MONEY_MAX: Final = 10**12
_HOURS_MAX: Final = 10**6
_ENTRIES_MAX: Final = 1000
_WEEK: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def plan_from_data(data: object, lanes: Lanes) -> Plan:
    """Return the plan that *data* describes; lane codes must be those of *lanes*.

    Raises:
        ConfigurationError: with every fault, its place and what is allowed there.

    """
    faults: list[Fault] = []
    top = Reader(data, "", faults)
    releasing = [lane.code for lane in lanes if not lane.control]
    controls = [lane.code for lane in lanes if lane.control]
    plan = Plan(
        id=top.text("id"),
        draws=top.text("draws"),
        release_lane=top.one_of("release_lane", releasing, "a releasing lane"),
        aeo_lane=top.one_of("aeo_lane", releasing, "a releasing lane", required=False) or None,
        random_floor=_floor(top.child("random_floor"), controls),
        model=_model(top.child("model"), controls),
        exploration=_exploration(top.child("exploration"), controls),
        top_up=_top_up(top.child("top_up"), controls),
        capacity=_capacity(top.child("capacity"), lanes),
        degraded=_degraded(top.child("degraded"), controls),
        mandatory_share_max=top.number("mandatory_share_max", at_least=0, at_most=1, default=0.8),
    )
    top.close()
    refuse("plan", faults)
    return plan


def _control(reader: Reader, controls: Sequence[str]) -> str:
    return reader.one_of("lane", controls, "a control lane")


def _flows(reader: Reader) -> frozenset[str]:
    return frozenset(flow.value for flow in reader.choices("flows", TradeFlow, required=False))


def _codes(reader: Reader, key: str) -> tuple[str, ...]:
    return reader.texts(key, required=False, at_most=_ENTRIES_MAX)


def _floor(reader: Reader, controls: Sequence[str]) -> RandomFloor:
    strata = reader.children("strata", required=False, at_most=_ENTRIES_MAX)
    floor = RandomFloor(
        lane=_control(reader, controls),
        probability=reader.number("probability", at_least=_FLOOR_MIN, at_most=1, default=0.01),
        strata=tuple(_stratum(child, controls) for child in strata),
    )
    distinct(strata, "code", "strata")
    reader.close()
    return floor


def _stratum(reader: Reader, controls: Sequence[str]) -> Stratum:
    stratum = Stratum(
        code=reader.text("code"),
        probability=reader.number("probability", at_least=_FLOOR_MIN, at_most=1),
        lane=reader.one_of("lane", controls, "a control lane", required=False) or None,
        flows=_flows(reader),
        offices=frozenset(_codes(reader, "offices")),
        aeo=reader.truth("aeo") if reader.has("aeo") else None,
        procedures=_codes(reader, "procedures"),
        declarant_groups=frozenset(_codes(reader, "declarant_groups")),
    )
    reader.close()
    return stratum


def _model(reader: Reader, controls: Sequence[str]) -> ModelStage:
    treatments = reader.children(
        "treatments", at_most=_ENTRIES_MAX, hint="Name at least one control lane as a treatment."
    )
    stage = ModelStage(
        treatments=tuple(_treatment(child, controls) for child in treatments),
        value_of_finding=reader.number("value_of_finding", at_least=0, at_most=_MONEY_MAX),
        temperature=reader.number("temperature", at_least=0.001, at_most=1, default=0.05),
        band=reader.number("band", at_least=0.5, at_most=10, default=3.0),
        price_min=reader.number("price_min", at_least=0, at_most=_MONEY_MAX, default=0.0),
    )
    reader.close()
    return stage


def _treatment(reader: Reader, controls: Sequence[str]) -> Treatment:
    treatment = Treatment(
        lane=_control(reader, controls),
        probability_min=reader.number("probability_min", at_least=0, at_most=1, default=0.0),
        expected_revenue_min=reader.number(
            "expected_revenue_min", at_least=0, at_most=_MONEY_MAX, default=0.0
        ),
        flows=_flows(reader),
    )
    reader.close()
    return treatment


def _exploration(reader: Reader, controls: Sequence[str]) -> Exploration:
    exploration = Exploration(
        share=reader.number("share", at_least=0, at_most=0.5, default=0.10),
        lane=_control(reader, controls),
        probability_max=reader.number("probability_max", at_least=0, at_most=1, default=0.5),
    )
    reader.close()
    return exploration


def _top_up(reader: Reader, controls: Sequence[str]) -> TopUp:
    by_office = reader.child("offices")
    top_up = TopUp(
        lane=_control(reader, controls),
        rate=reader.number("rate", at_least=0, at_most=1, default=0.0),
        offices={office: by_office.number(office, at_least=0, at_most=1) for office in by_office.own_keys()},
    )
    reader.close()
    return top_up


def _capacity(reader: Reader, lanes: Lanes) -> Capacity:
    by_office = reader.child("offices")
    capacity = Capacity(
        default=_office(reader.child("default"), lanes),
        offices={office: _office(by_office.child(office), lanes) for office in by_office.own_keys()},
    )
    reader.close()
    return capacity


def _office(reader: Reader, lanes: Lanes) -> OfficeCapacity:
    if reader.has("hours") and reader.has("share"):
        reader.fault("two-capacities", "share", "hours and share are both given", hint="Keep one of them.")
    week = reader.child("weekdays")
    capacity = OfficeCapacity(
        hours=_hours(reader.child("hours"), lanes) if reader.has("hours") else None,
        share=reader.number("share", at_least=0, at_most=1, default=0.10),
        weekdays=tuple(week.number(name, at_least=0, at_most=5, default=1.0) for name in _WEEK),
        dates=_dates(reader.child("dates")),
        arrivals_per_day=reader.number("arrivals_per_day", at_least=1, at_most=10**7, default=50.0),
    )
    week.close()
    reader.close()
    return capacity


def _hours(reader: Reader, lanes: Lanes) -> dict[str, float]:
    pools = {lane.code for lane in lanes if lane.control} | {lane.resource for lane in lanes if lane.resource}
    known = reader.own_keys(sorted(pools), "a lane or resource that has hours")
    return {pool: reader.number(pool, at_least=0, at_most=_HOURS_MAX) for pool in known}


def _dates(reader: Reader) -> dict[int, float]:
    found: dict[int, float] = {}
    for name in reader.own_keys():
        worked = reader.number(name, at_least=0, at_most=5)
        try:
            found[calendar_day(name).toordinal()] = worked
        except ValueError:
            reader.fault("not-a-day", name, 'a day is written as "YYYY-MM-DD"', name)
    return found


def _degraded(reader: Reader, controls: Sequence[str]) -> Degraded:
    by_flow = reader.child("flows")
    flows = by_flow.own_keys([flow.value for flow in TradeFlow], "a flow")
    degraded = Degraded(
        model=_degraded_model(reader.child("model"), controls),
        flows={flow: _degraded_model(by_flow.child(flow), controls) for flow in flows},
        floor_without_history=reader.number(
            "floor_without_history", at_least=_FLOOR_MIN, at_most=1, default=0.05
        ),
    )
    reader.close()
    return degraded


def _degraded_model(reader: Reader, controls: Sequence[str]) -> DegradedModel:
    degraded = DegradedModel(
        lane=_control(reader, controls),
        probability=reader.number("probability", at_least=0.001, at_most=1),
    )
    reader.close()
    return degraded
