"""Every declaration is answered in time: decided, or stood in for and marked, or the caller is told."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.api.conftest import Service, problem_of
from tests.fakes import trade
from tests.fakes.site import SOURCE, Site
from tests.flow.test_standin import drain, leaves, opened, trusted
from tidewaiter.adapters.formats import json as json_format
from tidewaiter.api.app import create_app
from tidewaiter.api.grouping import Grouping
from tidewaiter.bootstrap import message_schemas
from tidewaiter.core.deadline import FAILURES, PROBE_SECONDS
from tidewaiter.core.declaration import Declaration
from tidewaiter.core.errors import Unavailable
from tidewaiter.flow.administer import Scope
from tidewaiter.flow.messages import Incoming, Reply

BUDGET = 0.3


class Faulty:
    """The use case that assesses, with a fault that a test switches on."""

    def __init__(self, site: Site) -> None:
        self.assess = site.services.assess
        #: How long each group takes, seconds; and whether the store is gone.
        self.slow, self.gone = 0.0, False
        self.asked = 0

    def __call__(self, messages: Sequence[Incoming[Declaration]]) -> list[Reply]:
        self.asked += 1
        if self.slow:
            time.sleep(self.slow)
        if self.gone:
            raise Unavailable("The store is not available.")
        return self.assess(messages)


@contextmanager
def served(site: Site, faulty: Any) -> Iterator[Service]:
    services = replace(site.services, assess=faulty, stand_ins=site.stand_ins, budget_seconds=BUDGET)
    key = services.administration.add_key("tests", SOURCE, frozenset(Scope)).key
    with TestClient(create_app(services, message_schemas), raise_server_exceptions=False) as http:
        yield Service(site, http, key)


@pytest.fixture
def site() -> Site:
    return opened(Site())


@pytest.fixture
def faulty(site: Site) -> Faulty:
    return Faulty(site)


@pytest.fixture
def service(site: Site, faulty: Faulty) -> Iterator[Service]:
    with served(site, faulty) as made:
        yield made


def timed(ask: Callable[[], Any]) -> tuple[Any, float]:
    began = time.monotonic()
    response = ask()
    return response, time.monotonic() - began


def is_stand_in(response: Any) -> bool:
    assert response.status_code == 200, response.text
    marked = response.headers.get("Tidewaiter-Mark") == "STANDIN"
    assert marked is ("marks" in response.json())
    return marked


def test_without_a_fault_everything_is_decided(service: Service, site: Site) -> None:
    assert not is_stand_in(service.declare(trusted(1)))
    assert site.journal.lines == []


def test_a_slow_store_is_stood_in_for_within_the_budget_and_reassessed(
    service: Service, site: Site, faulty: Faulty
) -> None:
    faulty.slow = 1.5
    response, seconds = timed(lambda: service.declare(trusted(1)))
    assert is_stand_in(response)
    assert BUDGET <= seconds < 1.0
    faulty.slow = 0.0
    time.sleep(1.5)
    drain(site)
    assert len(site.decisions()) == len(leaves(site)) == 1
    assert not is_stand_in(service.declare(trusted(1)))


def test_a_store_that_is_gone_is_stood_in_for_at_once(service: Service, site: Site, faulty: Faulty) -> None:
    faulty.gone = True
    for number in range(20):
        response, seconds = timed(lambda number=number: service.declare(trusted(number)))
        assert is_stand_in(response)
        assert seconds < BUDGET
    assert faulty.asked < 20  # after five failures only a probe now and then
    assert faulty.asked >= FAILURES
    drain(site)
    assert len(site.decisions()) == 20
    faulty.gone = False
    time.sleep(PROBE_SECONDS)
    assert not is_stand_in(service.declare(trusted(30)))
    assert not is_stand_in(service.declare(trusted(31)))


def test_too_many_who_wait_are_stood_in_for_in_time(service: Service, site: Site, faulty: Faulty) -> None:
    service.declare(trusted(0))
    faulty.slow = 0.12
    with ThreadPoolExecutor(60) as pool:
        asked = [pool.submit(timed, lambda n=n: service.declare(trusted(n))) for n in range(1, 200)]
        answers = [each.result() for each in asked]
    stated = [is_stand_in(response) for response, _ in answers]
    assert all(response.status_code == 200 for response, _ in answers)
    drain(site)
    assert len(site.decisions()) == 200
    assert len(leaves(site)) == sum(stated)


def test_a_long_queue_is_no_fault_of_the_store(
    service: Service, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(Grouping, "waiting", 40)
        patched.setattr(Grouping, "expected_wait", 2 * BUDGET)
        for number in range(2 * FAILURES):
            response, seconds = timed(lambda number=number: service.declare(trusted(number)))
            assert is_stand_in(response)
            assert seconds < BUDGET
    assert not is_stand_in(service.declare(trusted(30)))


def test_where_nothing_can_be_kept_the_caller_applies_his_own_copy(
    service: Service, site: Site, faulty: Faulty
) -> None:
    faulty.gone = site.journal.full = True
    problem = problem_of(service.declare(trusted(1)), 503)
    assert problem["type"] == "urn:tidewaiter:problem:apply-own-standin"
    assert "your copy" in problem["title"]


def test_a_batch_is_stood_in_for_line_by_line(service: Service, site: Site, faulty: Faulty) -> None:
    faulty.gone = True
    lines = [json_format.write_declaration(each) for each in (trusted(1), trade.declaration(2))]
    response = service.post("declarations/batch", b"\n".join([*lines, b"{}"]))
    told = [json.loads(line) for line in response.content.splitlines()]
    assert [line["status"] for line in told] == [200, 200, 422]
    assert [line["answer"]["marks"] for line in told[:2]] == [["STANDIN"]] * 2
    drain(site)
    assert len(site.decisions()) == 2


def test_an_answer_in_xml_is_marked_by_its_header(service: Service, faulty: Faulty) -> None:
    faulty.gone = True
    response = service.declare(trusted(1), Accept="application/xml")
    assert response.headers["content-type"].startswith("application/xml")
    assert response.headers["Tidewaiter-Mark"] == "STANDIN"


def test_without_stand_ins_the_error_is_told(site: Site, faulty: Faulty) -> None:
    faulty.gone = True
    services = replace(site.services, assess=faulty)
    key = services.administration.add_key("tests", SOURCE, frozenset(Scope)).key
    with TestClient(create_app(services, message_schemas), raise_server_exceptions=False) as http:
        assert problem_of(Service(site, http, key).declare(trusted(1)), 503)["type"].endswith(":unavailable")


def test_a_key_is_known_while_the_store_hangs(
    service: Service, site: Site, faulty: Faulty, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.declare(trusted(0))
    site.clock.advance(seconds=5)
    hanging, faulty.gone = threading.Event(), True
    administration = site.services.administration

    def hang() -> Any:
        hanging.wait(10)
        raise Unavailable("The store is not available.")

    monkeypatch.setattr(administration._known, "_read", hang)
    try:
        response, seconds = timed(lambda: service.declare(trusted(1)))
        assert is_stand_in(response)
        assert seconds < 1.0
        response, seconds = timed(lambda: service.declare(trusted(2)))
        assert is_stand_in(response)
        assert seconds < 0.12  # the store is left alone for a moment
        problem_of(service.declare(trusted(3), key="tw_unknown"), 503)
        site.clock.advance(minutes=15)
        problem_of(service.declare(trusted(4)), 503)
    finally:
        hanging.set()


def test_the_counter_tells_how_many_were_stood_in_for(service: Service, faulty: Faulty) -> None:
    faulty.gone = True
    service.declare(trusted(1))
    assert "tidewaiter_stand_ins_total 1.0" in service.get("metrics").text


def test_the_tests_would_notice_a_budget_that_is_not_kept(
    service: Service, site: Site, faulty: Faulty, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tidewaiter.core.deadline.Deadline.left", lambda self, now: 30.0)
    with pytest.raises(AssertionError):
        test_a_slow_store_is_stood_in_for_within_the_budget_and_reassessed(service, site, faulty)
