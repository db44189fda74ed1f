"""Laws of every store: events leave in the order of their commits, and what waits keeps its order."""

from __future__ import annotations

import json
from dataclasses import replace

from tests.fakes.store_values import (
    SOURCE,
    instant,
    new_decision,
    new_declaration,
    new_delivery,
    new_result,
    new_subscriber,
    reassessment,
)
from tidewaiter.flow.ports import Store
from tidewaiter.flow.ports.events import Event

ALL = frozenset({"decision", "result", "publication"})


def fill(store: Store, source: str = SOURCE) -> None:
    """Record two versions of a declaration, another one, a result and a publication."""
    with store.write() as work:
        for number, version in ((1, 1), (1, 2), (2, 1)):
            work.add_declaration(new_declaration(number, version, source=source))
            work.add_decision(*new_decision(number, version, source=source))
        work.add_result(new_result(1, source=source))
        work.publish("rules", f"r of {source}", b"", instant(9), "Anna")


def events(store: Store, after: int = 0, *, source: str = SOURCE, limit: int = 100) -> list[Event]:
    """Return all events of a source after a position."""
    with store.read() as work:
        return list(work.events(after, source=source, topics=ALL, limit=limit)[0])


def test_events_come_in_order_with_what_they_concern(store: Store) -> None:
    fill(store)
    found = events(store)
    assert [(e.position, e.topic, e.source, e.declaration_id) for e in found] == [
        (1, "decision", SOURCE, "D1"),
        (2, "decision", SOURCE, "D1"),
        (3, "decision", SOURCE, "D2"),
        (4, "result", SOURCE, "D1"),
        (5, "publication", None, None),
    ]
    assert found[0].payload == new_decision(1)[1].answer
    assert found[0].at == new_decision(1)[0].at
    assert found[0].id == "event-1"


def test_a_stand_in_that_was_too_mild_leaves_as_a_recall_of_its_source(store: Store) -> None:
    with store.write() as work:
        work.add_reassessment(reassessment(lane="release", recalled=False))
        work.add_reassessment(reassessment(given_at=instant(3)))
        found, _ = work.events(0, source=SOURCE, topics={"recall"}, limit=10)
        others, _ = work.events(0, source="another", topics={"recall"}, limit=10)
        assert work.leaf_hash("standin", reassessment().subject) is not None
    assert [(e.topic, e.source, e.declaration_id, e.at) for e in found] == [
        ("recall", SOURCE, "D1", instant(2)),
    ]  # fmt: skip
    told = json.loads(found[0].payload)
    assert (told["given_lane"], told["lane"]) == ("release", "documents")
    assert "rule" not in told
    assert others == []


def test_a_source_gets_its_own_events_and_those_of_all(store: Store) -> None:
    fill(store)
    fill(store, "another")
    assert [e.position for e in events(store)] == [1, 2, 3, 4, 5, 10]
    assert [e.position for e in events(store, source="another")] == [5, 6, 7, 8, 9, 10]
    assert [e.position for e in events(store, source="nobody")] == [5, 10]


def test_a_page_ends_where_the_next_one_begins(store: Store) -> None:
    fill(store)
    fill(store, "another")
    seen, after = [], 0
    for _ in range(20):
        with store.read() as work:
            page, after = work.events(after, source=SOURCE, topics={"result", "publication"}, limit=2)
            assert work.events_end() == 10
        seen += [event.position for event in page]
    assert seen == [4, 5, 10]
    assert after == 10


def test_a_subscriber_comes_back_as_it_was_put(store: Store) -> None:
    first = new_subscriber("b")
    second = new_subscriber("a", created_at=instant(5), position=7, rotated_at=instant(6))
    changed = replace(first, failures=3, paused_until=instant(8), stopped_at=instant(9), generation=2)
    with store.write() as work:
        assert work.subscribers() == []
        work.put_subscriber(second)
        work.put_subscriber(first)
        work.put_subscriber(changed)
    with store.read() as work:
        assert list(work.subscribers()) == [changed, second]


def test_of_one_declaration_only_the_oldest_event_is_due(store: Store) -> None:
    fill(store)
    first, second, other, result, publication = events(store)
    with store.write() as work:
        work.put_subscriber(new_subscriber("s"))
        work.put_subscriber(new_subscriber("t"))
        for event, minutes in ((first, 10), (second, 0), (other, 0), (result, 0), (publication, 0)):
            work.put_delivery("s", new_delivery(event, due_at=instant(minutes)))
    with store.read() as work:
        assert [d.event for d in work.due("s", instant(5), 10)] == [other, publication]
        assert [d.event for d in work.due("s", instant(10), 10)] == [first, other, publication]
        assert [d.event for d in work.due("s", instant(10), 2)] == [first, other]
        assert work.due("t", instant(10), 10) == []
        assert work.waiting_declarations("s") == {"D1", "D2"}
        assert work.waiting_declarations("t") == frozenset()
    with store.write() as work:
        work.drop_delivery("s", first.position)
        work.drop_delivery("s", other.position)
    with store.read() as work:
        assert [d.event for d in work.due("s", instant(5), 10)] == [second, publication]
        assert work.waiting_declarations("s") == {"D1"}


def test_a_dead_letter_holds_nothing_up_and_is_never_due(store: Store) -> None:
    fill(store)
    first, second, *_ = events(store)
    dead = new_delivery(first, dead=True, attempts=11, error="The target answered 410.")
    with store.write() as work:
        work.put_subscriber(new_subscriber("s"))
        work.put_delivery("s", new_delivery(first))
        work.put_delivery("s", new_delivery(second))
        work.put_delivery("s", dead)
    with store.read() as work:
        assert list(work.dead_letters("s")) == [dead]
        assert [d.event for d in work.due("s", instant(5), 10)] == [second]
