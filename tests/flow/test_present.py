"""Memory is a fold over the store: after a failure, in a second process, and after a publication."""

from __future__ import annotations

import gc
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from tests.fakes import trade
from tests.fakes.failing_store import FailingStore
from tests.fakes.memory_store import MemoryStore
from tests.fakes.scorer import FakeScorer
from tests.fakes.site import Site, starter_bodies
from tidewaiter.adapters.sql import SqlStore
from tidewaiter.core.control import ControlResult
from tidewaiter.core.declaration import Declaration
from tidewaiter.core.errors import Unavailable
from tidewaiter.flow import present as present_module

STREAM = trade.stream()[:90]


def results_of(declarations: tuple[Declaration, ...]) -> dict[int, ControlResult]:
    """Return a result for every fourth declaration: position after which it arrives -> result."""
    return {
        position + 3: trade.result_for(d, bad=position % 8 == 0, ended_at=d.lodged_at + timedelta(hours=1))
        for position, d in enumerate(declarations)
        if position % 4 == 0
    }


def run(site: Site, declarations: tuple[Declaration, ...] = STREAM) -> None:
    """Send declarations one by one, with results between them."""
    results = results_of(declarations)
    for position, declaration in enumerate(declarations):
        site.assess(declaration)
        if position in results:
            site.record(results[position])


class DisturbedSite(Site):
    """A process whose every third turn fails once and is sent again."""

    turns = 0

    def assess(self, *declarations: Declaration, **who: str):  # type: ignore[no-untyped-def]
        self._fail_sometimes(lambda: super(DisturbedSite, self).assess(*declarations, **who))
        return super().assess(*declarations, **who)

    def record(self, *results: ControlResult, **who: str):  # type: ignore[no-untyped-def]
        self._fail_sometimes(lambda: super(DisturbedSite, self).record(*results, **who))
        return super().record(*results, **who)

    def _fail_sometimes(self, turn: Callable[[], object]) -> None:
        assert isinstance(self.store, FailingStore)
        self.turns += 1
        if self.turns % 3 == 0:
            self.store.failures = 1
            with pytest.raises(Unavailable):
                turn()


def test_a_commit_that_fails_leaves_the_process_as_if_nothing_had_been_sent() -> None:
    disturbed, undisturbed = DisturbedSite(FailingStore(MemoryStore())), Site()
    run(disturbed)
    run(undisturbed)
    assert disturbed.turns > 100
    assert disturbed.decisions() == undisturbed.decisions()


def test_a_process_that_kept_its_memory_after_a_failure_would_be_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    @contextmanager
    def forgetting_nothing() -> Iterator[None]:
        yield

    disturbed, undisturbed = DisturbedSite(FailingStore(MemoryStore())), Site()
    monkeypatch.setattr(disturbed.present, "turn", forgetting_nothing)
    run(undisturbed)
    try:
        run(disturbed)
    except AssertionError as error:
        assert "BUG" in str(error)  # noqa: PT017 - either end shows it
    else:
        assert disturbed.decisions() != undisturbed.decisions()


def test_only_a_turn_that_changed_memory_costs_a_fold(monkeypatch: pytest.MonkeyPatch) -> None:
    store, folded, fold = FailingStore(MemoryStore()), [], present_module.fold
    site = Site(store)
    run(site, STREAM[:30])
    monkeypatch.setattr(present_module, "fold", lambda *args: (folded.append(args), fold(*args)))
    store.locked = True
    with pytest.raises(Unavailable):
        site.assess(STREAM[30])
    store.locked = False
    site.assess(STREAM[30])
    assert not folded
    store.failures = 1
    with pytest.raises(Unavailable):
        site.assess(STREAM[31])
    site.assess(STREAM[31])
    assert len(folded) == 1


def test_an_error_in_the_middle_of_a_turn_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    site, undisturbed = Site(), Site()
    run(site, STREAM[:30])
    with monkeypatch.context() as patched:
        patched.setattr(FakeScorer, "score", None)
        with pytest.raises(TypeError):
            site.assess(*STREAM[30:40])
    run(undisturbed, STREAM[:30])
    assert site.decisions() == undisturbed.decisions()
    again, first = site.assess(*STREAM[30:40]), undisturbed.assess(*STREAM[30:40])
    assert [reply.answer for reply in again] == [reply.answer for reply in first]
    assert site.decisions() == undisturbed.decisions()


def test_two_processes_on_one_file_decide_as_one(
    make_sql_store: Callable[..., SqlStore], tmp_path: Path
) -> None:
    folder, alone = tmp_path / "shared", Site()
    first = Site(make_sql_store(folder))
    second = Site(make_sql_store(folder), models=first.models)
    results = results_of(STREAM)
    for position, declaration in enumerate(STREAM):
        one, other = (first, second) if position % 3 else (second, first)
        one.assess(declaration)
        alone.assess(declaration)
        if position in results:
            other.record(results[position])
            alone.record(results[position])
    assert first.decisions() == second.decisions() == alone.decisions()


def test_a_restart_decides_as_if_it_had_not_been(make_sql_store: Callable[..., SqlStore]) -> None:
    site, alone = Site(make_sql_store()), Site()
    results = results_of(STREAM)
    for position, declaration in enumerate(STREAM):
        for each in (site, alone):
            each.assess(declaration)
            if position in results:
                each.record(results[position])
        if position % 10 == 9:
            site = site.restarted()
    assert site.decisions() == alone.decisions()


