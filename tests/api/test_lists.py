"""Lists as people see and change them: a table is previewed, proposed, approved by another, and in force."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import Service, problem_of
from tests.api.visitors import ORIGIN, Visitor, visit
from tests.fakes.site import Site, starter_bodies
from tidewaiter.flow.guarded_content import body_sha256

NAME = "excise_goods"
HEADINGS = ["2203", "2204", "2205", "2206", "2207", "2208", "2402", "2403", "2404", "2710"]


class Desk:
    """A service with an analyst, a manager and an auditor."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.ada = visit(service, "ada", "analyst")
        self.max = visit(service, "max", "manager")
        self.eve = visit(service, "eve", "auditor")

    def preview(self, csv: str, name: str = NAME, **more: Any) -> Any:
        return self.ada.call("POST", f"lists/{name}/preview", {"csv": csv, **more})

    def propose(self, payload: Any, by: Visitor | None = None) -> Any:
        asked = {"act": "change-lists", "payload": payload, "reason": "The law changed."}
        return (by or self.ada).call("POST", "proposals", asked)

    def through(self, proposed: Any) -> Any:
        """Approve and execute a proposal as another person."""
        seen = {"payload_sha256": proposed["payload_sha256"]}
        assert self.max.call("POST", f"proposals/{proposed['id']}/approvals", seen).status_code == 200
        return self.max.call("POST", f"proposals/{proposed['id']}/execution", seen)

    def entries(self) -> list[str]:
        found: list[str] = self.eve.call("GET", f"lists/{NAME}").json()["entries"]
        return found


@pytest.fixture
def desk(service: Service) -> Desk:
    return Desk(service)


def table(*entries: str) -> str:
    return "\n".join(["entry", *entries]) + "\n"


def test_the_lists_are_told_with_source_expiry_and_use(desk: Desk) -> None:
    lists = {each["name"]: each for each in desk.eve.call("GET", "lists").json()["lists"]}
    assert set(lists) == {each["code"] for each in starter_bodies()["rules"]["lists"]}
    excise = lists[NAME]
    assert (excise["source"], excise["expires"], excise["expired"]) == ("Excise law", "2027-12-31", False)
    assert (excise["kind"], excise["count"]) == ("hs4", len(HEADINGS))
    assert [each["code"] for each in excise["used_by"]] == ["excise_goods_in_transit"]
    desk.service.site.clock.advance(days=600)
    desk.eve.be_signed_in()
    assert desk.eve.call("GET", f"lists/{NAME}").json()["expired"] is True


def test_entries_come_page_by_page_and_none_twice(desk: Desk) -> None:
    found: list[str] = []
    after = ""
    while True:
        page = desk.ada.call("GET", f"lists/{NAME}?limit=3" + (f"&after={after}" if after else "")).json()
        found += page["entries"]
        assert len(page["entries"]) <= 3
        if page["next"] is None:
            break
        after = page["next"]
    assert found == HEADINGS
    problem_of(desk.ada.call("GET", "lists/no_such_list"), 404)


def test_a_change_is_previewed_proposed_approved_and_in_force_in_every_process(desk: Desk) -> None:
    other = Site(desk.service.site.store, clock=desk.service.site.clock, models=desk.service.site.models)
    told = desk.preview(table(*HEADINGS[1:], "3303")).json()
    assert (told["added"], told["removed"], told["kept"], told["rejected"]) == (["3303"], ["2203"], 9, [])
    proposed = desk.propose(told["payload"]).json()
    read = desk.max.call("GET", f"proposals/{proposed['id']}").json()
    (change,) = read["payload"]["lists"]
    assert (change["added"], change["removed"]) == (["3303"], ["2203"])
    assert read["in_force"]["lists"] == [change | {"added": [], "removed": []}], "the rest stays as it is"
    assert desk.entries() == HEADINGS
    assert desk.through(proposed).status_code == 200
    assert desk.entries() == [*HEADINGS[1:], "3303"]
    # The second process decides by the new list at its next declaration.
    with other.present.turn(), other.store.read() as uow:
        other.present.catch_up(uow)
        assert other.present.assessor.content.rules.lists[NAME].entries == {*HEADINGS[1:], "3303"}


