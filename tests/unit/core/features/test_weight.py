"""Family weight: masses against each other and against what is usual."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.unit.core.features.reading import features, of_header, of_item
from tests.unit.core.history.events import at, declaration, item
from tidewaiter.core.history import History


def test_gross_over_net() -> None:
    assert of_item(gross_mass_kg=Decimal("12.5"))["gross_net_ratio"] == 1.25
    assert of_item()["gross_net_ratio"] is None
    assert of_item(gross_mass_kg=Decimal(1), net_mass_kg=Decimal(0))["gross_net_ratio"] is None


def test_net_masses_may_not_exceed_the_gross_mass_of_the_declaration() -> None:
    items = (item(1), item(2))
    assert of_header(items=items, gross_mass_kg=Decimal(20))["net_exceeds_gross"] is False
    assert of_header(items=items, gross_mass_kg=Decimal("19.999"))["net_exceeds_gross"] is True
    assert of_header(items=items)["net_exceeds_gross"] is None
    unknown = (item(1), item(2, net_mass_kg=None))
    assert of_header(items=unknown, gross_mass_kg=Decimal(1))["net_exceeds_gross"] is None


def test_mass_per_package() -> None:
    assert of_item(package_count=4)["mass_per_package"] == 2.5
    assert of_item(package_count=0)["mass_per_package"] is None


@pytest.mark.parametrize(
    ("mass", "is_round"),
    [
        ("10", True),
        ("1250", True),
        ("0", False),
        ("5", False),
        ("12.5", False),
        ("10.000001", False),
        (None, None),
    ],
)
def test_a_multiple_of_ten_kg_is_round(mass: str | None, is_round: bool | None) -> None:
    assert of_item(net_mass_kg=mass if mass is None else Decimal(mass))["net_mass_is_round"] is is_round


def shirts(mass: str, **fields: Any) -> dict[str, Any]:
    """Return the features of 50 shirts of *mass* kg, where 50 shirts usually are 10 kg."""
    history = History()
    usual = item(supplementary_quantity=Decimal(50), supplementary_unit="NAR")
    for number in range(10):
        history.observe_declaration(declaration(f"E{number}", items=(usual,)), at(number))
    fields = {"supplementary_quantity": Decimal(50), "supplementary_unit": "NAR"} | fields
    probe = declaration("probe", items=(item(net_mass_kg=Decimal(mass), **fields),))
    return features(probe, history, at(20))


def test_mass_per_supplementary_unit_against_the_usual_of_the_heading() -> None:
    assert shirts("10")["unit_mass"] == 0.2
    assert shirts("10")["unit_mass_distance"] == 0.0
    # ln(2) is 23.4 steps of ln(1.03).
    assert shirts("20")["unit_mass_distance"] in (23 * 1.349 / 3, 24 * 1.349 / 3)
    assert shirts("5")["unit_mass_distance"] < -10


def test_there_is_no_usual_mass_for_another_unit_or_heading_or_without_quantity() -> None:
    assert shirts("10", supplementary_unit="PR")["unit_mass_distance"] is None
    assert shirts("10", hs_code="610990")["unit_mass_distance"] is None
    assert shirts("10", supplementary_unit=None)["unit_mass_distance"] is None
    assert shirts("10", supplementary_quantity=None)["unit_mass"] is None
    assert shirts("10", supplementary_quantity=Decimal(0))["unit_mass_distance"] is None
