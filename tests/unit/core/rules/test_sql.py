"""SQL of conditions: its form, and constants that stay constants."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.core.rules import kit
from tidewaiter.core.rules.form import from_data
from tidewaiter.core.rules.nodes import Compare, Comparison, ContainsAny, InList, Node, Prefix
from tidewaiter.core.rules.sql import quoted, render_sql

#: What ends a string, opens a comment, or is an escape somewhere.
HOSTILE = [
    "'",
    "''",
    "\\",
    "\\'",
    "' OR TRUE --",
    "'); DROP TABLE items; --",
    "$$",
    "/*",
    "\n",
    "%s",
    "?",
    ":x",
    "\u2019",
]


@pytest.fixture(scope="module")
def run() -> Iterator[Callable[[str], Any]]:
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE items (hs2 TEXT, description TEXT, net_mass HUGEINT, freight_share DOUBLE)"
        )
        yield lambda text: connection.execute(text).fetchall()


@pytest.mark.parametrize(
    ("condition", "true", "false"),
    [
        (
            {"feature": "hs2", "=": "22"},
            '(("hs2" IS NOT NULL) AND "hs2" = \'22\')',
            '(("hs2" IS NOT NULL) AND "hs2" <> \'22\')',
        ),
        (
            {"not": {"feature": "net_mass", "<": "1.5"}},
            '(("net_mass" IS NOT NULL) AND "net_mass" >= 1500000)',
            '(("net_mass" IS NOT NULL) AND "net_mass" < 1500000)',
        ),
        (
            {"feature": "hs2", "is_missing": True},
            'NOT ("hs2" IS NOT NULL)',
            '("hs2" IS NOT NULL)',
        ),
        (
            {
                "none_of": [
                    {"feature": "importer_aeo", "=": True},
                    {"feature": "importer_declared_all", "in": [1, 2]},
                ]
            },
            '((("importer_aeo" IS NOT NULL) AND "importer_aeo" <> TRUE)'
            ' AND (("importer_declared_all" IS NOT NULL) AND NOT ("importer_declared_all" IN (1, 2))))',
            '((("importer_aeo" IS NOT NULL) AND "importer_aeo" = TRUE)'
            ' OR (("importer_declared_all" IS NOT NULL) AND ("importer_declared_all" IN (1, 2))))',
        ),
        (
            {"feature": "hs_code", "prefix": ["85", "01"]},
            '(("hs_code" IS NOT NULL) AND (starts_with("hs_code", \'85\') OR starts_with("hs_code", \'01\')))',
            '(("hs_code" IS NOT NULL) AND NOT (starts_with("hs_code", \'85\') OR starts_with("hs_code", \'01\')))',
        ),
    ],
)
def test_each_literal_is_present_and_test(condition: Any, true: str, false: str) -> None:
    assert render_sql(from_data(condition), kit.REGISTRY, kit.LISTS) == (true, false)


@given(kit.trees())
def test_it_names_no_wildcards_and_reaches_no_null_logic(node: Node) -> None:
    for expression in render_sql(node, kit.REGISTRY, kit.LISTS):
        assert "LIKE" not in expression
        assert "IS TRUE" not in expression
        assert expression.count("(") == expression.count(")")


@given(
    text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")) | st.sampled_from(HOSTILE)
)
def test_a_text_comes_back_as_it_went(run: Callable[[str], Any], text: str) -> None:
    assert run(f"SELECT {quoted(text)}") == [(text,)]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_stays_a_text(run: Callable[[str], Any], text: str) -> None:
    run("DELETE FROM items")
    run(f"INSERT INTO items (hs2, description) VALUES ('22', {quoted('X ' + text)}), ('24', 'PLAIN')")
    nodes: list[Node] = [
        ContainsAny("description", (text,)),
        InList("description", "hostile"),
        Prefix("description", (f"X {text}",)),
    ]
    for node in nodes:
        true, false = render_sql(node, kit.REGISTRY, {"hostile": frozenset({"X " + text})})
        assert run(f"SELECT hs2, {true}, {false} FROM items ORDER BY 1") == [
            ("22", True, False),
            ("24", False, True),
        ]


def test_a_nul_character_is_refused() -> None:
    with pytest.raises(ValueError, match="NUL character"):
        quoted("A\0B")


def test_a_name_that_is_no_feature_never_becomes_a_column() -> None:
    with pytest.raises(KeyError):
        render_sql(Compare('x" OR TRUE --', Comparison.EQUAL, "1"), kit.REGISTRY, {})
