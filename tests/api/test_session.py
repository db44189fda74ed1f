"""The session over HTTP: cookies that no page can read or use, the same answer whatever was wrong."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.api.conftest import Service, problem_of
from tests.api.visitors import COOKIE, ORIGIN, Visitor, visit
from tests.fakes import trade
from tests.fakes.people import PASSWORD
from tidewaiter.flow.sign_in import ABSOLUTE_MAX, IDLE_MAX, PROOF_MAX


@pytest.fixture
def anna(service: Service) -> Visitor:
    visitor = visit(service, "anna", "manager", offices=["PORT"])
    visitor.token = ""
    return visitor


def test_both_factors_give_a_cookie_that_no_script_and_no_other_site_can_use(anna: Visitor) -> None:
    response = anna.sign_in()
    assert response.status_code == 200
    parts = {part.strip().lower() for part in response.headers["set-cookie"].split(";")}
    assert {"httponly", "samesite=strict", "secure", "path=/"} <= parts
    assert not any(part.startswith("domain") for part in parts)
    assert response.headers["set-cookie"].startswith(f"{COOKIE}=")
    assert response.headers["cache-control"] == "no-store"
    assert anna.token not in response.text


def test_who_is_signed_in_is_told_with_rights_and_ends(anna: Visitor) -> None:
    told = anna.sign_in().json()
    assert anna.call("GET", "session").json() == told
    assert (told["name"], told["roles"], told["offices"]) == ("anna", ["manager"], ["PORT"])
    now = anna.service.site.clock.now()
    for member, after in (
        ("ends_at", ABSOLUTE_MAX), ("ends_if_idle_at", IDLE_MAX), ("proved_until", PROOF_MAX),
    ):  # fmt: skip
        assert told[member].replace("Z", "+00:00") == (now + after).isoformat()


def test_on_this_machine_plain_http_gets_a_cookie_that_comes_back(anna: Visitor) -> None:
    body = {"name": "anna", "password": PASSWORD, "code": anna.code()}
    here = "http://127.0.0.1:8000"
    response = anna.service.http.post(f"{here}/api/v1/session", json=body, headers={"Origin": here})
    assert response.headers["set-cookie"].startswith("tidewaiter=")
    assert "secure" not in response.headers["set-cookie"].lower()
    assert anna.service.http.get(f"{here}/api/v1/session").json()["name"] == "anna"


@pytest.mark.parametrize(
    ("site", "name"),
    [
        ("https://127.0.0.1", "__Host-tidewaiter"), ("http://localhost:8000", "tidewaiter"),
        ("http://[::1]:8000", "tidewaiter"), ("http://risk.example", "__Host-tidewaiter"),
        ("http://10.0.0.7:8000", "__Host-tidewaiter"), ("http://127.0.0.1.evil.example", "__Host-tidewaiter"),
    ],
)  # fmt: skip
def test_only_plain_http_to_the_machine_itself_gets_a_cookie_that_is_not_secure(
    anna: Visitor, site: str, name: str
) -> None:
    body = {"name": "anna", "password": PASSWORD, "code": anna.code()}
    response = anna.service.http.post(f"{site}/api/v1/session", json=body, headers={"Origin": site})
    cookie = response.headers["set-cookie"]
    assert cookie.startswith(f"{name}=")
    assert ("Secure" in cookie) == (name != "tidewaiter")


@pytest.mark.parametrize(
    "how",
    [{"password": "not the password"}, {"code": "000000"}, {"name": "nobody"}, {"name": "anna; --"}],
)  # fmt: skip
def test_whatever_was_wrong_the_answer_is_the_same(anna: Visitor, how: dict[str, str]) -> None:
    wrong = anna.sign_in(**how)
    unknown = anna.sign_in(name="somebody-else")
    assert problem_of(wrong, 401) == problem_of(unknown, 401)
    assert {name for name in wrong.headers if name != "date"} == set(unknown.headers) - {"date"}
    assert "set-cookie" not in wrong.headers


def test_a_code_is_good_once_over_http(anna: Visitor) -> None:
    assert anna.sign_in().status_code == 200
    problem_of(anna.sign_in(), 401)


def test_too_many_attempts_are_told_when_to_come_back(anna: Visitor) -> None:
    anna.service.site.limit.admitting = False
    response = anna.sign_in()
    assert problem_of(response, 429)["type"] == "urn:tidewaiter:problem:too-many-attempts"
    assert response.headers["retry-after"] == "60"
    assert anna.service.site.limit.attempts == [("anna", "testclient")]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": ORIGIN}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 200),
        ({}, 403),
        ({"Origin": ""}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": ORIGIN + ".evil.example"}, 403),
        ({"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": ORIGIN, "Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": ORIGIN, "Sec-Fetch-Site": "none"}, 403),
    ],
)  # fmt: skip
@pytest.mark.parametrize("operation", ["POST", "PUT", "DELETE"])
def test_a_page_of_another_site_changes_nothing(
    anna: Visitor, operation: str, headers: dict[str, str], status: int
) -> None:
    if operation != "POST":
        anna.be_signed_in()
    before = repr(anna.service.site.store.state)  # type: ignore[attr-defined]
    anna.headers = headers
    bodies: dict[str, Any] = {
        "POST": {"name": "anna", "password": PASSWORD, "code": anna.code()},
        "PUT": {"password": PASSWORD, "code": anna.code()},
        "DELETE": None,
    }
    response = anna.call(operation, "session", bodies[operation])
    assert response.status_code == status, response.text
    after = repr(anna.service.site.store.state)  # type: ignore[attr-defined]
    assert (before == after) == (status == 403)


def test_a_page_of_another_site_may_cause_a_look_but_cannot_read_it(anna: Visitor) -> None:
    anna.be_signed_in()
    response = anna.call("GET", "session", Origin="https://evil.example")
    assert response.status_code == 200
    assert "access-control-allow-origin" not in response.headers


def test_who_signs_out_is_out_with_every_copy_of_the_cookie(anna: Visitor) -> None:
    anna.sign_in()
    response = anna.call("DELETE", "session")
    assert response.json() == {"status": "signed out"}
    assert "max-age=0" in response.headers["set-cookie"].lower()
    problem_of(anna.call("GET", "session"), 401)


def test_showing_both_factors_again_replaces_the_cookie(anna: Visitor) -> None:
    anna.sign_in()
    old = anna.token
    assert anna.renew().status_code == 200
    assert anna.token != old
    new, anna.token = anna.token, old
    problem_of(anna.call("GET", "session"), 401)
    anna.token = new
    assert anna.call("GET", "session").status_code == 200


def test_a_failure_to_show_them_again_leaves_the_session_as_it_is(anna: Visitor) -> None:
    anna.sign_in()
    problem_of(anna.renew(password="not the password"), 401)
    assert anna.call("GET", "session").status_code == 200


def test_a_sensitive_act_needs_both_factors_of_the_last_minutes(anna: Visitor) -> None:
    anna.sign_in()
    act = ("POST", "proposals/W000000000000000000000000/approvals", {"payload_sha256": "0" * 64})
    problem_of(anna.call(*act), 404)
    anna.service.site.clock.at += PROOF_MAX
    refused = problem_of(anna.call(*act), 403)
    assert refused["type"] == "urn:tidewaiter:problem:step-up-needed"
    assert "PUT /api/v1/session" in refused["title"]
    assert anna.call("GET", "proposals").status_code == 200
    anna.renew()
    problem_of(anna.call(*act), 404)


def test_a_session_that_is_not_used_ends(anna: Visitor) -> None:
    anna.sign_in()
    anna.service.site.clock.at += IDLE_MAX - timedelta(seconds=1)
    assert anna.call("GET", "session").status_code == 200
    anna.service.site.clock.at += IDLE_MAX
    assert "ended" in problem_of(anna.call("GET", "session"), 401)["title"]


def test_rights_that_were_taken_are_gone_with_the_next_request(anna: Visitor) -> None:
    anna.sign_in()
    assert anna.call("GET", "proposals").status_code == 200
    anna.service.site.services.people.set_rights("anna", roles=["inspector"], by="root")
    problem_of(anna.call("GET", "proposals"), 403)


@pytest.mark.parametrize(
    "body",
    [
        {"name": "anna", "password": "s3cret-s3cret-s3cret"},
        {"name": "anna", "password": "s3cret-s3cret-s3cret", "code": "s3cret"},
        {"name": "anna", "password": ["s3cret-s3cret-s3cret"], "code": "123456"},
        ["s3cret-s3cret-s3cret"],
        "s3cret-s3cret-s3cret",
    ],
)
def test_a_secret_in_a_request_that_cannot_be_read_is_not_told_back(anna: Visitor, body: Any) -> None:
    response = anna.call("POST", "session", body)
    problem_of(response, 422)
    assert "s3cret" not in response.text


@pytest.mark.parametrize("name", ['"\\ud800"', '"a\\u0000b"', '"' + "x" * 200 + '"'])
def test_a_name_that_nobody_has_is_no_failure_of_the_server(anna: Visitor, name: str) -> None:
    body = f'{{"name": {name}, "password": "x", "code": "123456"}}'
    response = anna.service.http.post(
        f"{ORIGIN}/api/v1/session", content=body, headers={**anna.headers, "Content-Type": "application/json"}
    )
    assert response.status_code in {401, 422}


def test_an_inspector_reads_inspections_of_the_own_offices_and_learns_of_no_other(service: Service) -> None:
    decided = service.declare(trade.declaration(1)).json()["decision_id"]
    office = str(trade.declaration(1).office)
    own = visit(service, "ines", "inspector", offices=[office])
    other = visit(service, "otto", "inspector", offices=["ELSEWHERE"])
    national = visit(service, "nora", "auditor")
    told = own.call("GET", f"inspections/{decided}")
    assert (told.status_code, told.json()["inspection"]["office"]) == (200, office)
    assert national.call("GET", f"inspections/{decided}").content == told.content
    problem_of(own.call("GET", f"decisions/{decided}"), 403)
    hidden, absent = (
        other.call("GET", f"inspections/{each}") for each in (decided, "D000000000000000000000000")
    )
    sentence = json.loads(hidden.text.replace(decided, "ID"))
    assert sentence == json.loads(absent.text.replace("D000000000000000000000000", "ID"))
    problem_of(hidden, 404)
