"""Explanations: the values that decided, and nothing that did not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from tests.unit.core.rules import kit
from tidewaiter.core.features.registry import Value
from tidewaiter.core.rules.compiled import compile_condition
from tidewaiter.core.rules.explain import Evidence, deciding, evidence, missing
from tidewaiter.core.rules.form import from_data
from tidewaiter.core.rules.nodes import CompareFields, IsMissing, Node, leaves

SPIRITS = {"feature": "hs2", "=": "22"}
TOBACCO = {"feature": "hs2", "=": "24"}
LIGHT = {"feature": "net_mass", "<": "5"}
FROM_NORWAY = {"feature": "origin", "=": "NO"}
AT_LAND = {"feature": "office", "=": "LAND"}
ROW: dict[str, Value] = {"hs2": "22", "net_mass": 4_000_000, "office": "LAND"}


def explained(
    condition: Any, row: dict[str, Value]
) -> tuple[list[tuple[str, int | None, Value]], tuple[str, ...]]:
    compiled = compile_condition(from_data(condition), kit.REGISTRY, kit.LISTS)
    vector = kit.vector(row)
    header, item = vector.header, vector.items[0]
    found = evidence(compiled, kit.REGISTRY, header, item, 7)
    return [tuple(entry) for entry in found], missing(compiled, kit.REGISTRY, header, item)


@pytest.mark.parametrize(
    ("condition", "values"),
    [
        (SPIRITS, [("hs2", 7, "22")]),
        ({"all_of": [SPIRITS, LIGHT, AT_LAND]}, [
            ("hs2", 7, "22"), ("net_mass", 7, 4_000_000), ("office", None, "LAND"),
        ]),
        ({"any_of": [TOBACCO, LIGHT, FROM_NORWAY]}, [("net_mass", 7, 4_000_000)]),
        ({"none_of": [TOBACCO, {"not": LIGHT}]}, [("hs2", 7, "22"), ("net_mass", 7, 4_000_000)]),
        ({"not": {"all_of": [TOBACCO, LIGHT]}}, [("hs2", 7, "22")]),
        ({"not": {"any_of": [TOBACCO, {"not": LIGHT}]}}, [("hs2", 7, "22"), ("net_mass", 7, 4_000_000)]),
        ({"feature": "origin", "is_missing": True}, [("origin", 7, None)]),
        ({"all_of": [SPIRITS, {"not": TOBACCO}]}, [("hs2", 7, "22")]),
        ({"feature": "net_mass", "<": {"feature": "freight_amount"}}, [
            ("net_mass", 7, 4_000_000), ("freight_amount", None, 5_000_000),
        ]),
    ],
)  # fmt: skip
def test_the_evidence_of_what_holds_is_what_was_read_and_decided(condition: Any, values: list[Any]) -> None:
    assert explained(condition, {**ROW, "freight_amount": 5_000_000}) == (values, ())


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        (FROM_NORWAY, ("origin",)),
        ({"all_of": [SPIRITS, FROM_NORWAY]}, ("origin",)),
        ({"any_of": [TOBACCO, {"not": FROM_NORWAY}]}, ("origin",)),
        (
            {"any_of": [{"all_of": [TOBACCO, {"feature": "importer_aeo", "=": True}]}, FROM_NORWAY]},
            ("origin",),
        ),
        ({"feature": "origin", "=": {"feature": "departure_country"}}, ("origin", "departure_country")),
        ({"all_of": [FROM_NORWAY, {"not": FROM_NORWAY}]}, ("origin",)),
    ],
)
def test_what_keeps_a_condition_unknown_is_what_is_missing_and_would_decide(
    condition: Any, names: Any
) -> None:
    assert explained(condition, ROW)[1] == names


@given(kit.trees(), kit.rows())
def test_the_deciding_literals_alone_give_the_answer(node: Node, row: dict[str, Value]) -> None:
    """Whatever the other features hold, the answer stays."""
    compiled = compile_condition(node, kit.REGISTRY, kit.LISTS)
    vector = kit.vector(row)
    answer = compiled.test(vector.header, vector.items[0])
    if answer is None:
        return
    decided = list(deciding(compiled, vector.header, vector.items[0]))
    read = {leaf.feature for leaf in decided} | {
        leaf.other for leaf in decided if isinstance(leaf, CompareFields)
    }
    kept = kit.vector({name: value if name in read else None for name, value in row.items()})
    if any(isinstance(leaf, IsMissing) for leaf in leaves(node)):
        assert decided
    else:
        assert compiled.test(kept.header, kept.items[0]) is answer


@given(kit.trees(), kit.rows())
def test_an_unknown_condition_always_says_what_is_missing(node: Node, row: dict[str, Value]) -> None:
    compiled = compile_condition(node, kit.REGISTRY, kit.LISTS)
    vector = kit.vector(row)
    answer = compiled.test(vector.header, vector.items[0])
    names = missing(compiled, kit.REGISTRY, vector.header, vector.items[0])
    assert bool(names) is (answer is None)
    assert all(kit._known(row, name) is None for name in names)


def test_evidence_is_a_plain_tuple_for_the_record() -> None:
    assert tuple(Evidence("hs2", 0, "22")) == ("hs2", 0, "22")
