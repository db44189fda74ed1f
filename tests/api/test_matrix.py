"""Every operation × every role × every state of the caller: what happens is what the table says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import pytest
from fastapi import APIRouter, Depends
from fastapi.routing import APIRoute

from tests.api.conftest import Service
from tests.api.visitors import ORIGIN, Visitor, visit
from tests.fakes import naive_policy, trade
from tidewaiter.api import app as served
from tidewaiter.api import auth
from tidewaiter.api.auth import Allowed, action_of
from tidewaiter.core.access import GRANTABLE, POLICY, Action, Matter, Role, Ruling, Subject
from tidewaiter.flow.administer import Scope
from tidewaiter.flow.sign_in import IDLE_MAX, PROOF_MAX

OPERATIONS: Final = sorted(
    (method, route.path, action_of(route)) for route in served.operations() for method in route.methods or ()
)
#: How a caller comes: states of a person's session, of a key, and nobody.
PERSON_STATES: Final = ("own office", "other office", "stale proof", "expired", "revoked", "disabled")
KEY_STATES: Final = ("valid key", "revoked key")


#: What is sent where a body is read before the right is known; it changes nothing.
BODIES: Final = {
    "assignment": {"take": False},
    "overrides": {
        "from_lane": "none",
        "lane": "none",
        "reason_code": "goods-differ",
        "text": "The goods differ.",
    },
}


@dataclass(frozen=True)
class Cell:
    """One question to the service."""

    method: str
    path: str
    action: Action
    role: Role
    state: str


def cells() -> Iterator[Cell]:
    for method, path, action in OPERATIONS:
        for role in sorted(GRANTABLE):
            for state in PERSON_STATES:
                yield Cell(method, path, action, role, state)
        for state in KEY_STATES:
            yield Cell(method, path, action, Role.SYSTEM, state)
        yield Cell(method, path, action, Role.ANYBODY, "anonymous")


def expected(cell: Cell) -> str:
    """Return what the table says, by the naive reference: open, allowed, hidden, refused or unknown."""
    if naive_policy.allowed(Subject(roles=frozenset()), cell.action, Matter(), POLICY):
        return "allowed"
    if cell.state in {"expired", "revoked", "disabled", "revoked key", "anonymous"}:
        return "unknown"
    subject = Subject(roles=frozenset({cell.role}), offices=frozenset({"PORT"}))
    if not naive_policy.allowed(subject, cell.action, Matter(), POLICY):
        return "refused"
    if cell.state == "stale proof" and cell.action in {
        Action.PROPOSALS_APPROVE, Action.PROPOSALS_EXECUTE, Action.BREAK_GLASS, Action.LANES_LOWER,
        Action.PROFILES_APPROVE, Action.PROFILES_PUBLISH, Action.PROFILES_EMERGENCY,
    }:  # fmt: skip
        return "refused"
    if cell.state == "other office" and "{decision_id}" in cell.path:
        elsewhere = Matter(office="RAIL")
        if naive_policy.allowed(subject, cell.action, elsewhere, POLICY):
            return "allowed"
        seen = cell.action is Action.LANES_RAISE and naive_policy.allowed(
            subject, Action.LANES_READ, elsewhere, POLICY
        )
        return "refused" if seen else "hidden"
    return "allowed"


class Stage:
    """A service with one person of each role, a key, and a decision of either office."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.people = {role: visit(service, role.value, role.value, offices=["PORT"]) for role in GRANTABLE}
        self.key = service.key
        self.revoked = service.key_for("gone", *Scope)
        service.site.services.administration.revoke_key("gone")
        self.decided = {
            office: service.declare(trade.declaration(number, office=office)).json()["decision_id"]
            for number, office in enumerate(("PORT", "RAIL"), 1)
        }

    def ask(self, cell: Cell) -> int:
        """Do what the cell says and return the status; nothing that it does stays."""
        office = "RAIL" if cell.state == "other office" else "PORT"
        path = cell.path.replace("{decision_id}", self.decided[office])
        path = path.replace("{proposal_id}", "W" + "0" * 24)
        url = f"{ORIGIN}/api/v1{path}"
        headers = {"Origin": ORIGIN}
        if cell.role is Role.SYSTEM:
            key = self.key if cell.state == "valid key" else self.revoked
            headers["Authorization"] = f"Bearer {key}"
        elif cell.role is not Role.ANYBODY:
            headers["Cookie"] = f"__Host-tidewaiter={self.token(self.people[cell.role], cell.state)}"
        body = BODIES.get(cell.path.rsplit("/", 1)[-1], {})
        status: int = self.service.http.request(cell.method, url, json=body, headers=headers).status_code
        self.service.http.cookies.clear()
        if cell.state == "disabled":
            self.enable(self.people[cell.role].name)
        return status

    def token(self, person: Visitor, state: str) -> str:
        """Return the token of a session that was opened, used, and then came into *state*."""
        clock, services = self.service.site.clock, self.service.site.services
        person.be_signed_in()
        assert services.sessions.who(person.token), "it was good in the middle"
        if state == "stale proof":
            clock.at += PROOF_MAX
        elif state == "expired":
            clock.at += IDLE_MAX
        elif state == "revoked":
            services.sessions.close(person.token)
        elif state == "disabled":
            services.people.disable(person.name, "root")
        return person.token

    def enable(self, name: str) -> None:
        services = self.service.site.services
        services.people.reset(name, "another good password", "root")


