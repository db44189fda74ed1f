"""Events over HTTP: what happened, for the system whose declarations they are."""

from __future__ import annotations

import pytest

from tests.api.conftest import Service, problem_of
from tests.fakes import trade
from tidewaiter.flow.administer import Scope


def test_a_reader_that_keeps_its_position_gets_every_event_once(service: Service) -> None:
    answers = [service.declare(trade.declaration(number)).json() for number in range(7)]
    service.record(trade.result(3))
    seen, position = [], 0
    for _ in range(20):
        page = service.get(f"events?after={position}&limit=3&topic=decision&topic=result").json()
        seen += page["events"]
        position = page["position"]
    assert [event["data"] for event in seen if event["type"] == "decision.recorded"] == answers
    assert [event["type"] for event in seen][-1] == "result.recorded"
    assert [event["position"] for event in seen] == sorted({event["position"] for event in seen})


def test_a_system_does_not_see_the_events_of_another_one(service: Service) -> None:
    service.declare(trade.declaration(1))
    other = service.key_for("other", Scope.EVENTS_READ, source="another")
    told = service.get("events", key=other).json()["events"]
    assert {event["type"] for event in told} == {"publication.recorded"}


def test_a_key_without_the_scope_is_refused(service: Service) -> None:
    key = service.key_for("reader", Scope.DECISIONS_READ)
    assert problem_of(service.get("events", key=key), 403)["status"] == 403


@pytest.mark.parametrize("query", ["after=-1", "after=x", "limit=0", "limit=501", "topic=secrets"])
def test_a_question_that_makes_no_sense_is_refused_with_its_place(service: Service, query: str) -> None:
    problem = problem_of(service.get(f"events?{query}"), 422)
    assert problem["faults"][0]["place"].startswith(f"query/{query.split('=', maxsplit=1)[0]}")
