"""Profiles over HTTP: the whole way of one, what each step asks for, and the examples of the description."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.conftest import Service, problem_of
from tests.api.visitors import Visitor, visit
from tests.fakes import trade
from tests.fakes.site import starter_bodies
from tidewaiter.api.profiles import Written
from tidewaiter.flow.sign_in import PROOF_MAX

EXAMPLE: dict[str, Any] = Written.model_fields["profile"].examples[0]  # type: ignore[index]  # it has one
CODE = "all_imports"
PROFILE = EXAMPLE | {"code": CODE, "share": "1", "when": {"feature": "version", ">=": 1}}
FIRST = f"profiles/{CODE}/versions/1"


class Desk:
    """Everybody at a served site who has to do with profiles."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.ada = visit(service, "ada", "analyst")
        self.max = visit(service, "max", "manager")
        self.mia = visit(service, "mia", "manager")
        self.eve = visit(service, "eve", "auditor")

    def do(self, by: Visitor, path: str, body: Any = None, method: str = "POST") -> Any:
        """Do it, and return the answer of a success."""
        response = by.call(method, path, body)
        assert response.status_code == 200, response.text
        return response.json()

    def read(self, by: Visitor, path: str) -> Any:
        return self.do(by, path, method="GET")

    def submitted(self) -> None:
        self.do(self.ada, "profiles", {"profile": PROFILE})
        self.do(self.ada, f"{FIRST}/submission", {"reason": "Much is missed."})

    def approved(self) -> None:
        self.submitted()
        read = self.read(self.max, FIRST)
        seen = {"body_sha256": read["version"]["body_sha256"], "replaces_sha256": read["replaces_sha256"]}
        self.do(self.max, f"{FIRST}/approval", seen)

    def decides(self, number: int) -> bool:
        answer = self.service.declare(trade.declaration(number)).json()
        return CODE in {h["profile"] for h in self.service.site.evidence(answer["decision_id"])["hits"]}


@pytest.fixture
def desk(service: Service) -> Iterator[Desk]:
    return Desk(service)  # type: ignore[return-value]  # nothing to undo


def test_a_profile_goes_the_whole_way(desk: Desk) -> None:
    desk.approved()
    assert not desk.decides(1)
    assert desk.do(desk.max, f"{FIRST}/shadow")["stage"] == "shadow"
    assert desk.do(desk.max, f"{FIRST}/ramp", {"share": "0.25"})["share"] == "0.25"
    live = desk.do(desk.mia, f"{FIRST}/live")
    assert (live["stage"], live["writers"], live["approved_by"]) == ("live", ["ada"], "max")
    assert desk.decides(2)
    listed = {each["code"]: each for each in desk.read(desk.eve, "profiles")["profiles"]}
    assert (listed[CODE]["in_force"], listed[CODE]["newest"]["stage"]) == (1, "live")
    assert (listed["zero_price"]["in_force"], listed["zero_price"]["newest"]) == (1, None)
    assert len(listed) == len(starter_bodies()["rules"]["profiles"]) + 1
    desk.service.site.tally.step()
    profile = desk.read(desk.ada, f"profiles/{CODE}")
    assert [(t["number"], t["shadow"], t["matches"]) for t in profile["tallies"]] == [(1, False, 1)]
    desk.do(desk.ada, f"{FIRST}/retirement-request", {"reason": "Silent."})
    assert desk.do(desk.max, f"{FIRST}/retirement", {"reason": "Agreed."})["stage"] == "retired"
    assert not desk.decides(3)
    kinds = [step["kind"] for step in desk.read(desk.eve, FIRST)["steps"]]
    assert kinds == ["draft", "submit", "approve", "shadow", "ramp", "go-live", "ask-retirement", "retire"]


def test_the_example_of_the_description_works(desk: Desk) -> None:
    judged = desk.do(desk.ada, "profiles/check", {"profile": EXAMPLE})
    assert (judged["profile"]["version"], judged["remarks"]) == (1, [])
    assert {change["member"] for change in judged["changes"]} == set(judged["profile"]) - {"version"}
    drafted = desk.do(desk.ada, "profiles", {"profile": EXAMPLE})
    assert (drafted["stage"], drafted["number"]) == ("draft", 1)
    document = desk.service.http.get("/api/v1/openapi.json").json()
    assert document["components"]["schemas"]["Written"]["properties"]["profile"]["examples"] == [EXAMPLE]


