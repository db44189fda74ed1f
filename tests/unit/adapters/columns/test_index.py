"""The replay evaluation: many conditions over columns answer as the specification does row by row."""

from __future__ import annotations

from dataclasses import replace
from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.unit.core.rules import kit
from tidewaiter.adapters.columns import ColumnIndex, Matches, Numeric, encode, index
from tidewaiter.adapters.columns.encode import Rows
from tidewaiter.adapters.columns.index import _Run
from tidewaiter.adapters.columns.truth import number_classes
from tidewaiter.core.features.registry import Value
from tidewaiter.core.rules.classes import Numbers
from tidewaiter.core.rules.form import from_data
from tidewaiter.core.rules.nodes import AnyOf, Compare, CompareFields, Comparison, ContainsAny, Node, Not
from tidewaiter.core.rules.terms import TERMS_MAX

Row = dict[str, Value]
Found = set[tuple[int, int, bool | None]]


def by_columns(nodes: list[Node], rows: list[Row], threads: int = 1) -> Found:
    columns = encode({name: [row[name] for row in rows] for name in kit.REGISTRY_NAMES}, kit.REGISTRY)
    found: list[tuple[int, int, bool | None]] = []
    for block in ColumnIndex(nodes, kit.REGISTRY, kit.LISTS).match(columns, threads=threads):
        pairs = zip(block.conditions.tolist(), block.rows.tolist(), block.unknown.tolist(), strict=True)
        found += [(condition, row, None if unknown else True) for condition, row, unknown in pairs]
    assert len({pair[:2] for pair in found}) == len(found), "a pair is given once"
    return set(found)


def by_specification(nodes: list[Node], rows: list[Row]) -> Found:
    truths = {(n, r, kit.twin(node, row)) for n, node in enumerate(nodes) for r, row in enumerate(rows)}
    return {found for found in truths if found[2] is not False}


def row(**values: Value) -> Row:
    return dict.fromkeys(kit.REGISTRY_NAMES) | values


@given(st.lists(kit.trees(), min_size=1, max_size=8), st.lists(kit.rows(), max_size=6))
def test_it_answers_as_the_specification(nodes: list[Node], rows: list[Row]) -> None:
    assert by_columns(nodes, rows) == by_specification(nodes, rows)


@pytest.mark.parametrize("threads", [1, 3])
@given(nodes=st.lists(kit.trees(), min_size=1, max_size=4), rows=st.lists(kit.rows(), min_size=3, max_size=7))
def test_blocks_of_any_size_and_any_threads_give_the_same_pairs(
    threads: int, nodes: list[Node], rows: list[Row]
) -> None:
    with mock.patch.object(index, "BLOCK", 1):
        assert by_columns(nodes, rows, threads) == by_specification(nodes, rows)


def test_blocks_come_in_order_and_only_so_many_are_made_ahead() -> None:
    made: list[int] = []

    def noted(run: _Run, first: int, last: int) -> Matches:
        made.append(first)
        return block(run, first, last)

    block = _Run._block
    columns = encode({"hs2": ["22"] * 50}, kit.REGISTRY)
    asked = ColumnIndex([from_data({"feature": "hs2", "=": "22"})], kit.REGISTRY, {})
    with mock.patch.object(index, "BLOCK", 1), mock.patch.object(_Run, "_block", noted):
        blocks = asked.match(columns, threads=2)
        rows = [next(blocks).rows.tolist()]
        assert len(made) <= 4
        rows += [found.rows.tolist() for found in blocks]
    assert rows == [[row] for row in range(50)]


def test_more_terms_than_a_word_has_bits() -> None:
    nodes: list[Node] = [Compare("package_count", Comparison.LESS, n) for n in range(150)]
    rows = [row(package_count=n) for n in (0, 63, 64, 65, 149)] + [row()]
    assert by_columns(nodes, rows) == by_specification(nodes, rows)


@pytest.mark.parametrize("operator", ["<", "<=", "=", "!=", ">", ">="])
@pytest.mark.parametrize("value", [2**53 + 1, 2**63 - 1, 2**63, 10**24])
def test_amounts_are_exact_however_large(operator: str, value: int) -> None:
    text = f"{value // 10**6}.{value % 10**6:06}"[:19] if value < 10**18 else "9223372036854"
    nodes = [from_data({"feature": "net_mass", operator: text}) for text in (text, "999999999999999999")]
    rows = [row(net_mass=value + step) for step in (-1, 0, 1)] + [row(net_mass=0), row()]
    assert by_columns(nodes, rows) == by_specification(nodes, rows)


def test_wide_conditions_are_evaluated_whole() -> None:
    either = AnyOf(
        (
            *(Compare("package_count", Comparison.EQUAL, n) for n in range(TERMS_MAX)),
            ContainsAny("description", ("USED", "NEW")),
            CompareFields("origin", Comparison.NOT_EQUAL, "departure_country"),
            CompareFields("net_mass", Comparison.GREATER, "gross_mass"),
        )
    )
    no = row(
        package_count=99, description="OLD", origin="NO", departure_country="NO", net_mass=1, gross_mass=1
    )
    rows = [
        row(), row(package_count=3), row(package_count=99), row(package_count=99, description="USED"), no,
        no | {"departure_country": "FR"}, no | {"net_mass": 2}, no | {"gross_mass": None},
    ]  # fmt: skip
    nodes: list[Node] = [either, Not(either)]
    assert by_columns(nodes, rows) == by_specification(nodes, rows)


def test_texts_are_found_by_code_point() -> None:
    texts = ["ÉTÉ", "E\u0301TE\u0301", "ÉT", "日本 TEA", "TEA 日本語", "%", "_", "A\\B", "it's", "🙂🙂"]
    nodes: list[Node] = [ContainsAny("description", (text,)) for text in texts]
    rows = [row(description=text) for text in texts] + [row()]
    assert by_columns(nodes, rows) == by_specification(nodes, rows)


def test_a_feature_without_a_column_is_refused() -> None:
    columns = encode({"origin": ["NO"]}, kit.REGISTRY)
    with pytest.raises(KeyError, match="hs2"):
        list(ColumnIndex([from_data({"feature": "hs2", "=": "22"})], kit.REGISTRY, {}).match(columns))


# -- planted faults: the law above would see them


def without_missing(classes: Numbers, column: Numeric, rows: Rows | slice) -> NDArray[np.intp]:
    """Take a missing number for the one that fills its place."""
    return number_classes(classes, replace(column, missing=np.zeros_like(column.missing)), rows)


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("number_classes", without_missing),
        ("_bits", lambda words: np.zeros(64 * len(words), np.bool_)),
        ("_split", lambda mask, words: np.zeros(words, np.uint64)),
    ],
)
def test_the_law_sees_a_fault(name: str, fault: object) -> None:
    nodes = [from_data({"not": {"feature": "net_mass", "<": "1"}}), from_data({"feature": "hs2", "!=": "22"})]
    rows = [row(), row(net_mass=5, hs2="22"), row(net_mass=5_000_000, hs2="24")]
    assert by_columns(nodes, rows) == by_specification(nodes, rows)
    with mock.patch.object(index, name, fault):
        assert by_columns(nodes, rows) != by_specification(nodes, rows)
