"""A cell says what its operator and its text say, or what is expected instead."""

from __future__ import annotations

import pytest

from tidewaiter.core.features import REGISTRY
from tidewaiter.core.features.registry import Kind
from tidewaiter.core.rules.nodes import Node
from tidewaiter.core.rules.tables.cells import CellError, Operator, read_cell
from tidewaiter.core.rules.text.printing import print_text


def node_of(feature: str, operator: str, text: str) -> Node:
    cell = read_cell(feature, REGISTRY[feature].kind, Operator(operator), text)
    assert cell is not None
    return cell.node


@pytest.mark.parametrize(
    ("feature", "operator", "text", "condition"),
    [
        ("origin", "is", " CN ", "origin = CN"),
        ("origin", "is", "CN; VN", "origin in (CN, VN)"),
        ("hs_code", "is", "87*", "hs_code starts with 87"),
        ("hs_code", "is", "87*;88*", "hs_code starts with any of (87, 88)"),
        ("hs_code", "is", "220830; 87*", "hs_code = 220830 or hs_code starts with 87"),
        ("customs_value", "is", "10..20.5", "customs_value between 10 and 20.5"),
        ("item_count", "is", "3", "item_count = 3"),
        ("lodged_day", "is", "2026-01-01..2026-02-01", "lodged_day between 2026-01-01 and 2026-02-01"),
        ("importer_aeo", "is", "true", "importer_aeo = true"),
        ("origin", "is not", "CN", "origin != CN"),
        ("origin", "is not", "CN;VN", "origin not in (CN, VN)"),
        ("unit_value_ratio", "<", "0.5", "unit_value_ratio < 0.5"),
        ("hs2", "in list", "excise", "hs2 in list excise"),
        ("description", "contains", "USED; OLD", "description contains any of (USED, OLD)"),
        ("origin", "missing", "true", "origin is missing"),
        ("origin", "missing", "false", "origin is not missing"),
    ],
)
def test_a_cell_is_the_condition_that_it_writes(
    feature: str, operator: str, text: str, condition: str
) -> None:
    assert print_text(node_of(feature, operator, text), REGISTRY).replace('"', "") == condition


@pytest.mark.parametrize("text", ["", "-", "  ", " - "])
@pytest.mark.parametrize("operator", Operator)
def test_a_cell_without_anything_asks_nothing(operator: Operator, text: str) -> None:
    assert read_cell("origin", Kind.CODE, operator, text) is None


@pytest.mark.parametrize(
    ("feature", "operator", "text", "told"),
    [
        ("origin", "is", "=A1", "formula"), ("origin", "is", "@cmd", "formula"),
        ("origin", "is", "CN;;VN", "is empty"), ("hs_code", "is", "*", "is empty"),
        ("item_count", "is", "3.5", "whole number"), ("item_count", "is", "9" * 40, "whole number"),
        ("item_count", "is", "²", "whole number"), ("customs_value", "is", "1e5", "plain decimal"),
        ("customs_value", "is", "1..", "plain decimal"), ("lodged_day", "<", "1.2.2026", "calendar day"),
        ("importer_aeo", "is", "yes", "a truth"), ("origin", "missing", "yes", "`true` or `false`"),
        ("origin", "is", "C\x00N", "printable"), ("unit_value_ratio", "<", "nan", "plain decimal"),
    ],
)  # fmt: skip
def test_a_cell_that_is_none_is_refused_in_words(feature: str, operator: str, text: str, told: str) -> None:
    with pytest.raises(CellError, match=told):
        node_of(feature, operator, text)
