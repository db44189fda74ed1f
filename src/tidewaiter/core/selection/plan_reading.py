"""Read a plan from plain data (as in ``starter/plan.yaml``) and name every fault with its place."""

from __future__ import annotations

from datetime import date
from typing import Final

from tidewaiter.core.declaration import TradeFlow
from tidewaiter.core.errors import Fault
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
from tidewaiter.core.selection.reading import Reader, finish

__all__ = ["plan_from_data"]

#: Below this nothing can be measured: 8,000 declarations would give fewer than 8 draws.
_FLOOR_MIN: Final = 0.001
_MONEY_MAX: Final = 1e12
_HOURS_MAX: Final = 1e6
_FLOWS: Final = tuple(flow.value for flow in TradeFlow)
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
        release_lane=top.one_of("release_lane", releasing, "releasing lane"),
        aeo_lane=top.one_of("aeo_lane", releasing, "releasing lane", None),
        random_floor=_floor(top.child("random_floor"), controls),
        model=_model(top.child("model"), controls),
        exploration=_exploration(top.child("exploration"), controls),
        top_up=_top_up(top.child("top_up"), controls),
        capacity=_capacity(top.child("capacity"), lanes),
        degraded=_degraded(top.child("degraded"), controls),
        mandatory_share_max=top.number("mandatory_share_max", 0, 1, 0.8),
    )
    top.close()
    finish(faults, "plan")
    return plan


def _flows(reader: Reader) -> frozenset[str]:
    found = reader.texts("flows")
    for flow in found:
        if flow not in _FLOWS:
            reader.fault(
                "flows", "not-known", "there is no flow of this name", flow, f"Known: {', '.join(_FLOWS)}."
            )
    return frozenset(found)


def _floor(reader: Reader, controls: list[str]) -> RandomFloor:
    floor = RandomFloor(
        lane=reader.one_of("lane", controls, "control lane"),
        probability=reader.number("probability", _FLOOR_MIN, 1, 0.01),
        strata=tuple(_stratum(child, controls) for child in reader.children("strata")),
    )
    codes = [stratum.code for stratum in floor.strata]
    for code in {code for code in codes if codes.count(code) > 1}:
        reader.fault("strata", "twice", "this code is given to two strata", code)
    reader.close()
    return floor


def _stratum(reader: Reader, controls: list[str]) -> Stratum:
    stratum = Stratum(
        code=reader.text("code"),
        probability=reader.number("probability", _FLOOR_MIN, 1),
        lane=reader.one_of("lane", controls, "control lane", None),
        flows=_flows(reader),
        offices=frozenset(reader.texts("offices")),
        aeo=reader.flag("aeo", None),
        procedures=reader.texts("procedures"),
        declarant_groups=frozenset(reader.texts("declarant_groups")),
    )
    reader.close()
    return stratum


def _model(reader: Reader, controls: list[str]) -> ModelStage:
    treatments = tuple(_treatment(child, controls) for child in reader.children("treatments"))
    if not treatments:
        reader.fault(
            "treatments", "missing", "the model has no treatment", hint="Name at least one control lane."
        )
    stage = ModelStage(
        treatments=treatments,
        value_of_finding=reader.number("value_of_finding", 0, _MONEY_MAX),
        temperature=reader.number("temperature", 0.001, 1, 0.05),
        band=reader.number("band", 0.5, 10, 3.0),
        price_min=reader.number("price_min", 0, _MONEY_MAX, 0.0),
    )
    reader.close()
    return stage


def _treatment(reader: Reader, controls: list[str]) -> Treatment:
    treatment = Treatment(
        lane=reader.one_of("lane", controls, "control lane"),
        probability_min=reader.number("probability_min", 0, 1, 0.0),
        expected_revenue_min=reader.number("expected_revenue_min", 0, _MONEY_MAX, 0.0),
        flows=_flows(reader),
    )
    reader.close()
    return treatment


def _exploration(reader: Reader, controls: list[str]) -> Exploration:
    exploration = Exploration(
        share=reader.number("share", 0, 0.5, 0.10),
        lane=reader.one_of("lane", controls, "control lane"),
        probability_max=reader.number("probability_max", 0, 1, 0.5),
    )
    reader.close()
    return exploration


def _top_up(reader: Reader, controls: list[str]) -> TopUp:
    by_office = reader.child("offices")
    top_up = TopUp(
        lane=reader.one_of("lane", controls, "control lane"),
        rate=reader.number("rate", 0, 1, 0.0),
        offices={office: by_office.number(office, 0, 1) for office in by_office.entries()},
    )
    reader.close()
    return top_up


def _capacity(reader: Reader, lanes: Lanes) -> Capacity:
    by_office = reader.child("offices")
    capacity = Capacity(
        default=_office(reader.child("default"), lanes),
        offices={office: _office(by_office.child(office), lanes) for office in by_office.entries()},
    )
    reader.close()
    return capacity


def _office(reader: Reader, lanes: Lanes) -> OfficeCapacity:
    if "hours" in reader and "share" in reader:
        reader.fault("share", "two-capacities", "hours and share are both given", hint="Keep one of them.")
    pools = {lane.code for lane in lanes if lane.control} | {lane.resource for lane in lanes if lane.resource}
    hours = reader.child("hours") if "hours" in reader else None
    if hours is not None:
        for pool in hours.entries():
            if pool not in pools:
                known = ", ".join(sorted(pools))
                hours.fault(pool, "not-known", "no lane has this code or resource", pool, f"Known: {known}.")
    week = reader.child("weekdays")
    dates = reader.child("dates")
    capacity = OfficeCapacity(
        hours=None
        if hours is None
        else {pool: hours.number(pool, 0, _HOURS_MAX) for pool in hours.entries()},
        share=reader.number("share", 0, 1, 0.10),
        weekdays=tuple(week.number(name, 0, 5, 1.0) for name in _WEEK),
        dates=_dates(dates),
        arrivals_per_day=reader.number("arrivals_per_day", 1, 1e7, 50.0),
    )
    week.close()
    reader.close()
    return capacity


def _dates(reader: Reader) -> dict[int, float]:
    found: dict[int, float] = {}
    for name in reader.entries():
        worked = reader.number(name, 0, 5)
        try:
            found[date.fromisoformat(name).toordinal()] = worked
        except ValueError:
            reader.fault(
                name,
                "not-a-date",
                "this is a date such as '2026-12-25'",
                name,
                "Write it in quotation marks.",
            )
    return found


def _degraded(reader: Reader, controls: list[str]) -> Degraded:
    by_flow = reader.child("flows")
    for flow in by_flow.entries():
        if flow not in _FLOWS:
            by_flow.fault(
                flow, "not-known", "there is no flow of this name", flow, f"Known: {', '.join(_FLOWS)}."
            )
    degraded = Degraded(
        model=_degraded_model(reader.child("model"), controls),
        flows={flow: _degraded_model(by_flow.child(flow), controls) for flow in by_flow.entries()},
        floor_without_history=reader.number("floor_without_history", _FLOOR_MIN, 1, 0.05),
    )
    reader.close()
    return degraded


def _degraded_model(reader: Reader, controls: list[str]) -> DegradedModel:
    degraded = DegradedModel(
        lane=reader.one_of("lane", controls, "control lane"),
        probability=reader.number("probability", 0.001, 1),
    )
    reader.close()
    return degraded
