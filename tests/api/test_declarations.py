"""Declarations over HTTP: one, many, again, too large, and unreadable."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.api.conftest import Service, problem_of
from tests.fakes import trade
from tidewaiter.adapters.formats.json import write_declaration
from tidewaiter.api.app import BODY_MAX_BYTES
from tidewaiter.api.declarations import BATCH_MAX
from tidewaiter.core.codes import Identifier


def lines_of(response: Any) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in response.content.splitlines()]


def batch(*numbers: int) -> bytes:
    return b"\n".join(write_declaration(trade.declaration(number)) for number in numbers)


def test_a_declaration_gets_its_lane(service: Service) -> None:
    response = service.declare(trade.declaration(1))
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert "idempotency-replayed" not in response.headers
    answer = response.json()
    assert answer["declaration_id"] == "D1"
    assert answer["lane"] in {lane.code for lane in service.site.present.assessor.content.lanes}


def test_the_same_message_gets_the_same_bytes_and_says_so(service: Service) -> None:
    first = service.declare(trade.declaration(1))
    body = json.dumps(json.loads(write_declaration(trade.declaration(1))), indent=3).encode()
    again = service.post("declarations", body)
    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"


def test_a_key_of_the_sender_s_own_is_kept_to(service: Service) -> None:
    key = {"Idempotency-Key": "2026/1"}
    assert service.declare(trade.declaration(1), **key).status_code == 200
    assert service.declare(trade.declaration(1), **key).headers["idempotency-replayed"] == "true"
    contradiction = problem_of(service.declare(trade.declaration(2), **key), 422)
    assert contradiction["type"] == "urn:tidewaiter:problem:conflict"
    assert "another content" in contradiction["title"]


@pytest.mark.parametrize("key", ["", "two words", "x" * 201, "tab\there"])
def test_a_key_that_cannot_be_one_is_refused(service: Service, key: str) -> None:
    problem = problem_of(service.declare(trade.declaration(1), **{"Idempotency-Key": key}), 422)
    assert problem["faults"][0]["place"] == "header/Idempotency-Key"
    assert not service.site.decisions()


@pytest.mark.parametrize(
    ("change", "place", "value"),
    [
        ({"office": 7}, "/office", "7"),
        ({"items": [{"number": 1, "hs_code": "85X710"}]}, "/items/0/hs_code", "85X710"),
        ({"lodged_at": "2026-02-30T00:00:00Z"}, "/lodged_at", "2026-02-30T00:00:00Z"),
        ({"surprise": 1}, "/surprise", "1"),
    ],
)
def test_what_cannot_be_read_is_told_with_place_value_and_hint(
    service: Service, change: dict[str, Any], place: str, value: str
) -> None:
    data = {**json.loads(write_declaration(trade.declaration(1))), **change}
    problem = problem_of(service.post("declarations", json.dumps(data).encode()), 422)
    assert problem["type"] == "urn:tidewaiter:problem:message-unreadable"
    fault = next(fault for fault in problem["faults"] if fault["place"] == place)
    assert value in fault["value"]
    assert fault["message"]
    assert fault["hint"]
    assert not service.site.decisions()


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b"{", b"\xff\xfe", b'{"id":"a","id":"b"}', b"[" * 9999]
)
def test_what_is_no_declaration_gets_no_lane(service: Service, body: bytes) -> None:
    problem = problem_of(service.post("declarations", body), 422)
    assert problem["faults"]
    assert not service.site.decisions()


def test_another_version_of_an_imported_declaration_is_a_conflict(service: Service) -> None:
    assert service.declare(trade.declaration(1)).status_code == 200
    other = trade.declaration(1, office=Identifier("LAND"))
    assert problem_of(service.declare(other), 422)["type"] == "urn:tidewaiter:problem:conflict"


# -- batches


def test_a_batch_is_answered_line_by_line_and_a_bad_line_stops_no_other(service: Service) -> None:
    one, two = batch(1), batch(2)
    contradiction = write_declaration(trade.declaration(2, office=Identifier("LAND")))
    lines = lines_of(
        service.post("declarations/batch", b"\n".join([one, b"{bad", two, b"", one, contradiction]))
    )
    assert [line["status"] for line in lines] == [200, 422, 200, 422, 200, 422]
    assert [set(line) for line in lines] == [
        {"status", "answer", "receipt"}, {"status", "problem"}, {"status", "answer", "receipt"},
        {"status", "problem"}, {"status", "answer", "receipt"}, {"status", "problem"},
    ]  # fmt: skip
    assert lines[0]["answer"] == lines[4]["answer"] == service.post("declarations", one).json()
    assert lines[1]["problem"]["faults"][0]["hint"]
    assert lines[5]["problem"]["type"] == "urn:tidewaiter:problem:conflict"
    assert len(service.site.decisions()) == 2


def test_a_batch_that_is_sent_again_gets_the_same_bytes(service: Service) -> None:
    first = service.post("declarations/batch", batch(1, 2, 3))
    assert service.post("declarations/batch", batch(1, 2, 3)).content == first.content


def test_a_batch_of_the_most_lines_is_decided_and_one_more_is_refused(service: Service) -> None:
    most = batch(*range(BATCH_MAX))
    assert len(lines_of(service.post("declarations/batch", most + b"\r\n"))) == BATCH_MAX
    problem = problem_of(service.post("declarations/batch", most + b"\n" + batch(9000)), 422)
    assert str(BATCH_MAX + 1) in problem["title"]
    assert len(service.site.decisions()) == BATCH_MAX


def test_an_empty_batch_is_refused(service: Service) -> None:
    assert "1 to" in problem_of(service.post("declarations/batch", b""), 422)["title"]


def test_a_batch_in_which_nothing_can_be_read_is_answered(service: Service) -> None:
    assert [line["status"] for line in lines_of(service.post("declarations/batch", b"1\n2"))] == [422, 422]


# -- limits


def test_a_body_that_says_it_is_too_large_is_refused_unread(service: Service) -> None:
    length = {"Content-Length": str(BODY_MAX_BYTES + 1)}
    problem = problem_of(service.post("declarations/batch", b"{}", **length), 422)
    assert "larger" in problem["title"]
    problem_of(service.post("declarations", b"{}", **{"Content-Length": "9" * 5000}), 422)


def test_a_body_that_does_not_say_how_large_it_is_is_read_up_to_the_limit(service: Service) -> None:
    piece, read, told = b" " * (1024 * 1024), 0, []

    async def receive() -> dict[str, Any]:
        nonlocal read
        read += len(piece)
        return {"type": "http.request", "body": piece, "more_body": True}

    async def send(message: Any) -> None:
        told.append(message)

    headers = [(name.lower().encode(), value.encode()) for name, value in service.headers().items()]
    scope = {
        "type": "http", "method": "POST", "path": "/api/v1/declarations", "raw_path": b"", "headers": headers,
        "query_string": b"", "http_version": "1.1", "scheme": "http", "server": None, "client": None,
    }  # fmt: skip
    # In a thread of its own: the browser of other tests keeps a loop running in this one.
    with ThreadPoolExecutor(1) as threads:
        threads.submit(asyncio.run, service.http.app(scope, receive, send)).result()
    assert told[0]["status"] == 422
    assert (b"content-type", b"application/problem+json") in told[0]["headers"]
    assert BODY_MAX_BYTES < read < BODY_MAX_BYTES + 2 * len(piece)
    assert not service.site.decisions()


def test_one_declaration_is_limited_to_a_megabyte(service: Service) -> None:
    body = write_declaration(trade.declaration(1)) + b" " * (1024 * 1024)
    assert problem_of(service.post("declarations", body), 422)["faults"][0]["code"] == "too-large"
