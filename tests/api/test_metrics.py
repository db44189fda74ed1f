"""Metrics count what happens, and neither they nor the log hold a word of what a message says."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import capture_logs

from tests.api.conftest import Service, problem_of
from tests.fakes import trade
from tidewaiter.adapters.formats.json import write_declaration
from tidewaiter.core.codes import identifier
from tidewaiter.core.declaration import Declaration, Party, PartyRole
from tidewaiter.flow.administer import Scope
from tidewaiter.flow.measure import SPACE_BYTES_MIN

#: Words that no reader of logs or metrics may learn; each stands in another field.
CANARIES = (
    "CANARYDECLARATION", "CANARYTAXNUMBER", "CANARYPERSON", "CANARYGOODS", "CANARYOFFICE", "CANARYKEY",
    "CANARYPATH", "CANARYQUERY",
)  # fmt: skip


def samples(service: Service) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Return every sample that is told, by name and labels."""
    response = service.get("metrics")
    assert response.status_code == 200
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def secretive(number: int) -> Declaration:
    """Return a declaration whose every word is a canary."""
    declaration = trade.declaration(number)
    party = Party(role=PartyRole.IMPORTER, id=identifier("CANARYTAXNUMBER"), name="CANARYPERSON")
    return replace(
        declaration,
        id=identifier("CANARYDECLARATION"),
        office=identifier("CANARYOFFICE"),
        parties=(party,),
        items=tuple(replace(item, description="CANARYGOODS") for item in declaration.items),
    )


def test_decisions_are_counted_by_lane_and_office_once(service: Service) -> None:
    declaration = trade.declaration(1, office="PORT")
    answer = service.declare(declaration).json()
    service.declare(declaration)  # a repetition is no decision
    found = samples(service)
    labels = (("lane", answer["lane"]), ("office", "PORT"))
    assert found["tidewaiter_decisions_total", labels] == 1
    assert found["tidewaiter_journal_position", ()] == 1
    assert found["tidewaiter_group_declarations_count", ()] == 2
    route = (("route", "/declarations"), ("status", "2xx"))
    assert found["tidewaiter_request_seconds_count", route] == 2


def test_a_batch_counts_each_of_its_decisions(service: Service) -> None:
    lines = b"\n".join(write_declaration(trade.declaration(number)) for number in range(3))
    assert service.post("declarations/batch", lines).status_code == 200
    counted = [value for (name, _), value in samples(service).items() if name == "tidewaiter_decisions_total"]
    assert sum(counted) == 3


def test_errors_are_counted_by_kind_and_levels_are_told(service: Service) -> None:
    problem_of(service.post("declarations", b"{"), 422)
    problem_of(service.get("decisions/D0", key="wrong"), 401)
    found = samples(service)
    assert found["tidewaiter_errors_total", (("kind", "UnreadableMessage"),)] == 1
    assert found["tidewaiter_errors_total", (("kind", "Unauthenticated"),)] == 1
    names = {name for name, _ in found}
    assert {
        "tidewaiter_waiting_requests", "tidewaiter_ledger_lag_entries", "tidewaiter_events_waiting",
        "tidewaiter_dead_letters", "tidewaiter_model_age_seconds", "tidewaiter_free_bytes",
    } <= names  # fmt: skip


def test_metrics_need_their_own_scope(service: Service) -> None:
    problem_of(service.get("metrics", key="none"), 401)
    problem_of(service.get("metrics", key=service.key_for("other", Scope.DECLARATIONS_WRITE)), 403)
    assert service.get("metrics", key=service.key_for("prometheus", Scope.METRICS_READ)).status_code == 200


def everything_told(service: Service) -> str:
    """Return the log and the metrics of a session in which every field and header held a canary."""
    with capture_logs() as logged:
        service.declare(secretive(1))
        service.post("declarations", write_declaration(secretive(2)).replace(b'"flow"', b'"flown"'))
        service.post("declarations", b'{"id":"CANARYDECLARATION"}', key="tw_CANARYKEY_CANARYKEY")
        service.get("decisions/CANARYPATH")
        service.get("events?after=CANARYQUERY")
        service.http.request("CANARYPATH", "/api/v1/CANARYPATH")
    return json.dumps(logged, default=str) + service.get("metrics").text


def test_no_word_of_a_message_reaches_the_log_or_the_metrics(service: Service) -> None:
    told = everything_told(service)
    assert '"/declarations"' in told
    assert 'office="other"' in told
    assert not [word for word in CANARIES if word in told]


def test_the_test_of_canaries_sees_a_leak(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tidewaiter.api.observing.route_of", lambda scope: scope["path"])
    assert "CANARYPATH" in everything_told(service)


def test_a_key_is_in_no_problem(service: Service) -> None:
    response = service.post("declarations", b"{}", key="tw_CANARYKEY_CANARYKEY")
    assert "CANARYKEY" not in response.text


def test_each_line_of_the_log_names_request_route_status_time_and_client(service: Service) -> None:
    with capture_logs() as logged:
        response: Any = service.declare(trade.declaration(1))
    (line,) = [entry for entry in logged if entry.get("action") == "request"]
    assert line["request_id"] == response.headers["tidewaiter-request-id"]
    assert (line["route"], line["status"]) == ("/declarations", 200)
    assert line["milliseconds"] > 0
    assert line["client"]


def test_without_space_nothing_is_ready_and_the_reason_is_told(service: Service) -> None:
    assert service.get("health/ready").json()["ledger"]["lag"] >= 0
    service.site.space_bytes = SPACE_BYTES_MIN - 1
    assert "MiB are free" in problem_of(service.get("health/ready"), 503)["title"]
