"""What officers and administrators wrote about a declaration or a person goes with it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.fakes.people import PASSWORD
from tests.fakes.site import SOURCE, START, starter_bodies
from tests.flow.test_erase import POLICY, Archive, archive  # noqa: F401 - a fixture
from tidewaiter.core.access import EVERY_OFFICE
from tidewaiter.core.errors import Conflict, NotFound
from tidewaiter.core.override import Change, ReasonCode
from tidewaiter.core.two_persons import Act
from tidewaiter.flow import erase as erase_module
from tidewaiter.flow.people import Rights
from tidewaiter.flow.ports import Person

WORDS = "the driver Wachsfigur told us"


def account(at: Archive, name: str, role: str = "manager") -> Person:
    """Return a new account for every office."""
    people = at.site.services.people
    how: dict[str, Any] = {"roles": [role], "offices": [EVERY_OFFICE], "password": PASSWORD}
    return people.add(name, staff_number=f"S-{name}", by="root", **how).person


def lane_of(at: Archive, number: int) -> tuple[str, str]:
    """Return the newest decision on a declaration, and its lane in force."""
    with at.site.store.read() as uow:
        stored = uow.latest_decision(SOURCE, f"D{number}")
        assert stored is not None
        evidence = json.loads(stored.evidence)
        overrides = uow.overrides_of(evidence["id"])
    return evidence["id"], overrides[-1].to_lane if overrides else evidence["lane"]


def lower(at: Archive, number: int, by: Person, approver: Person | None) -> str:
    """Propose the lane of a declaration to be lowered; execute it if somebody approves.  Return which."""
    lanes = sorted(starter_bodies()["lanes"]["lanes"], key=lambda lane: int(lane["order"]))
    identity, lane = lane_of(at, number)
    strict = str(lanes[-1]["code"])
    if lane != strict:
        change = Change(
            decision_id=identity, from_lane=lane, to_lane=strict, reason_code=ReasonCode.OTHER, text=WORDS
        )
        at.site.services.overrides.raise_lane(change, by=by)
    payload = {"decision_id": identity, "from_lane": strict, "to_lane": str(lanes[0]["code"]),
               "reason_code": "other", "text": WORDS}  # fmt: skip
    both = at.site.services.two_persons
    made = both.propose(Act.LOWER_LANE, payload, reason=WORDS, by=by, proved=True)
    if approver is None:
        both.reject(made.id, by=by)
    else:
        both.approve(made.id, made.payload_sha256, by=approver)
        both.execute(made.id, made.payload_sha256, by=by)
    return made.id


def everything(at: Archive) -> str:
    """Return all that the store tells of proposals, overrides, holds, events and the ledger."""
    with at.site.store.read() as uow:
        stored = [uow.proposal(each.id) for each in uow.proposals()]
        events, _ = uow.events(0, source=None, topics={"proposal", "person", "override"}, limit=1000)
        overrides = uow.overrides(START, at.site.clock.now())
        leaves = [leaf.body for leaf in uow.ledger()]
        return repr((stored, events, overrides, uow.holds(), leaves))


def decided_about(at: Archive) -> list[str]:
    """Let officers write about declarations 1 and 2, and let retention end; return the proposals."""
    at.decide(1, 2)
    anna, berta = account(at, "anna"), account(at, "berta")
    made = [lower(at, 1, anna, berta), lower(at, 2, anna, None)]
    hold = at.erasing.place_hold(SOURCE, "D1", reason=WORDS, by="anna")
    both = at.site.services.two_persons
    free = at.two_persons.propose(Act.RELEASE_HOLD, {"number": hold.number}, reason=WORDS, by=anna)
    at.two_persons.approve(free.id, free.payload_sha256, by=berta)
    at.two_persons.execute(free.id, free.payload_sha256, by=anna)
    content = both.propose(Act.PUBLISH_CONTENT, starter_bodies(), reason="yearly review", by=anna)
    at.sealing.seal()
    at.wait()
    return [*made, free.id, content.id]


def test_own_words_about_a_declaration_go_with_it(archive: Archive) -> None:  # noqa: F811
    executed, rejected, freed, content = decided_about(archive)
    assert everything(archive).count(WORDS) >= 8, "the search finds what is there"
    archive.erase(1, 2)
    archive.sealing.seal()
    assert WORDS not in everything(archive)
    both = archive.site.services.two_persons
    lowered, payload = both.one(executed)
    assert (lowered.requester, lowered.executed_by, lowered.reason) == ("anna", "anna", "")
    assert [each.person for each in lowered.approvals] == ["berta"]
    assert payload["decision_id"] == lane_of(archive, 1)[0]
    assert {lowered.approvals[0].payload_sha256} == {lowered.payload_sha256}
    assert both.one(rejected)[0].reason == ""
    assert both.one(freed)[0].reason == ""
    assert both.one(content)[0].reason == "yearly review", "it is about no declaration"
    assert archive.in_place().findings == ()
    with archive.site.store.read() as uow:
        last = uow.overrides_of(lane_of(archive, 1)[0])[-1]
    assert (last.by, last.approved_by, last.text) == ("anna", ("berta",), "")


def test_the_register_and_the_proposal_can_still_be_read(archive: Archive) -> None:  # noqa: F811
    executed, *_ = decided_about(archive)
    archive.erase(1)
    both, now = archive.site.services.two_persons, archive.site.clock.now()
    stored, payload = both.one(executed)
    assert both.in_force(stored.act, payload)["decision_id"] == payload["decision_id"]
    begin = now.replace(year=now.year - 20)
    register = archive.site.services.overrides.register(begin, now)
    assert register.lowered == 1


def test_nobody_writes_about_what_was_erased(archive: Archive) -> None:  # noqa: F811
    decided_about(archive)
    archive.erase(1)
    anna = archive.site.services.people.one("anna")
    with pytest.raises(Conflict, match="is erased"):
        lower(archive, 1, anna, None)


def test_the_rights_of_an_erased_person_go_and_the_account_is_nobodys(archive: Archive) -> None:  # noqa: F811
    people = archive.site.services.people
    ann, art = (account(archive, name, "administrator") for name in ("ann", "art"))
    account(archive, "carl")
    rights: dict[str, Any] = {"name": "carl", "roles": ["auditor"], "offices": [], "compartments": []}
    both = archive.site.services.two_persons
    made = both.propose(Act.SET_RIGHTS, rights, reason=WORDS, by=ann)
    both.approve(made.id, made.payload_sha256, by=art)
    both.execute(made.id, made.payload_sha256, by=ann)
    other = both.propose(Act.SET_RIGHTS, rights | {"name": "art"}, reason="a new task", by=ann)
    people.disable("carl", "ann")
    archive.sealing.seal()
    archive.site.clock.advance(days=POLICY.person_days + 1)
    archive.erase(persons=("carl",))
    archive.sealing.seal()
    assert WORDS not in everything(archive)
    stored, payload = both.one(made.id)
    assert (payload["name"], payload["roles"], stored.executed_by) == ("carl", [], "ann")
    assert both.one(other.id)[0].reason == "a new task"
    with pytest.raises(Conflict, match="erased"):
        people.reset("carl", PASSWORD, "ann")
    with archive.site.store.write() as uow, pytest.raises(Conflict, match="erased"):
        people.set_rights_in(uow, "carl", Rights(roles=frozenset({"auditor"})), by="ann")
    with pytest.raises(NotFound):
        archive.site.services.linking.link("carl", subject="s-carl", by="ann")
    carl = people.one("carl")
    assert (carl.disabled_at is not None, carl.password_hash) == (True, "")
    assert archive.in_place().findings == ()


def test_the_tests_would_see_a_proposal_that_keeps_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erase_module, "impersonal_proposal", replace)
    at = Archive()
    decided_about(at)
    at.erase(1, 2)
    assert WORDS in everything(at)
