"""SQL of conditions: its form, and constants that stay constants."""

from __future__ import annotations

import json
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
    "'", "''", "\\", "\\'", "' OR TRUE --", "'); DROP TABLE items; --", "$$", "/*", "\n", "%s", "?", ":x",
]  # fmt: skip


@pytest.fixture(scope="module")
def run() -> Iterator[Callable[[str], Any]]:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE items (hs2 TEXT, description TEXT)")
        yield lambda text: connection.execute(text).fetchall()


#: As in ``condition => true | false``; a column stands without its quotes here.
RENDERED = """
{"feature": "hs2", "=": "22"}
  => ((hs2 IS NOT NULL) AND hs2 = '22')
  |  ((hs2 IS NOT NULL) AND hs2 <> '22')
{"not": {"feature": "net_mass", "<": "1.5"}}
  => ((net_mass IS NOT NULL) AND net_mass >= 1500000)
  |  ((net_mass IS NOT NULL) AND net_mass < 1500000)
{"feature": "hs2", "is_missing": true}
  => NOT (hs2 IS NOT NULL)
  |  (hs2 IS NOT NULL)
{"none_of": [{"feature": "importer_aeo", "=": true}, {"feature": "package_count", "in": [1, 2]}]}
  => (((importer_aeo IS NOT NULL) AND importer_aeo <> TRUE)
     AND ((package_count IS NOT NULL) AND NOT (package_count IN (1, 2))))
  |  (((importer_aeo IS NOT NULL) AND importer_aeo = TRUE)
     OR ((package_count IS NOT NULL) AND (package_count IN (1, 2))))
{"feature": "hs_code", "prefix": ["85", "01"]}
  => ((hs_code IS NOT NULL) AND (starts_with(hs_code, '85') OR starts_with(hs_code, '01')))
  |  ((hs_code IS NOT NULL) AND NOT (starts_with(hs_code, '85') OR starts_with(hs_code, '01')))
"""


@pytest.mark.parametrize("written", [f"{{{entry}" for entry in RENDERED.split("\n{")[1:]])
def test_each_literal_is_present_and_test(written: str) -> None:
    condition, _, expressions = written.partition("=>")
    expected = [" ".join(expression.split()) for expression in expressions.split("|")]
    found = render_sql(from_data(json.loads(condition)), kit.REGISTRY, kit.LISTS)
    assert [expression.replace('"', "") for expression in found] == expected


@given(kit.trees())
def test_it_names_no_wildcards_and_reaches_no_null_logic(node: Node) -> None:
    for expression in render_sql(node, kit.REGISTRY, kit.LISTS):
        assert "LIKE" not in expression
        assert "IS TRUE" not in expression
        assert expression.count("(") == expression.count(")")


anything = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(text=anything | st.sampled_from(HOSTILE))
def test_a_text_comes_back_as_it_went(run: Callable[[str], Any], text: str) -> None:
    assert run(f"SELECT {quoted(text)}") == [(text,)]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_stays_a_text(run: Callable[[str], Any], text: str) -> None:
    run("DELETE FROM items")
    values = f"('22', {quoted('X ' + text)}), ('24', 'PLAIN')"
    run(f"INSERT INTO items VALUES {values}")  # noqa: S608 - what is tested here
    nodes: list[Node] = [
        ContainsAny("description", (text,)),
        InList("description", "hostile"),
        Prefix("description", (f"X {text}",)),
    ]
    for node in nodes:
        true, false = render_sql(node, kit.REGISTRY, {"hostile": frozenset({"X " + text})})
        found = run(f"SELECT hs2, {true}, {false} FROM items ORDER BY 1")  # noqa: S608 - what is tested here
        assert found == [("22", True, False), ("24", False, True)]


def test_a_nul_character_is_refused() -> None:
    with pytest.raises(ValueError, match="NUL character"):
        quoted("A\0B")


def test_a_name_that_is_no_feature_never_becomes_a_column() -> None:
    with pytest.raises(KeyError):
        render_sql(Compare('x" OR TRUE --', Comparison.EQUAL, "1"), kit.REGISTRY, {})
