"""The queue of an office, one inspection, who has taken it, and the result that a person records."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.api.conftest import Service, problem_of, serve
from tests.api.visitors import Visitor, visit
from tests.fakes import trade
from tests.fakes.site import SOURCE, FakeClock, Site, starter_bodies
from tidewaiter.core.codes import Identifier
from tidewaiter.core.declaration import Party, PartyRole, Transport
from tidewaiter.flow.inspect import PAGE
from tidewaiter.flow.ports.inspections import Place

#: Words and figures of the rules that an inspector never sees.
CANARIES = ("canary_profile", "Canary title", "Canary unit", "0.9173", "4711.25", "CANARY GOODS")
TOLD = "The price is unusual for these goods."


@pytest.fixture
def here() -> Iterator[Service]:
    """Serve a site where each import goes to examination, by a profile full of secrets."""
    bodies = starter_bodies()
    profile = next(each for each in bodies["rules"]["profiles"] if each["code"] == "zero_price")
    profile |= {
        "code": "canary_profile", "title": "Canary title", "owner": "Canary unit", "share": "1",
        "lane": "examination", "officer_text": TOLD, "flows": ["import"], "level": "national",
        "checks": ["count_packages"],
        "when": {"any_of": [
            {"feature": "customs_value", ">": "4711.25"},
            {"feature": "unit_value_ratio", "<": "0.9173"},
            {"feature": "description", "contains_any": ["CANARY GOODS"]},
        ]},
    }  # fmt: skip
    bodies["rules"]["profiles"] = [profile]
    site = Site(clock=FakeClock())
    site.services.administration.publish(bodies, by="tests")
    yield from serve(site)


def declare(service: Service, number: int, **changes: Any) -> str:
    """Send a declaration; return the id of its decision."""
    name = Party(role=PartyRole.IMPORTER, id=Identifier(f"T{number}"), name=f"Importer {number}")
    changes = {"parties": (name,), **changes}
    answer = service.declare(trade.declaration(number, **changes)).json()
    service.site.clock.advance(minutes=1)
    return str(answer["decision_id"])


def result_body(decision: str, number: int, **changes: Any) -> dict[str, Any]:
    """Return the result of a person's inspection: compliant."""
    return {
        "id": f"I-{decision}", "version": 1, "declaration_id": f"D{number}", "kind": "examination",
        "office": "PORT", "ended_at": "2026-06-01T09:00:00Z", "action_code": "released",
        "findings": [{"outcome": "compliant"}], **changes,
    }  # fmt: skip


def waiting(visitor: Visitor, query: str = "") -> list[str]:
    answer = visitor.call("GET", f"inspections{query}")
    assert answer.status_code == 200, answer.text
    return [each["declaration_id"] for each in answer.json()["inspections"]]


def test_the_queue_tells_what_waits_oldest_first_with_the_first_reason(here: Service) -> None:
    first, _ = declare(here, 1), declare(here, 2)
    declare(here, 3, office=Identifier("RAIL"))
    answer = visit(here, "ines", "inspector", offices=["PORT"]).call("GET", "inspections").json()
    assert (answer["office"], answer["offices"], answer["next"]) == ("PORT", ["PORT"], None)
    assert answer["lanes"][0]["code"] == "examination"
    assert {lane["code"]: lane["waiting"] for lane in answer["lanes"]}["examination"] == 2
    assert [each["declaration_id"] for each in answer["inspections"]] == ["D1", "D2"]
    told = answer["inspections"][0]
    assert (told["decision_id"], told["importer"]["name"], told["lane"]) == (
        first, "Importer 1", "examination",
    )  # fmt: skip
    assert (told["first_reason"], told["assigned_to"], told["items"]) == (TOLD, None, 1)


def test_a_person_sees_the_queues_of_the_own_offices_only(here: Service) -> None:
    decision = declare(here, 1)
    rail = visit(here, "rita", "inspector", offices=["RAIL"])
    assert waiting(rail) == []
    problem_of(rail.call("GET", "inspections?office=PORT"), 403)
    problem_of(rail.call("GET", f"inspections/{decision}"), 404)
    problem_of(rail.call("POST", f"inspections/{decision}/assignment", {"take": True}), 404)
    problem_of(rail.call("POST", "control-results", result_body(decision, 1)), 404)
    nowhere = visit(here, "noel", "inspector").call("GET", "inspections").json()
    assert (nowhere["office"], nowhere["inspections"]) == (None, [])
    manager = visit(here, "max", "manager")
    assert waiting(manager, "?office=PORT") == ["D1"]
    assert {"PORT", "RAIL"} <= set(manager.call("GET", "inspections").json()["offices"])
    problem_of(visit(here, "ada", "analyst").call("GET", "inspections"), 403)


