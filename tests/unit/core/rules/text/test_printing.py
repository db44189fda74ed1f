"""A tree printed and read again is the same tree; each tree has one text."""

from __future__ import annotations

import json
from random import Random  # noqa: TID251 - seeded: the same trees in every run

import pytest
from hypothesis import given

from tests.unit.core.rules import kit
from tests.unit.core.rules.text.trees import tree
from tidewaiter.core.features import REGISTRY
from tidewaiter.core.rules.form import from_data, to_data
from tidewaiter.core.rules.nodes import AllOf, AnyOf, Compare, Comparison, In, IsMissing, Node, NoneOf, Not
from tidewaiter.core.rules.text.grammar import parse
from tidewaiter.core.rules.text.printing import print_text

TREES = 4_000


def same(one: Node, two: Node) -> bool:
    """Tell whether two trees are the same to the letter: 1 and true are equal in Python."""
    return one == two and json.dumps(to_data(one)) == json.dumps(to_data(two))


def test_any_tree_that_the_written_form_accepts_survives_the_way_to_text_and_back() -> None:
    random = Random(4)
    for _ in range(TREES):
        node = tree(random, REGISTRY)
        assert from_data(to_data(node)) == node, "the generator draws what loads"
        text = print_text(node, REGISTRY)
        assert same(parse(text, REGISTRY), node), text


@given(kit.trees())
def test_a_sensible_tree_survives_too_and_its_text_is_canonical(node: Node) -> None:
    text = print_text(node, kit.REGISTRY)
    again = parse(text, kit.REGISTRY)
    assert same(again, node)
    assert print_text(again, kit.REGISTRY) == text


def test_the_law_sees_a_printer_that_loses_something() -> None:
    node = AllOf((AllOf((IsMissing("hs2"),)),))
    text = print_text(node, REGISTRY)
    assert not same(parse(text.replace("all of (all of (", "all of ((", 1), REGISTRY), node)
    assert not same(parse('version = "1"', REGISTRY), Compare("version", Comparison.EQUAL, 1))


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ('hs2="22"AND origin !=departure_country', 'hs2 = "22" and origin != departure_country'),
        ('((hs2 = "22"))', 'hs2 = "22"'),
        ('not hs2 in ("22")', 'hs2 not in ("22")'),
        ("not origin is missing", "origin is not missing"),
        ('not hs2 = "22"', 'not (hs2 = "22")'),
        ('hs_code starts with any of ("22")', 'hs_code starts with "22"'),
        ('customs_value < "1000.50"', "customs_value < 1000.50"),
        ('all of (hs2 = "22", origin = "FR")', 'hs2 = "22" and origin = "FR"'),
        ('lodged_day >= "2026-12-31"', "lodged_day >= 2026-12-31"),
        ('hs2 = "22"\n  and (origin\n= "FR")', 'hs2 = "22" and origin = "FR"'),
    ],
)  # fmt: skip
def test_what_is_written_in_several_ways_is_printed_in_one(written: str, canonical: str) -> None:
    assert print_text(parse(written, REGISTRY), REGISTRY) == canonical


def test_a_long_condition_has_one_member_a_line() -> None:
    codes = tuple(f"{number:02}" for number in range(1, 40))
    long = AnyOf(tuple(Compare("origin", Comparison.EQUAL, f"A{letter}") for letter in "ABCDEF"))
    node = AllOf((In("hs2", codes), long, Not(long), NoneOf((long, IsMissing("origin")))))
    text = print_text(node, REGISTRY)
    assert text.splitlines()[0] == "hs2 in ("
    assert '\nand (\n  origin = "AA"\n  or origin = "AB"\n' in text
    assert max(len(line) for line in text.splitlines()) <= 100
    assert parse(text, REGISTRY) == node
