"""Stand-ins: stated without the store, kept, assessed afterwards exactly once, recalled when too mild."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.fakes import trade
from tests.fakes.failing_store import FailingStore
from tests.fakes.memory_store import MemoryStore
from tests.fakes.site import SOURCE, Site, declared
from tests.fakes.sql_stores import DATABASES
from tests.unit.core.standin.test_policy import CAP, data
from tidewaiter.adapters.starter import load_standin
from tidewaiter.adapters.starter.paths import starter_folder
from tidewaiter.core.codes import Identifier
from tidewaiter.core.declaration import Declaration, Party, PartyRole
from tidewaiter.core.errors import Conflict, StandInNotKept, Unavailable
from tidewaiter.core.standin import VALID_MAX
from tidewaiter.flow.ports import Store
from tidewaiter.flow.reassess import Reassess
from tidewaiter.flow.standin import MARK

TRUSTED = Party(role=PartyRole.IMPORTER, id=Identifier("T1"), aeo=True)
GENEROUS = CAP | {"declarations": 50, "amount": "100000000"}


def trusted(number: int, **changes: Any) -> Declaration:
    return trade.declaration(number, **{"parties": (TRUSTED,)} | changes)


def opened(site: Site, **policy: Any) -> Site:
    """Return *site* with a policy that releases what trusted traders declare."""
    rules = [{"code": "trusted", "lane": "release", "aeo": True, "cap": GENEROUS, "reason": "Trusted."}]
    with site.store.write() as uow:
        site.standin_policy.publish_in(uow, data(rules=rules) | policy, "two persons")
    site.stand_ins.open()
    return site


@pytest.fixture(params=["memory", *DATABASES])
def site(request: pytest.FixtureRequest) -> Site:
    """Return a site on each kind of store."""
    if request.param == "memory":
        return opened(Site())
    made: Callable[[], Store] = request.getfixturevalue(f"make_{request.param}_store")
    return opened(Site(made()))


@pytest.fixture
def alone() -> Site:
    """Return a site whose store is gone once it has begun."""
    return opened(Site())


def answer(site: Site, declaration: Declaration, **how: Any) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(site.stand_ins(declared(declaration, **how)).bytes_or_raise())
    return told


def left(site: Site, topic: str) -> list[dict[str, Any]]:
    """Return what is to leave on *topic*."""
    with site.store.read() as uow:
        events, _ = uow.events(0, source=SOURCE, topics={topic}, limit=1000)
    return [json.loads(event.payload) for event in events]


def leaves(site: Site) -> list[dict[str, Any]]:
    with site.store.read() as uow:
        bodies = [json.loads(leaf.body) for leaf in uow.ledger()]
    return [body for body in bodies if body.get("kind") == "standin"]


def drain(site: Site) -> None:
    while site.reassess.step():
        pass


# -- what is answered


def test_the_answer_has_the_shape_of_a_decision_and_a_mark(alone: Site) -> None:
    stated = answer(alone, trusted(1))
    decided = json.loads(alone.assess(trusted(1))[0].bytes_or_raise())
    assert set(stated) == {*decided, "marks"}
    assert {name: stated[name] for name in ("marks", "lane", "degraded")} == {
        "marks": [MARK], "lane": "release", "degraded": True,
    }  # fmt: skip
    assert stated["decision_id"] == decided["decision_id"]
    assert answer(alone, trade.declaration(2))["reasons"] == ["It could not be assessed in time."]


def test_it_needs_no_store(alone: Site) -> None:
    alone.standin_policy._store = None  # type: ignore[assignment]
    assert answer(alone, trusted(1))["lane"] == "release"


def test_the_same_message_gets_the_same_answer_and_is_kept_once(alone: Site) -> None:
    first = alone.stand_ins(declared(trusted(1)))
    alone.clock.advance(minutes=5)
    again = alone.stand_ins(declared(trusted(1)))
    other = alone.stand_ins(declared(trusted(1), message_id="another"))
    assert first.answer == again.answer == other.answer
    assert (first.replayed, again.replayed) == (False, True)
    assert len(alone.journal.lines) == 2


def test_another_content_under_the_same_key_or_version_is_refused(alone: Site) -> None:
    alone.stand_ins(declared(trusted(1), message_id="m"))
    for message_id in ("m", "n"):
        refused = alone.stand_ins(declared(trusted(1, office=Identifier("AIR")), message_id=message_id))
        assert isinstance(refused.refusal, Conflict)
    assert len(alone.journal.lines) == 1


def test_what_cannot_be_kept_is_not_stated(alone: Site) -> None:
    alone.journal.full = True
    with pytest.raises(StandInNotKept, match="your copy"):
        alone.stand_ins(declared(trusted(1)))
    alone.journal.full = False
    assert answer(alone, trusted(1))["lane"] == "release"
    assert len(alone.journal.lines) == 1


def test_a_policy_that_expired_releases_nothing(alone: Site) -> None:
    alone.clock.advance(seconds=VALID_MAX.total_seconds() - 1)
    assert answer(alone, trusted(1))["lane"] == "release"
    alone.clock.advance(seconds=1)
    stated = answer(alone, trusted(2))
    assert (stated["lane"], stated["control"]) == ("documents", True)


def test_without_a_policy_everything_gets_the_mildest_control() -> None:
    site = Site()
    site.stand_ins.open()
    assert answer(site, trusted(1))["lane"] == "documents"
    drain(site)
    assert leaves(site)[0]["policy"] is None


def test_a_process_that_begins_again_knows_its_stand_ins_and_its_caps(alone: Site) -> None:
    opened(alone, rules=[{"code": "trusted", "lane": "release", "aeo": True, "reason": "So.",
                          "cap": CAP | {"declarations": 1, "amount": "100000000"}}])  # fmt: skip
    first = answer(alone, trusted(1))
    again = Site(alone.store, clock=alone.clock)
    again.journal.lines = alone.journal.lines
    again.stand_ins.open()
    assert answer(again, trusted(1)) == first
    assert (first["lane"], answer(again, trusted(2))["lane"]) == ("release", "documents")


# -- the signed file


def test_the_file_is_signed_anew_each_hour_and_when_the_policy_changes(alone: Site) -> None:
    def signed() -> str:
        alone.standin_policy.refresh()
        return alone.standin_policy.signed()[0]

    first = signed()
    alone.clock.advance(minutes=59)
    assert signed() == first
    alone.clock.advance(minutes=1)
    assert (second := signed()) != first
    opened(alone, otherwise="scan")
    assert signed() != second
    assert alone.standin_policy.signed()[1].policy.otherwise == "scan"


def test_a_forged_file_is_not_used(alone: Site) -> None:
    note = alone.standin_policy.signed()[0]
    alone.standin_policy._file.write(note.replace('"otherwise":"documents"', '"otherwise":"scan"'))
    alone.standin_policy.refresh()
    assert answer(alone, trade.declaration(1))["lane"] == "documents"


def test_the_starter_policy_fits_the_starter_lanes() -> None:
    site = Site()
    site.standin_policy.begin_with(load_standin(starter_folder()))
    assert site.standin_policy.published()
    site.stand_ins.open()
    arms = trusted(1, items=(trade.item(1, heading="9301"),))
    assert [answer(site, each)["lane"] for each in (arms, trade.declaration(2), trusted(3))] == [
        "examination", "documents", "release",
    ]  # fmt: skip


def test_a_starter_policy_that_does_not_fit_is_left_out() -> None:
    site = Site()
    site.standin_policy.begin_with(data(otherwise="purple"))
    assert not site.standin_policy.published()


# -- assessed afterwards


def test_each_is_assessed_once_and_then_the_decision_is_the_answer(site: Site) -> None:
    stated = [answer(site, trusted(number)) for number in range(1, 40)]
    assert site.decisions() == {}
    drain(site)
    assert set(site.decisions()) == {told["decision_id"] for told in stated}
    assert len(leaves(site)) == 39
    assert site.journal.lines == []
    reply = site.assess(trusted(1))[0]
    assert reply.replayed
    assert b"marks" not in reply.bytes_or_raise()


def test_a_worse_lane_is_recalled_and_a_milder_one_is_not(site: Site) -> None:
    arms = trusted(1, items=(trade.item(1, heading="9301", number=1),))
    numbers = range(2, 60)
    given = {
        told["declaration_id"]: told
        for told in [answer(site, arms), *(answer(site, trusted(n)) for n in numbers)]
    }
    drain(site)
    lanes = {made["declaration_id"]: made for made in leaves(site)}
    order = site.present.assessor.content.lanes.order
    worse = {
        identity for identity, told in given.items() if order(lanes[identity]["lane"]) > order(told["lane"])
    }
    recalls = left(site, "recall")
    assert worse
    assert len(worse) < len(given)
    assert {each["declaration_id"] for each in recalls} == worse
    assert {each["declaration_id"] for each in lanes.values() if each["recalled"]} == worse


def test_what_was_decided_after_all_keeps_its_decision(site: Site) -> None:
    """The store was slow: the decision came after the stand-in had left."""
    stated = answer(site, trusted(1))
    decided = site.assess(trusted(1))[0]
    drain(site)
    assert len(site.decisions()) == 1
    assert site.assess(trusted(1))[0].answer == decided.answer
    assert leaves(site)[0]["decision_id"] == stated["decision_id"]


def test_a_message_that_the_store_refuses_is_recalled(site: Site) -> None:
    site.assess(trusted(1))
    answer(site, trusted(1, office=Identifier("AIR")))
    drain(site)
    assert [(leaf["lane"], leaf["recalled"]) for leaf in leaves(site)] == [(None, True)]
    assert len(left(site, "recall")) == 1


def test_while_the_store_is_gone_all_goes_on_waiting() -> None:
    store = FailingStore(MemoryStore())
    site = opened(Site(store))
    answer(site, trusted(1))
    store.failures = 1
    with pytest.raises(Unavailable):
        site.reassess.step()
    assert len(site.journal.lines) == 1
    drain(site)
    assert len(site.decisions()) == len(leaves(site)) == 1


@pytest.mark.parametrize("dies_after", ["assessed", "recorded"])
def test_a_worker_that_dies_in_between_does_nothing_twice(site: Site, dies_after: str) -> None:
    """What it does is done again from the start by the next one."""
    arms = trusted(1, items=(trade.item(1, heading="9301", number=1),))
    opened(site, rules=[], otherwise="documents")
    for declaration in (arms, *map(trusted, range(2, 20))):
        answer(site, declaration)
    lines = list(site.journal.lines)
    if dies_after == "assessed":
        site.assess(arms, *map(trusted, range(2, 20)))
    else:
        drain(site)
        site.journal.lines = lines
    drain(site)
    subjects = [(leaf["decision_id"], leaf["given_at"]) for leaf in leaves(site)]
    assert len(subjects) == len(set(subjects)) == len(site.decisions()) == 19
    assert len(left(site, "recall")) == sum(leaf["recalled"] for leaf in leaves(site))


def test_a_second_outage_is_a_second_stand_in(site: Site) -> None:
    answer(site, trusted(1))
    drain(site)
    site.clock.advance(hours=1)
    answer(site, trusted(1))
    drain(site)
    assert len(leaves(site)) == 2
    assert len(site.decisions()) == 1


def test_a_line_that_cannot_be_read_any_more_is_recalled_and_stops_no_other(site: Site) -> None:
    answer(site, trusted(1))
    broken = json.loads(site.journal.lines[0]) | {"body": "{}", "declaration_id": "older", "message_id": "o"}
    site.journal.lines.insert(0, json.dumps(broken).encode())
    drain(site)
    assert [leaf["lane"] is None for leaf in leaves(site)] == [True, False]


def test_the_tests_would_notice_a_recall_that_is_forgotten(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = Reassess._record

    class Mute:
        """A unit of work whose alerts never leave."""

        def __init__(self, uow: Any) -> None:
            self._uow = uow

        def __getattr__(self, name: str) -> Any:
            return getattr(self._uow, name)

        def add_reassessment(self, found: Any) -> None:
            self._uow.add_reassessment(replace(found, recalled=False))

    monkeypatch.setattr(Reassess, "_record", lambda self, uow, *rest: record(self, Mute(uow), *rest))
    with pytest.raises(AssertionError):
        test_a_worse_lane_is_recalled_and_a_milder_one_is_not(site)
