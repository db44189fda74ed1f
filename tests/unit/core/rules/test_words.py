"""Conditions as sentences."""

from __future__ import annotations

import re

import pytest
from hypothesis import given

from tests.golden.texts import golden
from tests.unit.core.rules import kit
from tidewaiter.core.features import REGISTRY
from tidewaiter.core.features.registry import Kind
from tidewaiter.core.rules.form import from_data
from tidewaiter.core.rules.languages.known import LANGUAGES
from tidewaiter.core.rules.nodes import Node, features_of
from tidewaiter.core.rules.words import phrase, sentence, shown

CONDITIONS = [
    {"feature": "hs2", "=": "22"},
    {"feature": "hs2", "!=": "22"},
    {"feature": "hs2", "in": ["22"]},
    {"feature": "hs2", "in": ["22", "24"]},
    {"feature": "hs2", "in": [f"{number:02}" for number in range(1, 12)]},
    {"feature": "office", "in_list": "borders"},
    {"feature": "hs_code", "prefix": ["8517", "8471", "85"]},
    {"feature": "description", "contains_any": [" USED ", "OLD"]},
    {"feature": "description", "=": "USED TYRES"},
    {"feature": "customs_value", "<": "1000.50"},
    {"feature": "customs_value", "between": ["1000", "2000"]},
    {"feature": "net_mass", ">=": "5"},
    {"feature": "net_mass", "=": "5"},
    {"feature": "unit_value_distance", "<=": "-4"},
    {"feature": "importer_declared_all", ">": 3},
    {"feature": "importer_irregular_365", ">=": 1},
    {"feature": "days_since_invoice", "<": "1"},
    {"feature": "days_since_invoice", ">": "1.5"},
    {"feature": "days_since_invoice", "between": ["-2", "7"]},
    {"feature": "days_since_invoice", ">": "30"},
    {"feature": "duty_rate", "in": ["0", "2.5"]},
    {"feature": "hs2", "in": [f"{number:02}" for number in range(1, 10)]},
    {"feature": "hs2", "in": [f"{number:02}" for number in range(1, 21)]},
    {"feature": "origin", "in": ["FR", "OM"]},
    {"feature": "importer_aeo", "=": True},
    {"feature": "importer_aeo", "!=": False},
    {"feature": "lodged_day", ">=": "2026-01-01"},
    {"feature": "lodged_day", "between": ["2026-01-01", "2026-12-31"]},
    {"feature": "origin", "is_missing": True},
    {"feature": "origin", "!=": {"feature": "departure_country"}},
    {"feature": "net_mass", ">": {"feature": "gross_mass"}},
    {"all_of": [{"feature": "hs2", "=": "22"}, {"feature": "origin", "=": "FR"}]},
    {
        "all_of": [
            {"any_of": [{"feature": "hs2", "=": "22"}, {"feature": "hs2", "=": "24"}]},
            {"feature": "origin", "=": "FR"},
        ]
    },
    {"none_of": [{"feature": "hs2", "=": "22"}, {"feature": "origin", "=": "FR"}]},
    {"not": {"all_of": [{"feature": "hs2", "=": "22"}, {"feature": "origin", "=": "FR"}]}},
    {
        "all_of": [
            {"not": {"feature": "origin", "is_missing": True}},
            {"any_of": [{"feature": "hs2", "=": "22"}]},
        ]
    },
]


@pytest.mark.parametrize("tag", LANGUAGES)
def test_the_sentences_of_conditions_read_as_kept(tag: str) -> None:
    language = LANGUAGES[tag]
    texts = [f"{data}\n  {sentence(from_data(data), REGISTRY, language)}\n" for data in CONDITIONS]
    text = "\n".join(texts)
    kept = golden(f"rules/sentences-{tag}.txt", text)
    assert text == kept, "if the new text is better, run with WRITE_GOLDEN=1"


@pytest.mark.parametrize("tag", LANGUAGES)
@given(node=kit.trees())
def test_a_sentence_names_every_feature_and_leaves_no_blank_to_fill(tag: str, node: Node) -> None:
    language = LANGUAGES[tag]
    text = sentence(node, kit.REGISTRY, language)
    assert all(phrase(name, language) in text for name in features_of(node))
    assert not re.search(r"[{}]", text)
    assert text.count("\u2068") == text.count("\u2069")
    assert ("\u2068" in text) <= language.leftward


def test_nobody_takes_what_stands_behind_a_negation_for_a_part_of_it() -> None:
    negated = {"not": {"feature": "origin", "=": "FR"}}
    none = {"none_of": [{"feature": "origin", "=": "IT"}]}
    text = sentence(from_data({"all_of": [negated, none, CONDITIONS[0]]}), REGISTRY)
    assert text == (
        "it is not so that (origin is FR) and (none of these holds: origin is IT) and HS chapter is 22"
    )


def test_values_are_shown_in_their_unit() -> None:
    cases = [
        (Kind.AMOUNT, 372_254_400_000, "372254.4"),
        (Kind.AMOUNT, 1_000_000_000, "1000"),
        (Kind.RATIO, 1 / 3, "0.3333"),
        (Kind.COUNT, 12, "12"),
        (Kind.FLAG, True, "true"),
        (Kind.DAY, 739981, "2026-12-31"),
        (Kind.CODE, "NA", "NA"),
        (Kind.CODE, None, "-"),
    ]
    assert [shown(kind, value) for kind, value, _ in cases] == [text for _, _, text in cases]
    assert shown(Kind.RATIO, 1 / 3, LANGUAGES["fr"]) == "0,3333"
    assert shown(Kind.FLAG, True, LANGUAGES["es"]) == "sí"
    assert shown(Kind.DAY, 739981, LANGUAGES["ar"]) == "\u20682026-12-31\u2069"
