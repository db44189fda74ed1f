"""The cases of the reference page, answered by every evaluation that is faster than the specification."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import duckdb
import pytest

from tests.unit.core.rules.test_evaluate import CASES, LISTS, row_of
from tidewaiter.adapters.columns import ColumnIndex, encode
from tidewaiter.core.features import REGISTRY
from tidewaiter.core.features.registry import FeatureVector, Value
from tidewaiter.core.rules.form import from_data
from tidewaiter.core.rules.live import LiveIndex
from tidewaiter.core.rules.nodes import Node, features_of
from tidewaiter.core.rules.sql import render_sql

Row = dict[str, Value]


def by_live(node: Node, row: Row) -> bool | None:
    index = LiveIndex([node], REGISTRY, LISTS)
    header, item = (tuple(row[f.name] for f in part) for part in (REGISTRY.header, REGISTRY.items))
    found = index.match(FeatureVector(header=header, items=(item,)), index.among([0]))
    return (True if found[0].true else None) if found else False


def by_columns(node: Node, row: Row) -> bool | None:
    columns = encode({name: [row[name]] for name in features_of(node)}, REGISTRY)
    (block,) = ColumnIndex([node], REGISTRY, LISTS).match(columns)
    return (None if block.unknown[0] else True) if len(block.rows) else False


@cache
def database() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def by_sql(node: Node, row: Row) -> bool | None:
    values = ", ".join(f'? AS "{name}"' for name in features_of(node))
    true, false = render_sql(node, REGISTRY, LISTS)
    text = f"SELECT {true}, {false} FROM (SELECT {values})"  # noqa: S608 - what is tested here
    found = database().execute(text, [row[name] for name in features_of(node)]).fetchone()
    return {(True, False): True, (False, True): False, (False, False): None}[found or ()]


@pytest.mark.parametrize("evaluation", [by_live, by_columns, by_sql])
@pytest.mark.parametrize(("condition", "values", "answer"), CASES)
def test_the_answers_are_those_of_the_reference(
    condition: Any, values: Any, answer: bool | None, evaluation: Callable[[Node, Row], bool | None]
) -> None:
    assert evaluation(from_data(condition), row_of(values)) is answer