def test_who_works_everywhere_sees_also_an_office_that_the_plan_does_not_name(here: Service) -> None:
    declare(here, 1, office=Identifier("NEW"))
    everywhere = visit(here, "ines", "inspector", offices=["*"])
    assert "NEW" in everywhere.call("GET", "inspections").json()["offices"]
    assert waiting(everywhere, "?office=NEW") == ["D1"]


def test_a_page_leads_to_the_next_and_a_lane_is_asked_alone(here: Service) -> None:
    for number in range(1, PAGE + 3):
        declare(here, number)
    ines = visit(here, "ines", "inspector", offices=["PORT"])
    page = ines.call("GET", "inspections").json()
    assert len(page["inspections"]) == PAGE
    assert page["lanes"][0]["waiting"] == PAGE + 2
    assert waiting(ines, f"?after={page['next']}") == [f"D{PAGE + 1}", f"D{PAGE + 2}"]
    assert waiting(ines, "?lane=documents") == []
    assert len(waiting(ines, "?lane=examination")) == PAGE
    for wrong in ("x", "1-", "99999999999999999-1", "1-99999999999999999999"):
        problem_of(ines.call("GET", f"inspections?after={wrong}"), 422)


def test_an_inspection_tells_reasons_checks_and_what_is_declared(here: Service) -> None:
    decision = declare(here, 1, transport=Transport(goods_location="Bay 12"))
    ines = visit(here, "ines", "inspector", offices=["PORT"])
    told = ines.call("GET", f"inspections/{decision}").json()
    assert (told["reasons"], told["kind"], told["waiting"]) == ([TOLD], "examination", True)
    assert [each["code"] for each in told["instructions"]] == ["count_packages"]
    assert set(told["instructions"][0]["words"]) == {"en", "fr", "es", "pt", "ar"}
    assert told["goods"][0]["customs_value"] == "5100"
    assert told["inspection"]["place"] == "Bay 12"
    assert (told["results"], told["result_id"]) == ([], f"I-{decision}")
    problem_of(ines.call("GET", f"inspections/D{'0' * 24}"), 404)


def test_taking_and_giving_back_tells_a_conflict(here: Service) -> None:
    decision = declare(here, 1)
    ines = visit(here, "ines", "inspector", offices=["PORT"])
    ivan = visit(here, "ivan", "inspector", offices=["PORT"])
    path = f"inspections/{decision}/assignment"
    for _ in range(2):  # the second time nothing changes
        taken = ines.call("POST", path, {"take": True}).json()["inspection"]
        assert (taken["assigned_to"], taken["assigned_at"]) == ("ines", "2026-06-01T08:01:00Z")
    told = problem_of(ivan.call("POST", path, {"take": True}), 422)
    assert told["type"].endswith(":conflict")
    assert "ines has this inspection now" in told["title"]
    given = {"take": True, "instead_of": "ines"}
    assert ivan.call("POST", path, given).json()["inspection"]["assigned_to"] == "ivan"
    problem_of(ines.call("POST", path, {"take": False, "instead_of": "ines"}), 422)
    back = ivan.call("POST", path, {"take": False, "instead_of": "ivan"}).json()["inspection"]
    assert back["assigned_to"] is None
    problem_of(visit(here, "max", "manager").call("POST", path, {"take": True}), 403)
    kinds = [kind for kind, *_ in here.site.store.state.leaves]  # type: ignore[attr-defined]
    assert kinds.count("assignment") == 3


def test_a_result_ends_the_wait_and_its_author_is_the_person(here: Service) -> None:
    decision = declare(here, 1)
    ines = visit(here, "ines", "inspector", offices=["PORT"])
    answer = ines.call("POST", "control-results", result_body(decision, 1))
    assert answer.json() == {
        "control_result": f"I-{decision}", "version": 1, "declaration_id": "D1", "status": "recorded",
    }  # fmt: skip
    again = ines.call("POST", "control-results", result_body(decision, 1))
    assert again.headers["Idempotency-Replayed"] == "true"
    assert waiting(ines) == []
    told = ines.call("GET", f"inspections/{decision}").json()
    assert told["waiting"] is False
    assert [(r["officer"], r["findings"][0]["outcome"]) for r in told["results"]] == [("ines", "compliant")]
    with here.site.store.read() as work:
        stored = work.result(SOURCE, f"I-{decision}")
    assert stored is not None
    assert json.loads(stored.body)["officer"] == "ines"
    correction = result_body(decision, 1, version=2, findings=[{"outcome": "irregular"}])
    assert ines.call("POST", "control-results", correction).status_code == 200


