"""The written form of conditions: nothing is lost on the way there and back, and every fault is named."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.golden.texts import faults_in_words, golden
from tests.unit.core.rules import kit
from tidewaiter.core.errors import ConfigurationError, Fault
from tidewaiter.core.rules.form import from_data, read_node, to_data
from tidewaiter.core.rules.nodes import DEPTH_MAX, NODES_MAX, VALUES_MAX, Node, depth, walk

LITERAL = {"feature": "hs2", "=": "22"}

#: Data that are no condition, each with several faults where there can be several.
BROKEN: list[Any] = [
    None,
    "hs2 = 22",
    [],
    {},
    {"all_of": []},
    {"all_of": LITERAL},
    {"all_of": [LITERAL], "any_of": [LITERAL]},
    {"some_of": [LITERAL]},
    {"al_of": [LITERAL]},
    {"not": [LITERAL]},
    {"feature": "hs2"},
    {"feature": 22, "=": "22"},
    {"feature": "hs2", "=": "22", "!=": "24"},
    {"feature": "hs2", "==": "22"},
    {"feature": "hs2", "prefixes": ["22"]},
    {"feature": "hs2", "=": 2.5},
    {"feature": "hs2", "=": None},
    {"feature": "hs2", "=": ""},
    {"feature": "hs2", "=": {"feature": "origin", "of": "item"}},
    {"feature": "hs2", "in": "22"},
    {"feature": "hs2", "in": []},
    {"feature": "hs2", "in": ["22", 24.0, None, ["x"]]},
    {"feature": "hs2", "in": ["22"] * (VALUES_MAX + 1)},
    {"feature": "hs2", "in_list": ["borders"]},
    {"feature": "hs2", "prefix": [22]},
    {"feature": "hs2", "contains_any": ["a\nb"]},
    {"feature": "net_mass", "between": ["1"]},
    {"feature": "net_mass", "between": ["1", 2.5]},
    {"feature": "origin", "is_missing": False},
    {"all_of": [{"feature": "hs2", "=": None}, {"not": 1}, {"any_of": [{"feature": "hs2", "~": "2"}]}]},
    {"all_of": [LITERAL] * NODES_MAX},
]


def faults_of(data: Any) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        from_data(data)
    return caught.value


@given(kit.trees())
def test_a_tree_survives_the_way_to_data_and_back(node: Node) -> None:
    data = to_data(node)
    again = from_data(json.loads(json.dumps(data)))
    assert again == node
    assert json.dumps(to_data(again)) == json.dumps(data), (
        "1 and true are equal in Python, not in a condition"
    )


def test_the_faults_of_conditions_read_as_kept() -> None:
    texts = []
    for data in BROKEN:
        shown = json.dumps(data)
        shown = shown if len(shown) < 120 else f"{shown[:117]}..."
        texts.append(f"{shown}\n{faults_in_words(faults_of(data).faults)}")
    text = "\n".join(texts)
    assert text == golden("rules/form-faults.txt", text), "if the new text is better, run with WRITE_GOLDEN=1"


@pytest.mark.parametrize("data", BROKEN)
def test_what_is_no_condition_is_refused_with_at_least_one_place(data: Any) -> None:
    faults = faults_of(data).faults
    assert faults
    assert all(fault.place.startswith("/") and fault.message for fault in faults)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["feature", "=", "in", "between", "not", "all_of", "is_missing", "x"]),
                inner,
                max_size=2,
            )
        ),
        max_leaves=8,
    )
)
def test_any_plain_data_is_read_or_refused(data: Any) -> None:
    faults: list[Fault] = []
    node = read_node(data, "", faults)
    assert (node is None) is bool(faults), "a refusal names its reasons, and nothing else does"


def nested(levels: int) -> dict[str, Any]:
    data: dict[str, Any] = LITERAL
    for _ in range(levels - 1):
        data = {"not": data}
    return data


def test_depth_and_size_are_bounded() -> None:
    assert depth(from_data(nested(DEPTH_MAX))) == DEPTH_MAX
    assert [fault.code for fault in faults_of(nested(DEPTH_MAX + 1)).faults] == ["condition-too-deep"]
    assert len(list(walk(from_data({"all_of": [LITERAL] * (NODES_MAX - 1)})))) == NODES_MAX
    assert [fault.code for fault in faults_of({"all_of": [LITERAL] * NODES_MAX}).faults] == [
        "condition-too-large"
    ]


def test_a_hostile_condition_costs_no_more_than_its_bound() -> None:
    """Ten thousand levels end at the thirteenth, without a deep recursion."""
    assert [fault.code for fault in faults_of(nested(10_000)).faults] == ["condition-too-deep"]
    wide = {"all_of": [{"all_of": [LITERAL] * NODES_MAX}] * NODES_MAX}
    assert [fault.code for fault in faults_of(wide).faults].count("condition-too-large") == 1
