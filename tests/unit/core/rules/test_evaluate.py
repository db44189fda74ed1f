"""What conditions mean: the page of the reference, the laws of three-valued logic, and three evaluations."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from tests.unit.core.rules import kit
from tidewaiter.adapters.starter.strict_yaml import read_yaml
from tidewaiter.core.features import REGISTRY
from tidewaiter.core.features.registry import Kind, Value
from tidewaiter.core.rules.checks.known import OPERATORS
from tidewaiter.core.rules.compiled import compile_condition
from tidewaiter.core.rules.evaluate import COMPARE, evaluate, reader
from tidewaiter.core.rules.form import from_data
from tidewaiter.core.rules.literals import literal_value
from tidewaiter.core.rules.nodes import (
    AllOf,
    AnyOf,
    Compare,
    CompareFields,
    Comparison,
    IsMissing,
    Node,
    NoneOf,
    Not,
    leaves,
)

PAGE = (Path(__file__).parents[4] / "docs/reference/rule-language.md").read_text(encoding="utf-8")
TRUTH = {"true": True, "false": False, "unknown": None}
LISTS = {"border": frozenset({"LAND", "RAIL"})}


def table(heading: str) -> list[list[str]]:
    """Return the rows of the table under *heading* of the page, without its head."""
    part = PAGE.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line.strip("|").split(" | ") for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def of_code(cell: str) -> Any:
    """Return the data written in backticks in a cell."""
    return read_yaml(cell.strip("`").encode(), "cell").data


CASES = [(of_code(condition), of_code(values), TRUTH[answer]) for condition, values, answer in table("Cases")]


def row_of(values: dict[str, Any]) -> dict[str, Value]:
    """Return the values of a case as features; what is not there is missing."""
    return {f.name: literal_value(f.kind, values[f.name]) if f.name in values else None for f in REGISTRY}


def rows_of(row: dict[str, Value]) -> tuple[tuple[Value, ...], tuple[Value, ...]]:
    """Return *row* as the header and the item of a feature vector of the registry."""
    return tuple(row[f.name] for f in REGISTRY.header), tuple(row[f.name] for f in REGISTRY.items)


def by_specification(node: Node, row: dict[str, Value]) -> bool | None:
    return evaluate(node, row.__getitem__, REGISTRY, LISTS)


def by_closures(node: Node, row: dict[str, Value]) -> bool | None:
    header, item = rows_of(row)
    return compile_condition(node, REGISTRY, LISTS).test(header, item)


@pytest.mark.parametrize("evaluation", [by_specification, by_closures])
@pytest.mark.parametrize(("condition", "values", "answer"), CASES)
def test_the_answers_are_those_of_the_reference(
    condition: Any, values: Any, answer: bool | None, evaluation: Callable[..., bool | None]
) -> None:
    assert evaluation(from_data(condition), row_of(values)) is answer


def test_the_page_has_a_case_of_every_operator_true_false_and_unknown() -> None:
    seen = {
        (next(key for key in condition if key != "feature"), answer)
        for condition, _, answer in CASES
        if "feature" in condition
    }
    single = {operator for kind in OPERATORS.values() for operator in kind}
    for operator in single - {"is_missing", "=", "!=", "<", "<=", ">", ">="}:
        assert {(operator, answer) for answer in (True, False, None)} <= seen, f"add cases of `{operator}`"


def test_the_page_names_the_operators_of_each_kind() -> None:
    written = {row[0]: set(re.findall(r"`([^`]+)`", row[2])) for row in table("Kinds and operators")}
    assert written == {kind.value: set(operators) for kind, operators in OPERATORS.items()}


#: A literal of each truth value, on a row where the office is PORT and everything else is missing.
OF_TRUTH: dict[str, Node] = {
    "true": Compare("office", Comparison.EQUAL, "PORT"),
    "false": Compare("office", Comparison.EQUAL, "LAND"),
    "unknown": Compare("origin", Comparison.EQUAL, "FR"),
}


@pytest.mark.parametrize("evaluation", [by_specification, by_closures])
@pytest.mark.parametrize("row", table("Three truth values"))
def test_groups_follow_the_truth_table(row: list[str], evaluation: Callable[..., bool | None]) -> None:
    one, two = OF_TRUTH[row[0]], OF_TRUTH[row[1]]
    conditions = [AllOf((one, two)), AnyOf((one, two)), NoneOf((one, two)), Not(one)]
    values = row_of({"office": "PORT"})
    answers = [evaluation(condition, values) for condition in conditions]
    assert answers == [TRUTH[cell] for cell in row[2:]], f"for a = {row[0]}, b = {row[1]}"


@given(kit.trees(), kit.rows())
def test_the_specification_agrees_with_a_twin_written_another_way(node: Node, row: dict[str, Value]) -> None:
    read = reader(kit.REGISTRY, *split(row))
    assert evaluate(node, read, kit.REGISTRY, kit.LISTS) is kit.twin(node, row)


@given(kit.trees(), kit.rows())
def test_closures_agree_with_the_specification(node: Node, row: dict[str, Value]) -> None:
    header, item = split(row)
    expected = evaluate(node, reader(kit.REGISTRY, header, item), kit.REGISTRY, kit.LISTS)
    assert compile_condition(node, kit.REGISTRY, kit.LISTS).test(header, item) is expected


@given(kit.trees(), kit.rows())
def test_more_knowledge_never_turns_a_decided_answer(node: Node, row: dict[str, Value]) -> None:
    """Filling in what is missing keeps every true and false, unless the condition asks what is missing."""
    if any(isinstance(leaf, IsMissing) for leaf in leaves(node)):
        return
    before = kit.twin(node, row)
    present = {name: 1 if value is None and is_number(name) else value for name, value in row.items()}
    after = evaluate(node, reader(kit.REGISTRY, *split(present)), kit.REGISTRY, kit.LISTS)
    assert before is None or after is before


def split(row: dict[str, Value]) -> tuple[tuple[Value, ...], tuple[Value, ...]]:
    """Return *row* of the kit as header and item."""
    vector = kit.vector(row)
    return vector.header, vector.items[0]


def is_number(name: str) -> bool:
    return kit.REGISTRY[name].kind in {Kind.AMOUNT, Kind.COUNT}


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_a_ratio_that_is_no_number_counts_as_missing(number: float) -> None:
    row = kit.vector({"unit_value_ratio": number, "freight_share": 1.0})
    header, item = row.header, row.items[0]
    read = reader(kit.REGISTRY, header, item)
    above = Compare("unit_value_ratio", Comparison.GREATER, "5")
    against = CompareFields("unit_value_ratio", Comparison.NOT_EQUAL, "freight_share")
    for node, answer in (
        (above, None),
        (Not(above), None),
        (against, None),
        (IsMissing("unit_value_ratio"), True),
    ):
        assert evaluate(node, read, kit.REGISTRY, kit.LISTS) is answer
        assert compile_condition(node, kit.REGISTRY, kit.LISTS).test(header, item) is answer


# -- planted faults: the tests above would see them


def test_the_cases_see_an_evaluator_for_which_two_missing_values_are_equal() -> None:
    def lax(node: Node, read: Any, registry: Any, lists: Any) -> bool | None:
        if isinstance(node, CompareFields) and node.operator in {Comparison.EQUAL, Comparison.NOT_EQUAL}:
            return COMPARE[node.operator](read(node.feature), read(node.other))
        return evaluate(node, read, registry, lists)

    assert disagreements(lax), "null = null would pass unseen"


def test_the_cases_see_an_evaluator_that_negates_unknown_to_true() -> None:
    def lax(node: Node, read: Any, registry: Any, lists: Any) -> bool | None:
        if isinstance(node, Not):
            return not lax(node.node, read, registry, lists)
        return evaluate(node, read, registry, lists)

    assert disagreements(lax), "not unknown = true would pass unseen"


def test_the_cases_see_an_evaluator_that_reads_missing_as_zero() -> None:
    def lax(node: Node, read: Any, registry: Any, lists: Any) -> bool | None:
        def zero(name: str) -> Any:
            value = read(name)
            return 0 if value is None and registry[name].kind in {Kind.AMOUNT, Kind.COUNT} else value

        return evaluate(node, zero, registry, lists)

    assert disagreements(lax), "missing < 5 would pass unseen"


def disagreements(lax: Callable[..., bool | None]) -> list[Any]:
    """Return the cases of the page that *lax* answers differently."""
    return [
        condition
        for condition, values, answer in CASES
        if lax(from_data(condition), row_of(values).__getitem__, REGISTRY, LISTS) is not answer
    ]