def test_one_caller_at_a_time_has_the_state() -> None:
    site, alone = Site(), Site()
    stream = STREAM[:40]
    threads = [threading.Thread(target=site.assess, args=stream[n::8]) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    alone.assess(*stream)
    assert site.decisions().keys() == alone.decisions().keys()
    positions = sorted(site.evidence(decision)["journal"] for decision in site.decisions())
    assert positions == list(range(1, len(stream) + 1))
    assert not any(replay.differences for replay in site.replays(from_history=True))


def test_what_history_gains_is_left_out_of_the_walks_of_the_collector(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(present_module, "_SETTLE_EVERY", 10)
    site = Site()
    site.assess(trade.declaration(0))
    before = gc.get_freeze_count()
    for number in range(1, 9):
        site.assess(trade.declaration(number))
    assert gc.get_freeze_count() <= before
    site.assess(trade.declaration(9))
    assert gc.get_freeze_count() > before + 100


def test_content_takes_effect_on_the_next_declaration() -> None:
    site = Site()
    quiet = next(n for n in range(50) if site.lane(trade.declaration(n)) == "release")
    bodies = starter_bodies()
    bodies["plan"]["random_floor"]["probability"] = 1.0
    versions = site.publish(bodies)
    evidence = site.decide(trade.declaration(quiet + 120))
    assert (evidence["lane"], evidence["arm"]) == ("examination", "random")
    assert evidence["versions"]["plan"] == versions["plan"]


def test_a_profile_that_is_published_fires_on_the_next_declaration() -> None:
    site = Site()
    bodies = starter_bodies()
    for profile in bodies["rules"]["profiles"]:
        if profile["code"] == "drug_precursors":
            profile["when"] = {"feature": "office", "=": "PORT"}
    site.publish(bodies)
    assert [hit["profile"] for hit in site.decide(trade.declaration(1))["hits"]] == ["drug_precursors"]


def test_another_model_scores_the_next_declaration() -> None:
    site = Site()
    before = site.decide(trade.declaration(1))
    site.models.put(FakeScorer("other-model", level=3.0))
    site.put_in_force("other-model")
    after = site.decide(trade.declaration(2))
    assert (before["versions"]["model"], after["versions"]["model"]) == ("fake-model", "other-model")
    assert float(after["probability"]) > 0.5


def test_a_broken_model_degrades_with_a_mark_and_never_to_a_silent_release() -> None:
    site = Site()
    site.models.put(FakeScorer("other-model"))
    site.models.broken.add("other-model")
    site.put_in_force("other-model")
    answers = [site.answer(trade.declaration(number)) for number in range(60)]
    assert all(answer["degraded"] for answer in answers)
    records = [site.evidence(answer["decision_id"]) for answer in answers]
    assert all("DEGRADED_MODEL" in record["marks"] for record in records)
    assert all(record["versions"]["model"] is None for record in records)
    # The plan's draw stands in for the model: some are selected by it, and every one could have been.
    drawn = [stage for record in records for stage in record["stages"] if stage["stage"] == "degraded"]
    assert len(drawn) == 60
    assert all(stage["probability"] == "0.2" for stage in drawn)
    assert 0 < sum(stage["selected"] for stage in drawn) < 60
    state = site.services.look_up.state()
    assert state.model is None
    assert "altered" in str(state.model_fault)


def test_a_repaired_model_that_is_put_in_force_again_ends_the_marks() -> None:
    site = Site()
    site.models.broken.add("fake-model")
    assert site.answer(trade.declaration(1))["degraded"]
    site.models.broken.clear()
    site.put_in_force("fake-model")
    assert not site.answer(trade.declaration(2))["degraded"]
    assert site.services.look_up.state().model == "fake-model"


def test_a_scorer_that_does_not_answer_degrades_one_decision_and_its_replay_is_the_same() -> None:
    site = Site()
    site.models.kept["fake-model"].down = True
    evidence = site.decide(trade.declaration(1))
    site.models.kept["fake-model"].down = False
    assert "DEGRADED_MODEL" in evidence["marks"]
    assert evidence["versions"]["model"] is None
    assert "DEGRADED_MODEL" not in site.decide(trade.declaration(2))["marks"]
    assert not any(replay.differences for replay in site.replays())


def test_without_any_model_declarations_are_marked() -> None:
    site = Site(model=None)
    assert site.answer(trade.declaration(1))["degraded"]
    assert site.services.look_up.state().model_fault is None


def test_without_content_nothing_is_decided() -> None:
    site = Site()
    store = site.store
    assert isinstance(store, MemoryStore)
    store.state.publications = [each for each in store.state.publications if each.kind == "draw_key"]
    with pytest.raises(Unavailable, match="publish"):
        site.assess(trade.declaration(1))
    assert not site.decisions()


def test_the_state_tells_what_is_in_force() -> None:
    site = Site()
    site.assess(trade.declaration(1), trade.declaration(2))
    state = site.services.look_up.state()
    published = site.services.administration.published()
    assert (state.rules, state.plan) == (published["rules"], published["plan"])
    assert (state.model, state.model_fault, state.journal) == ("fake-model", None, 2)


def test_pacing_is_written_for_the_offices_that_changed() -> None:
    site = Site()
    site.assess(trade.declaration(1))
    with site.store.read() as uow:
        kept = uow.capacity_states()
    assert list(kept) == ["PORT"]
    assert json.loads(kept["PORT"])["arrivals"] == 1
