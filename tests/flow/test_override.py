"""Overrides and what follows them: the next version, the replay, what a result teaches."""

from __future__ import annotations

import pytest

from tests.fakes import trade
from tests.fakes.people import enrol
from tests.fakes.site import Site
from tidewaiter.adapters.formats import json as json_format
from tidewaiter.core.errors import Conflict, NotFound
from tidewaiter.core.learning.labels import selection_weight
from tidewaiter.core.override import Change, ReasonCode
from tidewaiter.core.selection.stages import Arm
from tidewaiter.flow.examples import past_declarations
from tidewaiter.flow.ports import Person


class Desk:
    """An inspector of PORT at a site, and a declaration that no stage selected for a control."""

    def __init__(self) -> None:
        self.site = Site()
        enrol(self.site.services.people, "ida", "inspector", offices=["PORT"])
        for number in range(1, 60):
            self.number, self.decided = number, self.site.decide(trade.declaration(number))
            if self.decided["arm"] == Arm.NONE:
                break
        assert self.decided["arm"] == Arm.NONE, "no declaration was left alone"

    @property
    def ida(self) -> Person:
        with self.site.store.read() as uow:
            person = uow.person("ida")
        assert person is not None
        return person

    def raise_to(self, lane: str, *, decision: str | None = None, seen: str | None = None) -> str:
        change = Change(
            decision_id=decision or self.decided["id"], from_lane=seen or self.decided["lane"], to_lane=lane,
            reason_code=ReasonCode.TIP_RECEIVED, text="A call.",
        )  # fmt: skip
        return self.site.services.overrides.raise_lane(change, by=self.ida).in_force


def test_a_raise_stays_with_the_next_version_and_both_replay() -> None:
    desk = Desk()
    assert desk.raise_to("examination") == "examination"
    amended = desk.site.decide(trade.declaration(desk.number, version=2))
    assert amended["lane"] == "examination"
    replayed = [*desk.site.replays(), *desk.site.replays(from_history=True)]
    assert [each.differences for each in replayed] == [()] * len(replayed)


def test_without_the_raise_the_next_version_has_another_lane() -> None:
    desk = Desk()
    amended = desk.site.decide(trade.declaration(desk.number, version=2))
    assert amended["lane"] != "examination", "so the test above shows something"


def test_the_answer_to_a_message_that_comes_again_stays_what_it_was() -> None:
    desk = Desk()
    first = desk.site.assess(trade.declaration(desk.number))[0]
    desk.raise_to("examination")
    again = desk.site.assess(trade.declaration(desk.number))[0]
    assert again.replayed
    assert again.answer == first.answer


@pytest.mark.parametrize("raised", [False, True])
def test_a_control_that_an_officer_chose_stands_for_no_others(raised: bool) -> None:
    desk = Desk()
    if raised:
        desk.raise_to("examination")
    desk.site.record(trade.result(desk.number))
    with desk.site.store.read() as uow:
        past = {str(each.declaration.id): each for each in past_declarations(uow, json_format)}
    own = past[f"D{desk.number}"]
    assert (own.inclusion_probability is None) is raised
    assert own.arm == Arm.NONE
    assert own.example is not None
    assert (own.example.weight, own.example.random_arm) == (selection_weight(None), False)


def test_a_control_that_was_drawn_stays_drawn_when_it_is_made_stricter() -> None:
    desk = Desk()
    decided = (desk.site.decide(trade.declaration(number)) for number in range(2000, 2600))
    drawn = next(each for each in decided if each["arm"] == Arm.EXPLORATION)
    desk.raise_to("examination", decision=drawn["id"], seen=drawn["lane"])
    with desk.site.store.read() as uow:
        past = {str(each.declaration.id): each for each in past_declarations(uow, json_format)}
    assert past[drawn["declaration_id"]].arm == Arm.EXPLORATION
    assert past[drawn["declaration_id"]].inclusion_probability == float(drawn["inclusion_probability"])


def test_nobody_learns_of_a_decision_of_another_office() -> None:
    desk = Desk()
    other = desk.site.decide(trade.declaration(3000, office="RAIL"))
    with pytest.raises(NotFound):
        desk.raise_to("examination", decision=other["id"], seen=other["lane"])
    with pytest.raises(NotFound):
        desk.site.services.overrides.of_decision(other["id"], by=desk.ida)
    with pytest.raises(NotFound):
        desk.raise_to("examination", decision="D" + "0" * 24)


def test_the_older_version_is_overridden_no_more() -> None:
    desk = Desk()
    desk.site.decide(trade.declaration(desk.number, version=2))
    with pytest.raises(Conflict, match="newer"):
        desk.raise_to("examination")