def test_every_fault_of_a_profile_has_its_place(desk: Desk) -> None:
    wrong = PROFILE | {"lane": "purple", "checks": ["nothing"], "when": {"feature": "wings", "=": True}}
    problem = problem_of(desk.ada.call("POST", "profiles", {"profile": wrong}), 422)
    assert {fault["place"].rsplit("/", 1)[-1] for fault in problem["faults"]} == {"lane", "checks", "feature"}
    assert all(fault["hint"] is not None or fault["value"] for fault in problem["faults"])
    text = PROFILE | {"when": "version >"}
    problem = problem_of(desk.ada.call("POST", "profiles", {"profile": text}), 422)
    assert "line 1" in problem["faults"][0]["message"]


def test_an_approval_names_what_was_read(desk: Desk) -> None:
    desk.submitted()
    read = desk.read(desk.max, FIRST)
    assert read["steps"][-1]["evidence"]["decisions"] == 0
    assert {change["member"] for change in read["changes"]} == {*PROFILE, "offices"}
    words = next(change for change in read["changes"] if change["member"] == "when")
    assert words["proposed_words"]["en"]
    seen = {"body_sha256": read["version"]["body_sha256"], "replaces_sha256": None}
    problem_of(desk.ada.call("POST", f"{FIRST}/approval", seen), 403)
    problem_of(desk.max.call("POST", f"{FIRST}/approval", seen | {"body_sha256": "0" * 64}), 422)
    problem_of(desk.max.call("POST", f"{FIRST}/approval", seen | {"replaces_sha256": "0" * 64}), 422)
    assert desk.do(desk.max, f"{FIRST}/approval", seen)["stage"] == "approved"
    edited = desk.do(desk.ada, FIRST, {"profile": PROFILE | {"title": "Other"}}, "PUT")
    assert (edited["stage"], edited["approved_by"]) == ("draft", None)
    problem_of(desk.max.call("POST", f"{FIRST}/live"), 422)


def test_a_version_is_given_back_withdrawn_extended_and_restored(desk: Desk) -> None:
    desk.submitted()
    assert desk.do(desk.max, f"{FIRST}/rejection", {"reason": "Too wide."})["stage"] == "draft"
    problem_of(desk.max.call("POST", f"{FIRST}/retirement", {"reason": "No."}), 422)
    assert desk.do(desk.ada, f"{FIRST}/withdrawal", {"reason": "Given up."})["stage"] == "retired"
    assert desk.do(desk.ada, f"profiles/{CODE}/restoration", {"number": 1})["number"] == 2
    longer = desk.do(desk.ada, "profiles/zero_price/extension", {"valid_until": "2028-05-31"})
    assert (longer["number"], longer["valid_until"]) == (2, "2028-05-31")
    before = desk.read(desk.ada, "profiles/zero_price/versions/1")
    assert before["version"]["stage"] == "live"
    problem_of(desk.ada.call("POST", "profiles/zero_price/versions/1/withdrawal", {"reason": "x"}), 422)
    problem_of(desk.ada.call("POST", "profiles/nobody/extension", {"valid_until": "2028-05-31"}), 404)


def test_what_is_in_force_without_a_record_can_be_read(desk: Desk) -> None:
    read = desk.read(desk.eve, "profiles/zero_price/versions/1")
    assert (read["version"]["stage"], read["version"]["writers"], read["steps"]) == ("live", ["starter"], [])
    assert read["profile"]["code"] == "zero_price"
    for missing in ("profiles/zero_price/versions/2", "profiles/nobody/versions/1", "profiles/nobody"):
        problem_of(desk.eve.call("GET", missing), 404)


def test_an_emergency_is_told_and_reviewed(desk: Desk) -> None:
    desk.do(desk.ada, "profiles", {"profile": PROFILE})
    burning = desk.do(desk.max, f"{FIRST}/emergency", {"reason": "A tip."})
    assert (burning["stage"], burning["emergency_by"], burning["review_due"]) == ("emergency", "max", True)
    assert desk.decides(1)
    assert desk.read(desk.eve, f"profiles/{CODE}")["review_due"] is True
    problem_of(desk.max.call("POST", f"{FIRST}/review", {"reason": "Fine."}), 403)
    assert desk.do(desk.mia, f"{FIRST}/review", {"reason": "Right."})["review_due"] is False


