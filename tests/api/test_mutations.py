"""Damaged messages over HTTP: a problem or an answer, never a failure, never a lane for the unreadable."""

from __future__ import annotations

from collections import Counter
from random import Random  # noqa: TID251 - seeded: the same damage in every run

import pytest

from tests.api.conftest import Service, problem_of
from tests.contract.formats.mutations import JSON_MUTATIONS, delete, duplicate, flip, mutated, truncate
from tests.fakes import trade
from tests.fakes.xml_messages import AMENDMENT, SAD, WCO
from tidewaiter.adapters.formats.json import read_declaration, write_control_result, write_declaration
from tidewaiter.core.errors import UnreadableMessage

GOOD = write_declaration(trade.stream()[0])
SEEDS = 500
BYTE_MUTATIONS = (delete, duplicate, flip, truncate)


def readable(body: bytes) -> bool:
    try:
        read_declaration(body)
    except UnreadableMessage:
        return False
    return True


def test_five_hundred_damaged_declarations_get_a_problem_or_an_answer(service: Service) -> None:
    outcomes: Counter[str] = Counter()
    for seed in range(SEEDS):
        body = mutated(GOOD, JSON_MUTATIONS, seed)
        response = service.post("declarations", body)
        if response.status_code == 200:
            assert response.json()["lane"]
            outcome = "decided"
        else:
            problem = problem_of(response, 422)
            assert "lane" not in problem
            outcome = "conflict" if problem["type"].endswith("conflict") else "unreadable"
            assert problem["faults"] or outcome == "conflict"
        assert readable(body) is (outcome != "unreadable"), seed
        outcomes[outcome] += 1
    assert outcomes["unreadable"] > 300
    assert outcomes["decided"] + outcomes["conflict"] >= 5
    assert len(service.site.decisions()) <= outcomes["decided"]
    assert service.declare(trade.declaration(1)).status_code == 200


@pytest.mark.parametrize("text", [WCO, SAD, AMENDMENT], ids=["wco", "asycuda", "amendment"])
def test_damaged_xml_gets_a_problem_or_an_answer(service: Service, text: str) -> None:
    service.post("declarations", WCO.encode(), **{"Content-Type": "application/xml"})
    statuses: Counter[int] = Counter()
    for seed in range(SEEDS // 3):
        body = mutated(text.encode(), BYTE_MUTATIONS, seed)
        response = service.post("declarations", body, **{"Content-Type": "application/xml"})
        statuses[response.status_code] += 1
        if response.status_code != 200:
            problem_of(response, 422)
            assert "lane" not in response.json()
    assert set(statuses) <= {200, 422}
    assert statuses[422] > 50


def test_damaged_batches_answer_every_line(service: Service) -> None:
    random = Random(4)
    for seed in range(0, SEEDS, 25):
        damaged = [mutated(GOOD, JSON_MUTATIONS, seed + n) for n in range(8)]
        bodies = [b" ".join(body.splitlines()) for body in damaged]
        bodies.insert(random.randrange(8), write_declaration(trade.declaration(seed)))
        response = service.post("declarations/batch", b"\n".join(bodies))
        assert response.status_code == 200
        assert len(response.content.splitlines()) == len(bodies)
    assert len(service.site.decisions()) >= SEEDS // 25


def test_damaged_results_get_a_problem_or_a_receipt(service: Service) -> None:
    service.declare(trade.declaration(1))
    good = write_control_result(trade.result(1))
    bodies = [mutated(good, JSON_MUTATIONS, seed) for seed in range(150)]
    statuses = Counter(service.post("control-results", body).status_code for body in bodies)
    assert set(statuses) <= {200, 422}
    assert statuses[422] > 80


STRANGE = ("", "text/plain; charset=utf-16", "gzip", "a" * 9000, "\xff", "0", "*/*;q=2")


@pytest.mark.parametrize(
    "name", ["Content-Type", "Accept", "Idempotency-Key", "Content-Encoding", "X-Forwarded-For"]
)
def test_strange_headers_cause_no_failure(service: Service, name: str) -> None:
    for number, value in enumerate(STRANGE):
        headers = {key.encode(): text.encode() for key, text in service.headers().items()}
        headers[name.encode()] = value.encode("latin-1")
        body = write_declaration(trade.declaration(number))
        response = service.http.post("/api/v1/declarations", content=body, headers=headers)
        assert response.status_code in {200, 422}