def deviations(stage: Stage, asked: Iterable[Cell]) -> list[str]:
    """Return every cell whose answer is not the one that the table says."""
    found = []
    for cell in asked:
        status = stage.ask(cell)
        told = {401: "unknown", 403: "refused"}.get(status, "allowed")
        if expected(cell) == "hidden":
            told = "hidden" if status == 404 else f"shown ({status})"
        if told != expected(cell) or status >= 500:
            found.append(f"{cell}: {status} is {told}, the table says {expected(cell)}")
    return found


def test_every_cell_of_the_matrix_is_as_the_table_says(service: Service) -> None:
    assert len(OPERATIONS) >= 19
    assert len(list(cells())) == len(OPERATIONS) * (len(GRANTABLE) * len(PERSON_STATES) + 3)
    assert not deviations(Stage(service), cells())


@pytest.mark.parametrize("fault", ["anybody approves", "sessions never end", "no step-up"])
def test_the_matrix_sees_a_planted_fault(
    service: Service, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage(service)
    some = [cell for cell in cells() if cell.path.endswith("/approvals")]
    assert not deviations(stage, some)
    if fault == "anybody approves":
        monkeypatch.setattr(auth, "may", lambda *_: Ruling(allowed=True, reason="planted."))
    elif fault == "sessions never end":
        monkeypatch.setattr("tidewaiter.flow.sign_in._ended", lambda *_: False)
    else:
        monkeypatch.setattr(auth, "needs_step_up", lambda _: False)
    assert deviations(stage, some)


def test_the_description_names_the_action_of_every_operation(service: Service) -> None:
    document = service.http.get("/api/v1/openapi.json").json()
    told = {
        (method.upper(), path.removeprefix("/api/v1"), Action(operation["x-action"]))
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    assert told == set(OPERATIONS)


@pytest.mark.parametrize("asked", [[], [Action.PUBLIC_READ, Action.SESSION_READ]])
def test_an_operation_that_asks_for_no_one_action_does_not_start(
    asked: list[Action], monkeypatch: pytest.MonkeyPatch, service: Service
) -> None:
    router = APIRouter()

    @router.get("/back-door", dependencies=[Depends(Allowed(action)) for action in asked])
    def back_door() -> str:
        return "open"

    (route,) = router.routes
    assert isinstance(route, APIRoute)
    with pytest.raises(RuntimeError, match="BUG: /back-door"):
        action_of(route)
    monkeypatch.setattr(served, "PARTS", (*served.PARTS, router))
    with pytest.raises(RuntimeError, match="BUG: /back-door"):
        served.create_app(service.site.services, dict)
