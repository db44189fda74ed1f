"""Conditions as sentences."""

from __future__ import annotations

import re

from hypothesis import given

from tests.golden.texts import golden
from tests.unit.core.rules import kit
from tidewaiter.core.features.registry import Kind
from tidewaiter.core.rules.checks.known import OPERATORS
from tidewaiter.core.rules.form import from_data
from tidewaiter.core.rules.nodes import Node, features_of
from tidewaiter.core.rules.words import ENGLISH, phrase, sentence, shown

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


def test_the_sentences_of_conditions_read_as_kept() -> None:
    texts = [f"{condition}\n  {sentence(from_data(condition), kit.REGISTRY)}\n" for condition in CONDITIONS]
    text = "\n".join(texts)
    assert text == golden("rules/sentences.txt", text), "if the new text is better, run with WRITE_GOLDEN=1"


def test_there_is_a_message_for_every_operator_of_every_kind() -> None:
    for kind, operators in OPERATORS.items():
        for operator in operators:
            assert f"{kind.value}.{operator}" in ENGLISH, f"write the words of `{operator}` for {kind.value}"


@given(kit.trees())
def test_a_sentence_names_every_feature_and_leaves_no_blank_to_fill(node: Node) -> None:
    text = sentence(node, kit.REGISTRY)
    assert all(phrase(name) in text for name in features_of(node))
    assert not re.search(r"[{}]", text)


def test_another_language_is_another_table() -> None:
    french = {**ENGLISH, "code.=": "{feature} est {value}", "and": " et "}
    node = from_data(CONDITIONS[-5])
    assert sentence(node, kit.REGISTRY, french) == "HS chapter est 22 et origin est FR"


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
