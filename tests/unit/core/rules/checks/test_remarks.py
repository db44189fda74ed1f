"""Remarks: what is surely not meant is told, and what is told is true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.golden.texts import faults_in_words, golden
from tests.unit.core.rules import kit
from tests.unit.core.rules.checks.lists import named
from tests.unit.core.test_profiles import profile
from tidewaiter.adapters.starter import load_starter
from tidewaiter.adapters.starter.paths import starter_folder
from tidewaiter.core.declaration import TradeFlow
from tidewaiter.core.features import REGISTRY
from tidewaiter.core.features.registry import Value
from tidewaiter.core.rules.checks.known import Known
from tidewaiter.core.rules.checks.narrows_nothing import narrows_nothing
from tidewaiter.core.rules.checks.remarks import remarks_on_condition, remarks_on_profiles
from tidewaiter.core.rules.forms import CodeForm
from tidewaiter.core.rules.nodes import AllOf, AnyOf, Node, NoneOf
from tidewaiter.core.rules.profile import MissingMeans, Profile
from tidewaiter.core.rules.text.grammar import parse, read_text
from tidewaiter.core.rules.text.judged import located
from tidewaiter.core.rules.text.places import in_text

LISTS = {"spirits": named("spirits", CodeForm.HS4, "2207", "2208")}

#: A condition, and the codes of the remarks on it.
NOTED = [
    ('hs2 = "22" and hs4 = "8703"', ["never-true"]),
    ("net_mass < 5 and net_mass > 6", ["never-true"]),
    ('net_mass < 5 and origin = "FR" and hs2 = "22" and origin in ("IT", "ES")', ["never-true"]),
    ('(hs2 = "22" or hs2 = "24") and hs2 != "22" and hs2 != "24"', ["never-true"]),
    ('hs2 = "22" and none of (origin is missing, origin is not missing)', ["never-true"]),
    ('hs4 in list spirits and hs_code starts with any of ("87", "2204")', ["never-true"]),
    ('hs2 = "22" or (origin = "FR" and origin = "IT")', ["never-true"]),
    ('origin is missing and origin != "FR"', ["never-true"]),
    ('not (origin = "FR" or origin is missing or origin != "FR")', ["never-true"]),
    ("net_mass < 5 or net_mass >= 5 or net_mass is missing", ["always-true"]),
    ('hs2 = "22" or hs2 != "22"', ["always-true"]),
    ('hs2 = "22" and hs_code starts with "22"', ["narrows-nothing"]),
    ('hs4 in list spirits and hs2 = "22" and net_mass > 5', ["narrows-nothing"]),
    ("net_mass > 5 and net_mass > 4 and net_mass > 3", ["narrows-nothing", "narrows-nothing"]),
    ('origin = "FR" or origin in ("FR", "IT")', ["narrows-nothing"]),
    ('none of (hs2 = "22", hs4 = "2204")', ["narrows-nothing"]),
    ('net_mass > 5 and not (net_mass < 3 or origin = "FR")', []),
    ("net_mass < 5 or net_mass >= 5", []),
    ('hs2 = "22" and origin != departure_country', []),
    ("importer_aeo = true or importer_aeo = false", []),
    ('description contains "USED TYRES" and description contains "USED"', []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "codes"), NOTED)
def test_what_is_surely_not_meant_is_told(text: str, codes: list[str]) -> None:
    remarks = remarks_on_condition(parse(text, REGISTRY), REGISTRY, LISTS)
    assert [remark.code for remark in remarks] == codes


def test_the_remarks_read_as_kept() -> None:
    told = []
    for text, _ in NOTED:
        reading = read_text(text, REGISTRY)
        assert reading.node is not None
        remarks = remarks_on_condition(reading.node, REGISTRY, LISTS)
        words = [in_text(text, marked) for marked in located(text, reading, remarks)]
        told.append("\n".join([f"--- {text}", *(words or ["(nothing)"]), ""]))
    text = "\n".join(told)
    assert text == golden("rules/remarks.txt", text), "if the new text is better, run with WRITE_GOLDEN=1"


# -- what is told is true


@settings(max_examples=200)
@given(
    st.sampled_from([AllOf, AnyOf, NoneOf]),
    st.lists(kit.trees(), min_size=2, max_size=4),
    st.lists(kit.rows(), min_size=1, max_size=4),
)
def test_a_part_that_narrows_nothing_can_be_removed(
    group: type[AllOf | AnyOf | NoneOf], members: list[Node], rows: list[dict[str, Value]]
) -> None:
    """What lets the condition hold is the same without the part."""
    node = group(tuple(members))
    lists = {code: named(code, CodeForm.CODE, *entries) for code, entries in kit.LISTS.items()}
    known = Known(registry=kit.REGISTRY, lists=lists)
    places = [fault.place.split("/")[1:] for fault in narrows_nothing(node, "", known)]
    idle = {int(steps[1]) for steps in places if len(steps) == 2}
    less = replace(node, nodes=tuple(each for index, each in enumerate(node.nodes) if index not in idle))
    assert less.nodes
    for row in rows:
        assert (kit.twin(less, row) is True) is (kit.twin(node, row) is True)


# -- profiles


def asks(code: str, text: str, **changes: object) -> Profile:
    return replace(profile(), code=code, when=parse(text, REGISTRY), **changes)  # type: ignore[arg-type]


def pairs(profiles: Sequence[Profile]) -> list[tuple[str, str | None]]:
    """Return which profile is covered by which."""
    remarks = remarks_on_profiles(profiles, LISTS.values(), REGISTRY)
    return [(remark.place.split("/")[2], remark.value) for remark in remarks if remark.code == "covered"]


def test_a_profile_that_another_one_covers_is_told() -> None:
    wide = asks("wide", 'hs2 = "22"')
    narrow = asks("narrow", "hs4 in list spirits and customs_value > 1000")
    other = asks("other", 'hs2 = "24"')
    assert pairs([wide, narrow, other]) == [("narrow", "wide")]
    assert pairs([wide, replace(wide, code="twin")]) == [("wide", "twin"), ("twin", "wide")]


def test_a_profile_in_force_elsewhere_or_at_another_time_covers_nothing() -> None:
    narrow = asks("narrow", 'hs4 = "2208"')
    wide = asks("wide", 'hs2 = "22"')
    for elsewhere in [
        replace(wide, flows=frozenset({TradeFlow.EXPORT})),
        replace(wide, offices=frozenset({"PORT"})),
        replace(wide, valid_from=date(2026, 6, 1)),
        replace(wide, valid_until=date(2026, 6, 1)),
    ]:
        assert pairs([elsewhere, narrow]) == []
    assert pairs([wide, replace(narrow, offices=frozenset({"PORT"}))]) == [("narrow", "wide")]


def test_what_missing_data_mean_is_part_of_what_a_profile_finds() -> None:
    narrow = asks("narrow", "net_mass < 5", unknown=MissingMeans.FIRES)
    wide = asks("wide", "net_mass < 6")
    assert pairs([narrow, wide]) == []
    assert pairs([narrow, replace(wide, unknown=MissingMeans.FIRES)]) == [("narrow", "wide")]


@settings(max_examples=200)
@given(kit.trees(), kit.trees(), st.lists(kit.rows(), min_size=1, max_size=4), st.booleans())
def test_where_a_covered_profile_fires_the_other_fires(
    one: Node, two: Node, rows: list[dict[str, Value]], both: bool
) -> None:
    narrow = replace(profile(), code="narrow", when=AllOf((one, two)) if both else one)
    wide = replace(profile(), code="wide", when=two)
    lists = [named(code, CodeForm.CODE, *entries) for code, entries in kit.LISTS.items()]
    remarks = remarks_on_profiles([narrow, wide], lists, kit.REGISTRY)
    if any(remark.code == "covered" and remark.value == "wide" for remark in remarks):
        for row in rows:
            assert kit.twin(narrow.when, row) is not True or kit.twin(wide.when, row) is True


def test_nothing_is_to_be_said_of_the_starter_profiles() -> None:
    rules = load_starter(starter_folder(), REGISTRY).rules
    remarks = remarks_on_profiles(rules.profiles, rules.lists.values(), REGISTRY)
    assert not remarks, faults_in_words(remarks)
