"""Overrides over HTTP: one officer raises a lane, two persons lower it, the register counts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests.api.conftest import Service, problem_of, serve
from tests.api.visitors import Visitor, visit
from tests.fakes import trade
from tests.fakes.site import SOURCE, Site
from tidewaiter.core import two_persons
from tidewaiter.flow.sign_in import PROOF_MAX


@dataclass
class Port:
    """An inspector and two managers of PORT, a manager of RAIL, an analyst; a decision of PORT."""

    service: Service
    ida: Visitor
    max: Visitor
    mia: Visitor
    ray: Visitor
    ada: Visitor
    decision: str
    decided: str

    @property
    def lanes(self) -> list[str]:
        with self.service.site.store.read() as uow:
            publication = uow.published("lanes")
        assert publication is not None
        lanes = sorted(json.loads(publication.body)["lanes"], key=lambda lane: lane["order"])
        return [lane["code"] for lane in lanes]

    @property
    def strictest(self) -> str:
        return self.lanes[-1]

    def lane(self, decision: str | None = None) -> str:
        told = self.max.call("GET", f"decisions/{decision or self.decision}/overrides")
        assert told.status_code == 200, told.text
        lane: str = told.json()["lane"]
        return lane

    def raise_lane(self, by: Visitor | None = None, *, decision: str | None = None, **how: Any) -> Any:
        body = {"from_lane": self.decided, "lane": self.strictest, "reason_code": "goods-differ",
                "text": "Boxes look newer than declared.", **how}  # fmt: skip
        return (by or self.ida).call("POST", f"decisions/{decision or self.decision}/overrides", body)

    def lower(self, by: Visitor, **how: Any) -> Any:
        payload = {"decision_id": self.decision, "from_lane": self.strictest, "to_lane": self.decided,
                   "reason_code": "perishable-or-live", "text": "Live fish.", **how}  # fmt: skip
        asked = {"act": "lower-lane", "payload": payload, "reason": "Live fish."}
        return by.call("POST", "proposals", asked)

    def register(self, **how: str) -> dict[str, Any]:
        today = self.service.site.clock.now().date()
        query = "&".join(f"{k}={v}" for k, v in {"since": "2026-01-01", "until": str(today), **how}.items())
        told = self.max.call("GET", f"overrides?{query}")
        assert told.status_code == 200, told.text
        found: dict[str, Any] = told.json()
        return found


def step(by: Visitor, proposal: dict[str, Any], name: str, **more: Any) -> Any:
    body = {"payload_sha256": proposal["payload_sha256"], **more}
    return by.call("POST", f"proposals/{proposal['id']}/{name}", body)


@pytest.fixture(params=["memory", "sqlite"])
def port(request: pytest.FixtureRequest) -> Iterator[Port]:
    store = request.getfixturevalue("make_sqlite_store")() if request.param == "sqlite" else None
    serving = serve(Site(store))
    service = next(serving)
    answer = service.declare(trade.declaration(1, office="PORT")).json()
    managers = [visit(service, name, "manager", offices=["PORT"]) for name in ("max", "mia")]
    ray = visit(service, "ray", "manager", offices=["RAIL"])
    ida = visit(service, "ida", "inspector", offices=["PORT"])
    ada = visit(service, "ada", "analyst", offices=["PORT"])
    yield Port(service, ida, *managers, ray, ada, answer["decision_id"], answer["lane"])
    serving.close()


def test_a_raise_takes_effect_at_once_and_leaves_the_decision_as_it_was(port: Port) -> None:
    before = port.service.get(f"decisions/{port.decision}").content
    told = port.raise_lane()
    assert told.status_code == 200, told.text
    assert (told.json()["decided"], told.json()["lane"]) == (port.decided, port.strictest)
    assert port.lane() == port.strictest
    assert port.service.get(f"decisions/{port.decision}").content == before
    with port.service.site.store.read() as uow:
        leaf = json.loads([each.body for each in uow.ledger()][-1] or b"{}")
        events, _ = uow.events(0, source=SOURCE, topics={"override"}, limit=100)
    assert (leaf["kind"], leaf["by"], leaf["lane"]) == ("override", "ida", port.strictest)
    (event,) = [json.loads(each.payload) for each in events]
    assert event["lane"] == port.strictest
    assert not {"by", "reason_code", "text", "office"} & set(event), "a system is not told why, or who"


def test_only_people_of_the_office_raise(port: Port) -> None:
    problem_of(port.raise_lane(port.ray), 403)
    problem_of(port.raise_lane(port.ada), 403)
    stranger = visit(port.service, "sam", "inspector", offices=["RAIL"])
    problem_of(port.raise_lane(stranger), 404)
    assert port.lane() == port.decided


@pytest.mark.parametrize(
    "wrong",
    [{"lane": "no-such-lane"}, {"reason_code": "perishable-or-live"}, {"text": "  "}, {"reason_code": "x"}],
)
def test_a_wrong_raise_is_refused_and_changes_nothing(port: Port, wrong: dict[str, str]) -> None:
    problem_of(port.raise_lane(**wrong), 422)
    problem_of(port.raise_lane(lane=port.decided), 422)
    assert port.lane() == port.decided
    assert port.register()["overrides"] == []


def test_nobody_lowers_a_lane_by_a_raise(port: Port) -> None:
    port.raise_lane()
    told = problem_of(port.raise_lane(from_lane=port.strictest, lane=port.decided), 422)
    assert "two persons" in told["title"]
    assert port.lane() == port.strictest


def test_of_two_overrides_at_once_the_second_is_told_to_look_again(port: Port) -> None:
    assert port.raise_lane().status_code == 200
    assert "by now" in problem_of(port.raise_lane(port.max), 422)["title"]
    assert len(port.register()["overrides"]) == 1


def test_two_persons_of_the_office_lower_a_lane_and_it_waits_for_a_later_check(port: Port) -> None:
    port.raise_lane()
    proposal = port.lower(port.max).json()
    read = port.mia.call("GET", f"proposals/{proposal['id']}").json()
    assert (read["in_force"]["to_lane"], read["payload"]["to_lane"]) == (port.strictest, port.decided)
    problem_of(step(port.max, proposal, "approvals"), 403)
    problem_of(step(port.max, proposal, "execution"), 422)
    problem_of(step(port.ray, proposal, "approvals"), 403)
    assert step(port.mia, proposal, "approvals").status_code == 200
    problem_of(step(port.ray, proposal, "execution"), 403)
    assert port.lane() == port.strictest
    done = step(port.max, proposal, "execution")
    assert done.json()["outcome"] == {
        "decision_id": port.decision, "lane": port.decided, "later_check": True,
    }  # fmt: skip
    assert port.lane() == port.decided
    problem_of(step(port.max, proposal, "execution"), 422)
    (lowered,) = [each for each in port.register()["overrides"] if each["direction"] == "lowered"]
    assert (lowered["by"], lowered["approved_by"]) == ("max", ["mia"])
    assert lowered["proposal_id"] == proposal["id"]
    assert port.register()["waiting_for_check"] == [port.decision]


def test_who_asks_for_a_lower_lane_has_the_right_in_the_office_and_proved_it(port: Port) -> None:
    port.raise_lane()
    problem_of(port.lower(port.ray), 403)
    problem_of(port.lower(port.ada), 403)
    problem_of(port.lower(port.ida), 403)
    port.service.site.clock.at += PROOF_MAX
    assert "factors" in problem_of(port.lower(port.max), 403)["title"].lower()
    assert port.lane() == port.strictest


def test_breaking_the_glass_does_not_lower_a_lane(port: Port) -> None:
    port.raise_lane()
    proposal = port.lower(port.max).json()
    assert (
        "No single person"
        in problem_of(step(port.max, proposal, "break-glass", reason="storm"), 403)["title"]
    )
    assert port.lane() == port.strictest


def alone(proposal: two_persons.Proposal, _: str, *, by: str, at: Any, standing: Any) -> Any:
    return replace(proposal, executed_by=by, executed_at=at)


def test_the_lane_does_fall_where_the_guard_is_taken_away(
    port: Port, monkeypatch: pytest.MonkeyPatch
) -> None:
    port.raise_lane()
    proposal = port.lower(port.max).json()
    monkeypatch.setattr("tidewaiter.flow.two_persons.execute", alone)
    assert step(port.max, proposal, "execution").status_code == 200
    assert port.lane() == port.decided, "so the tests above would see it"


def test_an_approval_is_of_no_use_once_the_lane_is_another(port: Port) -> None:
    middle = port.lanes[-2]
    port.raise_lane(lane=middle)
    proposal = port.lower(port.max, from_lane=middle).json()
    step(port.mia, proposal, "approvals")
    port.raise_lane(from_lane=middle)
    assert "by now" in problem_of(step(port.max, proposal, "execution"), 422)["title"]
    assert port.lane() == port.strictest


def test_a_decision_on_an_older_version_is_overridden_no_more(port: Port) -> None:
    port.service.declare(trade.declaration(1, office="PORT", version=2))
    assert "newer" in problem_of(port.raise_lane(), 422)["title"]


def test_the_register_counts_by_office_and_person(port: Port) -> None:
    other = port.service.declare(trade.declaration(2, office="RAIL")).json()
    port.raise_lane()
    proposal = port.lower(port.max).json()
    step(port.mia, proposal, "approvals")
    step(port.mia, proposal, "execution")
    whole = port.register()
    assert (whole["raised"]["count"], whole["lowered"]["count"]) == (1, 1)
    assert whole["raised"] == {"count": 1, "of": 2, "share": 0.5}
    assert port.register(office="PORT")["raised"] == {"count": 1, "of": 1, "share": 1.0}
    assert port.register(office="RAIL")["raised"] == {"count": 0, "of": 1, "share": 0.0}
    assert [each["direction"] for each in port.register(person="mia")["overrides"]] == ["lowered"]
    assert whole["lowered_irregular"] == {"count": 0, "of": 0, "share": None}
    assert other["decision_id"] not in {each["decision_id"] for each in whole["overrides"]}
    problem_of(port.max.call("GET", "overrides?since=2026-03-02&until=2026-03-01"), 422)
    problem_of(port.max.call("GET", "overrides?since=2020-03-02&until=2026-03-01"), 422)
    problem_of(port.ida.call("GET", "overrides?since=2026-03-01&until=2026-03-02"), 403)
