"""Every decision can be made again, and comes out the same; what was altered comes out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random  # noqa: TID251 - seeded: the same stream in every run
from typing import Any

import pytest

from tests.fakes import trade
from tests.fakes.memory_store import MemoryStore
from tests.fakes.scorer import FakeScorer
from tests.fakes.site import SOURCE, Site, starter_bodies
from tidewaiter.core.codes import Identifier
from tidewaiter.core.declaration import TradeFlow
from tidewaiter.core.draw import DrawKey
from tidewaiter.core.errors import ConfigurationError, Conflict, NotFound
from tidewaiter.core.features import REGISTRY
from tidewaiter.core.features.registry import FeatureVector, Scope
from tidewaiter.core.profiles import MissingMeans, Profile
from tidewaiter.core.rules.evaluate import evaluate, reader
from tidewaiter.core.rules.nodes import features_of
from tidewaiter.flow.assessor import inputs_of
from tidewaiter.flow.content import parse
from tidewaiter.flow.import_history import PastDeclaration
from tidewaiter.flow.ports import JournalEntry, StoredDecision

#: The profiles in force all the time.
RULES = parse(starter_bodies(), {}).rules
#: Changes of content that come in force in the middle of the stream.
PUBLICATIONS = (
    ("random_floor", {"probability": 0.2}),
    ("release_lane", "audit_later"),
    ("exploration", {"share": 0.3}),
)


def lived(seed: int = 1) -> Site:
    """Return a site that imported a past and lived through amendments, results and publications."""
    random, site = Random(seed), Site()
    past, present = trade.stream()[:60], trade.stream()[60:150]
    site.import_history(SOURCE, [with_result(declaration, random) for declaration in past])
    publications = iter(PUBLICATIONS)
    decided = []
    for position, declaration in enumerate(present):
        decided.append(declaration)
        if random.random() < 0.15:
            decided.append(trade.amended(random.choice(decided)))
            decided[-1] = replace(decided[-1], lodged_at=declaration.lodged_at)
            site.assess(decided[-1])
        if random.random() < 0.1:  # the amendment overtakes what it amends
            site.assess(replace(trade.amended(declaration), lodged_at=declaration.lodged_at))
        site.assess(declaration)
        if random.random() < 0.3:
            site.record(with_result(random.choice(decided), random).results[0])
        if position % 25 == 24 and (publication := next(publications, None)):
            publish(site, *publication)
        if position == 50:
            site.models.put(FakeScorer("second-model", level=-0.5))
            site.put_in_force("second-model")
    return site


def with_result(declaration: Any, random: Random) -> PastDeclaration:
    bad, hours = random.random() < 0.4, random.randint(1, 60)
    result = trade.result_for(
        declaration,
        number=random.randint(0, 10**9),
        bad=bad,
        ended_at=declaration.lodged_at + timedelta(hours=hours),
    )
    return PastDeclaration(declaration=declaration, results=(result,))


def publish(site: Site, member: str, value: Any) -> None:
    bodies = starter_bodies()
    plan = bodies["plan"]
    plan[member] = {**plan[member], **value} if isinstance(value, dict) else value
    site.publish(bodies)


@pytest.fixture(scope="module")
def site() -> Site:
    return lived()


def altered(site: Site, change: Callable[[StoredDecision], StoredDecision], at: int = 40) -> tuple[Site, str]:
    """Return a site on a copy of the store in which one decision was altered, and that decision."""
    assert isinstance(site.store, MemoryStore)
    store = MemoryStore()
    store.state = site.store.state.copy()
    decision, stored = store.state.decisions[at]
    store.state.decisions[at] = (decision, change(stored))
    return Site(store, models=site.models), decision.id


def test_every_decision_of_a_stream_comes_out_the_same(site: Site) -> None:
    replays = site.replays()
    assert len(replays) >= 100
    assert [each for each in replays if each.differences] == []
    # The stream had what could make a difference.
    records = [each.evidence for each in replays]
    assert {record["versions"]["model"] for record in records} == {"fake-model", "second-model"}
    assert len({record["versions"]["plan"] for record in records}) == 4
    assert {record["lane"] for record in records} >= {"release", "documents", "examination"}
    assert sum(record["declaration_version"] > 1 for record in records) > 5
    assert any("stale" in record["marks"] for record in records)


def said(profile: Profile, vector: FeatureVector) -> tuple[list[int] | None, bool]:
    """Return the items (from 1; none: the header) on which a profile fires, and whether it is undecided.

    By the specification alone; no items at all where it does not fire.
    """
    header = all(REGISTRY.position[name][0] is Scope.HEADER for name in features_of(profile.when))
    readers = [reader(REGISTRY, vector.header, item) for item in vector.items]
    truths = [evaluate(profile.when, read, REGISTRY, RULES.entries) for read in readers]
    fires = {True, None} if profile.unknown is MissingMeans.FIRES else {True}
    items = [number for number, truth in enumerate(truths, 1) if truth in fires]
    return ([] if header else items) if items else None, not items and None in truths


def test_what_profiles_say_on_record_is_what_the_specification_finds_in_the_recorded_values(
    site: Site,
) -> None:
    assert isinstance(site.store, MemoryStore)
    count = {"hits": 0, "undecided": 0}
    for _, stored in site.store.state.decisions:
        record, declared = json.loads(stored.evidence), json.loads(stored.declaration_body)
        vector, *_ = inputs_of(stored.inputs)
        place = TradeFlow(declared["flow"]), declared["office"], datetime.fromisoformat(record["at"]).date()
        expected = {each.code: said(each, vector) for each in RULES.profiles if each.applies(*place)}
        hits = [(hit["profile"], hit["items"]) for hit in record["hits"]]
        assert hits == [(code, items) for code, (items, _) in expected.items() if items is not None]
        undecided = [each["profile"] for each in record["undecided"]]
        assert undecided == [code for code, (_, unknown) in expected.items() if unknown]
        count["hits"] += len(hits)
        count["undecided"] += len(undecided)
    assert min(count.values()) >= 5, f"a stream in which profiles say little shows little: {count}"


def test_feature_values_come_out_the_same_from_history(site: Site) -> None:
    decisions = list(site.decisions())[::5]
    replays = [site.services.replay(each, from_history=True) for each in decisions]
    assert len(replays) >= 20
    assert [each for each in replays if each.differences] == []
    assert all(each.from_history for each in replays)


def test_a_replay_in_a_new_process_comes_out_the_same(site: Site) -> None:
    assert not any(replay.differences for replay in site.restarted().replays())


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("lane", "release"), ("arm", "top_up"), ("inclusion_probability", "0.999"), ("probability", "0.5"),
        ("marks", ["OVER_CAPACITY"]), ("at", "2026-06-30T00:00:00+00:00"), ("hits", [{}]), ("journal", 1),
        ("instructions", ["weigh"]), ("inputs_sha256", "0" * 64),
    ],
)  # fmt: skip
def test_an_altered_record_is_found(site: Site, member: str, value: Any) -> None:
    def change(stored: StoredDecision) -> StoredDecision:
        evidence = json.loads(stored.evidence)
        assert evidence[member] != value
        return replace(stored, evidence=json.dumps({**evidence, member: value}).encode())

    copy, decision = altered(site, change)
    assert copy.services.replay(decision).differences


def test_an_altered_answer_is_found(site: Site) -> None:
    def change(stored: StoredDecision) -> StoredDecision:
        return replace(stored, answer=stored.answer.replace(b'"lane":"', b'"lane":"x'))

    copy, decision = altered(site, change)
    assert [each.place for each in copy.services.replay(decision).differences] == ["/answer/lane"]


@pytest.mark.parametrize("part", ["vector", "pacing", "earlier"])
def test_altered_inputs_are_found(site: Site, part: str) -> None:
    assert isinstance(site.store, MemoryStore)
    decisions = site.store.state.decisions
    amendment = next(n for n, (_, stored) in enumerate(decisions) if json.loads(stored.inputs)["earlier"])

    def change(stored: StoredDecision) -> StoredDecision:
        inputs = json.loads(stored.inputs)
        if part == "vector":
            inputs["vector"][0][0] = "ELSEWHERE"
        elif part == "pacing":
            inputs["pacing"]["seen"] += 1.0
        else:
            inputs["earlier"]["inclusion_probability"] = 0.123
        return replace(stored, inputs=json.dumps(inputs).encode())

    copy, decision = altered(site, change, at=amendment)
    places = {each.place for each in copy.services.replay(decision).differences}
    assert "/inputs_sha256" in places


def test_another_history_is_found_from_history_only(site: Site) -> None:
    assert isinstance(site.store, MemoryStore)
    store = MemoryStore()
    store.state = site.store.state.copy()
    results = [n for n, entry in enumerate(store.state.journal) if entry.kind == "result"][:20]
    for n in results:
        entry = store.state.journal[n]
        store.state.journal[n] = replace(entry, body=flipped(entry))
    copy = Site(store, models=site.models)
    late = list(copy.decisions())[-30::3]
    assert not any(copy.services.replay(each).differences for each in late)
    places = {
        difference.place
        for each in late
        for difference in copy.services.replay(each, from_history=True).differences
    }
    assert any(place.startswith("/features/header/") and "irregular" in place for place in places)


def flipped(entry: JournalEntry) -> bytes:
    """Return the result of an entry, compliant instead of irregular and the other way round."""
    data = json.loads(entry.body)
    outcome = data["findings"][0].pop("outcome")
    data["findings"] = [{"outcome": "compliant" if outcome == "irregular" else "irregular"}]
    return json.dumps(data).encode()


def test_another_draw_key_is_found(site: Site) -> None:
    other = Site(site.store, models=site.models, draw_key=DrawKey(id="test-key", secret=bytes(32)))
    assert any(replay.differences for replay in other.replays())


def test_another_model_under_the_same_name_is_found(site: Site) -> None:
    models = type(site.models)()
    models.kept = {**site.models.kept, "fake-model": FakeScorer("fake-model", level=1.0)}
    copy = Site(site.store, models=models)
    assert any(replay.differences for replay in copy.replays())


def test_a_model_that_is_gone_is_told(site: Site) -> None:
    copy = Site(site.store, models=type(site.models)())
    with pytest.raises(ConfigurationError, match="fake-model"):
        copy.services.replay(next(iter(copy.decisions())))


def test_a_feature_set_of_another_release_is_told(site: Site) -> None:
    def change(stored: StoredDecision) -> StoredDecision:
        evidence = json.loads(stored.evidence)
        evidence["versions"]["features"] = "an-older-one"
        return replace(stored, evidence=json.dumps(evidence).encode())

    copy, decision = altered(site, change)
    with pytest.raises(Conflict, match="Replay it with the release that made it"):
        copy.services.replay(decision)


def test_an_unknown_decision_is_not_found(site: Site) -> None:
    with pytest.raises(NotFound):
        site.services.replay("D" + "0" * 24)


def test_a_replay_writes_nothing(site: Site) -> None:
    assert isinstance(site.store, MemoryStore)
    before = site.store.state
    site.services.replay(next(iter(site.decisions())), from_history=True)
    assert site.store.state is before


def test_two_sources_with_the_same_numbers_replay_each_by_its_own_history() -> None:
    site = Site()
    for number in range(6):
        first = trade.declaration(number)
        other = trade.declaration(number, parties=trade.declaration(number + 1).parties)
        site.assess(first)
        site.assess(other, client="rail", source="rail")
        site.assess(trade.amended(first, delivery_terms_code=Identifier("FOB")))
    replays = site.replays(from_history=True)
    assert len(replays) == 18
    assert [each for each in replays if each.differences] == []
