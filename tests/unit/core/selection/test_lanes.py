"""Lanes as the administration writes them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.golden.texts import faults_in_words, golden
from tests.unit.core.selection.office import LANES
from tidewaiter.core.errors import ConfigurationError
from tidewaiter.core.selection import Lane, Lanes, lanes_from_data

GOOD: dict[str, Any] = {
    "lanes": [
        {"code": "release", "order": 1, "control": False, "words": {"en": "Release", "fr": "Mainlevée"}},
        {
            "code": "examination",
            "order": 5,
            "control": True,
            "resource": "officers",
            "hours_per_declaration": 1.5,
            "hours_per_item": 0.25,
            "colour": "#c0392b",
            "shape": "square",
            "glyph": "E",
            "words": {"en": "Examination"},
            "wco_response": "9",
        },
    ]
}


WRONG: dict[str, Any] = {
    "lanes": [
        {"code": "aa", "order": 1, "control": "no", "words": "Release"},
        {"code": "aa", "order": 1, "control": True, "hours_per_item": -1},
        {"order": 2.5, "control": True, "color": "#000", "words": {"en": 5}},
        {"code": "Scan/X", "order": 7, "control": True, "hours_per_item": "1"},
        "release",
    ]
}


def refusal_of(data: object) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        lanes_from_data(data)
    return caught.value


def faults_of(data: object) -> dict[str, str]:
    return {fault.place: fault.code for fault in refusal_of(data).faults}


def test_lanes_are_ordered_from_the_most_lenient() -> None:
    assert LANES.codes == ("trusted", "release", "audit_later", "documents", "scan", "examination")
    assert LANES.highest("documents", "trusted", "scan") == "scan"


def test_hours_count_the_declaration_and_its_items() -> None:
    lanes = lanes_from_data(GOOD)
    assert lanes.hours("examination", 4) == 2.5
    assert lanes.hours("release", 4) == 0.0


def test_the_version_is_the_content_whatever_the_order_of_writing() -> None:
    backwards = {"lanes": GOOD["lanes"][::-1]}
    renamed = {"lanes": [{**GOOD["lanes"][0], "words": {"en": "Go"}}, GOOD["lanes"][1]]}
    assert lanes_from_data(GOOD).version == lanes_from_data(backwards).version
    assert lanes_from_data(GOOD).version != lanes_from_data(renamed).version


def test_everything_that_is_written_is_read() -> None:
    assert lanes_from_data(GOOD)["examination"] == Lane(
        code="examination", order=5, control=True, resource="officers", hours_per_declaration=1.5,
        hours_per_item=0.25, colour="#c0392b", shape="square", glyph="E", words={"en": "Examination"},
        wco_response="9",
    )  # fmt: skip


def test_all_faults_are_named_at_once_with_their_places() -> None:
    faults = faults_of(WRONG)
    assert faults["/lanes/0/control"] == "not-a-truth"
    assert faults["/lanes/1/code"] == "code-twice"
    assert faults["/lanes/1/order"] == "order-twice"
    assert faults["/lanes/1/hours_per_item"] == "number-range"
    assert faults["/lanes/2/code"] == "missing-key"
    assert faults["/lanes/2/order"] == "not-an-integer"
    assert faults["/lanes/2/color"] == "unknown-key"
    assert faults["/lanes/3/code"] == "code-form"
    assert faults["/lanes/4"] == "not-a-mapping"
    assert len(faults) == 12


def test_the_faults_of_lanes_read_as_kept() -> None:
    cases = [WRONG, {}, {"lanes": []}, {"lanes": [GOOD["lanes"][0]]}]
    errors = [refusal_of(data) for data in cases]
    text = "\n".join(f"{error.message}\n{faults_in_words(error.faults)}" for error in errors)
    assert text == golden("selection/lane-faults.txt", text), (
        "if the new text is better, run with WRITE_GOLDEN=1"
    )


@pytest.mark.parametrize("data", [None, [], {}, {"lanes": []}, {"lanes": None}])
def test_no_lanes_at_all_are_refused(data: object) -> None:
    assert faults_of(data)


def test_lanes_without_a_control_are_refused() -> None:
    assert faults_of({"lanes": [GOOD["lanes"][0]]}) == {"/lanes": "no-control-lane"}


def test_a_number_that_is_not_a_number_is_refused() -> None:
    for bad in (float("nan"), float("inf"), 10**400, True, "1"):
        data = {"lanes": [GOOD["lanes"][0], {**GOOD["lanes"][1], "hours_per_item": bad}]}
        code = "not-a-number" if bad is True or bad == "1" else "number-range"
        assert faults_of(data) == {"/lanes/1/hours_per_item": code}


def test_two_lanes_with_one_order_are_a_programmers_fault() -> None:
    with pytest.raises(ValueError, match="BUG"):
        Lanes([Lane(code="a", order=1, control=True), Lane(code="b", order=1, control=True)])
