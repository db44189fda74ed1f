"""The plan: strata, capacity, version, and the faults of a plan that cannot be used."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.golden.texts import faults_in_words, golden
from tests.unit.core.selection.office import LANES, make_inputs, make_plan
from tidewaiter.core.errors import ConfigurationError
from tidewaiter.core.selection import plan_from_data
from tidewaiter.core.selection.plan import CONTROLS, OfficeCapacity, RandomFloor, Stratum

STARTER = Path(__file__).parents[4] / "starter" / "plan.yaml"


def starter() -> dict[str, Any]:
    return copy.deepcopy(yaml.safe_load(STARTER.read_text(encoding="utf-8")))


def refusal_of(data: object) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        plan_from_data(data, LANES)
    return caught.value


def faults_of(data: object) -> dict[str, str]:
    return {fault.place: fault.code for fault in refusal_of(data).faults}


def test_the_starter_plan_loads_and_controls_a_tenth() -> None:
    plan = plan_from_data(starter(), LANES)
    assert plan.capacity.default.share == 0.10
    assert plan.exploration.share == 0.10
    assert plan.random_floor.probability >= 0.01


def test_the_first_stratum_that_matches_gives_the_rate() -> None:
    floor = RandomFloor(
        lane="examination",
        probability=0.01,
        strata=(
            Stratum(code="office", probability=0.05, offices=frozenset({"B"})),
            Stratum(code="aeo", probability=0.02, aeo=True, lane="documents"),
            Stratum(code="inward", probability=0.03, procedures=("51", "53"), flows=frozenset({"import"})),
            Stratum(code="group", probability=0.04, declarant_groups=frozenset({"new"})),
        ),
    )
    cases = {
        "office": {"office": "B", "aeo": True},
        "aeo": {"aeo": True},
        "inward": {"procedure": "5100"},
        "group": {"declarant_groups": frozenset({"new", "large"})},
        "default": {"procedure": None, "flow": "export"},
    }
    for code, facts in cases.items():
        assert floor.of(make_inputs(**facts).facts)[0] == code
    assert floor.of(make_inputs(aeo=True).facts) == ("aeo", "documents", 0.02)


def test_an_unknown_aeo_status_is_not_trusted() -> None:
    assert make_plan().base_lane(make_inputs(aeo=None).facts) == "release"
    assert make_plan().base_lane(make_inputs(aeo=True).facts) == "trusted"


def test_the_version_is_the_content() -> None:
    plan = make_plan()
    assert plan.version == make_plan().version
    assert plan.version != replace(plan, random_floor=replace(plan.random_floor, probability=0.011)).version
    assert plan_from_data(starter(), LANES).version == plan_from_data(starter(), LANES).version


def test_a_lane_draws_on_its_own_hours_before_those_of_its_resource() -> None:
    office = OfficeCapacity(hours={"officers": 10.0, "documents": 3.0})
    assert office.pool(LANES["documents"]) == "documents"
    assert office.pool(LANES["examination"]) == "officers"
    assert office.pool(LANES["scan"]) is None
    assert office.pool(LANES["release"]) is None
    assert OfficeCapacity().pool(LANES["scan"]) == CONTROLS


def test_a_date_of_its_own_comes_before_its_weekday() -> None:
    christmas = date(2026, 12, 25).toordinal()  # a Friday
    office = OfficeCapacity(weekdays=(1, 1, 1, 1, 0.5, 0, 0), dates={christmas: 0.0})
    assert office.worked(christmas) == 0.0
    assert office.worked(christmas + 7) == 0.5
    assert office.worked(christmas + 1) == 0


def wrong_plan() -> dict[str, Any]:
    """Return the starter plan with a fault of every kind."""
    data = starter()
    data["random_floor"]["probability"] = 0
    data["random_floor"]["strata"][0] |= {"flows": ["inport"], "lane": "release"}
    data["random_floor"]["strata"][1]["code"] = data["random_floor"]["strata"][0]["code"]
    data["model"]["treatments"] = []
    data["model"]["temprature"] = 0.1
    data["exploration"]["share"] = 0.9
    data["release_lane"] = "examination"
    office = {"hours": {"officer": 3}, "share": 0.2, "dates": {"Xmas": 0}}
    data["capacity"] = {"offices": {"010": office}}
    data["degraded"]["flows"]["imports"] = {"lane": "documents", "probability": 0.1}
    del data["draws"]
    return data


def test_every_fault_of_a_plan_is_named_with_its_place() -> None:
    assert faults_of(wrong_plan()) == {
        "/random_floor/probability": "number-range",
        "/random_floor/strata/0/flows": "unknown-word",
        "/random_floor/strata/0/lane": "unknown-word",
        "/random_floor/strata/1/code": "code-twice",
        "/model/treatments": "list-length",
        "/model/temprature": "unknown-key",
        "/exploration/share": "number-range",
        "/release_lane": "unknown-word",
        "/capacity/offices/010/hours/officer": "unknown-word",
        "/capacity/offices/010/share": "two-capacities",
        "/capacity/offices/010/dates/Xmas": "not-a-day",
        "/degraded/flows/imports": "unknown-word",
        "/draws": "missing-key",
    }


def test_the_faults_of_a_plan_read_as_kept() -> None:
    texts = []
    for data in (wrong_plan(), {}, []):
        error = refusal_of(data)
        texts.append(f"{error.message}\n{faults_in_words(error.faults)}")
    text = "\n".join(texts)
    assert text == golden("selection/plan-faults.txt", text), (
        "if the new text is better, run with WRITE_GOLDEN=1"
    )


@pytest.mark.parametrize("data", [None, [], "plan", {}, {1: 2}])
def test_what_is_no_plan_is_refused_and_never_crashes(data: object) -> None:
    assert faults_of(data)


def test_a_floor_of_zero_is_refused_because_nothing_could_be_measured() -> None:
    data = starter()
    data["random_floor"]["strata"] = [{"code": "none", "probability": 0.0, "offices": ["010"]}]
    assert faults_of(data) == {"/random_floor/strata/0/probability": "number-range"}
