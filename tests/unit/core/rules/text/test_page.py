"""The page of the language says what the grammar does: its table and its examples are read here."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tidewaiter.adapters.starter import read_yaml
from tidewaiter.core.features import REGISTRY
from tidewaiter.core.rules.form import from_data
from tidewaiter.core.rules.text.grammar import parse
from tidewaiter.core.rules.text.printing import print_text
from tidewaiter.core.rules.text.tokens import KEYWORDS

PAGE = (Path(__file__).parents[5] / "docs/reference/rule-language.md").read_text(encoding="utf-8")
TEXTS = PAGE.split("## As text\n", 1)[1].split("\n## ", 1)[0]
PAIRS = re.findall(r"^\| `(.+)` \| `(\{.+\})` \|$", TEXTS, re.MULTILINE)
EXAMPLE, GRAMMAR = re.findall(r"```text\n(.*?)```", TEXTS, re.DOTALL)


@pytest.mark.parametrize(("text", "data"), PAIRS)
def test_a_row_of_the_table_is_one_condition_in_two_forms(text: str, data: str) -> None:
    node = from_data(read_yaml(data.encode(), "page").data)
    assert parse(text, REGISTRY) == node
    assert print_text(node, REGISTRY) == text, "the page shows the canonical text"


def test_the_page_shows_every_form() -> None:
    assert len(PAIRS) == 20
    assert print_text(parse(EXAMPLE, REGISTRY), REGISTRY).split() == EXAMPLE.split()


def test_the_grammar_on_the_page_has_the_words_of_the_language() -> None:
    assert set(re.findall(r'"([a-z]+)"', GRAMMAR)) == KEYWORDS
