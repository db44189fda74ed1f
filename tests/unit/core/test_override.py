"""Overrides of lanes: which way they go, what holds, and what stays for the next version."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.core.selection.office import LANES
from tidewaiter.core.errors import Conflict, InputError
from tidewaiter.core.override import (
    TEXT_MAX,
    Change,
    Direction,
    Override,
    ReasonCode,
    direction_of,
    lane_floor,
    lane_in_force,
    require_change,
)

AT = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
UP = Change(
    decision_id="D1", from_lane="release", to_lane="scan", reason_code=ReasonCode.GOODS_DIFFER, text="why"
)
DOWN = replace(UP, from_lane="scan", to_lane="release", reason_code=ReasonCode.RELIEF_GOODS)
CODES = st.sampled_from(LANES.codes)


def override(from_lane: str, to_lane: str, number: int = 1) -> Override:
    change = replace(UP, from_lane=from_lane, to_lane=to_lane)
    return Override(
        decision_id="D1", number=number, source="s", declaration_id="d", declaration_version=1, office="o",
        direction=direction_of(change, LANES), from_lane=from_lane, to_lane=to_lane,
        reason_code=ReasonCode.OTHER, text="why", by="anna", adds_control=False, at=AT,
    )  # fmt: skip


@st.composite
def histories(draw: st.DrawFn) -> tuple[str, list[Override]]:
    """Draw a decided lane and overrides that follow each other."""
    walk = [draw(CODES)]
    for to_lane in draw(st.lists(CODES, max_size=6)):
        if to_lane != walk[-1]:
            walk.append(to_lane)
    steps = enumerate(pairwise(walk), 1)
    return walk[0], [override(before, after, number) for number, (before, after) in steps]


@given(CODES, CODES)
def test_a_change_goes_up_or_down_or_is_none(one: str, other: str) -> None:
    change = replace(UP, from_lane=one, to_lane=other)
    if one == other:
        with pytest.raises(InputError, match="already"):
            direction_of(change, LANES)
    else:
        back = replace(UP, from_lane=other, to_lane=one)
        assert {direction_of(change, LANES), direction_of(back, LANES)} == set(Direction)


@given(histories())
def test_the_next_version_is_at_least_as_strict_as_the_decision_and_every_raise(
    history: tuple[str, list[Override]],
) -> None:
    decided, overrides = history
    floor = LANES.order(lane_floor(decided, overrides, LANES))
    raised = [each.to_lane for each in overrides if each.direction is Direction.RAISED]
    assert floor == max(LANES.order(lane) for lane in (decided, *raised))
    assert floor >= LANES.order(lane_in_force(decided, overrides)), "a lowering does not carry over"


@given(histories())
def test_the_lane_in_force_is_the_last(history: tuple[str, list[Override]]) -> None:
    decided, overrides = history
    assert lane_in_force(decided, overrides) == (overrides[-1].to_lane if overrides else decided)


def test_a_lane_that_was_abolished_since_raises_no_more() -> None:
    gone = replace(override("release", "scan"), to_lane="abolished")
    assert lane_floor("release", [gone], LANES) == "release"


def test_a_change_fits_its_direction_and_what_holds() -> None:
    require_change(UP, Direction.RAISED, decided="release", overrides=[], lanes=LANES)
    raised = [override("release", "scan")]
    require_change(DOWN, Direction.LOWERED, decided="release", overrides=raised, lanes=LANES)
    with pytest.raises(Conflict, match="'scan' by now"):
        require_change(UP, Direction.RAISED, decided="release", overrides=raised, lanes=LANES)
    with pytest.raises(InputError, match="two persons"):
        require_change(DOWN, Direction.RAISED, decided="scan", overrides=[], lanes=LANES)
    with pytest.raises(InputError, match="not less strict"):
        require_change(UP, Direction.LOWERED, decided="release", overrides=[], lanes=LANES)


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason_code": ReasonCode.PERISHABLE_OR_LIVE},
        {"text": " \t"},
        {"text": "x" * (TEXT_MAX + 1)},
        {"to_lane": "nowhere"},
        {"from_lane": "nowhere"},
    ],
)
def test_a_wrong_change_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(InputError):
        require_change(replace(UP, **wrong), Direction.RAISED, decided="release", overrides=[], lanes=LANES)
