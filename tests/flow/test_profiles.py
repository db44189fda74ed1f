"""The life of a profile on an installation: words, evidence, the set in force, and what decides lanes."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.fakes import trade
from tests.fakes.epochs import Custody
from tests.fakes.people import enrol
from tests.fakes.site import Site, starter_bodies
from tidewaiter.core.errors import ConfigurationError, Conflict, Forbidden, InputError, NotFound
from tidewaiter.core.life_cycle import CLOCK, Kind, Stage, Version
from tidewaiter.core.two_persons import Act
from tidewaiter.flow.ports import Person

CODE = "all_imports"


def data(**changes: Any) -> dict[str, Any]:
    """Return a profile that every import of the tests matches."""
    return {
        "code": CODE, "title": "All imports", "description": "For a test.", "owner": "Valuation unit",
        "risk_area": "valuation", "reference": "None", "flows": ["import"], "level": "national",
        "valid_from": "2026-06-01", "valid_until": "2026-12-31", "lane": "examination", "share": "1",
        "checks": ["check_valuation_method"], "officer_text": "Look at the goods.", "unknown": "undecided",
        "when": {"feature": "version", ">=": 1},
    } | changes  # fmt: skip


class Office:
    """A site with an analyst, two managers and an auditor."""

    def __init__(self, site: Site | None = None) -> None:
        self.site = site or Site(model=None)
        roles = {
            "ada": "analyst",
            "max": "manager",
            "mia": "manager",
            "eve": "auditor",
            "ron": "administrator",
        }
        self.people: dict[str, Person] = {}
        for name, role in roles.items():
            enrol(self.site.services.people, name, role)
            self.people[name] = self.site.services.people.one(name)
        self.authoring, self.enacting = self.site.services.authoring, self.site.services.enacting

    def __getattr__(self, name: str) -> Person:
        try:
            return self.people[name]
        except KeyError:
            raise AttributeError(name) from None

    def submitted(self, **changes: Any) -> Version:
        draft = self.authoring.draft(data(**changes), by=self.ada)
        return self.authoring.submit(CODE, draft.number, reason="Much is missed.", by=self.ada)

    def approve(self, number: int, by: Person | None = None) -> Version:
        read = self.authoring.version(CODE, number)
        return self.authoring.approve(
            CODE,
            number,
            sha256=read.version.body_sha256,
            replaces_sha256=read.replaces_sha256,
            by=by or self.max,
        )

    def approved(self, **changes: Any) -> Version:
        return self.approve(self.submitted(**changes).number)

    def live(self, **changes: Any) -> Version:
        return self.enacting.go_live(CODE, self.approved(**changes).number, by=self.mia)

    def rules(self) -> dict[str, dict[str, Any]]:
        with self.site.store.read() as uow:
            published = uow.published("rules")
        assert published is not None
        return {each["code"]: each for each in json.loads(published.body)["profiles"]}

    def hits(self, number: int) -> set[tuple[str, int]]:
        evidence = self.site.decide(trade.declaration(number, lodged_at=self.site.clock.at))
        return {(hit["profile"], hit["version"]) for hit in evidence["hits"]}


@pytest.fixture
def office() -> Office:
    return Office()


def test_an_approved_profile_decides_the_next_lane_and_a_submitted_one_none(office: Office) -> None:
    number = office.submitted().number
    assert (CODE, 1) not in office.hits(1)
    office.approve(number)
    assert (CODE, 1) not in office.hits(2)
    live = office.enacting.go_live(CODE, number, by=office.mia)
    assert (live.stage, live.approved_by) == (Stage.LIVE, "max")
    assert (CODE, 1) in office.hits(3)
    assert office.site.decide(trade.declaration(4))["lane"] == "examination"
    with office.site.store.read() as uow:
        assert uow.publications("rules")[-1].by == "mia, approved by max"


def test_a_second_process_takes_over_the_whole_set_at_its_next_turn(office: Office) -> None:
    other = office.site.restarted()
    before = other.decide(trade.declaration(1))
    office.live()
    after = other.decide(trade.declaration(2))
    assert before["versions"]["rules"] != after["versions"]["rules"]
    assert after["versions"]["rules"] == office.site.decide(trade.declaration(3))["versions"]["rules"]
    assert [replayed.differences for replayed in office.site.replays()] == [()] * 3


def test_a_step_that_cannot_be_published_leaves_nothing(office: Office) -> None:
    number = office.approved().number
    before = office.rules()
    bodies = starter_bodies()
    bodies["checks"]["checks"] = [
        c for c in bodies["checks"]["checks"] if c["code"] != "check_valuation_method"
    ]
    named = [p for p in bodies["rules"]["profiles"] if "check_valuation_method" in p["checks"]]
    bodies["rules"]["profiles"] = [p for p in bodies["rules"]["profiles"] if p not in named]
    office.site.publish(bodies)
    with pytest.raises(InputError, match="cannot be published") as refused:
        office.enacting.go_live(CODE, number, by=office.mia)
    assert refused.value.faults[0].value == "check_valuation_method"
    assert office.authoring.version(CODE, number).version.stage is Stage.APPROVED
    assert len(office.rules()) == len(before) - len(named)


def test_faults_are_all_named_and_nothing_is_kept(office: Office) -> None:
    with pytest.raises(InputError) as refused:
        office.authoring.draft(data(lane="purple", checks=["nothing"], share="2"), by=office.ada)
    assert {fault.place for fault in refused.value.faults} == {"/share"}
    with pytest.raises(InputError) as refused:
        office.authoring.draft(data(lane="purple", checks=["nothing"]), by=office.ada)
    assert {fault.value for fault in refused.value.faults} == {"purple", "nothing"}
    with pytest.raises(NotFound):
        office.authoring.one(CODE)


def test_a_condition_may_be_a_text_and_an_end_is_not_left_out(office: Office) -> None:
    draft = office.authoring.draft(data(when="version >= 1"), by=office.ada)
    assert office.authoring.version(CODE, draft.number).data["when"] == data()["when"]
    without = {name: value for name, value in data().items() if name != "valid_until"}
    with pytest.raises(InputError) as refused:
        office.authoring.edit(CODE, draft.number, without, by=office.ada)
    assert refused.value.faults[0].place == "/valid_until"


def test_words_are_judged_without_being_kept(office: Office) -> None:
    never = {"all_of": [{"feature": "price_is_zero", "=": known} for known in (True, False)]}
    judged = office.authoring.judge(data(code="zero_price", lane="documents", when=never))
    assert judged.profile is not None
    assert judged.profile["version"] == 2
    assert [remark.code for remark in judged.remarks] == ["never-true"]
    changed = {each.member: each for each in judged.changes}
    assert changed["when"].proposed_words is not None
    assert set(changed["when"].proposed_words) == {"en", "fr", "es", "pt", "ar"}
    assert "version" not in changed
    assert [life.code for life in office.authoring.all() if life.versions] == []


def test_who_wrote_or_edited_cannot_approve_and_an_edit_voids(office: Office) -> None:
    number = office.submitted().number
    with pytest.raises(Forbidden):
        office.approve(number, by=office.ada)
    office.approve(number)
    edited = office.authoring.edit(CODE, number, data(lane="documents"), by=office.max)
    assert (edited.stage, edited.approved_by) == (Stage.DRAFT, None)
    with pytest.raises(Conflict):
        office.enacting.go_live(CODE, number, by=office.mia)
    office.authoring.submit(CODE, number, reason="Milder.", by=office.ada)
    with pytest.raises(Forbidden, match="Who wrote"):
        office.approve(number, by=office.max)
    assert office.approve(number, by=office.mia).approved_by == "mia"


def test_the_same_words_are_no_edit(office: Office) -> None:
    approved = office.approved()
    assert office.authoring.edit(CODE, approved.number, data(), by=office.ada) == approved


def test_an_approval_is_of_a_change_that_was_read(office: Office) -> None:
    office.live()
    number = office.submitted(lane="documents").number
    read = office.authoring.version(CODE, number)
    assert {each.member: (each.in_force, each.proposed) for each in read.changes} == {
        "lane": ("examination", "documents")
    }
    for sha256, replaces in (("0" * 64, read.replaces_sha256), (read.version.body_sha256, None)):
        with pytest.raises(Conflict):
            office.authoring.approve(CODE, number, sha256=sha256, replaces_sha256=replaces, by=office.max)
    assert office.approve(number).stage is Stage.APPROVED


def test_an_approval_ends_with_the_right_to_approve(office: Office) -> None:
    number = office.approved().number
    office.site.services.people.disable("max", "root")
    with pytest.raises(Conflict, match="No approval"):
        office.enacting.go_live(CODE, number, by=office.mia)


def test_a_new_version_takes_the_place_of_the_one_in_force(office: Office) -> None:
    office.live()
    office.live(lane="documents")
    first, second = office.authoring.one(CODE).versions
    assert (first.stage, second.stage) == (Stage.RETIRED, Stage.LIVE)
    assert office.rules()[CODE]["version"] == 2
    assert office.hits(1) >= {(CODE, 2)}
    assert [(t.number, t.matches) for t in counted(office)] == [(2, 1)]


def counted(office: Office) -> list[Any]:
    while office.site.tally.step():
        pass
    return list(office.authoring.one(CODE).tallies)


def test_tallies_follow_the_profile_over_its_versions(office: Office) -> None:
    office.live()
    office.hits(1)
    office.live(lane="documents")
    office.hits(2)
    office.hits(3)
    assert [(t.number, t.shadow, t.matches) for t in counted(office)] == [(1, False, 1), (2, False, 2)]
    assert office.site.tally.step() is False
    assert sum(t.matches for t in counted(office)) == 3, "what was counted is not counted again"


def test_a_shadow_is_counted_and_has_no_effect_on_any_lane(office: Office) -> None:
    twin = Office().site
    number = office.approved().number
    office.hits(1)
    twin.decide(trade.declaration(1, lodged_at=twin.clock.at))
    office.site.clock.advance(hours=1)
    twin.clock.advance(hours=1)
    office.enacting.shadow(CODE, number, by=office.max)
    for each in (2, 3):
        declaration = trade.declaration(each, lodged_at=office.site.clock.at)
        evidence = office.site.decide(declaration)
        assert evidence["lane"] == twin.decide(declaration)["lane"]
        assert CODE not in {hit["profile"] for hit in evidence["hits"]}
    assert CODE not in office.rules()
    assert [(t.number, t.shadow, t.matches) for t in counted(office)] == [(number, True, 2)]


def test_the_evidence_says_what_it_would_have_found(office: Office) -> None:
    for each in (1, 2, 3):
        office.hits(each)
    counted_before = office.site.tally.step()
    assert counted_before is False
    number = office.submitted().number
    (told,) = [s.evidence for s in office.authoring.version(CODE, number).steps if s.kind is Kind.SUBMIT]
    evidence = json.loads(told)
    assert (evidence["decisions"], evidence["matches"], evidence["undecided"]) == (3, 3, 0)
    assert 0 <= evidence["stricter"] <= 3
    assert evidence["period"][0] <= evidence["period"][1]


def test_a_ramp_has_a_smaller_share_and_ends_at_the_approved_one(office: Office) -> None:
    number = office.approved(share="0.8").number
    with pytest.raises(InputError, match="at most the share"):
        office.enacting.ramp(CODE, number, share=Decimal("0.9"), by=office.mia)
    office.enacting.ramp(CODE, number, share=Decimal("0.2"), by=office.mia)
    assert office.rules()[CODE]["share"] == "0.2"
    office.enacting.ramp(CODE, number, share=Decimal("0.5"), by=office.mia)
    assert office.rules()[CODE]["share"] == "0.5"
    office.enacting.go_live(CODE, number, by=office.mia)
    assert office.rules()[CODE]["share"] == "0.8"


def test_an_emergency_decides_at_once_and_never_after_72_hours(office: Office) -> None:
    draft = office.authoring.draft(data(valid_from="2026-07-01"), by=office.ada)
    burning = office.enacting.emergency(CODE, draft.number, reason="A tip about drugs.", by=office.max)
    assert (burning.stage, burning.review_due) == (Stage.EMERGENCY, True)
    assert (CODE, 1) in office.hits(1)
    with office.site.store.read() as uow:
        told = [json.loads(leaf.body or b"{}") for leaf in uow.ledger()]
    assert [each["by"] for each in told if each.get("kind") == "break-glass"] == ["max"]
    office.site.clock.advance(hours=72)
    assert (CODE, 1) not in office.hits(2), "it decides although nobody ended it"
    office.enacting.step()
    assert CODE not in office.rules()
    ended = office.authoring.version(CODE, 1)
    assert (ended.version.stage, ended.version.review_due, ended.steps[-1].by) == (Stage.EXPIRED, True, CLOCK)
    again = office.authoring.draft(data(), by=office.ada)
    with pytest.raises(Conflict, match="not reviewed"):
        office.enacting.emergency(CODE, again.number, reason="Once more.", by=office.max)
    with pytest.raises(Forbidden):
        office.enacting.review(CODE, 1, reason="Fine.", by=office.max)
    assert office.enacting.review(CODE, 1, reason="Justified.", by=office.mia).review_due is False


def test_an_emergency_cannot_take_the_place_of_what_is_in_force(office: Office) -> None:
    draft = office.authoring.draft(data(code="zero_price"), by=office.ada)
    assert draft.number == 2, "what is in force is its first version"
    with pytest.raises(Conflict, match="replaces nothing"):
        office.enacting.emergency("zero_price", 2, reason="Storm.", by=office.max)


def test_what_is_in_force_is_ended_by_two(office: Office) -> None:
    live = office.live()
    with pytest.raises(Conflict):
        office.enacting.retire(CODE, live.number, reason="Silent.", by=office.max)
    office.enacting.ask_retirement(CODE, live.number, reason="Silent.", by=office.ada)
    with pytest.raises(Forbidden):
        office.enacting.retire(CODE, live.number, reason="Silent.", by=office.ada)
    office.enacting.retire(CODE, live.number, reason="Agreed.", by=office.max)
    assert CODE not in office.rules()
    assert (CODE, 1) not in office.hits(1)


def test_the_last_day_ends_it(office: Office) -> None:
    office.live(valid_until="2026-06-02")
    office.enacting.step()
    assert CODE in office.rules()
    office.site.clock.advance(days=2)
    office.enacting.step()
    assert CODE not in office.rules()
    assert office.authoring.one(CODE).versions[0].stage is Stage.EXPIRED
    before = office.site.services.administration.published()
    office.enacting.step()
    assert office.site.services.administration.published() == before


def test_it_is_extended_and_restored_with_approval(office: Office) -> None:
    office.live(valid_until="2026-06-30")
    longer = office.authoring.extend(CODE, date(2026, 12, 31), by=office.ada)
    assert (longer.stage, longer.valid_until) == (Stage.DRAFT, date(2026, 12, 31))
    office.authoring.submit(CODE, longer.number, reason="Still hits.", by=office.ada)
    office.approve(longer.number)
    office.enacting.go_live(CODE, longer.number, by=office.mia)
    back = office.authoring.restore(CODE, 1, by=office.ada)
    assert (back.number, back.stage) == (3, Stage.DRAFT)
    assert office.authoring.version(CODE, 3).data == office.authoring.version(CODE, 1).data | {"version": 3}
    with pytest.raises(NotFound):
        office.authoring.extend("nobody_knows", date(2026, 12, 31), by=office.ada)


def test_what_is_in_force_without_a_record_gets_one_when_it_is_worked_on(office: Office) -> None:
    listed = {life.code: life for life in office.authoring.all()}
    assert (listed["zero_price"].in_force, listed["zero_price"].versions) == (1, ())
    longer = office.authoring.extend("zero_price", date(2028, 5, 31), by=office.ada)
    first, _ = office.authoring.one("zero_price").versions
    assert (first.number, first.stage, longer.number) == (1, Stage.LIVE, 2)
    read = office.authoring.version("zero_price", 2)
    assert {each.member for each in read.changes} == {"valid_from", "valid_until"}


def test_a_publication_of_the_whole_is_followed(office: Office) -> None:
    office.live()
    office.site.publish(starter_bodies())
    assert office.authoring.one(CODE).versions[0].stage is Stage.RETIRED
    bodies = starter_bodies()
    again = office.authoring.version(CODE, 1).data
    bodies["rules"]["profiles"].append(again)
    office.site.publish(bodies)
    assert office.authoring.one(CODE).versions[0].stage is Stage.LIVE
    bodies["rules"]["profiles"][-1] = {**again, "lane": "documents"}
    with pytest.raises(ConfigurationError) as refused:
        office.site.publish(bodies)
    assert refused.value.faults[0].code == "version-taken"


def test_a_proposal_that_gives_a_version_other_words_is_refused(office: Office) -> None:
    office.live()
    bodies = starter_bodies()
    bodies["rules"]["profiles"].append(data(version=1, lane="documents"))
    two = office.site.services.two_persons
    proposal = two.propose(Act.PUBLISH_CONTENT, bodies, reason="Milder.", by=office.ada)
    two.approve(proposal.id, proposal.payload_sha256, by=office.max)
    with pytest.raises(InputError):
        two.execute(proposal.id, proposal.payload_sha256, by=office.mia)
    assert office.rules()[CODE]["lane"] == "examination"


def test_going_live_keeps_what_waits_for_the_next_epoch() -> None:
    custody = Custody(Site(model=None))
    custody.run(1)
    office = Office(custody.site)
    bodies = starter_bodies()
    bodies["plan"]["random_floor"]["probability"] = 0.07
    custody.site.publish(bodies)
    assert custody.site.services.administration.waits()
    office.live(valid_from=custody.site.clock.at.date().isoformat())
    assert custody.site.services.administration.waits(), "what waited was forgotten"
    custody.site.clock.advance(days=7)
    custody.run(2)
    custody.site.decide(trade.declaration(1, lodged_at=custody.site.clock.at))
    with custody.site.store.read() as uow:
        plan = uow.published("plan")
    assert plan is not None
    assert json.loads(plan.body)["random_floor"]["probability"] == 0.07
    assert CODE in office.rules()


@pytest.mark.parametrize("name", ["eve", "ron"])
def test_auditors_and_administrators_take_no_step(office: Office, name: str) -> None:
    number, by = office.approved().number, office.people[name]
    with pytest.raises(Forbidden):
        office.authoring.draft(data(code="other_code"), by=by)
    with pytest.raises(Forbidden):
        office.approve(number, by=by)
    for act in (office.enacting.go_live, office.enacting.shadow):
        with pytest.raises(Forbidden):
            act(CODE, number, by=by)
    with pytest.raises(Forbidden):
        office.enacting.retire(CODE, number, reason="Because.", by=by)


def test_a_loss_of_a_list_stops_no_tally(office: Office) -> None:
    number = office.approved(when={"feature": "hs2", "in_list": "bulk_chapters"}).number
    office.enacting.shadow(CODE, number, by=office.max)
    bodies = starter_bodies()
    bodies["rules"]["lists"] = [each for each in bodies["rules"]["lists"] if each["code"] != "bulk_chapters"]
    bodies["rules"]["profiles"] = [
        p for p in bodies["rules"]["profiles"] if "bulk_chapters" not in json.dumps(p)
    ]
    office.site.publish(bodies)
    office.site.clock.advance(hours=1)
    office.hits(1)
    assert office.site.tally.step() is False
    with office.site.store.read() as uow:
        assert uow.tallied_upto() == 1
    assert office.authoring.version(CODE, number).version.stage is Stage.SHADOW
