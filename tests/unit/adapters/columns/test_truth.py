"""One condition over columns: on any rows, in any order, it answers as the specification."""

from __future__ import annotations

from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.core.rules import kit
from tidewaiter.adapters.columns import Truths, encode, truth
from tidewaiter.core.features.registry import Value
from tidewaiter.core.rules.form import from_data
from tidewaiter.core.rules.nodes import CompareFields, Comparison, ContainsAny, Node

Row = dict[str, Value]


def answers(node: Node, rows: list[Row], asked: list[int]) -> list[bool | None]:
    columns = encode({name: [row[name] for row in rows] for name in kit.REGISTRY_NAMES}, kit.REGISTRY)
    truths = Truths(columns, kit.REGISTRY, kit.LISTS)
    found = truths.evaluate(node, np.array(asked, np.intp))
    again = truths.evaluate(node, np.array(asked, np.intp))
    assert [part.tolist() for part in found] == [part.tolist() for part in again], "what is kept is the same"
    assert not np.any(found.true & found.false)
    pairs = zip(found.true.tolist(), found.false.tolist(), strict=True)
    return [True if true else False if false else None for true, false in pairs]


def row(**values: Value) -> Row:
    return dict.fromkeys(kit.REGISTRY_NAMES) | values


@given(kit.trees(), st.lists(kit.rows(), min_size=1, max_size=5), st.data())
def test_it_answers_as_the_specification_on_any_rows(
    node: Node, rows: list[Row], data: st.DataObject
) -> None:
    asked = data.draw(st.lists(st.sampled_from(range(len(rows))), max_size=7))
    assert answers(node, rows, asked) == [kit.twin(node, rows[at]) for at in asked]


def test_codes_of_two_columns_are_compared_by_what_they_stand_for() -> None:
    places = [("NO", "FR"), ("FR", "NO"), ("NA", "NA"), (None, "NO"), ("NO", None), (None, None)]
    rows = [row(origin=one, departure_country=two) for one, two in places]
    every = list(range(len(rows)))
    same = CompareFields("origin", Comparison.EQUAL, "departure_country")
    other = CompareFields("origin", Comparison.NOT_EQUAL, "departure_country")
    assert answers(same, rows, every) == [False, False, True, None, None, None]
    assert answers(other, rows, every) == [True, True, False, None, None, None]


def test_one_text_inside_another_is_found_as_well() -> None:
    rows = [row(description=text) for text in ("USED TYRES", "TYRES", "OLD", None)]
    node = ContainsAny("description", ("TYRES", "USED TYRES"))
    assert answers(node, rows, [0, 1, 2, 3]) == [True, True, False, None]


@pytest.mark.parametrize("name", ["_fits", "_all"])
def test_the_law_sees_a_fault(name: str) -> None:
    faults = {"_fits": lambda cut, values: False, "_all": lambda truths, count: next(iter(truths))}
    rows = [row(package_count=3, hs2="22"), row(package_count=3, hs2="24")]
    node = from_data({"all_of": [{"feature": "package_count", "=": 3}, {"feature": "hs2", "=": "22"}]})
    expected = [kit.twin(node, each) for each in rows]
    assert answers(node, rows, [0, 1]) == expected
    with mock.patch.object(truth, name, faults[name]):
        assert answers(node, rows, [0, 1]) != expected
