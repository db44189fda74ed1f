"""The rule set: what fires, what stays undecided, and one version for one content."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.core.rules import kit
from tests.unit.core.test_profiles import profile
from tidewaiter.core.codes import HsCode, Identifier
from tidewaiter.core.declaration import Declaration, Item, TradeFlow
from tidewaiter.core.errors import ConfigurationError
from tidewaiter.core.features.registry import FeatureVector, Scope, Value
from tidewaiter.core.profiles import Level, MissingMeans, NamedList, Profile
from tidewaiter.core.rules import ruleset
from tidewaiter.core.rules.evaluate import evaluate, reader
from tidewaiter.core.rules.form import from_data
from tidewaiter.core.rules.forms import CodeForm
from tidewaiter.core.rules.nodes import Node, features_of
from tidewaiter.core.rules.ruleset import RuleSet, ruleset_from_data

DAY = date(2026, 6, 1)
LANES = ("release", "documents", "scan", "examination")


def declaration(items: int = 1, *, office: str = "LAND", flow: TradeFlow = TradeFlow.IMPORT) -> Declaration:
    return Declaration(
        id=Identifier("D1"),
        flow=flow,
        office=Identifier(office),
        lodged_at=datetime(2026, 6, 1, 8, tzinfo=UTC),
        items=tuple(Item(number=n + 1, hs_code=HsCode("220421")) for n in range(items)),
    )


def of(code: str, condition: Any, **changes: Any) -> Profile:
    return replace(profile(), code=code, when=from_data(condition), **changes)


def named(code: str, kind: CodeForm, *entries: str) -> NamedList:
    return NamedList(code=code, kind=kind, entries=frozenset(entries), source="-", expires=date(2027, 12, 31))


def rules(*profiles: Profile, lists: tuple[NamedList, ...] = ()) -> RuleSet:
    return RuleSet(profiles, lists, kit.REGISTRY, lanes=LANES)


LISTS = [named(code, CodeForm.CODE, *entries) for code, entries in kit.LISTS.items()]
SPIRITS = {"feature": "hs2", "=": "22"}
HEAVY = {"feature": "net_mass", ">": "100"}
AT_LAND = {"feature": "office", "=": "LAND"}


def test_a_profile_fires_on_the_items_where_it_is_true() -> None:
    vector = kit.vector({"hs2": "22"}, {"hs2": "24"}, {"hs2": "22"}, {})
    (hit,) = rules(of("spirits", SPIRITS)).assess(declaration(4), vector, DAY).hits
    assert (hit.profile.code, hit.items, hit.on_missing) == ("spirits", (0, 2), False)
    assert [tuple(entry) for entry in hit.evidence] == [("hs2", 0, "22"), ("hs2", 2, "22")]


def test_a_condition_on_the_header_is_asked_once_and_names_no_item() -> None:
    vector = kit.vector({"office": "LAND"}, {"office": "LAND"})
    (hit,) = rules(of("land", AT_LAND)).assess(declaration(2), vector, DAY).hits
    assert hit.items == ()
    assert [tuple(entry) for entry in hit.evidence] == [("office", None, "LAND")]


def test_a_profile_that_is_unknown_is_listed_with_what_is_missing() -> None:
    vector = kit.vector({"hs2": "22"}, {"hs2": "24"}, {"net_mass": 200_000_000})
    outcome = rules(of("both", {"all_of": [SPIRITS, HEAVY]})).assess(declaration(3), vector, DAY)
    (undecided,) = outcome.undecided
    assert outcome.hits == ()
    assert (undecided.profile.code, undecided.items, undecided.missing) == (
        "both",
        (0, 2),
        ("net_mass", "hs2"),
    )


def test_a_profile_that_is_true_on_one_item_is_not_undecided_for_another() -> None:
    outcome = rules(of("spirits", SPIRITS)).assess(declaration(2), kit.vector({}, {"hs2": "22"}), DAY)
    assert [hit.items for hit in outcome.hits] == [(1,)]
    assert outcome.undecided == ()


def test_a_profile_may_fire_because_data_are_missing_and_says_so() -> None:
    sensitive = of("sensitive", SPIRITS, unknown=MissingMeans.FIRES)
    outcome = rules(sensitive).assess(declaration(2), kit.vector({"hs2": "24"}, {}), DAY)
    (hit,) = outcome.hits
    assert (hit.items, hit.on_missing, outcome.undecided) == ((1,), True, ())
    assert [tuple(entry) for entry in hit.evidence] == [("hs2", 1, None)]
    (hit,) = rules(sensitive).assess(declaration(2), kit.vector({"hs2": "22"}, {}), DAY).hits
    assert (hit.items, hit.on_missing) == ((0, 1), False)
    assert rules(sensitive).assess(declaration(1), kit.vector({"hs2": "24"}), DAY).hits == ()


@pytest.mark.parametrize(
    ("changes", "office", "flow", "on", "fires"),
    [
        ({}, "LAND", TradeFlow.IMPORT, DAY, True),
        ({}, "LAND", TradeFlow.EXPORT, DAY, False),
        ({}, "LAND", TradeFlow.IMPORT, date(2025, 12, 31), False),
        ({}, "LAND", TradeFlow.IMPORT, date(2027, 12, 31), True),
        ({}, "LAND", TradeFlow.IMPORT, date(2028, 1, 1), False),
        ({"level": Level.OFFICE, "offices": frozenset({"LAND"})}, "LAND", TradeFlow.IMPORT, DAY, True),
        ({"level": Level.OFFICE, "offices": frozenset({"LAND"})}, "PORT", TradeFlow.IMPORT, DAY, False),
    ],
)
def test_a_profile_that_is_not_in_force_neither_fires_nor_is_undecided(
    changes: dict[str, Any], office: str, flow: TradeFlow, on: date, fires: bool
) -> None:
    together = rules(of("spirits", SPIRITS, **changes))
    declared = declaration(office=office, flow=flow)
    assert bool(together.assess(declared, kit.vector({"hs2": "22"}), on).hits) is fires
    assert bool(together.assess(declared, kit.vector({}), on).undecided) is fires


def by_reference(profiles: tuple[Profile, ...], vector: FeatureVector, at: tuple[str, date]) -> Any:
    """Return what fires, what is undecided and on which items, each profile by the specification alone."""
    hits, undecided = [], []
    for each in profiles:
        if not each.applies(TradeFlow.IMPORT, *at):
            continue
        on_header = all(kit.REGISTRY.position[name][0] is Scope.HEADER for name in features_of(each.when))
        readers = [reader(kit.REGISTRY, vector.header, item) for item in vector.items]
        truths = [evaluate(each.when, read, kit.REGISTRY, kit.LISTS) for read in readers]
        unknown_fires = each.unknown is MissingMeans.FIRES
        fires = [n for n, truth in enumerate(truths) if truth or (truth is None and unknown_fires)]
        unknown = [n for n, truth in enumerate(truths) if truth is None]
        if fires:
            hits.append((each.code, [] if on_header else fires, True not in truths))
        elif unknown:
            undecided.append((each.code, [] if on_header else unknown))
    return hits, undecided


@st.composite
def several_profiles(draw: st.DrawFn) -> list[Profile]:
    nodes = draw(st.lists(kit.trees(), min_size=1, max_size=6))
    ends = [date(2026, 5, 31), DAY, date(2027, 12, 31)]
    local: dict[str, Any] = {"level": Level.OFFICE, "offices": frozenset({"PORT"})}
    return [
        replace(
            profile(), code=f"p{n}", when=node, valid_until=draw(st.sampled_from(ends)),
            unknown=draw(st.sampled_from(list(MissingMeans))), **draw(st.sampled_from([{}, local])),
        )
        for n, node in enumerate(nodes)
    ]  # fmt: skip


@given(several_profiles(), st.lists(kit.rows(), min_size=1, max_size=3), st.data())
def test_all_profiles_together_answer_as_the_specification_of_each(
    profiles: list[Profile], rows: list[dict[str, Value]], data: st.DataObject
) -> None:
    with mock.patch.object(ruleset, "check_set", return_value=()):  # conditions that make no sense, too
        together = RuleSet(profiles, LISTS, kit.REGISTRY, lanes=LANES)
    places = st.tuples(st.sampled_from(["LAND", "PORT"]), st.sampled_from([DAY, DAY + timedelta(days=1)]))
    for office, on in data.draw(st.lists(places, min_size=1, max_size=5)):
        vector = kit.vector(*rows)
        outcome = together.assess(declaration(len(rows), office=office), vector, on)
        hits = [(hit.profile.code, list(hit.items), hit.on_missing) for hit in outcome.hits]
        undecided = [(entry.profile.code, list(entry.items)) for entry in outcome.undecided]
        assert (hits, undecided) == by_reference(together.profiles, vector, (office, on))


def test_hits_come_with_the_strictest_lane_first_then_by_code() -> None:
    profiles = [
        of(code, SPIRITS, lane=lane)
        for code, lane in (
            ("b", "documents"),
            ("c", "elsewhere"),
            ("d", "examination"),
            ("a", "documents"),
            ("e", "scan"),
        )
    ]
    for ordered in (profiles, profiles[::-1]):
        outcome = rules(*ordered).assess(declaration(), kit.vector({"hs2": "22"}), DAY)
        assert [hit.profile.code for hit in outcome.hits] == ["d", "e", "a", "b", "c"]
        outcome = rules(*ordered).assess(declaration(), kit.vector({}), DAY)
        assert [entry.profile.code for entry in outcome.undecided] == ["d", "e", "a", "b", "c"]


def test_one_content_has_one_version_in_whatever_order() -> None:
    borders, nations = (
        named("borders", CodeForm.OFFICE, "LAND", "RAIL"),
        named("nations", CodeForm.COUNTRY, "NO"),
    )
    one = of("one", {"feature": "office", "in_list": "borders"})
    two = of("two", SPIRITS, lane="examination")
    version = rules(one, two, lists=(borders, nations)).version
    assert version == rules(two, one, lists=(nations, borders)).version
    assert version == RuleSet([one, two], {"n": nations, "b": borders}, kit.REGISTRY).version
    assert len(version) == 24


_OTHER: list[dict[str, Any]] = [
    {"version": 4},
    {"title": "T"},
    {"description": "D"},
    {"owner": "O"},
    {"reference": "R"},
    {"officer_text": "X"},
    {"flows": frozenset({TradeFlow.IMPORT})},
    {"level": Level.OFFICE, "offices": frozenset({"LAND"})},
    {"valid_from": date(2026, 1, 2)},
    {"valid_until": date(2027, 12, 30)},
    {"lane": "scan"},
    {"share": Decimal("0.26")},
    {"checks": ("weigh",)},
    {"unknown": MissingMeans.FIRES},
    {"when": from_data({"feature": "hs2", "=": "24"})},
]


@pytest.mark.parametrize("change", _OTHER)
def test_any_change_of_content_is_another_version(change: dict[str, Any]) -> None:
    assert rules(profile()).version != rules(replace(profile(), **change)).version


@given(kit.trees(), st.lists(kit.rows(), min_size=1, max_size=3))
def test_a_rule_set_read_from_its_own_data_answers_the_same(node: Node, rows: list[dict[str, Value]]) -> None:
    profiles = [
        replace(profile(), when=node),
        replace(profile(), code="sensitive", unknown=MissingMeans.FIRES),
    ]
    kinds = {"borders": CodeForm.OFFICE, "nations": CodeForm.COUNTRY}
    entries = [named(code, kind, *kit.LISTS[code]) for code, kind in kinds.items()]
    try:
        first = RuleSet(profiles, entries, kit.REGISTRY)
    except ConfigurationError:
        return
    again = ruleset_from_data(json.loads(first.canonical()), kit.REGISTRY)
    assert again.version == first.version
    vector = kit.vector(*rows)
    assert str(again.assess(declaration(len(rows)), vector, DAY)) == str(
        first.assess(declaration(len(rows)), vector, DAY)
    )


def test_a_rule_set_with_a_mistake_is_refused_with_all_of_them() -> None:
    with pytest.raises(ConfigurationError) as caught:
        rules(of("one", {"feature": "hs3", "=": "220"}), of("two", {"feature": "hs2", "<": "22"}))
    assert [fault.place for fault in caught.value.faults] == [
        "/profiles/one/when/feature",
        "/profiles/two/when/<",
    ]


def test_a_rule_set_of_another_language_is_refused() -> None:
    data = rules(profile()).to_data()
    for language in (0, 2, None):
        with pytest.raises(ConfigurationError) as caught:
            ruleset_from_data({**data, "language": language}, kit.REGISTRY)
        assert [fault.place for fault in caught.value.faults] == ["/language"]


def test_the_day_is_an_argument_so_yesterday_is_answered_as_yesterday() -> None:
    ending = of("ending", SPIRITS, valid_until=DAY)
    ruleset, vector = rules(ending), kit.vector({"hs2": "22"})
    assert ruleset.assess(declaration(), vector, DAY).hits
    assert not ruleset.assess(declaration(), vector, DAY + timedelta(days=1)).hits
    assert ruleset.assess(declaration(), vector, DAY).hits
