"""Family value: unit values against what is usual, and what is at stake."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.unit.core.features.reading import features, of_header, of_item
from tests.unit.core.history.events import at, declaration, item
from tidewaiter.core.history import History


def past(count: int, **fields: Any) -> History:
    """Return a history of *count* items, one a day."""
    history = History()
    for number in range(count):
        history.observe_declaration(declaration(f"E{number}", items=(item(**fields),)), at(number))
    return history


def valued(history: History, day: float = 30, **fields: Any) -> dict[str, Any]:
    """Return the features of an item with *fields* after *history*."""
    return features(declaration("probe", items=(item(**fields),)), history, at(day))


def test_the_unit_value_is_customs_value_per_kg() -> None:
    assert of_item(customs_value=Decimal(100), net_mass_kg=Decimal(8))["unit_value"] == 12.5
    assert of_item(customs_value=Decimal(0))["unit_value"] == 0.0
    assert of_item(net_mass_kg=Decimal(0))["unit_value"] is None
    assert of_item(net_mass_kg=None)["unit_value"] is None
    assert of_item(customs_value=None)["unit_value"] is None


def test_with_nine_values_there_is_no_reference() -> None:
    found = valued(past(9))
    assert found["unit_value_reference"] is None
    assert found["unit_value_reference_level"] is None
    assert found["unit_value_reference_count"] == 0
    assert found["unit_value_ratio"] is None
    assert found["unit_value_distance"] is None


def test_the_reference_is_the_median_of_the_past_year_within_a_step_of_three_percent() -> None:
    found = valued(past(10), customs_value=Decimal(48))
    assert found["unit_value_reference"] == pytest.approx(10, rel=0.015)
    assert found["unit_value_ratio"] == pytest.approx(0.48, rel=0.015)
    assert found["unit_value_reference_count"] == 10
    # ln(10 / 4.8) is 24.8 steps of ln(1.03); the smallest spread is 3 steps.
    assert found["unit_value_distance"] == -25 * 1.349 / 3


def test_the_usual_value_itself_has_distance_zero() -> None:
    assert valued(past(10))["unit_value_distance"] == 0.0


@pytest.mark.parametrize(
    ("hs_code", "origin", "level"),
    [
        ("610910", "CN", "hs6_origin"),
        ("610910", "VN", "hs6"),
        ("610910", None, "hs6"),
        ("610990", "CN", "hs4"),
        ("611020", "CN", "hs2"),
        ("620520", "CN", None),
    ],
)
def test_the_reference_falls_back_from_origin_to_six_to_four_to_two_digits(
    hs_code: str, origin: str | None, level: str | None
) -> None:
    assert valued(past(10), hs_code=hs_code, origin=origin)["unit_value_reference_level"] == level


def test_a_value_is_forgotten_after_365_days() -> None:
    history = past(10)
    assert valued(history, day=364)["unit_value_reference_count"] == 10
    assert valued(history, day=365)["unit_value_reference_count"] == 0


def test_zero_values_and_missing_masses_do_not_become_usual() -> None:
    assert valued(past(10, customs_value=Decimal(0)))["unit_value_reference_count"] == 0
    assert valued(past(10, net_mass_kg=None))["unit_value_reference_count"] == 0


def test_a_value_of_zero_has_ratio_zero_and_no_distance() -> None:
    found = valued(past(10), customs_value=Decimal(0))
    assert (found["unit_value_ratio"], found["unit_value_distance"]) == (0.0, None)


def test_duty_at_stake_is_value_times_rate() -> None:
    assert (
        of_item(customs_value=Decimal("123.45"), duty_rate_percent=Decimal("6.5"))["duty_at_stake"]
        == 8_024_250
    )
    assert of_item(duty_rate_percent=None)["duty_at_stake"] is None
    assert of_item(duty_rate_percent=Decimal(0))["duty_at_stake"] == 0


def test_duty_share_is_duty_over_value() -> None:
    assert of_item(duty_amount=Decimal(25))["duty_share"] == 0.25
    assert of_item()["duty_share"] is None
    assert of_item(duty_amount=Decimal(25), customs_value=Decimal(0))["duty_share"] is None


def test_value_per_package_needs_packages() -> None:
    assert of_item(package_count=8)["value_per_package"] == 12.5
    assert of_item(package_count=0)["value_per_package"] is None
    assert of_item()["value_per_package"] is None


def test_a_price_of_zero_is_seen_on_either_value() -> None:
    assert of_item()["price_is_zero"] is False
    assert of_item(customs_value=Decimal(0))["price_is_zero"] is True
    assert of_item(invoice_price=Decimal("0.00"))["price_is_zero"] is True
    assert of_item(customs_value=None)["price_is_zero"] is None


def test_the_magnitude_is_a_decimal_logarithm() -> None:
    assert of_item(customs_value=Decimal(999))["customs_value_magnitude"] == 3.0
    assert of_item(customs_value=Decimal(0))["customs_value_magnitude"] == 0.0
    assert of_item(customs_value=None)["customs_value_magnitude"] is None


def test_shares_are_of_the_value_of_all_items() -> None:
    found = of_header(items=(item(1), item(2, customs_value=Decimal(300))), freight_amount=Decimal(40))
    assert found["declaration_customs_value"] == 400_000_000
    assert found["value_share"] == 0.25
    assert found["freight_share"] == 0.1


def test_a_missing_value_of_one_item_leaves_the_total_unknown() -> None:
    found = of_header(items=(item(1), item(2, customs_value=None)), freight_amount=Decimal(40))
    assert [found[name] for name in ("declaration_customs_value", "value_share", "freight_share")] == [
        None
    ] * 3
    assert (
        of_header(items=(item(customs_value=Decimal(0)),), freight_amount=Decimal(4))["freight_share"] is None
    )
