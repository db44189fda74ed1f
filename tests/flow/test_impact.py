"""A preview asks the decisions that were made, and gives the answers that they were made from."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, Final

import pytest

from tests.fakes import trade
from tests.fakes.site import Site, starter_bodies
from tidewaiter.core.errors import InputError
from tidewaiter.core.learning.impact import Warned
from tidewaiter.core.profiles import profile_data
from tidewaiter.core.rules.profile import MissingMeans
from tidewaiter.flow import impact as module
from tidewaiter.flow.content import content_in_force

WHEN: Final[dict[str, Any]] = {
    "all_of": [{"feature": "hs2", "in": ["84", "85"]}, {"feature": "importer_declared_all", "<=": 3}]
}


def half(**changes: Any) -> dict[str, Any]:
    """Return what a form holds while its papers are still empty."""
    return {
        "title": "", "code": "", "description": "", "owner": "ada", "risk_area": "valuation", "reference": "",
        "flows": ["import"], "level": "national", "offices": [], "valid_from": "2026-06-01",
        "valid_until": "2026-12-31", "lane": "examination", "share": "0.5", "checks": [], "officer_text": "",
        "unknown": "undecided", "when": WHEN,
    } | changes  # fmt: skip


#: Conditions that often hold, and two that are often unknown: of those one fires then.
COMMON: Final[dict[str, dict[str, Any]]] = {
    "dear": {"when": {"feature": "customs_value", ">": "5500"}},
    "machines": {"when": WHEN},
    "cheap": {"when": {"feature": "unit_value_ratio", "<": "0.99"}},
    "cheap_or_new": {"when": {"feature": "unit_value_ratio", "<": "0.99"}, "unknown": "fires"},
}


@pytest.fixture(scope="module")
def site() -> Site:
    site = Site(model=None)
    bodies = starter_bodies()
    papers = {"title": "-", "description": "-", "reference": "-", "officer_text": "-", "checks": ["weigh"]}
    bodies["rules"]["profiles"] += [
        half(**papers, **changes) | {"code": code, "version": 1} for code, changes in COMMON.items()
    ]
    site.publish(bodies)
    for declaration in trade.stream(5, size=300, days=30):
        site.assess(declaration)
    return site


def test_what_was_in_force_is_found_as_often_as_it_fired(site: Site) -> None:
    evidences = [json.loads(evidence) for evidence, _, _ in site.decisions().values()]
    fired = Counter(hit["profile"] for each in evidences for hit in each["hits"])
    unknown = Counter(open_["profile"] for each in evidences for open_ in each["undecided"])
    with site.store.read() as uow:
        profiles = content_in_force(uow).rules.profiles
    assert sum(fired.values()) > 100
    for profile in profiles:
        told = site.services.judge(profile_data(profile)).impact
        assert told.matches == fired[profile.code], profile.code
        if profile.unknown is MissingMeans.UNDECIDED:
            assert told.undecided == unknown[profile.code], profile.code


def test_a_form_with_empty_papers_has_an_impact(site: Site) -> None:
    preview = site.services.judge(half())
    told = preview.impact
    assert 0 < told.matches < told.decisions <= 300
    assert told.steps[-1].left == told.matches <= told.steps[0].left
    assert told.overlap[0].share == 1.0  # the same condition is in force
    assert told.only_here == 0
    assert sum(count for _, count in told.weeks) == told.matches
    assert set(preview.capacity) == {each.office for each in told.offices}
    assert told.hit_rate.interval is None
    sample = told.samples[0]
    assert {feature for feature, _, _ in sample.values} == {"hs2", "importer_declared_all"}


def test_faults_of_the_condition_are_told_and_nothing_else_is_asked(site: Site) -> None:
    with pytest.raises(InputError) as refused:
        site.services.judge(half(when={"feature": "hs2", "in": ["8X"]}))
    assert [fault.place.split("/")[1] for fault in refused.value.faults] == ["when"]


def test_results_come_in_as_they_are_known() -> None:
    site = Site(model=None)
    everything = half(when={"feature": "version", ">=": 1})
    for number in range(1, 80):
        site.assess(trade.declaration(number))
    before = site.services.judge(everything).impact
    assert before.hit_rate.inspected == 0
    selected = [
        d for d in map(json.loads, (e for e, _, _ in site.decisions().values())) if d["arm"] != "none"
    ]
    assert selected
    for at, evidence in enumerate(selected):
        number = int(evidence["declaration_id"].removeprefix("D"))
        site.record(trade.result(number, findings=(trade.irregular() if at == 0 else trade.CLEAN,)))
    after = site.services.judge(everything).impact
    assert after.hit_rate.inspected == after.everything.inspected == len(selected)
    assert after.hit_rate.irregular == 1
    assert after.decisions == before.decisions == 79
    assert Warned.NARROWS_LITTLE in after.warnings


def test_only_the_newest_are_asked(monkeypatch: pytest.MonkeyPatch, site: Site) -> None:
    monkeypatch.setattr(module, "DECISIONS_MAX", 50)
    again = site.restarted()
    told = again.services.judge(
        half(when={"feature": "version", ">=": 1}, flows=["import", "export", "transit"])
    )
    assert told.impact.decisions == 50
    newest = max(json.loads(evidence)["at"] for evidence, _, _ in site.decisions().values())
    assert told.impact.last is not None
    assert told.impact.last.isoformat() == newest