def test_the_example_of_the_description_works(desk: Desk) -> None:
    document = desk.service.http.get("/api/v1/openapi.json").json()
    (example,) = document["components"]["schemas"]["Table"]["properties"]["csv"]["examples"]
    told = desk.preview(example).json()
    assert (told["kept"], told["rejected"]) == (2, [])


def test_whoever_proposed_a_change_does_not_approve_it(desk: Desk) -> None:
    payload = desk.preview(table(*HEADINGS, "3303")).json()["payload"]
    proposed = desk.propose(payload, desk.max).json()
    seen = {"payload_sha256": proposed["payload_sha256"]}
    problem_of(desk.max.call("POST", f"proposals/{proposed['id']}/approvals", seen), 403)
    assert desk.entries() == HEADINGS


def test_a_list_that_changed_meanwhile_is_not_overwritten(desk: Desk) -> None:
    first = desk.propose(desk.preview(table(*HEADINGS, "3303")).json()["payload"]).json()
    second = desk.propose(desk.preview(table(*HEADINGS, "3304")).json()["payload"]).json()
    assert desk.through(first).status_code == 200
    assert "another by now" in problem_of(desk.through(second), 422)["title"]
    assert desk.entries() == sorted([*HEADINGS, "3303"])


def test_a_change_leaves_what_came_into_force_meanwhile(desk: Desk) -> None:
    proposed = desk.propose(desk.preview(table(*HEADINGS, "3303")).json()["payload"]).json()
    bodies = starter_bodies()
    bodies["rules"]["profiles"] = [p for p in bodies["rules"]["profiles"] if p["code"] != "zero_price"]
    desk.service.site.services.administration.publish(bodies, by="somebody else")
    assert desk.through(proposed).status_code == 200
    codes = {each.code for each in desk.service.site.services.authoring.all()}
    assert "zero_price" not in codes


def test_a_new_list_needs_kind_source_and_expiry(desk: Desk) -> None:
    problem = problem_of(desk.preview(table("TIN1"), "watched"), 422)
    assert {fault["place"] for fault in problem["faults"]} == {"/kind", "/source", "/expires"}
    head = {"kind": "party", "source": "Targeting centre", "expires": "2027-06-30"}
    payload = desk.preview(table("TIN1", "TIN2"), "watched", **head).json()["payload"]
    assert desk.through(desk.propose(payload).json()).status_code == 200
    assert desk.eve.call("GET", "lists/watched").json()["entries"] == ["TIN1", "TIN2"]
    problem_of(desk.preview(table("2203"), NAME, kind="hs6"), 422)


def test_rejected_rows_have_reason_and_line_and_nothing_can_be_proposed(desk: Desk) -> None:
    told = desk.preview(table("2203", "203", "=1+1", "2203", '"2204', "22\x0004", "é" * 200)).json()
    assert told["payload"] is None
    assert [(row["line"], row["reason"]) for row in told["rejected"]] == [
        (3, "a code of kind `hs4` is four digits"),
        (4, "the cell holds a formula"),
        (5, "the entry stands on line 2 already"),
        (6, "the quotes of the line do not fit."),
        (7, "the line holds a NUL character."),
        (8, "an identifier has 1 to 70 printable characters and no blanks at its ends"),
    ]


def test_a_table_that_changes_nothing_gives_nothing_to_propose(desk: Desk) -> None:
    told = desk.preview(table(*HEADINGS)).json()
    assert (told["added"], told["removed"], told["payload"]) == ([], [], None)
    assert desk.preview("entry\n").json()["payload"] is None


@pytest.mark.parametrize(
    ("csv", "told"),
    [
        ("", "empty"), ("code\n2203\n", "no column 'entry'"), ("entry,entry\n1,2\n", "more than one column"),
        ('"entry\n2203', "cannot be read"), ("\x00\n", "cannot be read"),
        (table(*(f"{n:06}" for n in range(100_001))), "at most 100,000"),
    ],
)  # fmt: skip
def test_a_table_that_is_none_is_refused_in_words(desk: Desk, csv: str, told: str) -> None:
    assert told in problem_of(desk.preview(csv), 422)["title"]


