"""Train, compare, propose, promote, roll back: what may follow what, and what is judged on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random  # noqa: TID251 - seeded: the same results in every run

import pytest

from tests.fakes import trade
from tests.fakes.memory_store import MemoryStore
from tests.fakes.scorer import FakeModels
from tests.fakes.site import SOURCE, START, FakeClock, Site
from tidewaiter.core.control import Finding, Outcome
from tidewaiter.core.errors import ConfigurationError, Conflict, NotFound, Unavailable
from tidewaiter.core.features.registry import FeatureVector
from tidewaiter.core.learning.labels import Example
from tidewaiter.flow.examples import Past
from tidewaiter.flow.import_history import PastDeclaration
from tidewaiter.flow.learn import judging_rows

#: Irregular share of the goods, by the remainder of a declaration's number.
RATES = (0.02, 0.02, 0.05, 0.05, 0.10, 0.60, 0.05, 0.02)
DAYS = 100
A_DAY = 8


def inspected(
    first_day: int = 0, days: int = DAYS, *, rates: Sequence[float] = RATES
) -> list[PastDeclaration]:
    """Return declarations of which each was inspected, known two hours later."""
    random, past = Random(first_day), []
    for number in range(first_day * A_DAY, (first_day + days) * A_DAY):
        at = START + timedelta(days=number // A_DAY, minutes=5 * (number % A_DAY))
        bad = random.random() < rates[number % len(rates)]
        findings = (trade.irregular(),) if bad else (trade.CLEAN,)
        result = trade.result(number, ended_at=at + timedelta(hours=2), findings=findings)
        past.append(PastDeclaration(declaration=trade.declaration(number, lodged_at=at), results=(result,)))
    return past


def new_site(days: int = DAYS, *, rates: Sequence[float] = RATES) -> Site:
    """Return a site with an inspected past and no model."""
    site = Site(model=None, clock=FakeClock(START + timedelta(days=days)))
    site.import_history(SOURCE, inspected(0, days, rates=rates))
    return site


def learning_site() -> Site:
    """Return a site whose first model was trained on 60 days, with 40 more days known now."""
    site = new_site(60)
    site.services.learning.train()
    site.import_history(SOURCE, inspected(60, 40))
    site.clock.at = START + timedelta(days=DAYS)
    return site


def states(site: Site) -> dict[str, str]:
    return {record.version: record.state for record in site.services.learning.models()[0]}


def in_force(site: Site) -> str | None:
    return site.services.learning.models()[1]


# -- train


def test_the_first_model_is_in_force_at_once_and_scores_the_next_declaration() -> None:
    site = new_site(30)
    trained = site.services.learning.train()
    assert (trained.in_force, trained.examples) == (True, 30 * A_DAY)
    assert states(site) == {trained.version: "promoted"}
    assert in_force(site) == trained.version
    evidence = site.decide(trade.declaration(5000))
    assert evidence["versions"]["model"] == trained.version
    assert "DEGRADED_MODEL" not in evidence["marks"]


def test_training_again_on_the_same_results_changes_nothing() -> None:
    site = new_site(30)
    first = site.services.learning.train()
    site.clock.advance(days=1)
    again = site.services.learning.train()
    assert (again.version, again.in_force) == (first.version, False)
    assert states(site) == {first.version: "promoted"}
    assert in_force(site) == first.version


def test_a_later_model_is_a_candidate_and_the_one_in_force_stays() -> None:
    site = learning_site()
    first = in_force(site)
    later = site.services.learning.train()
    assert not later.in_force
    assert states(site)[later.version] == "candidate"
    assert in_force(site) == first


def test_too_few_results_train_no_model() -> None:
    site = new_site(20)
    with pytest.raises(Unavailable, match="160 declarations have a result to learn from; 200 are needed"):
        site.services.learning.train()
    assert site.services.learning.models() == ([], None)


# -- learn


def test_a_challenger_is_trained_before_the_judging_period_and_judged_on_it() -> None:
    site = learning_site()
    proposal = site.services.learning.learn(judging_days=28)
    first_day = START.date() + timedelta(days=DAYS - 28)
    assert proposal.judged_from == first_day
    challenger, champion = site.models.trainings[-1], site.models.trainings[0]
    assert (len(champion), len(challenger)) == (60 * A_DAY, (DAYS - 28) * A_DAY)
    assert max(example.known_day for example in challenger) < first_day.toordinal()
    assert proposal.comparison.rows == proposal.comparison.inspected == 28 * A_DAY
    assert (proposal.champion, proposal.missing_results) == (in_force(site), 0)


def test_what_is_promoted_is_what_was_judged() -> None:
    site = learning_site()
    proposal = site.services.learning.learn()
    assert proposal.proposed, [gate.sentence for gate in proposal.comparison.gates]
    assert states(site)[proposal.challenger] == "proposed"
    trainings = len(site.models.trainings)
    record = site.services.learning.promote(None, by="Anna")
    assert (record.version, record.state) == (proposal.challenger, "promoted")
    assert record.comparison["champion"] == proposal.champion
    assert len(site.models.trainings) == trainings
    assert in_force(site) == proposal.challenger
    assert site.decide(trade.declaration(5000))["versions"]["model"] == proposal.challenger
    with site.store.read() as uow:
        assert [each.by for each in uow.publications("model")] == ["first model", "Anna"]


def spoilt_site() -> Site:
    """Return a site in whose past somebody corrected the worst goods to compliant."""
    site = new_site(60)
    site.services.learning.train()
    for entry in inspected(0, 60):
        number = int(str(entry.declaration.id)[1:])
        if number % len(RATES) == 5:
            site.record(replace(entry.results[0], version=2, findings=(trade.CLEAN,)))
    site.import_history(SOURCE, inspected(60, 40))
    return site


def test_a_challenger_that_finds_less_is_refused_and_cannot_be_promoted() -> None:
    site = spoilt_site()
    champion = in_force(site)
    proposal = site.services.learning.learn(judging_days=38)
    assert not proposal.proposed
    assert {gate.name for gate in proposal.comparison.gates if not gate.passed} >= {"improvement"}
    assert states(site)[proposal.challenger] == "refused"
    with pytest.raises(Conflict, match="refused"):
        site.services.learning.promote(proposal.challenger, by="Anna")
    with pytest.raises(NotFound):
        site.services.learning.promote(None, by="Anna")
    assert in_force(site) == champion


def test_a_candidate_and_an_unknown_model_cannot_be_promoted() -> None:
    site = learning_site()
    candidate = site.services.learning.train().version
    with pytest.raises(Conflict, match="candidate"):
        site.services.learning.promote(candidate, by="Anna")
    with pytest.raises(NotFound):
        site.services.learning.promote("no-such-model", by="Anna")


def test_a_model_in_force_cannot_be_promoted_again() -> None:
    site = learning_site()
    version = site.services.learning.learn().challenger
    site.services.learning.promote(version, by="Anna")
    with pytest.raises(Conflict, match="in force already"):
        site.services.learning.promote(version, by="Anna")


def test_judging_the_model_in_force_again_leaves_its_record() -> None:
    site = learning_site()
    version = site.services.learning.learn().challenger
    site.services.learning.promote(version, by="Anna")
    again = site.services.learning.learn()
    assert again.champion == again.challenger == version
    assert states(site)[version] == "promoted"


def test_a_proposal_whose_files_were_altered_is_not_promoted() -> None:
    site = learning_site()
    proposal = site.services.learning.learn()
    site.models.broken.add(proposal.challenger)
    with pytest.raises(ConfigurationError, match="altered"):
        site.services.learning.promote(None, by="Anna")
    assert in_force(site) == proposal.champion
    assert states(site)[proposal.challenger] == "proposed"


def test_a_proposal_against_a_model_that_is_not_in_force_any_more_is_not_promoted() -> None:
    site = learning_site()
    older = site.services.learning.learn(judging_days=35).challenger
    newer = site.services.learning.learn(judging_days=28).challenger
    assert states(site)[older] == states(site)[newer] == "proposed"
    site.services.learning.promote(newer, by="Anna")
    with pytest.raises(Conflict, match="not in force any more"):
        site.services.learning.promote(older, by="Anna")


def test_without_a_model_in_force_or_ground_to_judge_on_nothing_is_compared() -> None:
    with pytest.raises(Unavailable, match="train"):
        new_site(30).services.learning.learn()
    empty = Site()
    with pytest.raises(Unavailable, match="no history"):
        empty.services.learning.learn()
    unlabelled = learning_site()
    unlabelled.import_history(
        SOURCE,
        [PastDeclaration(declaration=trade.declaration(9000, lodged_at=START + timedelta(days=200)))],
    )
    with pytest.raises(Unavailable, match="known probability"):
        unlabelled.services.learning.learn(judging_days=7)


# -- roll back


def promoted_twice() -> tuple[Site, list[str]]:
    """Return a site on its third model, and the three in their order."""
    site = learning_site()
    line = [str(in_force(site))]
    for judging_days in (35, 28):
        line.append(site.services.learning.learn(judging_days=judging_days).challenger)
        site.services.learning.promote(line[-1], by="Anna")
    assert len(set(line)) == 3
    return site, line


def test_rolling_back_twice_goes_back_twice_and_then_ends() -> None:
    site, line = promoted_twice()
    assert [site.services.learning.roll_back(by="Ben") for _ in range(2)] == [line[1], line[0]]
    assert in_force(site) == line[0]
    with pytest.raises(Conflict, match="first"):
        site.services.learning.roll_back(by="Ben")
    with site.store.read() as uow:
        assert [each.version for each in uow.publications("model")] == [*line, line[1], line[0]]


def test_after_a_roll_back_a_promotion_goes_on_from_there() -> None:
    site, line = promoted_twice()
    site.services.learning.roll_back(by="Ben")
    site.services.learning.roll_back(by="Ben")
    again = site.services.learning.learn(judging_days=28)
    assert (again.champion, again.challenger) == (line[0], line[2])
    site.services.learning.promote(again.challenger, by="Anna")
    assert in_force(site) == line[2]
    assert site.services.learning.roll_back(by="Ben") == line[0]


def test_a_roll_back_takes_effect_on_the_next_declaration() -> None:
    site, line = promoted_twice()
    assert site.decide(trade.declaration(5000))["versions"]["model"] == line[2]
    site.services.learning.roll_back(by="Ben")
    assert site.decide(trade.declaration(5001))["versions"]["model"] == line[1]
    assert not any(replay.differences for replay in site.replays())


def test_a_roll_back_to_a_model_whose_files_are_gone_is_refused() -> None:
    site, line = promoted_twice()
    site.models.broken.add(line[1])
    with pytest.raises(ConfigurationError):
        site.services.learning.roll_back(by="Ben")
    assert in_force(site) == line[2]


def test_without_any_model_there_is_nothing_to_go_back_to() -> None:
    with pytest.raises(NotFound):
        Site(model=None).services.learning.roll_back(by="Ben")


# -- what is judged on


def past(day: int, *, inclusion: float | None, arm: str | None, irregular: bool | None) -> Past:
    entry = Past(
        source=SOURCE,
        declaration=trade.declaration(day),
        vector=FeatureVector((), ((),)),
        day=day,
        inclusion_probability=inclusion,
        arm=arm,
    )
    if irregular is not None:
        taught = Example(
            vector=entry.vector,
            item_irregular=(irregular,),
            kinds=(frozenset(),),
            duty_effect=(50.0 * irregular,),
            lodged_day=day,
            known_day=day,
        )
        entry.lessons["C"] = (1, taught)
    return entry


@pytest.mark.parametrize(
    ("entry", "judged", "missing"),
    [
        # Imported: inspected ones stand for themselves, the others say nothing.
        (past(10, inclusion=None, arm=None, irregular=True), (1.0, True, 50.0, True), 0),
        (past(10, inclusion=None, arm=None, irregular=False), (1.0, False, 0.0, True), 0),
        (past(10, inclusion=None, arm=None, irregular=None), None, 0),
        # Decided: released ones are known not to have been inspected.
        (past(10, inclusion=0.2, arm="none", irregular=None), (0.2, None, 0.0, False), 0),
        (past(10, inclusion=0.2, arm="model", irregular=True), (0.2, True, 50.0, False), 0),
        (past(10, inclusion=0.2, arm="random", irregular=False), (0.2, False, 0.0, True), 0),
        # Released and looked at all the same: nobody knows how it was chosen.
        (past(10, inclusion=0.2, arm="none", irregular=True), (0.2, None, 0.0, False), 0),
        # Selected, and the result has not come.
        (past(10, inclusion=0.2, arm="model", irregular=None), (1e-9, None, 0.0, False), 1),
        # Before the period.
        (past(9, inclusion=0.2, arm="random", irregular=True), None, 0),
        (past(9, inclusion=0.2, arm="model", irregular=None), None, 0),
    ],
)  # fmt: skip
def test_who_is_judged_on(entry: Past, judged: tuple[object, ...] | None, missing: int) -> None:
    rows, told, lacking = judging_rows([entry], 10)
    assert lacking == missing
    assert rows == ([] if judged is None else [entry])
    found = [(j.inclusion_probability, j.irregular, j.duty_found, j.random_arm) for j in told]
    assert found == ([] if judged is None else [judged])


def test_missing_results_lower_the_probabilities_by_the_share_that_has_come() -> None:
    entries = [
        past(10, inclusion=0.4, arm="model", irregular=True),
        past(11, inclusion=0.8, arm="random", irregular=None),
        past(12, inclusion=0.2, arm="none", irregular=None),
        past(13, inclusion=None, arm=None, irregular=True),
    ]
    rows, told, missing = judging_rows(entries, 10)
    assert (rows, missing) == (entries, 1)
    assert [judged.inclusion_probability for judged in told] == [0.2, 0.4, 0.1, 1.0]
    assert [judged.irregular for judged in told] == [True, None, None, True]


def test_segments_of_the_judged_are_told() -> None:
    _, told, _ = judging_rows([past(10, inclusion=0.2, arm="none", irregular=None)], 10)
    assert told[0].segments == {"office": "PORT", "chapter": "30", "declarant": "B1", "importer": "T0"}


def test_missing_results_of_the_period_are_counted_and_told() -> None:
    site = learning_site()
    selected = 0
    for number in range(20_000, 20_040):
        at = START + timedelta(days=DAYS - 1, minutes=number % 1000)
        selected += bool(site.answer(trade.declaration(number, lodged_at=at))["control"])
    assert 0 < selected < 40
    proposal = site.services.learning.learn()
    assert proposal.missing_results == selected
    assert proposal.comparison.rows == 28 * A_DAY + 40
    record = next(r for r in site.services.learning.models()[0] if r.version == proposal.challenger)
    assert record.comparison["missing_results"] == selected
    assert json.loads(json.dumps(record.comparison)) == record.comparison
    assert date.fromisoformat(record.comparison["judged_from"]) == proposal.judged_from


def test_learning_writes_no_decision_and_no_history() -> None:
    site = learning_site()
    assert isinstance(site.store, MemoryStore)
    journal, decisions = site.store.state.journal, site.store.state.decisions
    site.services.learning.learn()
    assert site.store.state.journal == journal
    assert site.store.state.decisions == decisions


def test_open_results_teach_nothing() -> None:
    site = Site(model=None, models=FakeModels())
    opened = (Finding(outcome=Outcome.INCONCLUSIVE),)
    rows = inspected(0, 30)
    spoilt = [replace(e, results=(replace(e.results[0], findings=opened),)) for e in rows[:20]]
    site.import_history(SOURCE, [*spoilt, *rows[20:]])
    assert site.services.learning.train().examples == 30 * A_DAY - 20
    assert isinstance(site.clock.now(), datetime)
