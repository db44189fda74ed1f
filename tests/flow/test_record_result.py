"""Control results are counted once, at once, and none is lost, whatever comes before its declaration."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.fakes import trade
from tests.fakes.site import START, Site, found
from tests.fakes.sql_stores import DATABASES
from tidewaiter.core.codes import Identifier
from tidewaiter.core.control import ControlResult, Finding, Outcome
from tidewaiter.core.errors import Conflict, UnreadableMessage
from tidewaiter.core.features import REGISTRY
from tidewaiter.flow.assessor import inputs_of
from tidewaiter.flow.ports import Store

CLEAN = (Finding(outcome=Outcome.COMPLIANT),)
OPEN = (Finding(outcome=Outcome.INCONCLUSIVE),)


def counts(site: Site, number: int, *, minutes: float = 0.0) -> tuple[int, int]:
    """Decide on a declaration of trader T1, and return its importer's (inspected, irregular) before it."""
    declaration = trade.declaration(number, parties=trade.declaration(1).parties)
    if minutes:
        declaration = replace(declaration, lodged_at=START + timedelta(minutes=minutes))
    decision = site.decide(declaration)["id"]
    header = REGISTRY.as_mapping(inputs_of(site.decisions()[decision][1])[0])["header"]
    return header["importer_inspected_all"], header["importer_irregular_all"]


def status(reply: Any) -> str:
    word: str = json.loads(reply.bytes_or_raise())["status"]
    return word


@pytest.fixture(params=["memory", *DATABASES])
def site(request: pytest.FixtureRequest) -> Site:
    """Return a site on each kind of store."""
    if request.param == "memory":
        return Site()
    made: Callable[[], Store] = request.getfixturevalue(f"make_{request.param}_store")
    return Site(made())


def test_a_result_is_counted_at_once_and_the_next_declaration_knows_of_it(site: Site) -> None:
    site.lane(trade.declaration(1))
    before = counts(site, 40)
    assert status(site.record(trade.result(1))[0]) == "recorded"
    assert (before, counts(site, 41)) == ((0, 0), (1, 1))


def test_the_same_result_again_gets_the_same_bytes_and_counts_once(site: Site) -> None:
    site.lane(trade.declaration(1))
    first, again = site.record(trade.result(1), trade.result(1))
    other_id = site.services.record([found(trade.result(1), message_id="again")])[0]
    assert [first.replayed, again.replayed, other_id.replayed] == [False, True, True]
    assert first.answer == again.answer == other_id.answer
    assert counts(site, 41) == (1, 1)


def test_a_contradiction_is_refused_and_the_first_result_stands(site: Site) -> None:
    site.lane(trade.declaration(1))
    site.record(trade.result(1))
    same_key, other_key = site.services.record(
        [found(trade.result(1, findings=CLEAN)), found(trade.result(1, findings=CLEAN), message_id="x")]
    )
    assert isinstance(same_key.refusal, Conflict)
    assert isinstance(other_key.refusal, Conflict)
    assert counts(site, 41) == (1, 1)


def test_a_correction_replaces_what_was_found_and_an_older_version_does_not(site: Site) -> None:
    site.lane(trade.declaration(1))
    site.record(trade.result(1, 2))
    assert counts(site, 40) == (1, 1)
    site.record(trade.result(1, 3, findings=CLEAN))
    assert counts(site, 41) == (1, 0)
    site.record(trade.result(1, 1))
    assert counts(site, 42) == (1, 0)


def test_an_inconclusive_result_teaches_nothing_and_an_inconclusive_correction_takes_back(site: Site) -> None:
    site.lane(trade.declaration(1))
    site.record(trade.result(1, findings=OPEN))
    assert counts(site, 40) == (0, 0)
    site.record(trade.result(1, 2))
    assert counts(site, 41) == (1, 1)
    site.record(trade.result(1, 3, findings=OPEN))
    assert counts(site, 42) == (0, 0)


def test_a_result_before_its_declaration_waits_and_counts_after_it(site: Site) -> None:
    reply = site.record(trade.result(1))[0]
    assert status(reply) == "waiting for its declaration"
    repeated = site.services.record([found(trade.result(1), message_id="x")])[0]
    assert repeated.answer == reply.answer
    assert counts(site, 40) == (0, 0)
    site.lane(replace(trade.declaration(1), lodged_at=START + timedelta(minutes=201)))
    assert counts(site, 41) == (1, 1)


def test_several_waiting_results_follow_their_declaration_in_their_order(site: Site) -> None:
    site.record(trade.result(1), trade.result(1, 2, findings=CLEAN), trade.result(9, declaration_id="D1"))
    decided = site.decide(trade.declaration(1))
    following = site.decide(trade.declaration(40))
    assert following["journal"] == decided["journal"] + 4
    assert counts(site, 41) == (2, 1)
    assert not any(replay.differences for replay in site.replays(from_history=True))


def test_a_result_for_an_item_that_the_declaration_does_not_have_is_refused_with_its_place(
    site: Site,
) -> None:
    site.lane(trade.declaration(1))
    findings = (trade.irregular(1), trade.irregular(7))
    refusal = site.record(trade.result(1, findings=findings))[0].refusal
    assert isinstance(refusal, UnreadableMessage)
    assert [(f.place, f.value) for f in refusal.faults] == [("/findings/1/item_number", "7")]
    assert refusal.faults[0].hint
    assert counts(site, 41) == (0, 0)
    # What is corrected under the same number is taken: nothing was recorded.
    assert status(site.record(trade.result(1, findings=(trade.irregular(1),)))[0]) == "recorded"


def test_a_result_of_an_earlier_version_may_name_the_items_that_it_had(site: Site) -> None:
    two = trade.declaration(1, items=(trade.item(1), trade.item(2)))
    site.lane(two)
    site.lane(trade.amended(two, items=(trade.item(1),)))
    of_latest = trade.result(1, findings=(trade.irregular(2),))
    assert isinstance(site.record(of_latest)[0].refusal, UnreadableMessage)
    assert status(site.record(replace(of_latest, declaration_version=1))[0]) == "recorded"
    assert counts(site, 41) == (1, 1)


def test_a_waiting_result_with_an_unknown_item_does_not_stop_its_declaration(site: Site) -> None:
    site.record(trade.result(1, findings=(trade.irregular(7),)))
    assert site.answer(trade.declaration(1))["decision_id"]
    assert counts(site, 41) == (1, 1)
    restarted = site.restarted()
    assert counts(restarted, 46) == (1, 1)


def test_a_refused_result_in_a_group_does_not_stop_the_others(site: Site) -> None:
    site.assess(trade.declaration(1), trade.declaration(6))
    replies = site.record(trade.result(1, findings=(trade.irregular(9),)), trade.result(6))
    assert [reply.refusal is None for reply in replies] == [False, True]


def test_a_result_without_an_instant_is_known_from_its_reception(site: Site) -> None:
    site.lane(trade.declaration(1))
    site.clock.advance(days=2)
    message = replace(found(trade.result(1)), at=None)
    site.services.record([message])
    assert counts(site, 40, minutes=60) == (0, 0)  # lodged before it was known
    assert counts(site, 41, minutes=3 * 24 * 60) == (1, 1)


def test_the_same_control_number_of_another_source_is_another_control(site: Site) -> None:
    site.lane(trade.declaration(1))
    other: ControlResult = trade.result(1, findings=CLEAN, office=Identifier("RAIL"))
    replies = site.services.record([found(trade.result(1)), found(other, client="rail", source="rail")])
    assert [status(reply) for reply in replies] == ["recorded", "waiting for its declaration"]
