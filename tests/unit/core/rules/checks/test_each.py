"""Each check has its golden text: a new file in `checks` is missed here until somebody has read its words."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.golden.texts import faults_in_words, golden
from tests.unit.core.rules import kit, test_check
from tests.unit.core.rules.checks.lists import named
from tests.unit.core.rules.checks.test_remarks import NOTED
from tests.unit.core.test_profiles import profile
from tidewaiter.core.errors import Fault
from tidewaiter.core.rules import checks
from tidewaiter.core.rules.check import check_condition, check_set
from tidewaiter.core.rules.checks.remarks import remarks_on_profiles
from tidewaiter.core.rules.forms import CodeForm
from tidewaiter.core.rules.nodes import (
    DEPTH_MAX,
    NODES_MAX,
    VALUES_MAX,
    AllOf,
    AnyOf,
    Compare,
    Comparison,
    In,
    InList,
    IsMissing,
    Node,
    Not,
)

FOLDER = Path(checks.__file__).parent
#: What checks are made of, and what runs them.
PARTS = {"__init__", "known", "remarks", "solving", "values"}
CHECKS = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem not in PARTS)


def whole() -> list[Fault]:
    """Return the mistakes that no single condition of plain data can show."""
    deep: Node = IsMissing("hs2")
    for _ in range(DEPTH_MAX):
        deep = Not(deep)
    wide = AllOf(tuple(Compare("net_mass", Comparison.GREATER, str(number)) for number in range(NODES_MAX)))
    many = In("package_count", tuple(range(VALUES_MAX + 1)))
    conditions = [deep, wide, many, AnyOf(())]
    faults = [fault for node in conditions for fault in check_condition(node, kit.REGISTRY, {})]
    border = replace(named("border", CodeForm.OFFICE, "LAND"), expires=date(2026, 6, 30))
    one = replace(profile(), code="one", when=InList("office", "border"))
    faults += check_set([one], [border], kit.REGISTRY)
    return [*faults, *remarks_on_profiles([one, replace(one, code="two")], [border], kit.REGISTRY)]


def test_mistakes_of_a_whole_read_as_kept() -> None:
    text = faults_in_words(whole())
    kept = golden("rules/mistakes-of-a-whole.txt", text)
    assert text == kept, "if the new text is better, run with WRITE_GOLDEN=1"


@pytest.mark.parametrize("check", CHECKS)
def test_every_code_of_a_check_is_in_the_golden_texts(check: str) -> None:
    codes = set(re.findall(r'code="([a-z-]+)"', (FOLDER / f"{check}.py").read_text()))
    shown = {code for _, code, _ in test_check.MISTAKES} | {code for _, noted in NOTED for code in noted}
    assert codes
    shown |= {fault.code for fault in whole()}
    assert codes <= shown, "add a condition with this mistake to the golden texts"


def test_there_is_one_file_a_check() -> None:
    assert len(CHECKS) == 19
