"""Who may do what: a key, its scope, its end, and nothing for anybody else."""

from __future__ import annotations

import pytest

from tests.api.conftest import Service, problem_of
from tests.fakes import trade
from tidewaiter.flow.administer import Scope

BODY = b"{}"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "declarations"), ("POST", "declarations/batch"), ("POST", "control-results"),
        ("GET", "decisions/D000000000000000000000000"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", "Bearer tw_x_y", "Basic dXNlcjpwYXNz", "Bearer clé", "\xff"],
)
def test_without_a_valid_key_nothing_is_done(
    service: Service, method: str, path: str, authorization: str | None
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization.encode("latin-1")}
    response = service.http.request(method, f"/api/v1/{path}", content=BODY, headers=headers)  # type: ignore[arg-type]
    body = problem_of(response, 401)
    assert body["type"] == "urn:tidewaiter:problem:unauthenticated"
    assert response.headers["www-authenticate"] == "Bearer"
    assert "Authorization: Bearer KEY" in body["title"]


def test_a_revoked_key_ends_with_the_next_request(service: Service) -> None:
    key = service.key_for("port", *Scope)
    assert service.declare(trade.declaration(1), key=key).status_code == 200
    service.site.services.administration.revoke_key("port")
    problem_of(service.declare(trade.declaration(1), key=key), 401)
    problem_of(service.declare(trade.declaration(2), key=key), 401)


@pytest.mark.parametrize("scope", list(Scope))
def test_each_scope_allows_its_own_and_nothing_else(service: Service, scope: Scope) -> None:
    decided = service.declare(trade.declaration(1)).json()["decision_id"]
    key = service.key_for("port", scope)
    allowed = {
        Scope.DECLARATIONS_WRITE: service.declare(trade.declaration(2), key=key),
        Scope.RESULTS_WRITE: service.record(trade.result(1), key=key),
        Scope.DECISIONS_READ: service.get(f"decisions/{decided}", key=key),
    }
    for needed, response in allowed.items():
        if needed is scope:
            assert response.status_code == 200
        else:
            assert needed.value in problem_of(response, 403)["title"]
    if scope is not Scope.DECLARATIONS_WRITE:
        problem_of(service.post("declarations/batch", b"{}", key=key), 403)


def test_a_key_is_checked_before_the_body_is_read(service: Service) -> None:
    response = service.http.post("/api/v1/declarations", content=b"\xff" * 2_000_000)
    assert problem_of(response, 401)["status"] == 401


def test_a_system_speaks_of_its_own_source_only(service: Service) -> None:
    rail = service.key_for("rail", *Scope, source="rail")
    own = service.declare(trade.declaration(1)).json()["decision_id"]
    other = service.declare(trade.declaration(1), key=rail)
    assert "idempotency-replayed" not in other.headers
    assert other.json()["decision_id"] != own
    problem_of(service.get(f"decisions/{own}", key=rail), 404)
    assert service.get(f"decisions/{own}").status_code == 200


def test_health_needs_no_key(service: Service) -> None:
    assert service.http.get("/api/v1/health/live").status_code == 200
    assert service.http.get("/api/v1/health/ready").status_code == 200


def test_a_key_stands_in_no_answer_and_no_record(service: Service) -> None:
    told = [
        service.declare(trade.declaration(1)).text,
        service.get("decisions/D000000000000000000000000").text,
        service.http.get("/api/v1/openapi.json").text,
        repr(service.site.store.state),  # type: ignore[attr-defined]
    ]
    secret = service.key.split("_", 2)[2]
    assert not any(secret in text for text in told)
