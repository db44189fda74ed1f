"""The door of the demonstration: one press signs in, on this machine, and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from tests.fakes.people import CREDENTIALS
from tests.fakes.site import Site
from tidewaiter.api.app import create_app
from tidewaiter.bootstrap import message_schemas
from tidewaiter.cli.demo_door import DOOR, install, is_loopback
from tidewaiter.cli.demo_people import PEOPLE, VISITS
from tidewaiter.flow.ports import Person

OWN = {"Sec-Fetch-Site": "same-origin"}


def demonstration(*, door: bool = True) -> FastAPI:
    site = Site()
    now = site.clock.now()
    with site.store.write() as uow:
        for name, (role, office) in PEOPLE.items():
            uow.put_person(
                Person(
                    name=name, staff_number=name, roles=frozenset({role}), offices=frozenset({office}),
                    compartments=frozenset(), password_hash=CREDENTIALS.hash("x"),
                    totp_secret=CREDENTIALS.new_secret(), totp_step=0, created_at=now,
                )
            )  # fmt: skip
    app = create_app(site.services, message_schemas)
    if door:
        sessions = site.services.sessions
        install(app, store=site.store, clock=site.clock, sessions=sessions, visits=VISITS)
    return app


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(demonstration(), base_url="http://127.0.0.1", follow_redirects=False) as client:
        yield client


def test_the_page_names_everybody_and_loads_nothing_from_elsewhere(client: TestClient) -> None:
    shown = client.get(DOOR)
    assert (
        re.findall(r'action="demo/(\w+)"', shown.text)
        == list(VISITS)
        == sorted(VISITS, key=list(VISITS).index)
    )
    assert set(VISITS) == set(PEOPLE)
    assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
    assert "<!-- visits -->" not in shown.text
    assert "http" not in re.sub(r"<title>.*?</title>", "", shown.text)


@pytest.mark.parametrize("name", VISITS)
def test_one_press_signs_in_as_the_person_and_leads_to_their_work(client: TestClient, name: str) -> None:
    pressed = client.post(f"{DOOR}/{name}", headers=OWN)
    assert (pressed.status_code, pressed.headers["location"]) == (303, VISITS[name].place)
    assert "httponly" in pressed.headers["set-cookie"].lower()
    told = client.get("/api/v1/session").json()
    assert (told["name"], told["roles"]) == (name, [PEOPLE[name][0]])
    again = client.post(f"{DOOR}/{name}", headers=OWN)
    assert again.status_code == 303, "also twice within the life of a code"


def test_a_page_of_another_site_signs_nobody_in(client: TestClient) -> None:
    assert client.post(f"{DOOR}/max", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.post(f"{DOOR}/max").status_code == 403
    assert client.get("/api/v1/session").status_code == 401


def test_nobody_else_can_be_signed_in_as(client: TestClient) -> None:
    assert client.post(f"{DOOR}/root", headers=OWN).status_code == 404


def test_the_service_itself_has_no_such_door() -> None:
    with TestClient(demonstration(door=False), base_url="http://127.0.0.1") as client:
        assert client.get(DOOR).status_code == 404
        assert client.post(f"{DOOR}/max", headers=OWN).status_code == 404


def test_the_door_is_for_this_machine() -> None:
    assert [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost")] == [True] * 3
    assert [is_loopback(host) for host in ("192.0.2.1", "10.0.0.1", "example.org", "")] == [False] * 4
