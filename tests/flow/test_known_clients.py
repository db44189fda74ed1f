"""Clients are read when one changed, and kept while the store does not answer, for a while."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

import pytest

from tests.fakes.site import START, FakeClock
from tidewaiter.core.errors import Unavailable
from tidewaiter.flow.known_clients import KnownClients
from tidewaiter.flow.ports import Client


def client(name: str, *, revoked: bool = False) -> Client:
    return Client(
        id=name, name=name, source="national", scopes=frozenset(), key_sha256=f"digest of {name}",
        created_at=START, revoked_at=START if revoked else None,
    )  # fmt: skip


class Recorded:
    """What the store says, with faults that a test switches on."""

    def __init__(self) -> None:
        self.clients = [client("port"), client("old", revoked=True)]
        self.reads, self.gone = 0, False
        self.hanging: threading.Event | None = None
        self.changes = 0

    def version(self) -> tuple[int, ...]:
        if self.gone:
            raise Unavailable("The store is not available.")
        return (self.changes,)

    def __call__(self) -> Sequence[Client]:
        self.reads += 1
        if self.hanging is not None:
            self.hanging.wait(10)
        if self.gone:
            raise Unavailable("The store is not available.")
        return list(self.clients)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def recorded() -> Recorded:
    return Recorded()


@pytest.fixture
def known(recorded: Recorded, clock: FakeClock) -> KnownClients:
    return KnownClients(recorded, recorded.version, clock)


def name_of(known: KnownClients, name: str) -> str | None:
    found = known.with_key(f"digest of {name}")
    return None if found is None else found.name


def test_they_are_read_once_a_second(known: KnownClients, recorded: Recorded, clock: FakeClock) -> None:
    assert [name_of(known, "port") for _ in range(5)] == ["port"] * 5
    assert recorded.reads == 1
    clock.advance(seconds=1)
    assert name_of(known, "port") == "port"
    assert recorded.reads == 2


def test_who_is_new_or_revoked_is_known_in_time(
    known: KnownClients, recorded: Recorded, clock: FakeClock
) -> None:
    assert name_of(known, "port") == "port"
    recorded.clients = [client("new"), client("port", revoked=True)]
    assert name_of(known, "new") is None, "so far nothing told of it"
    clock.advance(seconds=1)
    assert name_of(known, "new") == "new"
    assert name_of(known, "port") is None
    assert name_of(known, "old") is None
    recorded.clients = [client("new", revoked=True)]
    known.forget()
    assert name_of(known, "new") is None


def test_a_change_that_the_store_tells_of_is_known_at_once(known: KnownClients, recorded: Recorded) -> None:
    assert name_of(known, "port") == "port"
    recorded.clients = [client("port", revoked=True)]
    recorded.changes += 1
    assert name_of(known, "port") is None


def test_a_store_that_was_waited_for_is_not_asked_for_changes_by_who_cannot_wait(
    known: KnownClients, recorded: Recorded, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert name_of(known, "port") == "port"
    recorded.gone = True
    assert name_of(known, "port") == "port"
    asked: list[int] = []
    monkeypatch.setattr(known, "_version", lambda: asked.append(1) or (0,))
    assert name_of(known, "port") == "port"
    assert not asked, "it rests"
    clock.advance(seconds=2)
    recorded.gone = False
    assert name_of(known, "port") == "port"
    assert asked == [1], "by the thread that can be left behind"


def test_while_the_store_is_gone_those_who_are_known_stay_a_quarter_of_an_hour(
    known: KnownClients, recorded: Recorded, clock: FakeClock
) -> None:
    assert name_of(known, "port") == "port"
    recorded.gone = True
    clock.advance(minutes=14, seconds=59)
    assert name_of(known, "port") == "port"
    for name in ("new", "old"):
        with pytest.raises(Unavailable):
            name_of(known, name)
    clock.advance(seconds=1)
    with pytest.raises(Unavailable):
        name_of(known, "port")
    recorded.gone = False
    clock.advance(seconds=2)
    assert name_of(known, "port") == "port"


def test_a_store_that_is_gone_from_the_start_says_so(known: KnownClients, recorded: Recorded) -> None:
    recorded.gone = True
    with pytest.raises(Unavailable, match="not available"):
        name_of(known, "port")


def test_a_read_that_hangs_keeps_nobody_waiting(
    known: KnownClients, recorded: Recorded, clock: FakeClock
) -> None:
    assert name_of(known, "port") == "port"
    recorded.hanging = threading.Event()
    try:
        clock.advance(seconds=1)
        began = time.monotonic()
        assert [name_of(known, "port") for _ in range(20)] == ["port"] * 20
        assert time.monotonic() - began < 0.5
        assert recorded.reads == 2
        clock.advance(seconds=2)
        assert name_of(known, "port") == "port"
        assert recorded.reads == 3
    finally:
        recorded.hanging.set()
