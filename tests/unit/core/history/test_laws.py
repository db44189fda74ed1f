"""The laws of history, on random streams: live equals the naive twin, and nothing travels back in time."""

from __future__ import annotations

import random  # noqa: TID251 - seeded, and passed in
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.core.history import naive
from tests.unit.core.history.events import Declared, Event, Resulted, declaration
from tests.unit.core.history.streams import findings, stream, streams
from tidewaiter.core.features import REGISTRY, FeatureVector, Scope, compute
from tidewaiter.core.history import History
from tidewaiter.core.history import history as history_module

HEADER_NAMES = [f.name for f in REGISTRY.header if "history" in f.source]
ITEM_NAMES = [f.name for f in REGISTRY.items if "history" in f.source]


def observe(history: History, event: Event) -> None:
    """Let an event arrive."""
    if isinstance(event, Declared):
        history.observe_declaration(event.declaration, event.at, source=event.source)
    else:
        history.observe_result(event.result, event.declaration, event.known_at, source=event.source)


def resting_on_history(vector: FeatureVector) -> dict[str, Any]:
    """Return the values of the features that rest on history."""
    return {
        "header": {name: REGISTRY.value(vector, name) for name in HEADER_NAMES},
        "items": [
            {name: REGISTRY.value(vector, name, index) for name in ITEM_NAMES}
            for index in range(len(vector.items))
        ],
    }


def live(
    events: list[Event], make: Callable[[], History] = History
) -> Iterator[tuple[int, Declared, FeatureVector]]:
    """Yield the vector of each declaration version at its arrival, computed by a living history."""
    history = make()
    for position, event in enumerate(events):
        if isinstance(event, Declared):
            yield position, event, compute(event.declaration, history, event.at, source=event.source)
        observe(history, event)


def differences(events: list[Event], make: Callable[[], History] = History) -> list[str]:
    """Return where a living history differs from the naive twin."""
    found = []
    for position, event, vector in live(events, make):
        expected = naive.recompute(events[:position], event.declaration, event.at, event.source)
        actual = resting_on_history(vector)
        rows = [(expected["header"], actual["header"]), *zip(expected["items"], actual["items"], strict=True)]
        for wanted, got in rows:
            found += [
                f"event {position}: {name} is {got[name]!r}, must be {wanted[name]!r}"
                for name in wanted.keys() | got.keys()
                if got[name] != wanted[name] or type(got[name]) is not type(wanted[name])
            ]
    return found


def test_the_twin_computes_exactly_the_features_that_rest_on_history() -> None:
    twin = naive.recompute([], declaration(), datetime.fromisoformat("2024-01-01T00:00Z"))
    assert sorted(twin["header"]) == sorted(HEADER_NAMES)
    assert sorted(twin["items"][0]) == sorted(ITEM_NAMES)


@given(streams())
@settings(max_examples=100)
def test_live_history_equals_the_naive_twin_for_every_feature(events: list[Event]) -> None:
    assert differences(events) == []


@pytest.mark.parametrize("seed", [1, 2])
def test_live_history_equals_the_naive_twin_on_a_long_stream(seed: int) -> None:
    events = stream(seed, 260)
    assert differences(events) == []
    rows = [row for *_, vector in live(events) for row in REGISTRY.as_mapping(vector)["items"]]
    levels = {row["unit_value_reference_level"] for row in rows}
    assert levels >= {None, "hs6_origin", "hs6", "hs4", "hs2"}, "the stream must meet every level"
    assert any(row["unit_mass_distance"] is not None for row in rows)


@given(streams(), st.integers(0, 10**6))
def test_reading_changes_nothing_that_a_later_reader_could_see(events: list[Event], seed: int) -> None:
    choose = random.Random(seed)
    quiet, busy = History(), History()
    for event in events:
        for _ in range(2):
            other = choose.choice([each for each in events if isinstance(each, Declared)])
            moment = event.at if isinstance(event, Declared) else event.known_at
            compute(other.declaration, busy, moment + timedelta(days=choose.choice([-40, 0, 1, 500])))
        observe(quiet, event)
        observe(busy, event)
    for event in events:
        if isinstance(event, Declared):
            end = quiet.last_at + timedelta(hours=choose.choice([0, 1, 30]))
            assert compute(event.declaration, busy, end) == compute(event.declaration, quiet, end)


@given(streams())
def test_a_declaration_reads_the_same_before_and_after_its_own_observation(events: list[Event]) -> None:
    history = History()
    for event in events:
        if not isinstance(event, Declared):
            observe(history, event)
            continue
        moment = max(event.at, history.last_at)
        before = compute(event.declaration, history, moment, source=event.source)
        observe(history, event)
        assert compute(event.declaration, history, moment, source=event.source) == before


