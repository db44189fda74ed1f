"""Repetitions, restarts, failures and grouping leave no trace in any decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes import trade
from tests.fakes.failing_store import FailingStore
from tests.fakes.memory_store import MemoryStore
from tests.fakes.site import Site, declared, found, in_groups
from tidewaiter.core.control import ControlResult
from tidewaiter.core.declaration import Declaration
from tidewaiter.core.errors import Unavailable

STREAM = trade.stream()


@pytest.mark.parametrize("size", [7, 32, len(STREAM)])
def test_declarations_decided_in_groups_are_decided_as_one_by_one(size: int) -> None:
    one_by_one, grouped = Site(), Site()
    for declaration in STREAM:
        one_by_one.assess(declaration)
    for group in in_groups(STREAM, size):
        grouped.assess(*group)
    assert len(one_by_one.decisions()) == len(STREAM)
    assert grouped.decisions() == one_by_one.decisions()


def test_the_order_matters_so_the_comparison_can_fail() -> None:
    forward, backward = Site(), Site()
    forward.assess(*STREAM[:40])
    backward.assess(*STREAM[:40][::-1])
    assert forward.decisions().keys() == backward.decisions().keys()
    assert forward.decisions() != backward.decisions()


# -- a stream of events, and what may be done to it without changing what it means


@dataclass(frozen=True)
class Event:
    """A declaration version or a control result; each is new when it first comes."""

    message: Declaration | ControlResult


@dataclass(frozen=True)
class Trouble:
    """What happens between two events."""

    #: Events of the past that come again, by their distance.
    repeats: tuple[int, ...] = ()
    restart: bool = False
    #: The next turn fails at its commit, and is sent again.
    failure: bool = False


@st.composite
def streams(draw: st.DrawFn) -> list[Event]:
    """Return 5 to 30 events: declarations, amendments (some overtake), results (some early)."""
    events: list[Event] = []
    latest: dict[int, Declaration] = {}
    taken: set[tuple[str, int]] = set()
    for position in range(draw(st.integers(5, 30))):
        number = draw(st.integers(1, 6))
        at = trade.START + timedelta(hours=position * draw(st.sampled_from((1, 1, 9))))
        kind = draw(st.sampled_from(("declaration", "declaration", "result")))
        if kind == "declaration":
            step = draw(st.sampled_from((1, 1, 1, 2, -1)))
            version = latest[number].version + step if number in latest else 1
            goods = trade.item(1, heading=draw(st.sampled_from(("2523", "8517", "8703"))), number=number)
            made = trade.declaration(number, version=version, lodged_at=at, items=(goods,))
            if version < 1 or (made.id, version) in taken:
                continue
            taken.add((made.id, version))
            latest[number] = max(latest.get(number, made), made, key=lambda d: d.version)
            events.append(Event(made))
        else:
            version = draw(st.integers(1, 3))
            key = (f"C{number}", version)
            if key not in taken:
                taken.add(key)
                bad = (trade.irregular(),) if draw(st.booleans()) else (trade.CLEAN,)
                events.append(Event(trade.result(number, version, ended_at=at, findings=bad)))
    return events


TROUBLES = st.builds(
    Trouble,
    repeats=st.lists(st.integers(1, 8), max_size=2).map(tuple),
    restart=st.booleans(),
    failure=st.booleans(),
)


def send(site: Site, events: Sequence[Event]) -> None:
    """Send events of one kind together."""
    if not events:
        return
    if isinstance(events[0].message, Declaration):
        site.services.assess([declared(e.message) for e in events if isinstance(e.message, Declaration)])
    else:
        site.services.record([found(e.message) for e in events if isinstance(e.message, ControlResult)])


def plainly(events: Sequence[Event]) -> Site:
    """Send each event once, alone, to one process."""
    site = Site()
    for event in events:
        send(site, [event])
    return site


def troubled(events: Sequence[Event], troubles: Sequence[Trouble]) -> Site:
    """Send the same events with repetitions, restarts and failing commits between them."""
    store = FailingStore(MemoryStore())
    site = Site(store)
    for position, event in enumerate(events):
        trouble = troubles[position % len(troubles)] if troubles else Trouble()
        if trouble.restart:
            site = site.restarted()
        for distance in trouble.repeats:
            if distance <= position:
                send(site, [events[position - distance]])
        if trouble.failure:
            store.failures = 1
            with pytest.raises(Unavailable):
                send(site, [event])
        send(site, [event])
    return site


@given(events=streams(), troubles=st.lists(TROUBLES, max_size=6))
@settings(max_examples=30)
def test_repetitions_restarts_and_failures_change_no_decision(
    events: list[Event], troubles: list[Trouble]
) -> None:
    plain, other = plainly(events), troubled(events, troubles)
    assert other.decisions() == plain.decisions()
    with plain.store.read() as one, other.store.read() as two:
        assert list(one.journal()) == list(two.journal())
        assert one.capacity_states() == two.capacity_states()


@given(events=streams(), sizes=st.lists(st.integers(1, 6), min_size=1, max_size=6))
@settings(max_examples=30)
def test_whatever_waits_together_is_decided_as_if_it_came_alone(
    events: list[Event], sizes: list[int]
) -> None:
    plain, grouped = plainly(events), Site()
    waiting: list[Event] = []
    turn = 0
    for event in events:
        same = not waiting or type(waiting[0].message) is type(event.message)
        if not same or len(waiting) >= sizes[turn % len(sizes)]:
            send(grouped, waiting)
            waiting, turn = [], turn + 1
        waiting.append(event)
    send(grouped, waiting)
    assert grouped.decisions() == plain.decisions()


@given(events=streams())
@settings(max_examples=10)
def test_every_decision_of_any_stream_can_be_made_again_from_history(events: list[Event]) -> None:
    site = plainly(events)
    assert not any(replay.differences for replay in site.replays(from_history=True))


def test_a_lost_repetition_would_be_seen() -> None:
    """The law can fail: one event less is another history."""
    events = [Event(trade.declaration(1)), Event(trade.result(1)), Event(replace(trade.declaration(41)))]
    assert plainly(events).decisions() != plainly([events[0], events[2]]).decisions()
