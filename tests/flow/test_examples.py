"""What each control teaches: the version that was controlled, with the features of its decision."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes import trade
from tests.fakes.site import SOURCE, START, Site
from tidewaiter.adapters.formats import json as json_format
from tidewaiter.core.control import Finding, Outcome
from tidewaiter.core.learning.labels import WEIGHT_MAX
from tidewaiter.flow.assessor import inputs_of
from tidewaiter.flow.examples import Past, examples_known_before, past_declarations
from tidewaiter.flow.import_history import PastDeclaration

OPEN = (Finding(outcome=Outcome.INCONCLUSIVE),)
CLEAN = (trade.CLEAN,)


def past_of(site: Site) -> dict[tuple[str, str], Past]:
    with site.store.read() as uow:
        return {
            (entry.source, str(entry.declaration.id)): entry for entry in past_declarations(uow, json_format)
        }


def past(site: Site, number: int) -> Past:
    return past_of(site)[SOURCE, f"D{number}"]


def irregular(site: Site, number: int) -> bool | None:
    example = past(site, number).example
    return None if example is None else example.irregular


def test_a_model_learns_from_the_very_features_that_decisions_are_made_from() -> None:
    site = Site()
    decided: dict[tuple[str, str], str] = {}
    for position, declaration in enumerate(trade.stream()[:80]):
        for source in ("national", "rail") if position % 7 == 0 else ("national",):
            site.assess(declaration, client=source, source=source)
            decided[source, str(declaration.id)] = str(declaration.version)
        if position % 5 == 0:
            site.assess(trade.amended(declaration, lodged_at=declaration.lodged_at), client="national")
        if position % 3 == 0:
            at = declaration.lodged_at + timedelta(hours=3)
            site.record(trade.result_for(declaration, bad=position % 2 == 0, ended_at=at))
    recorded = {
        (e["source"], e["declaration_id"], e["declaration_version"]): inputs_of(inputs)[0]
        for e, inputs in ((site.services.replay(d).evidence, i) for d, (_, i, _) in site.decisions().items())
    }
    entries = past_of(site)
    assert len(entries) == len(decided) > 80
    for (source, number), entry in entries.items():
        assert entry.vector == recorded[source, number, entry.declaration.version]


def test_a_result_teaches_of_the_version_that_was_controlled() -> None:
    site = Site()
    first = trade.declaration(1)
    site.assess(first)
    site.record(trade.result(1))
    site.assess(trade.amended(first, items=(trade.item(1, heading="2523"),)))
    entry = past(site, 1)
    assert (entry.declaration.version, irregular(site, 1)) == (1, True)


def test_without_a_result_the_latest_version_counts() -> None:
    site = Site()
    first = trade.declaration(1)
    site.assess(first)
    site.assess(trade.amended(first))
    site.record(trade.result(1))
    entry = past(site, 1)
    assert (entry.declaration.version, irregular(site, 1)) == (2, True)


def test_an_older_version_that_comes_late_is_not_learned_from() -> None:
    site = Site()
    first = trade.declaration(1)
    site.assess(trade.amended(first))
    site.assess(first)
    site.record(trade.result(1))
    assert past(site, 1).declaration.version == 2


def test_a_correction_replaces_and_an_older_version_of_a_result_does_not() -> None:
    site = Site()
    site.assess(trade.declaration(1))
    site.record(trade.result(1, 2))
    assert irregular(site, 1) is True
    site.record(trade.result(1, 1, findings=CLEAN))
    assert irregular(site, 1) is True
    site.record(trade.result(1, 3, findings=CLEAN))
    assert irregular(site, 1) is False
    site.record(trade.result(1, 4, findings=OPEN))
    assert irregular(site, 1) is None


def test_what_one_control_found_another_that_found_nothing_does_not_disprove() -> None:
    site = Site()
    site.assess(trade.declaration(1))
    site.record(trade.result(1))
    site.record(trade.result(77, declaration_id="D1", findings=CLEAN))
    site.record(trade.result(78, declaration_id="D1", findings=OPEN))
    assert irregular(site, 1) is True
    site.record(trade.result(1, 2, findings=CLEAN))
    assert irregular(site, 1) is False


def test_a_result_that_waited_teaches_as_if_it_had_come_after() -> None:
    site = Site()
    site.record(trade.result(1, ended_at=START - timedelta(days=3)))
    site.assess(trade.declaration(1))
    example = past(site, 1).example
    assert example is not None
    assert example.known_day == example.lodged_day == START.toordinal()


def test_the_weight_follows_from_the_logged_probability() -> None:
    site = Site()
    for number in range(40):
        site.assess(trade.declaration(number))
    entries = [past(site, number) for number in range(40)]
    selected = [entry for entry in entries if entry.arm != "none"]
    assert 0 < len(selected) < 40
    for entry in entries:
        number = int(str(entry.declaration.id)[1:])
        site.record(trade.result(number))
        taught, inclusion = past(site, number), entry.inclusion_probability
        assert taught.example is not None
        assert inclusion is not None
        logged = 1.0 if entry.arm == "none" else min(1.0 / inclusion, WEIGHT_MAX)
        assert taught.example.weight == pytest.approx(logged)
        assert taught.example.random_arm == (entry.arm == "random")


def test_imported_history_has_weight_one_and_no_probability() -> None:
    site = Site()
    site.import_history(
        SOURCE, [PastDeclaration(declaration=trade.declaration(1), results=(trade.result(1),))]
    )
    entry = past(site, 1)
    assert (entry.inclusion_probability, entry.arm) == (None, None)
    assert entry.example is not None
    assert entry.example.weight == 1.0


def test_examples_are_those_known_before_a_day() -> None:
    site = Site()
    days = {1: 0, 2: 1, 3: 2}
    site.import_history(
        SOURCE,
        [
            PastDeclaration(
                declaration=trade.declaration(number),
                results=(trade.result(number, ended_at=START + timedelta(days=day, hours=3)),),
            )
            for number, day in days.items()
        ],
    )
    entries = list(past_of(site).values())
    today = START.toordinal()
    assert [len(list(examples_known_before(entries, today + n))) for n in range(4)] == [0, 1, 2, 3]
    assert len(list(examples_known_before(entries, None))) == 3


def test_the_same_number_of_two_sources_is_two_declarations() -> None:
    site = Site()
    site.assess(trade.declaration(1))
    site.assess(replace(trade.declaration(1)), client="rail", source="rail")
    site.record(trade.result(1))
    entries = past_of(site)
    assert entries[SOURCE, "D1"].example is not None
    assert entries["rail", "D1"].example is None
