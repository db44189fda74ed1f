"""Every error is a problem with words, and tells no more than it should."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from tests.api.conftest import Service, problem_of, serve
from tests.fakes import trade
from tests.fakes.failing_store import FailingStore
from tests.fakes.memory_store import MemoryStore
from tests.fakes.scorer import FakeScorer
from tests.fakes.site import Site
from tidewaiter.adapters.formats.json import write_declaration
from tidewaiter.api.problems import details
from tidewaiter.core import errors
from tidewaiter.core.errors import TidewaiterError, Unavailable


@pytest.fixture
def failing() -> Iterator[tuple[Service, FailingStore]]:
    store = FailingStore(MemoryStore())
    for service in serve(Site(store)):
        yield service, store


@pytest.mark.parametrize(
    "path", ["/nothing", "/api/v1/nothing", "/api/v2/declarations", "/docs", "/api/v1/decisions/D1/nothing"]
)
def test_an_unknown_address_is_a_problem(service: Service, path: str) -> None:
    assert problem_of(service.http.get(path), 404)["title"] == "Not Found"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_another_method_is_a_problem_that_names_the_right_one(service: Service, method: str) -> None:
    response = service.http.request(method, "/api/v1/declarations")
    problem_of(response, 405)
    assert response.headers["allow"] == "POST"


def test_a_store_that_cannot_be_written_is_told_and_the_message_can_be_sent_again(
    failing: tuple[Service, FailingStore],
) -> None:
    service, store = failing
    for send in (lambda: service.declare(trade.declaration(1)), lambda: service.record(trade.result(1))):
        store.failures = 1
        response = send()
        assert problem_of(response, 503)["type"] == "urn:tidewaiter:problem:unavailable"
        assert int(response.headers["retry-after"]) > 0
        again = send()
        assert again.status_code == 200
        assert "idempotency-replayed" not in again.headers


def test_a_batch_that_cannot_be_written_decides_nothing(failing: tuple[Service, FailingStore]) -> None:
    service, store = failing
    store.failures = 1
    problem_of(service.post("declarations/batch", b"1\n" + body(1)), 503)
    assert not service.site.decisions()


def body(number: int) -> bytes:
    return write_declaration(trade.declaration(number))


def test_what_nobody_foresaw_is_told_without_any_detail(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> list[object]:
        raise RuntimeError("secret of the inside")

    with monkeypatch.context() as patched, capture_logs() as logged:
        patched.setattr(FakeScorer, "score", broken)
        response = service.declare(trade.declaration(1))
    problem = problem_of(response, 500)
    assert "secret" not in response.text
    assert [(e["action"], e["route"], e["error"]) for e in logged if e["action"] != "request"] == [
        ("request_failed", "/declarations", "RuntimeError"),
    ]  # fmt: skip
    assert "Nothing was decided" in problem["title"]
    assert not service.site.decisions()
    assert service.declare(trade.declaration(1)).status_code == 200


def test_the_service_lives_and_is_ready_and_says_what_is_in_force(service: Service) -> None:
    assert service.get("health/live").json() == {"status": "alive"}
    service.declare(trade.declaration(1))
    ready = service.get("health/ready").json()
    published = service.site.services.administration.published()
    ledger = ready.pop("ledger")
    assert ready.pop("space_bytes") == service.site.space_bytes
    assert (ledger["status"] in {"starting", "sealing"}, ledger["fault"]) == (True, None)
    assert ready == {
        "status": "ready", "rules": published["rules"], "plan": published["plan"], "model": "fake-model",
        "journal": 1,
    }  # fmt: skip


def test_without_a_model_it_is_ready_and_says_so(service: Service) -> None:
    service.site.models.broken.add("fake-model")
    assert service.declare(trade.declaration(1)).json()["degraded"]
    ready = service.get("health/ready").json()
    assert (ready["status"], ready["model"]) == ("ready without a model", None)


def test_with_its_store_gone_it_lives_but_is_not_ready(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(_: object) -> None:
        raise Unavailable("The store is not available: unable to open database file.")

    monkeypatch.setattr(MemoryStore, "read", gone)
    assert service.http.get("/api/v1/health/live").status_code == 200
    problem_of(service.http.get("/api/v1/health/ready"), 503)
    problem_of(service.declare(trade.declaration(1)), 503)


@pytest.mark.parametrize(
    "kind", [kind for kind in map(errors.__dict__.get, errors.__all__) if isinstance(kind, type)]
)
def test_every_error_of_ours_becomes_a_status(kind: type) -> None:
    if issubclass(kind, TidewaiterError) and kind is not TidewaiterError:
        problem = details(kind())
        assert problem["status"] in {401, 403, 404, 422, 429, 500, 503}
        assert problem["title"].endswith(".")
