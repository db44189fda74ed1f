"""Declarations are decided exactly once, in order, whatever arrives together, again or changed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.fakes import trade
from tests.fakes.memory_store import MemoryStore
from tests.fakes.site import SOURCE, START, Site, declared, starter_bodies
from tidewaiter.core.codes import HsCode, Identifier
from tidewaiter.core.decision import decision_id
from tidewaiter.core.declaration import Declaration
from tidewaiter.core.errors import Conflict
from tidewaiter.core.features import REGISTRY
from tidewaiter.flow.assess import rounds
from tidewaiter.flow.assessor import inputs_of
from tidewaiter.flow.import_history import PastDeclaration

#: A substance on the list of drug precursors: examined whatever else is said.
PRECURSOR = HsCode("291431")


def precursor(number: int) -> Declaration:
    """Return a declaration that a mandatory profile selects."""
    goods = trade.item(1, hs_code=PRECURSOR)
    return trade.declaration(number, items=(goods,))


def harmless(of: Declaration) -> Declaration:
    """Return the amendment of a declaration to goods that no profile knows."""
    return trade.amended(of, items=(trade.item(1, heading="2523"),))


def features(site: Site, decision: str) -> dict[str, Any]:
    """Return the recorded header features of a decision."""
    header: dict[str, Any] = REGISTRY.as_mapping(inputs_of(site.decisions()[decision][1])[0])["header"]
    return header


def test_a_declaration_gets_an_answer_and_a_whole_record() -> None:
    site = Site()
    answer = site.answer(precursor(1))
    assert answer["decision_id"] == decision_id(SOURCE, "D1", 1)
    assert (answer["lane"], answer["control"], answer["degraded"]) == ("examination", True, False)
    assert [each["code"] for each in answer["instructions"]] == [
        "call_competent_agency", "check_licence", "sample_to_laboratory",
    ]  # fmt: skip
    assert answer["reasons"][0] == "The goods may be a controlled precursor."
    evidence = site.evidence(answer["decision_id"])
    assert (evidence["arm"], evidence["inclusion_probability"], evidence["journal"]) == (
        "mandatory",
        "1.0",
        1,
    )
    assert evidence["hits"][0]["profile"] == "drug_precursors"
    assert evidence["versions"]["model"] == "fake-model"
    assert {stage["stage"] for stage in evidence["stages"]} >= {"mandatory", "random"}


def test_the_answer_tells_no_stage_no_probability_and_no_profile() -> None:
    told = json.dumps(Site().answer(precursor(1)))
    assert not any(word in told for word in ("mandatory", "random", "probability", "drug_precursors", "arm"))


def test_the_same_message_gets_the_same_bytes_and_nothing_is_written_twice() -> None:
    site = Site()
    first = site.assess(trade.declaration(1))[0]
    end = site.store.state.leaves[-1:]  # type: ignore[attr-defined]
    again = site.assess(trade.declaration(1))[0]
    assert (first.replayed, again.replayed) == (False, True)
    assert again.answer == first.answer
    assert site.store.state.leaves[-1:] == end  # type: ignore[attr-defined]


def test_the_same_version_under_another_message_id_gets_the_stored_answer() -> None:
    site = Site()
    first = site.assess(trade.declaration(1))[0]
    again = site.services.assess([declared(trade.declaration(1), message_id="sent again")])[0]
    other_system = site.services.assess([declared(trade.declaration(1), client="backup")])[0]
    assert again.replayed
    assert other_system.replayed
    assert again.answer == first.answer == other_system.answer
    assert len(site.decisions()) == 1


def test_the_same_message_id_with_another_body_is_refused_and_changes_nothing() -> None:
    site = Site()
    site.services.assess([declared(trade.declaration(1), message_id="m")])
    before = site.store.state  # type: ignore[attr-defined]
    refused = site.services.assess([declared(trade.declaration(2), message_id="m")])[0]
    assert isinstance(refused.refusal, Conflict)
    assert "another content" in str(refused.refusal)
    assert site.store.state.journal == before.journal  # type: ignore[attr-defined]
    assert len(site.decisions()) == 1
    with pytest.raises(Conflict):
        refused.bytes_or_raise()


def test_the_same_version_with_another_body_is_refused_and_the_first_answer_stands() -> None:
    site = Site()
    first = site.assess(trade.declaration(1))[0]
    other = trade.declaration(1, items=(trade.item(1, heading="2523"),))
    refused = site.services.assess([declared(other, message_id="other")])[0]
    assert isinstance(refused.refusal, Conflict)
    assert "version of the declaration" in str(refused.refusal)
    assert site.assess(trade.declaration(1))[0].answer == first.answer


def test_the_same_number_of_another_source_is_another_declaration() -> None:
    site = Site()
    site.assess(trade.declaration(1))
    other = site.assess(trade.declaration(1, office=Identifier("LAND")), client="rail", source="rail")[0]
    assert not other.replayed
    assert len(site.decisions()) == 2


def test_a_repetition_in_one_group_gets_the_answer_of_the_first() -> None:
    site = Site()
    one = trade.declaration(1)
    replies = site.assess(one, trade.declaration(2), one, one)
    assert [reply.replayed for reply in replies] == [False, False, True, True]
    assert replies[0].answer == replies[2].answer == replies[3].answer


def test_an_amendment_in_one_group_sees_the_decision_on_the_first_version() -> None:
    site = Site()
    first = precursor(1)
    replies = site.assess(first, harmless(first))
    answers = [json.loads(reply.bytes_or_raise()) for reply in replies]
    assert [answer["lane"] for answer in answers] == ["examination", "examination"]
    second = site.evidence(answers[1]["decision_id"])
    assert "RATCHET" in second["marks"]
    assert second["arm"] == "mandatory"


def test_a_contradiction_in_one_group_is_refused_and_the_others_are_decided() -> None:
    site = Site()
    other = trade.declaration(1, items=(trade.item(1, heading="2523"),))
    replies = site.assess(trade.declaration(1), other, trade.declaration(2))
    assert [reply.refusal is None for reply in replies] == [True, False, True]
    assert len(site.decisions()) == 2


def test_an_amendment_never_gets_a_milder_lane_and_keeps_its_draws() -> None:
    site = Site()
    first = precursor(1)
    earlier = site.decide(first)
    later = site.decide(harmless(first))
    assert (earlier["lane"], later["lane"]) == ("examination", "examination")
    assert later["consignment_keys"][: len(earlier["consignment_keys"])] == earlier["consignment_keys"]
    assert len(later["consignment_keys"]) > len(
        earlier["consignment_keys"]
    )  # the goods are others: one draw more
    assert float(later["inclusion_probability"]) >= float(earlier["inclusion_probability"])


def test_an_amendment_may_get_a_stricter_lane() -> None:
    site = Site()
    first = next(d for d in map(trade.declaration, range(50)) if site.lane(d) == "release")
    assert site.lane(trade.amended(first, items=(trade.item(1, hs_code=PRECURSOR),))) == "examination"


def test_an_amendment_that_changes_nothing_material_is_drawn_with_the_same_keys() -> None:
    site = Site()
    first = trade.declaration(1)
    earlier = site.decide(first)
    later = site.decide(trade.amended(first, delivery_terms_code=Identifier("FOB")))
    assert later["consignment_keys"] == earlier["consignment_keys"]


def test_an_amendment_is_not_its_own_precedent() -> None:
    site = Site()
    first = trade.declaration(1)
    earlier, later = site.decide(first), site.decide(trade.amended(first, package_count=3))
    assert features(site, earlier["id"])["importer_declared_all"] == 0
    assert features(site, later["id"])["importer_declared_all"] == 0


def test_a_late_older_version_is_decided_and_marked_and_history_keeps_the_newer() -> None:
    site = Site()
    first = trade.declaration(1)
    second = trade.amended(first, parties=trade.declaration(2).parties)
    site.lane(second)
    late = site.decide(first)
    assert "stale" in late["marks"]
    following = [
        site.decide(replace(trade.declaration(n), lodged_at=START + timedelta(hours=9))) for n in (6, 7)
    ]
    declared_by = [features(site, each["id"])["importer_declared_all"] for each in following]
    # Importer T1 was taken back by the second version; T2 stands in history once.
    assert declared_by == [0, 1]


def test_after_a_stale_version_an_amendment_still_follows_the_highest() -> None:
    site = Site()
    first = trade.declaration(1)
    second = replace(precursor(1), version=2)
    assert site.lane(second) == "examination"
    site.lane(first)
    assert site.lane(trade.amended(second, items=(trade.item(1, heading="2523"),))) == "examination"


def test_the_same_consignment_under_a_new_number_and_office_has_the_same_draws() -> None:
    site = Site()
    bodies = starter_bodies()
    bodies["plan"]["random_floor"]["probability"] = 0.5
    site.publish(bodies)
    drawn = []
    for number in range(200, 240):
        again = trade.declaration(number, id=Identifier(f"D{number}-again"), office=Identifier("LAND"))
        one, two = site.decide(trade.declaration(number)), site.decide(again)
        assert one["consignment_keys"] == two["consignment_keys"]
        drawn.append(tuple(drawn_at_random(each) for each in (one, two)))
    assert set(drawn) == {(True, True), (False, False)}


def drawn_at_random(evidence: dict[str, Any]) -> bool:
    return any(stage["selected"] for stage in evidence["stages"] if stage["stage"] == "random")


def test_a_version_that_was_imported_as_history_is_not_assessed() -> None:
    site = Site()
    site.import_history(SOURCE, [PastDeclaration(declaration=trade.declaration(1))])
    refused = site.assess(trade.declaration(1))[0]
    assert isinstance(refused.refusal, Conflict)
    assert "imported as history" in str(refused.refusal)
    # Its amendment is new, and is decided.
    assert site.decide(trade.amended(trade.declaration(1)))["declaration_version"] == 2


def test_nothing_sent_is_nothing_answered() -> None:
    assert Site().assess() == []


def test_a_message_without_an_instant_counts_from_its_reception() -> None:
    site = Site()
    site.clock.advance(hours=5)
    message = replace(declared(trade.declaration(1)), at=None)
    answer = json.loads(site.services.assess([message])[0].bytes_or_raise())
    assert answer["decided_at"] == site.clock.now().isoformat()


def test_time_never_runs_back() -> None:
    site = Site()
    late = site.decide(trade.declaration(100))
    early = site.decide(trade.declaration(1))
    assert early["at"] == late["at"]


def test_rounds_hold_no_key_and_no_declaration_twice() -> None:
    one, two = trade.declaration(1), trade.declaration(2)
    messages = [
        declared(one), declared(two), declared(trade.amended(one)),
        declared(trade.declaration(3), message_id="declaration/D2/1"), declared(two),
    ]  # fmt: skip
    found = list(rounds(messages))
    assert [m for together in found for m in together] == messages
    assert [len(together) for together in found] == [2, 2, 1]


def test_two_stores_and_two_processes_decide_alike() -> None:
    first, second = Site(MemoryStore()), Site(MemoryStore())
    for declaration in trade.stream()[:60]:
        assert first.assess(declaration)[0].answer == second.assess(declaration)[0].answer