def sent(desk: Desk, body: bytes) -> Any:
    """Send bytes as they are."""
    headers = desk.ada.headers | {
        "Cookie": f"__Host-tidewaiter={desk.ada.token}", "Content-Type": "application/json",
    }  # fmt: skip
    url = f"{ORIGIN}/api/v1/lists/{NAME}/preview"
    return desk.service.http.request("POST", url, content=body, headers=headers)


@pytest.mark.parametrize("body", [b'{"csv": 7}', b"\xff", b'{"csv": "x", "y": 1}'])
def test_a_body_that_is_none_is_refused_in_words(desk: Desk, body: bytes) -> None:
    assert problem_of(sent(desk, body), 422)["title"]


def test_half_a_character_is_a_rejected_row(desk: Desk) -> None:
    (row,) = sent(desk, b'{"csv": "entry\\n\\ud800\\n"}').json()["rejected"]
    assert (row["line"], row["reason"]) == (2, "byte 1 of the line is not utf-8 text.")
    problem_of(sent(desk, b'{"csv": "entry\\n2203\\n", "column": "\\ud800"}'), 422)
    problem_of(sent(desk, b'{"csv": "entry\\n2203\\n", "source": "\\ud800"}'), 422)


@pytest.mark.parametrize(
    "payload",
    [
        {}, {"lists": []}, {"lists": [{}]}, {"lists": {}}, {"lists": [], "ended": [{"code": "x"}]},
        {"lists": [], "more": 1}, {"lists": [1]}, {"ended": [{"code": NAME, "replaces": 1}]},
    ],
)  # fmt: skip
def test_a_payload_that_is_no_change_is_refused_in_words(desk: Desk, payload: Any) -> None:
    problem = problem_of(desk.propose(payload), 422)
    assert all(fault["place"].startswith("/") for fault in problem["faults"])
    assert not desk.service.site.services.two_persons.all()


def test_a_list_that_a_profile_uses_does_not_end(desk: Desk) -> None:
    payload = desk.preview(table(*HEADINGS, "3303")).json()["payload"]
    ending = {"ended": [{"code": NAME, "replaces": payload["lists"][0]["replaces"]}]}
    problem = problem_of(desk.propose(ending), 422)
    assert any("excise_goods" in fault["message"] + (fault["value"] or "") for fault in problem["faults"])


def test_auditors_read_and_prepare_nothing(desk: Desk) -> None:
    problem_of(desk.eve.call("POST", f"lists/{NAME}/preview", {"csv": table("2203")}), 403)
    assert desk.eve.call("GET", "lists").status_code == 200


def test_a_change_of_parameters_goes_the_same_way(desk: Desk) -> None:
    plan = starter_bodies()["plan"]
    other = plan | {"model": plan["model"] | {"value_of_finding": 2000}}
    payload = {"plan": other, "replaces": {"plan": body_sha256(plan)}}

    def propose(payload: Any) -> Any:
        asked = {"act": "change-parameters", "payload": payload, "reason": "Agreed."}
        return desk.ada.call("POST", "proposals", asked)

    proposed = propose(payload).json()
    read = desk.max.call("GET", f"proposals/{proposed['id']}").json()
    assert read["in_force"] == {"plan": plan, "replaces": payload["replaces"]}
    assert desk.through(proposed).status_code == 200
    assert desk.service.site.services.exchange.content()["plan"] == other
    assert "another by now" in problem_of(propose(payload), 422)["title"]
    for wrong in ({}, {"plan": other}, {"replaces": {}}, payload | {"rules": {}}, {"plan": 1, "replaces": 1}):
        problem_of(propose(wrong), 422)
    now = {"plan": body_sha256(other)}
    problem_of(propose({"plan": {"id": "x"}, "replaces": now}), 422)