@pytest.mark.parametrize("step", ["approval", "shadow", "ramp", "live", "emergency", "review", "retirement"])
def test_what_puts_in_force_wants_both_factors_again(desk: Desk, step: str) -> None:
    desk.submitted()
    desk.service.site.clock.at += PROOF_MAX
    told = desk.max.call("POST", f"{FIRST}/{step}", {"reason": "x"})
    assert problem_of(told, 403)["type"].endswith("step-up-needed")


def test_a_condition_is_told_as_text_and_in_words(desk: Desk) -> None:
    text = 'hs_code starts with "8703" and unit_value_ratio < 0.6'
    judged = desk.do(desk.ada, "profiles/check", {"profile": PROFILE | {"when": text}})
    assert judged["condition"]["text"] == text
    assert judged["profile"]["when"]["all_of"][0] == {"feature": "hs_code", "prefix": ["8703"]}
    assert sorted(judged["condition"]["words"]) == ["ar", "en", "es", "fr", "pt"]
    half = desk.do(desk.ada, "profiles/check", {"profile": {"title": "Cars", "when": text}})
    assert half["condition"]["text"] == text
    assert half["profile"] is None
    assert "/owner" in {fault["place"] for fault in half["faults"]}
    wrong = desk.do(desk.ada, "profiles/check", {"profile": PROFILE | {"when": "no_such_thing = 1"}})
    assert wrong["condition"] is None
    assert [fault["place"] for fault in wrong["faults"]] == ["/when/feature"]
    desk.submitted()
    read = desk.read(desk.max, FIRST)
    assert read["condition"]["text"] == "version >= 1"


def test_the_vocabulary_names_everything_that_a_profile_can_refer_to(desk: Desk) -> None:
    told = desk.read(desk.eve, "vocabulary")
    features = {each["name"]: each for each in told["features"]}
    assert features["origin"]["form"] == "country"
    assert features["origin"]["operators"] == ["!=", "=", "in", "in_list", "is_missing", "prefix"]
    assert features["customs_value"]["form"] is None
    assert features["hs_code"]["words"]["fr"] != features["hs_code"]["words"]["en"]
    assert {each["code"] for each in told["lanes"]} >= {"release", "examination"}
    assert EXAMPLE["checks"][0] in {each["code"] for each in told["checks"]}
    assert {each["code"]: each["kind"] for each in told["lists"]}["drug_precursors"] == "hs6"
    assert EXAMPLE["risk_area"] in told["risk_areas"]


def test_of_two_who_edit_the_same_words_the_second_is_told(desk: Desk) -> None:
    desk.do(desk.ada, "profiles", {"profile": PROFILE})
    seen = desk.read(desk.ada, FIRST)["version"]["body_sha256"]
    edit = {"profile": PROFILE | {"title": "Ada's"}, "body_sha256": seen}
    desk.do(desk.ada, FIRST, edit, method="PUT")
    refused = desk.max.call("PUT", FIRST, {"profile": PROFILE | {"title": "Max's"}, "body_sha256": seen})
    assert "Somebody else edited it" in problem_of(refused, 422)["title"]
    assert desk.read(desk.max, FIRST)["profile"]["title"] == "Ada's"


def test_the_impact_of_a_form_with_empty_papers_is_told(desk: Desk) -> None:
    for number in range(1, 40):
        desk.service.declare(trade.declaration(number))
    when = 'customs_value > 5000 and origin in ("CN", "DE")'
    form = EXAMPLE | {"title": "", "officer_text": "", "checks": [], "when": when}
    told = desk.do(desk.eve, "profiles/impact", {"profile": form})
    assert told["decisions"] == 39
    assert told["steps"][0]["left"] > told["steps"][1]["left"] == told["matches"] > 0
    assert "customs value" in told["steps"][0]["words"]["en"]
    assert told["hit_rate"]["low"] is None
    assert told["offices"][0]["office"] == "PORT"
    assert {each["feature"] for each in told["samples"][0]["values"]} == {"customs_value", "origin"}
    problem_of(desk.ada.call("POST", "profiles/impact", {"profile": form | {"when": "nothing = 1"}}), 422)
