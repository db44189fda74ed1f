"""What is called impossible never happens; where everything is one feature, nothing else is missed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.core.rules import kit
from tests.unit.core.rules.checks.lists import named
from tidewaiter.core.features import REGISTRY
from tidewaiter.core.features.registry import Value
from tidewaiter.core.rules.checks.known import Known
from tidewaiter.core.rules.checks.solving import FALSE, NOT_FALSE, NOT_TRUE, TRUE, Wanted, impossible, wants
from tidewaiter.core.rules.evaluate import evaluate
from tidewaiter.core.rules.forms import CodeForm
from tidewaiter.core.rules.nodes import (
    AllOf,
    AnyOf,
    Between,
    Compare,
    Comparison,
    In,
    IsMissing,
    Node,
    NoneOf,
    Not,
)
from tidewaiter.core.rules.text.grammar import parse

LISTS = {code: named(code, CodeForm.CODE, *entries) for code, entries in kit.LISTS.items()}
KIT = Known(registry=kit.REGISTRY, lists=LISTS)
ASKED = [TRUE, FALSE, NOT_TRUE, NOT_FALSE]


@settings(max_examples=300)
@given(kit.trees(), st.sampled_from(ASKED), st.lists(kit.rows(), min_size=1, max_size=5))
def test_what_is_impossible_happens_on_no_row(
    node: Node, wanted: Wanted, rows: list[dict[str, Value]]
) -> None:
    if impossible([wants(node, wanted, KIT)]):
        for row in rows:
            assert kit.twin(node, row) not in wanted


# -- one feature, all of its values

_counts = st.integers(0, 4)
_about_one = st.one_of(
    st.builds(Compare, st.just("package_count"), st.sampled_from(Comparison), _counts),
    st.builds(Between, st.just("package_count"), _counts, _counts),
    st.builds(In, st.just("package_count"), st.lists(_counts, min_size=1, max_size=3).map(tuple)),
    st.just(IsMissing("package_count")),
)


def _groups(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    members = st.lists(inner, min_size=1, max_size=3).map(tuple)
    return members.map(AllOf) | members.map(AnyOf) | members.map(NoneOf) | inner.map(Not)


@settings(max_examples=300)
@given(st.recursive(_about_one, _groups, max_leaves=8), st.sampled_from(ASKED))
def test_of_one_feature_everything_impossible_is_seen(node: Node, wanted: Wanted) -> None:
    """From 5 on all counts are the same to literals that go to 4."""
    happens = any(
        evaluate(node, lambda _, here=count: here, kit.REGISTRY, {}) in wanted
        for count in [None, 0, 1, 2, 3, 4, 5]
    )
    assert impossible([wants(node, wanted, KIT)]) is not happens


# -- what is seen, and what is taken as open

NATIONS = {"all_codes": named("all_codes", CodeForm.HS2, "22", "24"),
           "long": named("long", CodeForm.COUNTRY, *(f"{number:04}" for number in range(1001)))}  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        'hs2 = "22" and hs4 = "8703"',
        'hs2 in ("22", "24") and hs_code starts with "87"',
        'hs2 != "22" and hs_code starts with "2204"',
        'hs2 in list all_codes and hs6 = "870321"',
        'hs_code = "87032110" and not (hs2 = "87")',
        "net_mass > gross_mass and gross_mass >= net_mass",
        "net_mass = gross_mass and net_mass is missing",
        'description contains "USED" and not (description contains "USED")',
        'description contains "USED" and description is missing',
        "origin in list long and origin not in list long",
        "hs_code is missing",
        "net_mass < 0.000002 and net_mass > 0.000001",
    ],
)
def test_it_is_seen_that_this_never_holds(text: str) -> None:
    known = Known(registry=REGISTRY, lists=NATIONS)
    assert impossible([wants(parse(text, REGISTRY), TRUE, known)])


@pytest.mark.parametrize(
    "text",
    [
        'description contains "USED TYRES" and not (description contains "USED")',
        'origin in list long and origin = "fr"',
        "net_mass > gross_mass and net_mass < 5 and gross_mass > 6",
        "hs2 = hs4",
    ],
)
def test_this_never_holds_either_but_is_taken_as_open(text: str) -> None:
    known = Known(registry=REGISTRY, lists=NATIONS)
    assert not impossible([wants(parse(text, REGISTRY), TRUE, known)])


def test_beginnings_of_a_code_are_tied_to_it_only_where_none_can_be_missing() -> None:
    node = parse('hs2 = "22" and hs_code starts with "87"', REGISTRY)
    assert impossible([wants(node, TRUE, Known(registry=REGISTRY, lists={}))])
    assert not impossible([wants(node, TRUE, KIT)])


def test_a_hard_condition_is_left_open_in_bounded_time() -> None:
    """Nine pigeons for eight holes: no narrowing helps, and the search gives up."""
    holes = tuple(range(8))
    pigeons = [known.name for known in REGISTRY if known.kind == "count"][:9]
    placed = [In(pigeon, holes) for pigeon in pigeons]
    alone = [
        Not(AllOf((Compare(one, Comparison.EQUAL, hole), Compare(two, Comparison.EQUAL, hole))))
        for hole in holes
        for index, one in enumerate(pigeons)
        for two in pigeons[:index]
    ]
    known = Known(registry=REGISTRY, lists={})
    assert not impossible([wants(AllOf((*placed, *alone)), TRUE, known)])
    few = [pair for pair in alone if pair.node.nodes[0].value < 2]
    assert impossible([wants(AllOf((*(In(name, (0, 1)) for name in pigeons[:3]), *few)), TRUE, known)])
