"""What a control result teaches."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.trade import declaration, item, result
from tidewaiter.core.control import Finding, Irregularity, Outcome
from tidewaiter.core.features import FeatureVector
from tidewaiter.core.learning.labels import WEIGHT_MAX, Example, example_of, known_before, selection_weight

VECTOR = FeatureVector((), ((), (), ()))
THREE = declaration(1, items=tuple(item(number) for number in (1, 2, 3)))


def finding(outcome: Outcome, **values: object) -> Finding:
    return Finding(outcome=outcome, **values)  # type: ignore[arg-type]


def taught(*findings: Finding, **selection: object) -> Example:
    example = example_of(
        result(1, findings=findings), THREE, VECTOR, lodged_day=10, known_day=12, **selection
    )  # type: ignore[arg-type]
    assert example is not None
    return example


def test_a_finding_that_names_an_item_speaks_of_it_alone() -> None:
    example = taught(
        finding(
            Outcome.IRREGULAR, item_number=2, irregularity=Irregularity.QUANTITY, duty_effect=Decimal("7.5")
        )
    )
    assert example.item_irregular == (False, True, False)
    assert example.kinds == (frozenset(), frozenset({"quantity"}), frozenset())
    assert example.duty_effect == (0.0, 7.5, 0.0)
    assert example.irregular


def test_a_finding_that_names_no_item_speaks_of_all_and_its_duty_is_shared() -> None:
    example = taught(
        finding(Outcome.IRREGULAR, duty_effect=Decimal(9)),
        finding(
            Outcome.IRREGULAR, item_number=1, irregularity=Irregularity.SPLITTING, duty_effect=Decimal(1)
        ),
    )
    assert example.item_irregular == (True, True, True)
    assert example.duty_effect == (4.0, 3.0, 3.0)
    assert example.kinds == (frozenset({"splitting"}), frozenset(), frozenset())


def test_what_is_still_open_for_an_item_teaches_nothing_about_it() -> None:
    example = taught(
        finding(Outcome.IRREGULAR, item_number=1),
        finding(Outcome.INCONCLUSIVE, item_number=2, irregularity=Irregularity.OTHER),
    )
    assert example.item_irregular == (True, None, False)
    assert example.kinds[1] == frozenset()


def test_an_inconclusive_result_is_no_example() -> None:
    pending = result(1, findings=(finding(Outcome.COMPLIANT), finding(Outcome.INCONCLUSIVE)))
    assert example_of(pending, THREE, VECTOR, lodged_day=1, known_day=2) is None


def test_a_compliant_result_has_no_kinds_and_no_duty() -> None:
    example = taught(finding(Outcome.COMPLIANT, irregularity=Irregularity.QUANTITY))
    assert example.item_irregular == (False, False, False)
    assert example.kinds == (frozenset(),) * 3
    assert example.duty_effect == (0.0,) * 3
    assert not example.irregular


def test_selection_travels_with_the_example() -> None:
    example = taught(finding(Outcome.COMPLIANT), inclusion_probability=0.25, random_arm=True)
    assert (example.weight, example.random_arm) == (4.0, True)
    assert (example.lodged_day, example.known_day) == (10, 12)


@given(st.floats(min_value=1e-9, max_value=1.0))
def test_a_weight_undoes_the_selection_up_to_the_clip(probability: float) -> None:
    weight = selection_weight(probability)
    assert 1.0 <= weight <= WEIGHT_MAX
    assert weight == WEIGHT_MAX or weight * probability == pytest.approx(1.0)


@pytest.mark.parametrize("impossible", [0.0, -0.1, 1.5, float("nan")])
def test_an_inspected_declaration_had_a_chance_to_be_inspected(impossible: float) -> None:
    with pytest.raises(ValueError, match=r"BUG: .* inclusion probability"):
        selection_weight(impossible)


def test_a_model_as_of_a_day_knows_what_was_known_before_that_day() -> None:
    example = taught(finding(Outcome.COMPLIANT))
    assert known_before([example], 12) == []
    assert known_before([example], 13) == [example]
