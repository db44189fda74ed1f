"""The starter content: it loads, it is complete, and each profile does what its cases say."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tidewaiter.adapters.starter import Starter, load_starter, read_yaml
from tidewaiter.core.codes import HsCode, Identifier
from tidewaiter.core.declaration import Declaration, Item, TradeFlow
from tidewaiter.core.features import REGISTRY
from tidewaiter.core.features.registry import FeatureVector
from tidewaiter.core.profiles import Level, Profile
from tidewaiter.core.rules.literals import literal_value
from tidewaiter.core.rules.nodes import features_of, lists_of
from tidewaiter.core.rules.ruleset import RuleSet
from tidewaiter.core.rules.words import sentence

FOLDER = Path(__file__).parents[4] / "starter"
LANGUAGES = {"en", "fr", "es", "pt", "ar"}
DAY = date(2026, 6, 1)


@cache
def starter() -> Starter:
    return load_starter(FOLDER, REGISTRY)


def profiles() -> tuple[Profile, ...]:
    return starter().rules.profiles


def all_cases() -> list[Any]:
    """Return every case, named by its profile and words."""
    found = []
    for path in sorted((FOLDER / "cases").glob("*.yaml")):
        data = read_yaml(path.read_bytes(), path.name).data
        code = data["profile"]
        found += [pytest.param(code, case, id=f"{code}: {case['words']}") for case in data["cases"]]
    return found


def answer(profile: Profile, values: dict[str, Any]) -> str:
    """Return what *profile* does with *values*: fires, not or unknown."""
    unknown = [name for name in values if name not in REGISTRY]
    assert not unknown, f"there is no feature called {unknown}"
    row = {name: literal_value(REGISTRY[name].kind, literal) for name, literal in values.items()}
    vector = FeatureVector(
        header=tuple(row.get(known.name) for known in REGISTRY.header),
        items=(tuple(row.get(known.name) for known in REGISTRY.items),),
    )
    declaration = Declaration(
        id=Identifier("CASE"),
        flow=min(profile.flows),
        office=Identifier(min(profile.offices, default="PORT")),
        lodged_at=datetime(2026, 6, 1, tzinfo=UTC),
        items=(Item(number=1, hs_code=HsCode("000000")),),
    )
    rules = RuleSet([profile], starter().rules.lists, REGISTRY)
    outcome = rules.assess(declaration, vector, DAY)
    return "fires" if outcome.hits else "unknown" if outcome.undecided else "not"


@pytest.mark.parametrize(("code", "case"), all_cases())
def test_a_profile_does_what_its_case_says(code: str, case: dict[str, Any]) -> None:
    (profile,) = [one for one in profiles() if one.code == code]
    assert answer(profile, case["values"]) == case["expected"]


def test_every_profile_has_a_case_that_fires_and_one_that_does_not() -> None:
    seen: dict[str, set[str]] = {profile.code: set() for profile in profiles()}
    for parameters in all_cases():
        code, case = parameters.values
        seen[code].add(case["expected"])
    short = {code for code, expected in seen.items() if not {"fires", "not"} <= expected}
    assert not short, f"write cases for {sorted(short)} in starter/cases/"


def test_there_are_thirty_profiles_of_every_control_lane_with_shares_and_mandatory_ones() -> None:
    found = profiles()
    assert len(found) == 30
    assert {"documents", "scan", "examination"} <= {profile.lane for profile in found}
    assert {flow for profile in found for flow in profile.flows} == set(TradeFlow)
    assert 5 <= sum(profile.mandatory for profile in found) <= 15
    assert {profile.level for profile in found} >= {Level.NATIONAL, Level.REGIONAL}


def test_every_profile_is_in_force_in_2026_and_2027() -> None:
    for profile in profiles():
        assert (profile.valid_from, profile.valid_until) == (date(2026, 1, 1), date(2027, 12, 31)), (
            profile.code
        )


def test_every_condition_can_be_said_in_words() -> None:
    texts = {profile.code: sentence(profile.when, REGISTRY) for profile in profiles()}
    assert len(set(texts.values())) == len(texts), "two profiles ask the same"


def test_no_officer_text_tells_a_threshold_or_a_feature() -> None:
    for profile in profiles():
        assert not any(char.isdigit() for char in profile.officer_text)
        assert not any(name in profile.officer_text for name in features_of(profile.when) if "_" in name)


def test_lanes_and_checks_have_words_in_five_languages() -> None:
    for lane in starter().lanes:
        assert set(lane.words) == LANGUAGES, lane.code
    for check in starter().checks:
        assert set(check.words) == LANGUAGES, check.code
        assert len(set(check.words.values())) == len(LANGUAGES), check.code


def test_lanes_are_ordered_from_trusted_to_examination() -> None:
    assert starter().lanes.codes == ("trusted", "release", "audit_later", "documents", "scan", "examination")
    assert [lane.code for lane in starter().lanes if lane.control] == ["documents", "scan", "examination"]
    assert {lane.wco_response for lane in starter().lanes} == {"05", "06", "08"}
    for look in ("colour", "shape", "glyph"):
        assert len({getattr(lane, look) for lane in starter().lanes}) == 6, f"two lanes have the same {look}"


def test_every_list_is_used_and_every_check_is_defined() -> None:
    used = {code for profile in profiles() for code in lists_of(profile.when)}
    assert used == set(starter().rules.lists), "a list that no profile uses is never reviewed"
    asked = {code for profile in profiles() for code in profile.checks}
    assert asked <= {check.code for check in starter().checks}


def test_the_offices_of_the_demo_country_have_a_capacity_and_others_a_share() -> None:
    capacity = starter().plan.capacity
    assert set(capacity.offices) == {"PORT", "AIRP", "LAND", "RAIL", "POST", "DRYP"}
    assert capacity.of("ELSEWHERE").hours is None
    assert capacity.of("ELSEWHERE").share == 0.10
    port = capacity.of("PORT")
    assert {port.pool(lane) for lane in starter().lanes if lane.control} == {"officers", "scanner"}


def test_a_changed_profile_is_another_version_of_the_rules() -> None:
    changed = [replace(one, version=one.version + 1) for one in profiles()[:1]]
    other = RuleSet([*changed, *profiles()[1:]], starter().rules.lists, REGISTRY)
    assert other.version != starter().rules.version
