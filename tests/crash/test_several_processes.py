"""Several processes on one PostgreSQL database: they know the same, share the work, and take it over."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from tests.crash.serving import Served, serving
from tests.fakes import trade
from tests.fakes.postgresql_stores import fresh_database
from tests.fakes.receiver import receiving
from tests.fakes.sql_stores import *  # noqa: F403 - fixtures are found by their names
from tidewaiter.adapters.formats.json import write_declaration
from tidewaiter.bootstrap import Installation, content_of, installation
from tidewaiter.flow.administer import Scope
from tidewaiter.flow.subscribe import Topic
from tidewaiter.settings import Settings


def until(holds: Callable[[], bool], seconds: float = 15) -> bool:
    """Wait until something holds, so long at most; return whether it does."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def ask(served: Served, method: str, path: str, body: bytes | None = None, key: str = "") -> Any:
    """Ask a process; return its answer as plain data."""
    with closing(http.client.HTTPConnection("127.0.0.1", served.port, timeout=30)) as connection:
        connection.request(method, f"/api/v1/{path}", body, {"Authorization": f"Bearer {key}"} if key else {})
        response = connection.getresponse()
        answer = json.loads(response.read())
        assert response.status == 200, answer
        return answer


def ledger_of(served: Served) -> str:
    """Return what a process says of sealing."""
    status: str = ask(served, "GET", "health/ready")["ledger"]["status"]
    return status


def published_without_a_profile(here: Installation) -> str:
    """Publish the content in force without its last profile; return the version of the rules."""
    content = json.loads(json.dumps(dict(content_of(here.settings))))
    content["rules"]["profiles"].pop()
    return here.services.administration.publish(content, by="test")["rules"]


def test_they_know_the_same_and_take_over_from_each_other(
    postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiving() as receiver, fresh_database(postgresql_url) as url:
        targets = frozenset({receiver.origin})
        monkeypatch.setenv("TIDEWAITER_WEBHOOK_TARGETS", json.dumps(sorted(targets)))
        settings = Settings(data=tmp_path, database_url=SecretStr(url), webhook_targets=targets)
        with installation(settings) as here:
            key = here.services.administration.add_key("port", settings.source, frozenset(Scope)).key
            here.services.subscriptions.add(
                "port", source=settings.source, topics=[Topic.DECISION], url=receiver.url
            )
        with serving(settings, 2) as served, installation(settings) as here:

            def declare(number: int, to: Served) -> str:
                body = write_declaration(trade.declaration(number))
                decided: str = ask(to, "POST", "declarations", body, key)["decision_id"]
                return decided

            decided = [declare(number, served[number % 2]) for number in range(1, 21)]
            rules = published_without_a_profile(here)
            after = [declare(number, served[number % 2]) for number in range(21, 23)]
            with here.store.read() as work:
                stored = {decision: work.decision(decision) for decision in decided + after}
            evidence = {name: json.loads(found.evidence) for name, found in stored.items() if found}
            assert [evidence[name]["journal"] for name in decided + after] == list(range(1, 23))
            assert {evidence[name]["versions"]["rules"] for name in after} == {rules}
            assert rules not in {evidence[name]["versions"]["rules"] for name in decided}
            assert not any(here.services.replay(name, from_history=True).differences for name in after)

            assert until(lambda: len(receiver.came) >= 22)
            assert until(lambda: {ledger_of(each) for each in served} == {"sealing", "watching"})
            leader, other = sorted(served, key=ledger_of)
            leader.process.kill()
            leader.process.wait()
            assert until(lambda: ledger_of(other) == "sealing", 5)
            declare(23, other)
            assert until(lambda: len(receiver.came) >= 23)
    assert len({headers["webhook-id"] for _, headers, _ in receiver.came}) == len(receiver.came) == 23
