"""Verdicts: what a control result teaches about the declaration and about each item."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.unit.core.history.events import declaration, finding, item, result
from tidewaiter.core.control import Finding, Outcome
from tidewaiter.core.history.counters import Track
from tidewaiter.core.history.verdict import item_outcome, verdict_of

CASES = [
    ("an irregular finding on the whole", [finding()], ["irregular", "irregular"]),
    ("a compliant finding on the whole", [finding("compliant")], ["compliant", "compliant"]),
    ("an irregular finding on the first item", [finding(item_number=1)], ["irregular", "compliant"]),
    (
        "irregular on one item, compliant on the other",
        [finding(item_number=2), finding("compliant", item_number=1)],
        ["compliant", "irregular"],
    ),
    (
        "irregular on one item, open on the other",
        [finding(item_number=1), finding("inconclusive", item_number=2)],
        ["irregular", "inconclusive"],
    ),
    (
        "irregular and open on the same item",
        [finding("inconclusive", item_number=1), finding(item_number=1)],
        ["irregular", "compliant"],
    ),
    ("open on one item", [finding("inconclusive", item_number=1)], ["inconclusive", "inconclusive"]),
    ("compliant, but one check open", [finding("compliant"), finding("inconclusive")], ["inconclusive"] * 2),
    ("irregular, and one check of the whole open", [finding(item_number=1), finding("inconclusive")],
     ["irregular", "inconclusive"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("findings", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_each_item_has_the_outcome_of_the_findings_about_it(
    findings: list[Finding], expected: list[str]
) -> None:
    whole = result(*findings)
    assert [item_outcome(whole, number).value for number in (1, 2)] == expected


def judged(*findings: Finding, items: int = 2) -> tuple[list[str], list[str], dict[str, int]]:
    """Return which of header and items are compliant, which irregular, and the duty of each."""
    header, rows = (Track(),), tuple((Track(),) for _ in range(items))
    whole = declaration(items=tuple(item(number + 1) for number in range(items)))
    verdict = verdict_of(result(*findings), whole, (header, rows))
    names = {id(header[0]): "header"} | {id(row[0]): f"item {k + 1}" for k, row in enumerate(rows)}
    return (
        [names[id(track)] for track in verdict.compliant],
        [names[id(track)] for track in verdict.irregular],
        {names[id(track)]: duty for track, duty in verdict.duties},
    )


def test_a_declaration_with_one_irregular_item_is_irregular_and_its_other_items_are_compliant() -> None:
    assert judged(finding(item_number=2)) == (["item 1"], ["header", "item 2"], {})


def test_an_inconclusive_result_teaches_nothing_not_even_duty() -> None:
    assert judged(finding("inconclusive", duty_effect=Decimal(5))) == ([], [], {})


def test_duty_belongs_to_the_header_and_to_the_item_that_its_finding_names() -> None:
    findings = (finding(item_number=2, duty_effect=Decimal("1.5")), finding(duty_effect=Decimal(10)))
    assert judged(*findings)[2] == {"header": 11_500_000, "item 2": 1_500_000}


def test_all_duty_belongs_to_an_only_item() -> None:
    findings = (finding(item_number=1, duty_effect=Decimal("1.5")), finding(duty_effect=Decimal(10)))
    assert judged(*findings, items=1)[2] == {"header": 11_500_000, "item 1": 11_500_000}


def test_outcomes_are_taken_from_the_vocabulary_of_control_results() -> None:
    assert item_outcome(result(), 1) is Outcome.IRREGULAR
