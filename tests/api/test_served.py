"""Behind a real server: many callers at once, callers who go away, and the end."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from structlog.testing import capture_logs

from tests.fakes import trade
from tests.fakes.site import SOURCE, Site
from tidewaiter.adapters.formats.json import write_declaration
from tidewaiter.adapters.sql import SqlStore
from tidewaiter.api import grouping as grouping_module
from tidewaiter.api.app import create_app
from tidewaiter.api.grouping import QUEUE_MAX, Grouping
from tidewaiter.bootstrap import message_schemas
from tidewaiter.core.declaration import Declaration
from tidewaiter.core.errors import Conflict, Unavailable
from tidewaiter.flow.administer import Scope

CALLERS = 32


@contextmanager
def running(site: Site) -> Iterator[tuple[int, uvicorn.Server]]:
    """Serve *site* on a free port in a thread."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(create_app(site.services, message_schemas), log_config=None, access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    try:
        yield listening.getsockname()[1], server
    finally:
        server.should_exit = True
        thread.join(timeout=30)
        listening.close()
    assert not thread.is_alive()


class Caller:
    """One connection with a key."""

    def __init__(self, port: int, key: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = {"Authorization": f"Bearer {key}"}

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def send(self, declaration: Declaration) -> tuple[int, bytes, str | None]:
        """Send a declaration; return status, body and whether it was replayed."""
        body = write_declaration(declaration)
        self.connection.request("POST", "/api/v1/declarations", body, self.headers)
        response = self.connection.getresponse()
        return response.status, response.read(), response.getheader("Idempotency-Replayed")


@pytest.fixture
def site(make_sqlite_store: Callable[..., SqlStore]) -> Site:
    return Site(make_sqlite_store())


def key_of(site: Site) -> str:
    return site.services.administration.add_key("tests", SOURCE, frozenset(Scope)).key


def test_many_callers_at_once_get_one_decision_each(site: Site) -> None:
    key, each = key_of(site), 6
    with running(site) as (port, _):

        def work(caller: int) -> list[tuple[int, bytes, str | None]]:
            with closing(Caller(port, key)) as speaking:
                return [speaking.send(trade.declaration(caller * each + n)) for n in range(each)]

        with ThreadPoolExecutor(CALLERS) as pool:
            told = [answer for answers in pool.map(work, range(CALLERS)) for answer in answers]
    assert {(status, replayed) for status, _, replayed in told} == {(200, None)}
    recorded = {answer for _, _, answer in site.decisions().values()}
    assert {body for _, body, _ in told} == recorded
    assert len(recorded) == CALLERS * each
    positions = sorted(site.evidence(decision)["journal"] for decision in site.decisions())
    assert positions == list(range(1, CALLERS * each + 1))


def test_many_callers_with_the_same_declaration_get_the_same_decision(site: Site) -> None:
    key = key_of(site)

    def work(port: int) -> tuple[int, bytes, str | None]:
        with closing(Caller(port, key)) as caller:
            return caller.send(trade.declaration(1))

    with running(site) as (port, _), ThreadPoolExecutor(CALLERS) as pool:
        told = list(pool.map(work, [port] * CALLERS))
    assert {status for status, _, _ in told} == {200}
    assert len({body for _, body, _ in told}) == 1
    assert sorted(str(replayed) for _, _, replayed in told) == ["None"] + ["true"] * (CALLERS - 1)
    assert len(site.decisions()) == 1


def test_callers_who_hang_up_stop_nobody(site: Site) -> None:
    key = key_of(site)
    with capture_logs() as logged, running(site) as (port, _):
        for number in range(40):
            body = write_declaration(trade.declaration(number))
            head = f"POST /api/v1/declarations HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
            head += f"Content-Length: {len(body)}\r\n\r\n"
            sent = body[:-1] if number % 2 else body  # some hang up in the middle of the message
            with socket.create_connection(("127.0.0.1", port)) as connection:
                connection.sendall(head.encode() + sent)
        with closing(Caller(port, key)) as caller:
            assert [caller.send(trade.declaration(number))[0] for number in range(41)] == [200] * 41
    assert len(site.decisions()) == 41
    assert [entry for entry in logged if entry.get("action") != "request"] == []


def test_a_server_that_ends_answers_what_it_has_begun(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    key, began = key_of(site), threading.Event()
    slow = site.services.assess.__class__.__call__

    def slowly(self: Any, messages: Any) -> Any:
        began.set()
        time.sleep(0.3)
        return slow(self, messages)

    monkeypatch.setattr(site.services.assess.__class__, "__call__", slowly)
    with running(site) as (port, server), ThreadPoolExecutor(1) as pool, closing(Caller(port, key)) as caller:
        told = pool.submit(caller.send, trade.declaration(1))
        assert began.wait(10)
        server.should_exit = True
        assert told.result(20)[0] == 200


def test_what_is_too_large_is_refused_before_it_was_sent(site: Site) -> None:
    key = key_of(site)
    with running(site) as (port, _), socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        head = f"POST /api/v1/declarations/batch HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
        connection.sendall(f"{head}Content-Length: 999999999999\r\n\r\n{{".encode())
        told = connection.recv(65536)
    assert told.startswith(b"HTTP/1.1 422 ")
    assert b"application/problem+json" in told


def test_the_file_of_the_store_gone_means_not_ready(
    make_sqlite_store: Callable[..., SqlStore], tmp_path: Path
) -> None:
    folder = tmp_path / "gone"
    site = Site(make_sqlite_store(folder))
    with running(site) as (port, server), closing(Caller(port, "none")) as caller:
        app: Any = server.config.app
        app.state.sequencer.close()  # it would open the files again while they are written over
        site.store.close()
        for path in folder.iterdir():
            path.write_bytes(b"this is no database" * 1000)
        caller.connection.request("GET", "/api/v1/health/ready")
        response = caller.connection.getresponse()
        assert (response.status, response.getheader("Content-Type")) == (503, "application/problem+json")
        assert b"restore a backup" in response.read()
        caller.connection.request("GET", "/api/v1/health/live")
        assert caller.connection.getresponse().status == 200


# -- what groups the callers


def test_what_waits_is_worked_off_together_and_each_gets_its_own() -> None:
    groups: list[int] = []
    gate = threading.Event()

    def work(asked: Any) -> list[int]:
        gate.wait(10)
        groups.append(len(asked))
        return [number * 2 for number in asked]

    grouping: Grouping[int, int] = Grouping(work, "test")
    futures = [grouping.submit(number) for number in range(40)]
    gate.set()
    assert [future.result(10) for future in futures] == [2 * number for number in range(40)]
    assert sum(groups) == 40
    assert len(groups) <= 3
    grouping.close()
    with pytest.raises(Unavailable, match="stopping"):
        grouping.submit(1)


def test_a_caller_who_goes_away_while_waiting_stops_no_other() -> None:
    gate = threading.Event()

    def work(asked: Any) -> list[int]:
        gate.wait(10)
        return list(asked)

    grouping: Grouping[int, int] = Grouping(work, "test")
    first = grouping.submit(0)
    while not first.running():
        time.sleep(0.001)
    gone, last = grouping.submit(1), grouping.submit(2)
    assert gone.cancel()
    gate.set()
    assert (first.result(10), last.result(10)) == (0, 2)
    assert grouping.submit(5).result(10) == 5
    grouping.close()


def test_the_one_that_causes_a_failure_fails_alone() -> None:
    gate = threading.Event()

    def work(asked: Any) -> list[float]:
        gate.wait(10)
        return [1 / number for number in asked]

    grouping: Grouping[int, float] = Grouping(work, "test")
    futures = [grouping.submit(number) for number in (4, 0, 2, 1)]
    gate.set()
    with pytest.raises(ZeroDivisionError):
        futures[1].result(10)
    assert [futures[n].result(10) for n in (0, 2, 3)] == [0.25, 0.5, 1.0]
    grouping.close()


def test_an_error_of_ours_is_told_to_all_without_trying_again() -> None:
    calls: list[int] = []
    gate = threading.Event()

    def work(asked: Any) -> list[int]:
        gate.wait(10)
        calls.append(len(asked))
        raise Conflict

    grouping: Grouping[int, int] = Grouping(work, "test")
    futures = [grouping.submit(number) for number in range(9)]
    gate.set()
    for future in futures:
        with pytest.raises(Conflict):
            future.result(10)
    assert sum(calls) == 9
    grouping.close()


def test_too_many_that_wait_are_asked_to_come_again() -> None:
    gate = threading.Event()

    def work(asked: Any) -> list[int]:
        gate.wait(10)
        return list(asked)

    grouping: Grouping[int, int] = Grouping(work, "test")

    def flood() -> None:
        for number in range(2 * QUEUE_MAX):
            grouping.submit(number)

    with pytest.raises(Unavailable, match="later"):
        flood()
    gate.set()
    grouping.close()


def test_those_answered_together_are_waited_for_and_the_lone_one_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(grouping_module, "RETURN_SECONDS", 30.0)
    groups: list[int] = []
    gate = threading.Event()

    def work(asked: Any) -> list[int]:
        gate.wait(10)
        groups.append(len(asked))
        return list(asked)

    grouping: Grouping[int, int] = Grouping(work, "test")
    gate.set()
    assert [grouping.submit(number).result(10) for number in range(3)] == [0, 1, 2]
    gate.clear()
    first = grouping.submit(0)
    while not first.running():
        time.sleep(0.001)
    early = [grouping.submit(number) for number in (1, 2)]
    gate.set()
    assert first.result(10) == 0
    time.sleep(0.05)
    assert not any(future.running() for future in early)
    back = grouping.submit(3)
    assert [future.result(10) for future in (*early, back)] == [1, 2, 3]
    grouping.close()
    assert groups == [1, 1, 1, 1, 3]


def test_who_does_not_come_back_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouping_module, "RETURN_SECONDS", 0.05)
    gate = threading.Event()

    def work(asked: Any) -> list[int]:
        gate.wait(10)
        return list(asked)

    grouping: Grouping[int, int] = Grouping(work, "test")
    crowd = [grouping.submit(number) for number in range(9)]
    gate.set()
    assert [future.result(10) for future in crowd] == list(range(9))
    assert grouping.submit(9).result(10) == 9
    grouping.close()
