"""The live evaluation: all conditions together answer as the specification does one by one."""

from __future__ import annotations

from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.core.rules import kit
from tidewaiter.core.features.registry import FeatureVector, Scope, Value
from tidewaiter.core.rules import live
from tidewaiter.core.rules.evaluate import evaluate, reader
from tidewaiter.core.rules.form import from_data
from tidewaiter.core.rules.live import LiveIndex, Match
from tidewaiter.core.rules.nodes import AllOf, AnyOf, Compare, Comparison, Node, Not, features_of
from tidewaiter.core.rules.terms import TERMS_MAX, terms_of

EQUAL = Comparison.EQUAL


def by_index(nodes: list[Node], vector: FeatureVector) -> list[Match]:
    index = LiveIndex(nodes, kit.REGISTRY, kit.LISTS)
    return index.match(vector, index.among(range(len(nodes))))


def by_specification(nodes: list[Node], vector: FeatureVector) -> list[Match]:
    found = []
    for position, node in enumerate(nodes):
        on_header = all(kit.REGISTRY.position[name][0] is Scope.HEADER for name in features_of(node))
        items = vector.items[:1] if on_header else vector.items
        readers = [reader(kit.REGISTRY, vector.header, item) for item in items]
        truths = [evaluate(node, read, kit.REGISTRY, kit.LISTS) for read in readers]
        match = Match(
            position,
            [index for index, truth in enumerate(truths) if truth is True],
            [index for index, truth in enumerate(truths) if truth is None],
        )
        found += [match] if match.true or match.unknown else []
    return found


several_trees = st.lists(kit.trees(), min_size=1, max_size=8)
several_rows = st.lists(kit.rows(), min_size=1, max_size=3)


@given(several_trees, several_rows)
def test_it_answers_as_the_specification(nodes: list[Node], rows: list[dict[str, Value]]) -> None:
    vector = kit.vector(*rows)
    assert by_index(nodes, vector) == by_specification(nodes, vector)


@given(several_trees, several_rows, st.data())
def test_only_the_conditions_that_are_asked_answer(
    nodes: list[Node], rows: list[dict[str, Value]], data: st.DataObject
) -> None:
    asked = data.draw(st.sets(st.sampled_from(range(len(nodes)))))
    index, vector = LiveIndex(nodes, kit.REGISTRY, kit.LISTS), kit.vector(*rows)
    expected = [match for match in by_specification(nodes, vector) if match.condition in asked]
    assert index.match(vector, index.among(asked)) == expected


@given(several_trees, st.lists(kit.rows(), min_size=4, max_size=4))
def test_what_it_remembers_changes_no_answer(nodes: list[Node], rows: list[dict[str, Value]]) -> None:
    with mock.patch.object(live, "_REMEMBERED_MAX", 2):
        index = LiveIndex(nodes, kit.REGISTRY, kit.LISTS)
        for row in [*rows, *rows]:
            vector = kit.vector(row)
            assert index.match(vector, index.among(range(len(nodes)))) == by_specification(nodes, vector)


BOUNDARIES = ["0", "0.000001", "1", "2.5", "123456789012.123456"]


@pytest.mark.parametrize("operator", ["=", "!=", "<", "<=", ">", ">="])
@pytest.mark.parametrize("negated", [False, True])
def test_every_threshold_is_met_below_on_and_above(operator: str, negated: bool) -> None:
    nodes = [from_data({"feature": "net_mass", operator: text}) for text in BOUNDARIES]
    nodes += [
        from_data({"feature": "net_mass", "between": [one, two]}) for one in BOUNDARIES for two in BOUNDARIES
    ]
    nodes += [
        from_data({"feature": "net_mass", "in": [one, two]}) for one in BOUNDARIES for two in BOUNDARIES
    ]
    asked: list[Node] = [Not(node) for node in nodes] if negated else nodes
    on = [int(text.replace(".", "")) * 10 ** (6 - len(text.partition(".")[2])) for text in BOUNDARIES]
    for value in {around for bound in on for around in (bound - 1, bound, bound + 1)}:
        vector = kit.vector({"net_mass": value})
        assert by_index(asked, vector) == by_specification(asked, vector)


def test_a_wide_condition_is_kept_whole_and_answers_the_same() -> None:
    def either(feature: str, count: int) -> Node:
        return AnyOf(tuple(Compare(feature, EQUAL, n) for n in range(count)))

    wide: list[Node] = [
        either("package_count", TERMS_MAX + 1),
        Not(either("package_count", TERMS_MAX + 1)),
        AllOf((either("package_count", 9), either("importer_declared_all", 9))),
    ]
    assert [len(terms_of(node)) for node in wide] == [1, 1, 9]
    for row in (
        {"package_count": 3},
        {"package_count": 70},
        {},
        {"package_count": 8, "importer_declared_all": 8},
    ):
        vector = kit.vector(row)
        assert by_index(wide, vector) == by_specification(wide, vector)


# -- planted faults: the law above would see them


@pytest.mark.parametrize(
    ("where", "fault"),
    [
        ("tidewaiter.core.rules.classes.Numbers.classify", lambda self, value: 0),
        ("tidewaiter.core.rules.classes.Codes.classify", lambda self, value: 0),
        ("tidewaiter.core.rules.live.present", lambda value: value),
    ],
)
def test_the_law_sees_a_value_that_is_put_into_the_wrong_class(where: str, fault: object) -> None:
    nodes = [
        from_data({"feature": "hs2", "=": "22"}),
        from_data({"feature": "net_mass", "<=": "1"}),
        from_data({"not": {"feature": "unit_value_ratio", "<": "1"}}),
    ]
    row: dict[str, Value] = {"hs2": "22", "net_mass": 2_000_000, "unit_value_ratio": float("nan")}
    vector = kit.vector(row)
    assert by_index(nodes, vector) == by_specification(nodes, vector)
    with mock.patch(where, fault):
        assert by_index(nodes, vector) != by_specification(nodes, vector)
