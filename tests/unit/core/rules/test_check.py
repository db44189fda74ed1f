"""Mistakes of authors: each is found, with its place, and none hides another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings

from tests.golden.texts import faults_in_words, golden
from tests.unit.core.rules import kit
from tests.unit.core.test_profiles import profile
from tidewaiter.core.features.registry import Value
from tidewaiter.core.profiles import NamedList
from tidewaiter.core.rules.check import check_condition, check_set, check_vocabulary
from tidewaiter.core.rules.compiled import compile_condition
from tidewaiter.core.rules.form import from_data
from tidewaiter.core.rules.forms import CodeForm
from tidewaiter.core.rules.nodes import (
    DEPTH_MAX,
    NODES_MAX,
    AllOf,
    AnyOf,
    Compare,
    Comparison,
    In,
    IsMissing,
    Node,
    NoneOf,
    Not,
)


def named(code: str, kind: CodeForm, *entries: str, expires: date = date(2027, 12, 31)) -> NamedList:
    return NamedList(code=code, kind=kind, entries=frozenset(entries), source="Tests", expires=expires)


LISTS: Mapping[str, NamedList] = {
    "borders": named("borders", CodeForm.OFFICE, "LAND", "RAIL"),
    "nations": named("nations", CodeForm.COUNTRY, "NO", "NA"),
}

#: A condition with one mistake, the code of its fault, and the place.
MISTAKES: list[tuple[Any, str, str]] = [
    ({"feature": "hs3", "=": "220"}, "feature-unknown", "/feature"),
    ({"feature": "origin", "=": {"feature": "departure"}}, "feature-unknown", "/=/feature"),
    ({"feature": "hs2", "<": "22"}, "operator-not-for-kind", "/<"),
    ({"feature": "hs2", "between": ["22", "24"]}, "operator-not-for-kind", "/between"),
    ({"feature": "hs2", "contains_any": ["22"]}, "operator-not-for-kind", "/contains_any"),
    ({"feature": "description", "prefix": ["USED"]}, "operator-not-for-kind", "/prefix"),
    ({"feature": "unit_value_ratio", "=": "0.5"}, "operator-not-for-kind", "/="),
    ({"feature": "importer_aeo", "in": [True, False]}, "operator-not-for-kind", "/in"),
    ({"feature": "freight_share", "=": {"feature": "unit_value_ratio"}}, "operator-not-for-kind", "/="),
    ({"feature": "net_mass", "in_list": "borders"}, "operator-not-for-kind", "/in_list"),
    ({"feature": "net_mass", ">": 5}, "literal-form", "/>"),
    ({"feature": "net_mass", ">": "5e3"}, "literal-form", "/>"),
    ({"feature": "package_count", ">": "5"}, "literal-form", "/>"),
    ({"feature": "importer_aeo", "=": "true"}, "literal-form", "/="),
    ({"feature": "lodged_day", ">": "2026-02-30"}, "literal-form", "/>"),
    ({"feature": "description", "=": "used tyres"}, "literal-form", "/="),
    ({"feature": "net_mass", "between": ["1", 2]}, "literal-form", "/between/1"),
    ({"feature": "package_count", "in": [1, "2"]}, "literal-form", "/in/1"),
    ({"feature": "hs2", "=": "2204"}, "code-never-occurs", "/="),
    ({"feature": "origin", "in": ["FR", "fr"]}, "code-never-occurs", "/in/1"),
    ({"feature": "net_mass", "between": ["2", "1.5"]}, "range-reversed", "/between"),
    ({"feature": "lodged_day", "between": ["2026-12-31", "2026-01-01"]}, "range-reversed", "/between"),
    ({"feature": "hs2", "in": ["22", "24", "22"]}, "value-twice", "/in/2"),
    ({"feature": "net_mass", "in": ["1", "1.0"]}, "value-twice", "/in/1"),
    ({"feature": "description", "contains_any": ["USED", "USED"]}, "value-twice", "/contains_any/1"),
    ({"feature": "hs_code", "prefix": ["85", "85"]}, "value-twice", "/prefix/1"),
    ({"feature": "office", "in_list": "border"}, "list-unknown", "/in_list"),
    ({"feature": "office", "in_list": "nations"}, "list-kind", "/in_list"),
    ({"feature": "hs2", "prefix": ["220"]}, "prefix-too-long", "/prefix/0"),
    ({"feature": "hs_code", "prefix": ["85", "8X"]}, "prefix-form", "/prefix/1"),
    ({"feature": "hs_code", "prefix": ["8517", "85"]}, "prefix-covered", "/prefix/0"),
    ({"feature": "description", "contains_any": ["used"]}, "text-form", "/contains_any/0"),
    ({"feature": "origin", "=": {"feature": "origin"}}, "same-feature", "/=/feature"),
    ({"feature": "origin", "=": {"feature": "office"}}, "kinds-differ", "/=/feature"),
    ({"feature": "net_mass", ">": {"feature": "package_count"}}, "kinds-differ", "/>/feature"),
    ({"feature": "net_mass", ">": {"feature": "customs_value"}}, "units-differ", "/>/feature"),
    (
        {"all_of": [{"feature": "hs2", "=": "22"}, {"feature": "hs2", "=": "22"}]},
        "member-twice",
        "/all_of/1",
    ),
]


@pytest.mark.parametrize(("condition", "code", "place"), MISTAKES)
def test_a_mistake_is_found_at_its_place_and_nothing_else_is(condition: Any, code: str, place: str) -> None:
    faults = check_condition(from_data(condition), kit.REGISTRY, LISTS)
    assert [(fault.code, fault.place) for fault in faults] == [(code, place)]


@pytest.mark.parametrize(("condition", "code", "place"), MISTAKES)
def test_a_mistake_is_found_deep_in_a_condition_too(condition: Any, code: str, place: str) -> None:
    deep = {"all_of": [{"feature": "hs2", "=": "24"}, {"not": {"none_of": [condition]}}]}
    faults = check_condition(from_data(deep), kit.REGISTRY, LISTS, "/when")
    assert [(fault.code, fault.place) for fault in faults] == [(code, f"/when/all_of/1/not/none_of/0{place}")]


def test_all_mistakes_of_a_condition_are_found_together() -> None:
    every = {"any_of": [condition for condition, _, _ in MISTAKES]}
    faults = check_condition(from_data(every), kit.REGISTRY, LISTS)
    assert [fault.code for fault in faults] == [code for _, code, _ in MISTAKES]


def test_the_sentences_of_mistakes_read_as_kept() -> None:
    texts = [
        f"{condition}\n{faults_in_words(check_condition(from_data(condition), kit.REGISTRY, LISTS))}"
        for condition, _, _ in MISTAKES
    ]
    text = "\n".join(texts)
    assert text == golden("rules/mistakes.txt", text), "if the new text is better, run with WRITE_GOLDEN=1"


@settings(max_examples=200)
@given(kit.wild_leaves(), kit.rows())
def test_what_passes_the_checks_can_be_evaluated_on_every_row(node: Node, row: dict[str, Value]) -> None:
    """Features, operators and literals are drawn without regard to each other; most draws are mistakes."""
    if check_condition(node, kit.REGISTRY, LISTS):
        return
    vector = kit.vector(row)
    entries = {code: named.entries for code, named in LISTS.items()}
    compiled = compile_condition(node, kit.REGISTRY, entries)
    assert compiled.test(vector.header, vector.items[0]) in {True, False, None}


@pytest.mark.parametrize("group", [AllOf, AnyOf, NoneOf])
def test_an_empty_group_is_found(group: Any) -> None:
    faults = check_condition(Not(group(())), kit.REGISTRY, LISTS)
    assert [fault.code for fault in faults] == ["group-empty"]


def test_bounds_hold_for_trees_that_were_not_read_from_data() -> None:
    deep: Node = IsMissing("hs2")
    for _ in range(DEPTH_MAX):
        deep = Not(deep)
    wide = AllOf(tuple(Compare("net_mass", Comparison.GREATER, str(number)) for number in range(NODES_MAX)))
    many = In("package_count", tuple(range(1001)))
    assert [f.code for f in check_condition(deep, kit.REGISTRY, {})] == ["condition-too-deep"]
    assert [f.code for f in check_condition(wide, kit.REGISTRY, {})] == ["condition-too-large"]
    assert [f.code for f in check_condition(many, kit.REGISTRY, {})] == ["list-length"]


def test_two_profiles_or_lists_with_one_code_are_found() -> None:
    one = profile()
    faults = check_set(
        [one, replace(one, title="Another")], [*LISTS.values(), LISTS["borders"]], kit.REGISTRY
    )
    assert [(fault.code, fault.place) for fault in faults] == [
        ("code-twice", "/profiles/spirits_from_afar"),
        ("code-twice", "/lists/borders"),
    ]


def test_a_profile_ends_no_later_than_its_lists() -> None:
    using = replace(profile(), when=from_data({"feature": "office", "in_list": "borders"}))
    ends = date(2026, 6, 30)
    short = [named("borders", CodeForm.OFFICE, "LAND", expires=ends)]
    (fault,) = check_set([using], short, kit.REGISTRY)
    assert fault.code == "outlives-list"
    assert "2026-06-30" in fault.message
    assert not check_set([replace(using, valid_until=ends)], short, kit.REGISTRY)


def test_lanes_checks_and_offices_must_be_defined() -> None:
    one = replace(profile(), offices=frozenset({"LAND", "PORTO"}))
    known: dict[str, Any] = {"lanes": ["scan"], "checks": ["weigh"], "offices": ["LAND", "PORT"]}
    faults = check_vocabulary([one], **known)
    assert [(fault.place.rsplit("/", 1)[1], fault.value) for fault in faults] == [
        ("lane", "documents"),
        ("checks", "count_packages"),
        ("offices", "PORTO"),
    ]
    assert faults[2].hint == "Did you mean `PORT`?"
    assert len(check_vocabulary([one], **{**known, "offices": None})) == 2, (
        "offices that nobody listed are free"
    )
