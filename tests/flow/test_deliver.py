"""Laws of delivering: nothing is lost, and nobody learns of an older lane last."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes import trade
from tests.fakes.memory_store import MemoryUnitOfWork
from tests.fakes.site import SOURCE, TARGET, FakeSecrets, Site
from tidewaiter.core.delivery import WAITS
from tidewaiter.flow.deliver import Delivering
from tidewaiter.flow.ports.events import Subscriber, Undelivered
from tidewaiter.flow.subscribe import Topic

URL = f"{TARGET}/events"


@dataclass
class Channel:
    """A way out that fails as it is told."""

    #: Event -> how often it is refused.
    refusals: dict[str, int] = field(default_factory=dict)
    #: How many of the next attempts reach nobody.
    down: int = 0
    taken: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    secrets: list[Sequence[bytes]] = field(default_factory=list)

    def send(self, url: str, *, event_id: str, at: datetime, body: bytes, secrets: Sequence[bytes]) -> None:
        assert url == URL
        if self.down > 0:
            self.down -= 1
            raise Undelivered("The target cannot be reached.", reached=False)
        if self.refusals.get(event_id, 0) > 0:
            self.refusals[event_id] -= 1
            raise Undelivered("The target answered 400.", reached=True)
        self.secrets.append(secrets)
        self.taken.append((event_id, json.loads(body)))

    @property
    def ids(self) -> list[str]:
        return [event_id for event_id, _ in self.taken]


def subscribed(site: Site, *topics: Topic) -> Subscriber:
    return site.services.subscriptions.add(
        "port", source=SOURCE, topics=topics or list(Topic), url=URL
    ).subscriber


def delivering(site: Site, channel: Channel) -> Delivering:
    return Delivering(store=site.store, clock=site.clock, channel=channel, secrets=FakeSecrets())


def state_of(site: Site) -> Subscriber:
    with site.store.read() as uow:
        return uow.subscribers()[0]


def until_quiet(site: Site, work: Delivering, *, hours: float = 200) -> None:
    """Step until everything that can be delivered was, with time going on."""
    for _ in range(int(hours * 2)):
        while work.step():
            pass
        site.clock.advance(minutes=30)


def events_of(site: Site) -> dict[str, str | None]:
    """Return all events: id -> the declaration that it concerns."""
    with site.store.read() as uow:
        found, _ = uow.events(0, source=SOURCE, topics=set(Topic), limit=10_000)
    return {event.id: event.declaration_id for event in found}


def test_a_subscriber_gets_what_happens_from_then_on() -> None:
    site, channel = Site(), Channel()
    site.assess(trade.declaration(1))
    subscribed(site)
    answer = site.answer(trade.declaration(2))
    site.record(trade.result(2))
    work = delivering(site, channel)
    while work.step():
        pass
    (_, decision), (_, result) = channel.taken
    assert decision == {"type": "decision.recorded", "timestamp": decision["timestamp"], "data": answer}
    assert result["type"] == "result.recorded"
    assert len(channel.secrets[0]) == 1


def test_only_the_topics_that_were_asked_for_leave() -> None:
    site, channel = Site(), Channel()
    subscribed(site, Topic.RESULT)
    for number in range(120):
        site.assess(trade.declaration(number))
    site.record(trade.result(5))
    work = delivering(site, channel)
    while work.step():
        pass
    assert [body["type"] for _, body in channel.taken] == ["result.recorded"]
    assert site.services.subscriptions.all()[0][1] == 0


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_every_event_is_taken_once_and_those_of_a_declaration_in_order(data: st.DataObject) -> None:
    site, channel = Site(), Channel()
    subscribed(site)
    for number in data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=12)):
        version = 1 + sum(d == f"D{number}" for d in events_of(site).values())
        site.assess(trade.declaration(number, version=version))
    events = {i: d for i, d in events_of(site).items() if d is not None}
    channel.refusals = data.draw(st.dictionaries(st.sampled_from(sorted(events)), st.integers(1, 4)))
    channel.down = data.draw(st.integers(0, 5))
    until_quiet(site, delivering(site, channel), hours=40)
    assert sorted(channel.ids) == sorted(events)
    assert out_of_order(channel, events) == {}
    assert state_of(site).failures == 0


def out_of_order(channel: Channel, events: dict[str, str]) -> dict[str, list[str]]:
    """Return the declarations whose events were not taken in their order."""
    taken = defaultdict(list)
    for event_id in channel.ids:
        taken[events[event_id]].append(event_id)
    in_order = {
        declaration: [i for i in events if events[i] == declaration and i in channel.ids]
        for declaration in taken
    }
    return {d: ids for d, ids in taken.items() if ids != in_order[d]}


def test_the_law_of_order_would_see_that_nothing_waits_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    site, channel = Site(), Channel()
    subscribed(site)
    site.assess(trade.declaration(1))
    events = {i: d for i, d in events_of(site).items() if d is not None}
    channel.refusals = {next(iter(events)): 1}
    work = delivering(site, channel)
    work.step()
    site.assess(trade.declaration(1, version=2))
    monkeypatch.setattr(MemoryUnitOfWork, "waiting_declarations", lambda *_: frozenset())
    until_quiet(site, work, hours=2)
    events = {i: d for i, d in events_of(site).items() if d is not None}
    assert list(out_of_order(channel, events)) == ["D1"]


def test_one_event_that_is_refused_holds_up_no_other_declaration() -> None:
    site, channel = Site(), Channel()
    subscribed(site)
    for number in (1, 2, 3):
        site.assess(trade.declaration(number))
    first, *others = [i for i, d in events_of(site).items() if d is not None]
    channel.refusals = {first: 10**6}
    work = delivering(site, channel)
    while work.step():
        pass
    assert channel.ids == others
    until_quiet(site, work)
    ((_, behind, dead),) = site.services.subscriptions.all()
    assert behind == 0
    assert [(d.event.id, d.attempts, d.error) for d in dead] == [
        (first, len(WAITS) + 1, "The target answered 400.")
    ]
    channel.refusals = {}
    assert site.services.subscriptions.retry("port") == 1
    work.step()
    assert channel.ids == [*others, first]
    assert site.services.subscriptions.all()[0][2] == []


def test_who_cannot_be_reached_is_left_alone_for_a_while() -> None:
    site, channel = Site(), Channel(down=10**6)
    subscribed(site)
    for number in range(20):
        site.assess(trade.declaration(number))
    work = delivering(site, channel)
    for _ in range(100):
        work.step()
    assert 10**6 - channel.down == 1
    assert state_of(site).failures == 1
    site.clock.advance(hours=1)
    work.step()
    state = state_of(site)
    assert state.failures == 2
    assert state.paused_until == site.clock.now() + timedelta(seconds=2)
    channel.down = 0
    until_quiet(site, work, hours=4)
    assert len(channel.ids) == len(set(channel.ids)) == 20
    assert state_of(site).paused_until is None


def test_a_crash_after_sending_sends_again_and_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    site, channel = Site(), Channel()
    subscribed(site)
    site.assess(trade.declaration(1))
    with monkeypatch.context() as crash:
        crash.setattr(MemoryUnitOfWork, "put_subscriber", crashing)
        with pytest.raises(KeyboardInterrupt):
            delivering(site, channel).step()
    delivering(site, channel).step()
    assert len(channel.ids) == 2
    assert len(set(channel.ids)) == 1


def crashing(*_: object) -> None:
    raise KeyboardInterrupt


def test_after_a_rotation_two_secrets_sign_for_a_day() -> None:
    site, channel = Site(), Channel()
    subscriber = subscribed(site)
    site.services.subscriptions.rotate("port")
    site.assess(trade.declaration(1))
    work = delivering(site, channel)
    work.step()
    site.clock.advance(hours=25)
    site.assess(trade.declaration(2))
    work.step()
    both, one = channel.secrets
    assert list(both) == [FakeSecrets().secret(subscriber.id, n) for n in (2, 1)]
    assert list(one) == [FakeSecrets().secret(subscriber.id, 2)]


def test_who_was_stopped_gets_nothing() -> None:
    site, channel = Site(), Channel()
    subscribed(site)
    site.services.subscriptions.stop("port")
    site.assess(trade.declaration(1))
    assert delivering(site, channel).step() is False
    assert channel.ids == []


def test_while_another_process_delivers_this_one_does_not() -> None:
    site, channel = Site(), Channel()
    subscribed(site)
    site.assess(trade.declaration(1))
    work = delivering(site, channel)
    with site.store.alone("deliver"):
        assert not work.step()
        assert not channel.ids
    work.step()
    assert len(channel.ids) == 1