def flipped(events: list[Event], instant: datetime, seed: int) -> list[Event]:
    """Return *events* with every result that is known at or after *instant* changed, or taken out."""
    choose = random.Random(seed)
    changed: list[Event] = []
    for event in events:
        if isinstance(event, Resulted) and event.known_at >= instant:
            if choose.random() < 0.3:
                continue
            other = replace(event.result, findings=findings(choose.choice))
            changed.append(replace(event, result=other))
        else:
            changed.append(event)
    return changed


def travels(events: list[Event], share: float, seed: int, make: Callable[[], History] = History) -> bool:
    """Tell whether flipping later results changes what was computed before or at an instant."""
    moments = sorted(event.at for event in events if isinstance(event, Declared))
    instant = moments[int(share * (len(moments) - 1))]
    clock, early = [], []
    for _, event, _ in live(events, make):
        clock.append(event.at)
        # Effective time does not run back: what arrives after a later declaration is computed later.
        early.append(max(clock) <= instant)
    first = [vector for *_, vector in live(events, make)]
    second = [vector for *_, vector in live(flipped(events, instant, seed), make)]
    return any(a != b for a, b, is_early in zip(first, second, early, strict=True) if is_early)


@given(streams(), st.floats(0, 1), st.integers(0, 10**6))
def test_flipping_results_known_at_or_after_an_instant_changes_nothing_at_or_before_it(
    events: list[Event], share: float, seed: int
) -> None:
    if any(isinstance(event, Declared) for event in events):
        assert not travels(events, share, seed)


# -- planted faults: each must be caught by the laws above


class Hasty(History):
    """Applies every result as soon as it arrives."""

    def advance(self, at: datetime) -> datetime:
        effective = super().advance(at)
        for entry in sorted(self._pending):
            self._apply(entry)
        self._pending.clear()
        return effective


class SameInstant(History):
    """Lets a result count at the very instant at which it is known."""

    def advance(self, at: datetime) -> datetime:
        super().advance(at + timedelta(microseconds=1))
        return max(at, self.last_at)


class Backwards(History):
    """Believes a clock that was put back."""

    def observe_declaration(self, declaration: Any, at: datetime, *, source: str = "") -> None:
        super().observe_declaration(declaration, at, source=source)
        self.last_at = at


class Echo(History):
    """Compares an amendment with the version that it replaces."""

    def set_aside(self, declaration_id: str, *, source: str = "") -> None:
        return None


class Doubling(History):
    """Adds a corrected result to the one that it corrects."""

    def _apply(self, entry: Any) -> None:
        old = self._controls.pop(entry.control, None)
        if old is None or old.version < entry.version:
            super()._apply(entry)
        else:
            self._controls[entry.control] = old


class Forgetful(History):
    """Never looks back: an amendment leaves the old content where it was."""

    def observe_declaration(self, declaration: Any, at: datetime, *, source: str = "") -> None:
        name = (source, declaration.id)
        old = self._contents.get(name)
        if old is not None and declaration.version > old.version:
            history_module._count(old, 1)
        super().observe_declaration(declaration, at, source=source)


class Redating(History):
    """Counts an amendment on the day of the amendment."""

    def observe_declaration(self, declaration: Any, at: datetime, *, source: str = "") -> None:
        name = (source, declaration.id)
        old = self._contents.get(name)
        if old is not None and declaration.version > old.version:
            self.set_aside(declaration.id, source=source)
            del self._contents[name]
        super().observe_declaration(declaration, at, source=source)


WRONG = [Hasty, SameInstant, Backwards, Echo, Doubling, Forgetful, Redating]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.__name__)
def test_the_comparison_with_the_twin_catches_a_history_that_is_wrong(wrong: type[History]) -> None:
    seeds = [seed for seed in range(20) if differences(stream(seed, 40), wrong)]
    assert seeds
    assert not any(differences(stream(seed, 40)) for seed in seeds), "the fault must be the planted one"


def test_the_law_of_time_catches_a_history_that_applies_results_at_once() -> None:
    seeds = [seed for seed in range(20) if travels(stream(seed, 40), 0.5, seed, Hasty)]
    assert seeds
    assert not any(travels(stream(seed, 40), 0.5, seed) for seed in seeds), (
        "the fault must be the planted one"
    )


def test_every_feature_that_rests_on_history_belongs_to_a_scope_that_the_laws_visit() -> None:
    visited = {*HEADER_NAMES, *ITEM_NAMES}
    assert {f.name for f in REGISTRY if f.family == "history"} <= visited
    assert all(REGISTRY[name].scope in (Scope.HEADER, Scope.ITEM) for name in visited)
