"""Control results in, decisions out, over HTTP."""

from __future__ import annotations

import json

import pytest

from tests.api.conftest import Service, problem_of
from tests.fakes import trade
from tests.fakes.store_values import unsalted


def test_a_result_is_recorded_once_and_repeated_byte_for_byte(service: Service) -> None:
    service.declare(trade.declaration(1))
    first, again = service.record(trade.result(1)), service.record(trade.result(1))
    assert first.json() == {
        "control_result": "C1", "version": 1, "declaration_id": "D1", "status": "recorded",
    }  # fmt: skip
    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"


def test_a_result_before_its_declaration_is_kept(service: Service) -> None:
    assert service.record(trade.result(1)).json()["status"] == "waiting for its declaration"


def test_a_result_that_contradicts_is_refused(service: Service) -> None:
    service.declare(trade.declaration(1))
    service.record(trade.result(1))
    other = service.record(trade.result(1, findings=(trade.CLEAN,)))
    assert problem_of(other, 422)["type"] == "urn:tidewaiter:problem:conflict"


def test_a_finding_on_an_item_that_is_not_there_is_told_with_its_place(service: Service) -> None:
    service.declare(trade.declaration(1))
    problem = problem_of(service.record(trade.result(1, findings=(trade.irregular(7),))), 422)
    assert problem["faults"][0]["place"] == "/findings/0/item_number"


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b'{"id":"C1"}'])
def test_what_is_no_result_is_refused(service: Service, body: bytes) -> None:
    assert problem_of(service.post("control-results", body), 422)["faults"]


def test_the_next_declaration_knows_the_result(service: Service) -> None:
    service.declare(trade.declaration(1))
    service.record(trade.result(1))
    decided = service.declare(trade.declaration(41)).json()["decision_id"]
    assert service.get(f"decisions/{decided}").json()["journal"] == 3


def test_the_record_of_a_decision_is_what_was_recorded(service: Service) -> None:
    decided = service.declare(trade.declaration(1)).json()["decision_id"]
    response = service.get(f"decisions/{decided}")
    assert response.headers["content-type"] == "application/json"
    assert unsalted(response.content) == service.site.decisions()[decided][0]
    assert json.loads(response.content)["stages"]


def test_an_unknown_decision_is_not_found(service: Service) -> None:
    problem = problem_of(service.get("decisions/D" + "0" * 24), 404)
    assert problem["type"] == "urn:tidewaiter:problem:not-found"


@pytest.mark.parametrize("name", ["x", "D123", "D" + "g" * 24, "D" + "0" * 25])
def test_a_name_that_cannot_be_one_is_refused(service: Service, name: str) -> None:
    assert problem_of(service.get(f"decisions/{name}"), 422)["faults"][0]["place"] == "path/decision_id"
