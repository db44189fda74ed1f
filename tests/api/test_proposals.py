"""Acts that need two persons, over HTTP: publishing content, promoting a model, breaking the glass."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import pytest

from tests.api.conftest import Service, problem_of, serve
from tests.api.visitors import Visitor, visit
from tests.fakes.people import set_rights
from tests.fakes.scorer import FakeScorer
from tests.fakes.site import START, Site, starter_bodies
from tidewaiter.adapters.starter import load_standin
from tidewaiter.adapters.starter.paths import starter_folder
from tidewaiter.core.errors import Forbidden
from tidewaiter.core.two_persons import LIFETIME
from tidewaiter.flow.ports import ModelRecord, Store
from tidewaiter.flow.present import MODEL


@dataclass
class Office:
    """An analyst, two managers, an auditor."""

    service: Service
    ada: Visitor
    max: Visitor
    mia: Visitor
    otto: Visitor

    def content(self, number: int = 1) -> dict[str, Any]:
        """Return content that differs from what is in force."""
        bodies = starter_bodies()
        bodies["checks"]["checks"][0]["what"] = f"Changed for the {number}. time."
        return bodies

    def propose(self, by: Visitor | None = None, **how: Any) -> dict[str, Any]:
        asked = {"act": "publish-content", "payload": self.content(), "reason": "new words", **how}
        told: dict[str, Any] = (by or self.ada).call("POST", "proposals", asked).json()
        return told

    def versions(self) -> dict[str, str]:
        return self.service.site.services.administration.published()

    def ledger(self) -> list[dict[str, Any]]:
        return ledger_of(self.service.site.store)


def ledger_of(store: Store) -> list[dict[str, Any]]:
    with store.read() as uow:
        return [json.loads(leaf.body or b"{}") for leaf in uow.ledger()]


def step(by: Visitor, proposal: dict[str, Any], name: str, **more: Any) -> Any:
    """Take a step on a proposal, as it was seen."""
    body = None if name == "rejection" else {"payload_sha256": proposal["payload_sha256"], **more}
    return by.call("POST", f"proposals/{proposal['id']}/{name}", body)


def trained(version: str, state: str) -> ModelRecord:
    comparison = {"champion": "fake-model"}
    return ModelRecord(version=version, state=state, card={}, comparison=comparison, trained_at=START)


@pytest.fixture(params=["memory", "sqlite"])
def office(request: pytest.FixtureRequest) -> Iterator[Office]:
    store = request.getfixturevalue("make_sqlite_store")() if request.param == "sqlite" else None
    serving = serve(Site(store))
    service = next(serving)
    yield Office(
        service, visit(service, "ada", "analyst"), visit(service, "max", "manager"),
        visit(service, "mia", "manager"), visit(service, "otto", "auditor"),
    )  # fmt: skip
    serving.close()


def test_content_is_published_once_by_two_persons(office: Office) -> None:
    before = office.versions()
    proposal = office.propose()
    assert (proposal["state"], proposal["requester"]) == ("open", "ada")
    assert problem_of(step(office.max, proposal, "execution"), 422)["title"].startswith("0 of 1 approvals")
    assert step(office.max, proposal, "approvals").json()["state"] == "approved"
    assert office.versions() == before
    done = step(office.max, proposal, "execution")
    assert done.status_code == 200, done.text
    assert done.json() == {"proposal_id": proposal["id"], "outcome": office.versions()}
    assert {kind for kind in before if before[kind] != office.versions()[kind]} == {"checks"}
    assert "is executed" in problem_of(step(office.mia, proposal, "execution"), 422)["title"]
    with office.service.site.store.read() as uow:
        assert [each.by for each in uow.publications("checks")] == ["starter", "ada, approved by max"]


def test_the_ledger_says_who_took_each_step(office: Office) -> None:
    proposal = office.propose()
    step(office.max, proposal, "approvals")
    step(office.max, proposal, "execution")
    told = [entry for entry in office.ledger() if entry["kind"] == "proposal"]
    assert [(entry["step"], entry["by"]) for entry in told] == [
        ("proposed", "ada"), ("approved", "max"), ("executed", "max"),
    ]  # fmt: skip
    assert {entry["payload_sha256"] for entry in told} == {proposal["payload_sha256"]}
    assert told[-1]["approvals"] == ["max"]


def test_nobody_approves_what_they_proposed_themselves(office: Office) -> None:
    proposal = office.propose(by=office.max)
    assert "another person" in problem_of(step(office.max, proposal, "approvals"), 403)["title"]
    problem_of(step(office.max, proposal, "execution"), 422)
    assert step(office.mia, proposal, "approvals").status_code == 200
    assert step(office.max, proposal, "execution").status_code == 200


def test_a_changed_payload_voids_the_approval(office: Office) -> None:
    proposal = office.propose()
    step(office.max, proposal, "approvals")
    path = f"proposals/{proposal['id']}"
    problem_of(office.max.call("PUT", path, {"payload": office.content(2)}), 403)
    changed = office.ada.call("PUT", path, {"payload": office.content(2)}).json()
    assert (changed["state"], changed["approvals"]) == ("open", [])
    for payload in (proposal, changed):
        problem_of(step(office.max, payload, "execution"), 422)
    read = office.mia.call("GET", path).json()
    assert read == {
        "proposal": changed, "payload": office.content(2), "in_force": starter_bodies(), "conditions": [],
    }  # fmt: skip


def test_a_condition_that_would_change_reads_as_a_sentence(office: Office) -> None:
    bodies = deepcopy(office.content(2))
    profile = bodies["rules"]["profiles"][0]
    profile["when"] = {"feature": "hs4", "=": "6406"}
    asked = {"act": "publish-content", "payload": bodies, "reason": "shoes"}
    proposed = office.ada.call("POST", "proposals", asked).json()
    (told,) = office.max.call("GET", f"proposals/{proposed['id']}").json()["conditions"]
    assert told["profile"] == profile["code"]
    assert "6406" in told["proposed"]["en"]
    assert told["in_force"]["en"] != told["proposed"]["en"]


def test_an_approval_counts_while_its_person_may_approve(office: Office) -> None:
    proposal = office.propose()
    step(office.max, proposal, "approvals")
    set_rights(office.service.site.services.people, "max", "analyst")
    problem_of(step(office.mia, proposal, "execution"), 422)
    set_rights(office.service.site.services.people, "max", "manager")
    office.service.site.services.people.disable("max", "root")
    assert "0 of 1" in problem_of(step(office.mia, proposal, "execution"), 422)["title"]


@pytest.mark.parametrize("how", ["disabled", "without the right"])
def test_a_requester_who_may_not_propose_any_more_leaves_one_person_alone(office: Office, how: str) -> None:
    proposal, before = office.propose(), office.versions()
    step(office.max, proposal, "approvals")
    people = office.service.site.services.people
    if how == "disabled":
        people.disable("ada", "root")
    else:
        set_rights(people, "ada", "inspector")
    assert "ada may not ask" in problem_of(step(office.max, proposal, "execution"), 422)["title"]
    assert office.versions() == before
    # The same act is not lost: who has the right proposes it anew.
    anew = office.propose(by=office.mia)
    step(office.max, anew, "approvals")
    assert step(office.max, anew, "execution").status_code == 200


def test_who_lost_the_right_while_the_request_waited_for_its_turn_takes_no_step(office: Office) -> None:
    approved, waiting = office.propose(), office.propose()
    step(office.mia, approved, "approvals")
    services, before = office.service.site.services, office.versions()
    max_before = services.people.one("max")
    set_rights(services.people, "max", "analyst")
    two, seen = services.two_persons, approved["payload_sha256"]
    for take in (
        lambda: two.approve(waiting["id"], seen, by=max_before),
        lambda: two.execute(approved["id"], seen, by=max_before),
        lambda: two.break_glass(waiting["id"], seen, reason="storm", by=max_before),
    ):
        with pytest.raises(Forbidden, match="None of your roles"):
            take()
    assert office.versions() == before


def test_a_proposal_can_be_rejected_or_withdrawn_and_runs_out(office: Office) -> None:
    rejected, withdrawn, late = (office.propose() for _ in range(3))
    assert step(office.max, rejected, "rejection").json()["rejected_by"] == "max"
    assert step(office.ada, withdrawn, "rejection").json()["rejected_by"] == "ada"
    for each in (rejected, withdrawn):
        assert "is rejected" in problem_of(step(office.mia, each, "approvals"), 422)["title"]
    office.service.site.clock.at = START + LIFETIME
    for person in (office.max, office.otto):
        person.be_signed_in()
    assert "is expired" in problem_of(step(office.max, late, "approvals"), 422)["title"]
    listed = office.otto.call("GET", "proposals").json()["proposals"]
    assert sorted(each["state"] for each in listed) == ["expired", "rejected", "rejected"]
    only = office.otto.call("GET", "proposals?state=expired").json()["proposals"]
    assert [each["id"] for each in only] == [late["id"]]


def test_breaking_the_glass_tells_the_auditor_at_once_and_for_ever(office: Office) -> None:
    proposal = office.propose(by=office.max)
    problem_of(step(office.max, proposal, "break-glass"), 422)
    problem_of(step(office.max, proposal, "break-glass", reason="  "), 422)
    problem_of(step(office.ada, proposal, "break-glass", reason="storm"), 403)
    before = office.versions()
    assert step(office.max, proposal, "break-glass", reason="storm").status_code == 200
    assert office.versions() != before
    notice = next(entry for entry in office.ledger() if entry["kind"] == "break-glass")
    assert (notice["subject"], notice["by"], notice["reason"]) == (proposal["id"], "max", "storm")
    told = office.otto.call("GET", f"proposals/{proposal['id']}").json()["proposal"]
    assert (told["state"], told["broken_glass"], told["approvals"]) == ("executed", "storm", [])


def test_a_model_is_promoted_by_two_persons(office: Office) -> None:
    site = office.service.site
    site.models.put(FakeScorer("challenger"))
    site.models.put(FakeScorer("refused"))
    with site.store.write() as uow:
        for version, state in (("challenger", "proposed"), ("refused", "refused")):
            uow.put_model(
                ModelRecord(
                    version=version,
                    state=state,
                    card={},
                    comparison={"champion": "fake-model"},
                    trained_at=START,
                )
            )
    asked = {"act": "promote-model", "reason": "finds more"}
    for payload, status in (
        ({"version": "refused"}, 422), ({"version": "none"}, 404), ({"version": 3}, 422), ({}, 422),
        ({"version": "challenger", "by": "root"}, 422),
    ):  # fmt: skip
        problem_of(office.ada.call("POST", "proposals", {**asked, "payload": payload}), status)
    proposal = office.propose(act="promote-model", payload={"version": "challenger"})
    step(office.mia, proposal, "approvals")
    assert step(office.mia, proposal, "execution").json()["outcome"] == {"version": "challenger"}
    with site.store.read() as uow:
        in_force = uow.published(MODEL)
    assert in_force is not None
    assert (in_force.version, in_force.by) == ("challenger", "ada, approved by mia")


def test_a_stand_in_policy_is_published_by_two_persons(office: Office) -> None:
    site, policy = office.service.site, load_standin(starter_folder()) or {}
    asked = {"act": "publish-standin", "reason": "the first one"}
    releasing = {
        **policy,
        "rules": [{"code": "all", "lane": "release", "flows": ["import"], "reason": "So."}],
    }
    for payload in ({}, {**policy, "otherwise": "release"}, releasing, {**policy, "more": 1}):
        assert problem_of(office.ada.call("POST", "proposals", {**asked, "payload": payload}), 422)["faults"]
    proposal = office.propose(act="publish-standin", payload=policy)
    problem_of(step(office.ada, proposal, "approvals"), 403)
    assert not site.standin_policy.published()
    step(office.mia, proposal, "approvals")
    version = step(office.mia, proposal, "execution").json()["outcome"]["version"]
    site.standin_policy.refresh()
    assert site.standin_policy.signed()[1].policy.version == version


def test_what_fails_when_it_is_executed_leaves_the_proposal_as_it_was(office: Office) -> None:
    site = office.service.site
    site.models.put(FakeScorer("challenger"))
    with site.store.write() as uow:
        uow.put_model(trained("challenger", "proposed"))
    proposal = office.propose(act="promote-model", payload={"version": "challenger"})
    step(office.mia, proposal, "approvals")
    site.put_in_force("another")
    leaves = len(office.ledger())
    assert "not in force any more" in problem_of(step(office.mia, proposal, "execution"), 422)["title"]
    assert office.ada.call("GET", f"proposals/{proposal['id']}").json()["proposal"]["state"] == "approved"
    assert len(office.ledger()) == leaves


def test_content_that_got_a_fault_since_it_was_proposed_is_not_published(office: Office) -> None:
    proposal = office.propose()
    step(office.max, proposal, "approvals")
    meanwhile = starter_bodies()
    meanwhile["lanes"]["lanes"].append({**meanwhile["lanes"]["lanes"][-1], "code": "violet", "order": 9})
    office.service.site.publish(meanwhile)
    before = office.versions()
    refused = problem_of(step(office.max, proposal, "execution"), 422)
    assert [fault["value"] for fault in refused["faults"]] == ["violet"]
    assert office.versions() == before


def test_to_approve_twice_is_to_approve_once_in_the_ledger_too(office: Office) -> None:
    proposal = office.propose()
    assert step(office.max, proposal, "approvals").json() == step(office.max, proposal, "approvals").json()
    assert [entry["step"] for entry in office.ledger() if entry["kind"] == "proposal"] == [
        "proposed", "approved",
    ]  # fmt: skip


def test_content_with_faults_is_told_with_each_place_and_not_recorded(office: Office) -> None:
    bodies = office.content()
    bodies["lanes"]["lanes"][0]["code"] = ""
    asked = {"act": "publish-content", "payload": bodies, "reason": "oops"}
    assert problem_of(office.ada.call("POST", "proposals", asked), 422)["faults"]
    problem_of(office.ada.call("POST", "proposals", asked | {"payload": {"lanes": []}}), 422)
    assert office.ada.call("GET", "proposals").json() == {"proposals": []}


@pytest.mark.parametrize("value", ["NaN", "1e999", '"\\ud800"', "[" * 500 + "]" * 500, "9" * 5000])
def test_a_payload_that_is_no_json_is_no_failure_of_the_server(office: Office, value: str) -> None:
    body = f'{{"act": "publish-content", "reason": "x", "payload": {{"lanes": {value}}}}}'
    response = office.service.http.post(
        "https://risk.example/api/v1/proposals",
        content=body,
        headers={**office.ada.headers, "Cookie": f"__Host-tidewaiter={office.ada.token}",
                 "Content-Type": "application/json"},
    )  # fmt: skip
    assert "payload" in problem_of(response, 422)["title"] or "JSON" in problem_of(response, 422)["title"]


def test_an_unknown_proposal_is_not_found(office: Office) -> None:
    ghost = {"id": "W" + "0" * 24, "payload_sha256": "0" * 64}
    for name in ("approvals", "rejection", "execution"):
        problem_of(step(office.max, ghost, name), 404)
    problem_of(step(office.max, ghost, "break-glass", reason="storm"), 404)
    problem_of(office.ada.call("PUT", f"proposals/{ghost['id']}", {"payload": office.content()}), 404)
    assert ghost["id"] in problem_of(office.otto.call("GET", f"proposals/{ghost['id']}"), 404)["title"]


RIGHTS = {"name": "ada", "roles": ["manager"], "offices": ["PORT"], "compartments": []}


@pytest.fixture
def administrators(office: Office) -> tuple[Visitor, Visitor]:
    return visit(office.service, "rosa", "administrator"), visit(office.service, "rolf", "administrator")


def test_rights_are_given_by_two_administrators_and_hold_from_the_next_request(
    office: Office, administrators: tuple[Visitor, Visitor]
) -> None:
    rosa, rolf = administrators
    proposal = office.propose(rosa, act="set-rights", payload=RIGHTS)
    read = rolf.call("GET", f"proposals/{proposal['id']}").json()
    assert read["payload"] == RIGHTS
    assert read["in_force"] == {"name": "ada", "roles": ["analyst"], "offices": [], "compartments": []}
    problem_of(step(rosa, proposal, "approvals"), 403)
    problem_of(step(rosa, proposal, "execution"), 422)
    assert step(rolf, proposal, "approvals").status_code == 200
    assert step(rosa, proposal, "execution").json()["outcome"] == RIGHTS
    assert office.ada.call("GET", "session").json()["roles"] == ["manager"]
    (leaf,) = [entry for entry in office.ledger() if entry.get("change") == "rights set"]
    assert (leaf["subject"], leaf["roles"], leaf["by"]) == ("ada", ["manager"], "rosa, approved by rolf")


def test_who_gives_rights_has_no_part_in_content_and_the_other_way_round(
    office: Office, administrators: tuple[Visitor, Visitor]
) -> None:
    rosa, rolf = administrators
    content, rights = office.propose(), office.propose(rosa, act="set-rights", payload=RIGHTS)
    for who, theirs, others in ((rolf, rights, content), (office.max, content, rights)):
        listed = who.call("GET", "proposals").json()["proposals"]
        assert [each["id"] for each in listed] == [theirs["id"]]
        problem_of(who.call("GET", f"proposals/{others['id']}"), 404)
        for name in ("approvals", "rejection", "execution"):
            problem_of(step(who, others, name), 403)
        asked = {"act": others["act"], "payload": {}, "reason": "because"}
        assert others["act"] in problem_of(who.call("POST", "proposals", asked), 403)["title"]
        problem_of(step(who, rights, "break-glass", reason="now"), 403)
    assert len(office.otto.call("GET", "proposals").json()["proposals"]) == 2


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"roles": ["system"]}, 422), ({"roles": "manager"}, 422), ({"offices": [1]}, 422),
        ({"name": 1}, 422), ({"offices": ["PORT\x00"]}, 422), ({"name": "nobody"}, 404), ({"more": []}, 422),
    ],
)  # fmt: skip
def test_rights_that_nobody_can_have_are_not_proposed(
    office: Office, administrators: tuple[Visitor, Visitor], change: dict[str, Any], status: int
) -> None:
    asked = {"act": "set-rights", "payload": RIGHTS | change, "reason": "because"}
    problem_of(administrators[0].call("POST", "proposals", asked), status)
    assert office.otto.call("GET", "proposals").json()["proposals"] == []