def test_whoever_is_second_is_told_who_was_first(here: Service) -> None:
    decision = declare(here, 1)
    for name in ("ines", "ivan"):
        visitor = visit(here, name, "inspector", offices=["PORT"])
        answer = visitor.call(
            "POST", "control-results", result_body(decision, 1, ended_at=f"2026-06-01T09:0{len(name)}:00Z")
        )
        if name == "ines":
            assert answer.status_code == 200
        else:
            assert problem_of(answer, 422)["type"].endswith(":conflict")
    other = declare(here, 2)
    system = replace(trade.result(2), ended_at=here.site.clock.now())
    assert here.record(system).status_code == 200
    ines = visit(here, "irma", "inspector", offices=["PORT"])
    told = problem_of(ines.call("POST", "control-results", result_body(other, 2)), 422)
    assert "recorded a result of this declaration first" in told["title"]


@pytest.mark.parametrize(
    ("changes", "place"),
    [({"declaration_id": "D2"}, "/declaration_id"), ({"declaration_version": 2}, "/declaration_version"),
     ({"office": "RAIL"}, "/office"), ({"officer": "somebody"}, "/officer"),
     ({"action_code": "looked_away"}, "/action_code"), ({"id": "C1"}, "/id")],
)  # fmt: skip
def test_a_result_that_is_not_of_the_inspection_is_refused(
    here: Service, changes: dict[str, Any], place: str
) -> None:
    decision = declare(here, 1)
    ines = visit(here, "ines", "inspector", offices=["PORT"])
    told = problem_of(ines.call("POST", "control-results", result_body(decision, 1, **changes)), 422)
    assert [fault["place"] for fault in told["faults"]] == [place]
    assert waiting(ines) == ["D1"]


def test_a_result_from_another_site_is_refused(here: Service) -> None:
    decision = declare(here, 1)
    ines = visit(here, "ines", "inspector", offices=["PORT"])
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        problem_of(ines.call("POST", "control-results", result_body(decision, 1), **headers), 403)
    assert waiting(ines) == ["D1"]


def answers_of(ines: Visitor, decision: str) -> str:
    """Return everything that an inspector can get about a decision, as one text."""
    paths = ["inspections", "inspections?lane=examination", f"inspections/{decision}", "session",
             f"decisions/{decision}", f"decisions/{decision}/proof", "decisions", "proposals"]  # fmt: skip
    told = [ines.call("GET", path).text for path in paths]
    told.append(ines.call("POST", f"inspections/{decision}/assignment", {"take": True}).text)
    told.append(ines.call("POST", "control-results", result_body(decision, 1)).text)
    return "\n".join(told)


def test_no_threshold_probability_or_condition_reaches_an_inspector(here: Service) -> None:
    decision = declare(here, 1)
    text = answers_of(visit(here, "ines", "inspector", offices=["PORT"]), decision)
    assert TOLD in text
    evidence = here.get(f"decisions/{decision}").text
    assert "canary_profile" in evidence  # it was this profile that selected
    assert not [word for word in (*CANARIES, "probability", "share", "stage", 'arm"') if word in text]


def test_a_canary_that_got_out_would_be_seen(here: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    decision = declare(here, 1)
    listed = here.site.services.inspections.one
    monkeypatch.setattr(
        here.site.services.inspections, "one",
        lambda *how: replace(found := listed(*how), listed=replace(
            found.listed, answer=found.listed.answer.replace(TOLD.encode(), b"canary_profile"))),
    )  # fmt: skip
    text = answers_of(visit(here, "ines", "inspector", offices=["PORT"]), decision)
    assert [word for word in CANARIES if word in text] == ["canary_profile"]


def test_an_amendment_leaves_the_older_decision_without_wait(here: Service) -> None:
    old = declare(here, 1)
    new = str(here.declare(trade.amended(trade.declaration(1))).json()["decision_id"])
    ines = visit(here, "ines", "inspector", offices=["PORT"])
    assert ines.call("GET", f"inspections/{old}").json()["waiting"] is False
    assert ines.call("GET", f"inspections/{new}").json()["waiting"] is True
    assert [e["decision_id"] for e in ines.call("GET", "inspections").json()["inspections"]] == [new]


def test_places_are_ordered_as_lists_are() -> None:
    clock = FakeClock()
    first = Place(clock.now(), 9)
    clock.advance(seconds=1)
    assert first < Place(clock.now(), 1) < Place(clock.now(), 2)
