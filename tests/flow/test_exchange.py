"""What is brought becomes drafts and proposals of who brings it, once, and puts nothing in force."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes import trade
from tests.fakes.epochs import Custody
from tests.fakes.people import enrol
from tests.fakes.site import Site, starter_bodies
from tidewaiter.core.errors import Forbidden
from tidewaiter.core.two_persons import Act
from tidewaiter.flow.content import content_in_force
from tidewaiter.flow.exchange import Came
from tidewaiter.flow.ports import Person


class Office:
    """A site with an analyst and a manager, and content that somebody brings."""

    def __init__(self, site: Site | None = None) -> None:
        self.site = site or Site(model=None)
        self.exchange = self.site.services.exchange
        self.content = starter_bodies()
        self.people: dict[str, Person] = {}
        for name, role in {"ada": "analyst", "max": "manager", "eve": "auditor"}.items():
            enrol(self.site.services.people, name, role)
            self.people[name] = self.site.services.people.one(name)

    def profile(self, code: str) -> dict[str, Any]:
        found: dict[str, Any] = next(p for p in self.content["rules"]["profiles"] if p["code"] == code)
        return found

    def named(self, code: str) -> dict[str, Any]:
        found: dict[str, Any] = next(n for n in self.content["rules"]["lists"] if n["code"] == code)
        return found

    def bring(self, by: str = "ada") -> dict[str, Came]:
        came = self.exchange.bring(self.content, reason="New law.", by=self.people[by])
        return {each.code: each for each in came}

    def through(self, act: Act) -> None:
        """Have the manager approve and execute every proposal of an act."""
        together, by = self.site.services.two_persons, self.people["max"]
        for each in together.all():
            if each.act is act and each.executed_by is None:
                together.approve(each.id, each.payload_sha256, by=by)
                together.execute(each.id, each.payload_sha256, by=by)


@pytest.fixture
def office() -> Office:
    return Office()


def test_what_is_published_differs_in_nothing_and_brings_nothing(office: Office) -> None:
    assert office.exchange.compare(office.content) == []
    assert office.bring() == {}


def test_every_kind_of_difference_is_told_in_words(office: Office) -> None:
    office.profile("zero_price")["when"] = {"feature": "hs2", "in": ["22", "24"]}
    office.profile("new_corridor")["code"] = "old_corridor"
    office.named("excise_goods").update(entries=["2203", "3303"], source="Another law")
    office.content["lanes"]["lanes"].reverse()
    office.content["plan"]["top_up"]["rate"] = 0.25
    told = {each.code: str(each) for each in office.exchange.compare(office.content)}
    assert told["plan"] == "plan: changed\n  /top_up/rate: 0 -> 0.25"
    assert "/lanes: in another order, now" in told["lanes"]
    assert told["new_corridor"].startswith("profile new_corridor: removed")
    assert told["old_corridor"].startswith("profile old_corridor: added")
    assert 'when: "' in told["zero_price"]
    assert '-> "HS chapter' in told["zero_price"]
    assert told["excise_goods"].splitlines()[1:] == [
        "  source: Excise law -> Another law",
        "  1 in: 3303",
        "  9 out: 2204, 2205, 2206, 2207, 2208, 2402, 2403, 2404, 2710",
    ]


def test_what_is_brought_waits_for_another_person_and_is_brought_once(office: Office) -> None:
    office.profile("zero_price")["lane"] = "scan"
    office.named("excise_goods")["entries"] = ["2203"]
    office.content["plan"]["top_up"]["rate"] = 0.25
    came = office.bring()
    assert {each.what for each in came.values()} == {"profile", "lists", "parameters"}
    assert all(each.done for each in came.values())
    assert office.exchange.content() == starter_bodies(), "nothing is in force by being brought"
    again = office.bring()
    assert "is open already" in again["plan"].words
    assert "has these words already" in again["zero_price"].words
    assert len(office.site.services.two_persons.all()) == 2
    office.profile("zero_price")["lane"] = "examination"
    assert office.bring()["zero_price"].words == "Version 2, a draft, has these words now."
    office.through(Act.CHANGE_LISTS)
    office.through(Act.CHANGE_PARAMETERS)
    assert set(office.bring()) == {"zero_price"}
    assert office.exchange.content()["plan"] == office.content["plan"]


def test_a_profile_that_needs_a_list_that_waits_is_brought_after_it(office: Office) -> None:
    watched = {
        "code": "watched", "kind": "party", "source": "Unit", "expires": "2027-12-31", "entries": ["TIN1"],
    }  # fmt: skip
    office.content["rules"]["lists"].append(watched)
    office.profile("zero_price")["when"] = {"feature": "importer", "in_list": "watched"}
    came = office.bring()
    assert came["watched"].done
    assert not came["zero_price"].done
    assert [fault.code for fault in came["zero_price"].faults] == ["list-unknown"]
    office.through(Act.CHANGE_LISTS)
    assert office.bring()["zero_price"].done


def test_what_goes_is_asked_for_once_and_lists_only_when_nobody_uses_them(office: Office) -> None:
    rules = office.content["rules"]
    rules["profiles"] = [p for p in rules["profiles"] if p["code"] != "excise_goods_in_transit"]
    rules["lists"] = [n for n in rules["lists"] if n["code"] != "excise_goods"]
    came = office.bring()
    assert came["excise_goods_in_transit"].words == "Another person is asked to end version 1."
    assert not came["excise_goods"].done
    again = office.bring()
    assert again["excise_goods_in_transit"].words == "Another person is asked already to end version 1."
    office.site.services.enacting.retire(
        "excise_goods_in_transit", 1, reason="Agreed.", by=office.people["max"]
    )
    assert office.bring()["excise_goods"].done
    office.through(Act.CHANGE_LISTS)
    assert office.exchange.content()["rules"]["lists"] == rules["lists"]


def test_a_version_that_waits_for_approval_is_not_written_over(office: Office) -> None:
    office.profile("zero_price")["lane"] = "scan"
    office.bring()
    authoring = office.site.services.authoring
    authoring.submit("zero_price", 2, reason="New law.", by=office.people["ada"])
    assert "which is submitted" in office.bring()["zero_price"].words
    office.profile("zero_price")["lane"] = "examination"
    came = office.bring()["zero_price"]
    assert not came.done
    assert "is submitted; go on with that" in came.words
    assert authoring.version("zero_price", 2).data["lane"] == "scan"


def test_a_list_changes_at_once_and_a_rate_waits_for_the_next_epoch() -> None:
    custody = Custody(Site(model=None))
    custody.run(1)
    office = Office(custody.site)
    office.named("excise_goods")["entries"] = ["2203"]
    office.content["plan"]["random_floor"]["probability"] = 0.07
    office.bring()
    office.through(Act.CHANGE_PARAMETERS)
    office.through(Act.CHANGE_LISTS)

    def in_force() -> tuple[float, list[str]]:
        with custody.site.store.read() as uow:
            content = content_in_force(uow)
        entries = sorted(content.rules.lists["excise_goods"].entries)
        return content.plan.random_floor.probability, entries

    assert in_force() == (0.01, ["2203"])
    assert office.bring() == {}, "what waits is brought already"
    custody.site.clock.advance(days=7)
    custody.run(2)
    custody.site.decide(trade.declaration(1, lodged_at=custody.site.clock.at))
    assert in_force() == (0.07, ["2203"])


def test_whoever_may_not_write_brings_nothing(office: Office) -> None:
    office.profile("zero_price")["lane"] = "scan"
    with pytest.raises(Forbidden):
        office.bring("eve")
    office.named("excise_goods")["entries"] = ["2203"]
    with pytest.raises(Forbidden):
        office.bring("eve")
    assert not office.site.services.two_persons.all()
