"""Family declaration: fields as declared."""

from __future__ import annotations

from decimal import Decimal

from tests.unit.core.features.full import FULL
from tests.unit.core.features.reading import features, of_header, of_item
from tests.unit.core.history.events import at, item, party
from tidewaiter.core.declaration import TradeFlow


def test_header_fields_keep_their_values_and_amounts_become_millionths() -> None:
    found = features(FULL)
    expected = {
        "office": "P1", "flow": "import", "type_code": "IMA", "procedure_code": "4000",
        "transaction_nature_code": "11", "goods_use_code": "21", "payment_method_code": "11",
        "departure_country": "CN", "destination_country": "KE", "delivery_terms_code": "CIF",
        "invoice_currency": "USD", "invoice_amount": 180_000_000, "freight_amount": 20_000_000,
        "declaration_gross_mass": 22_000_000, "declaration_package_count": 8, "item_count": 2,
        "container_count": 2, "transport_mode": "1", "transport_means": "V1",
        "transport_means_nationality": "PA", "transport_document": "BL1", "loading_place": "CNSHA",
        "importer": "importer-1", "courier": "courier-1", "seller_name": "SELLER", "exporter_country": "CN",
    }  # fmt: skip
    assert {name: found[name] for name in expected} == expected


def test_item_fields_keep_their_values_and_amounts_become_millionths() -> None:
    found = features(FULL)
    expected = {
        "item_number": 1, "hs_code": "6109100001", "hs2": "61", "hs4": "6109", "hs6": "610910",
        "description": "T-SHIRTS OF COTTON", "origin": "CN", "origin_proof_code": "E", "net_mass": 10_000_000,
        "gross_mass": 11_000_000, "supplementary_quantity": 50_000_000, "supplementary_unit": "NAR",
        "package_count": 4, "package_code": "CT", "customs_value": 100_000_000, "invoice_price": 90_000_000,
        "valuation_method_code": "1", "item_procedure_code": "4000", "duty_regime_code": "A",
        "duty_rate": 8_000_000, "duty_amount": 8_000_000,
    }  # fmt: skip
    assert {name: found[name] for name in expected} == expected


def test_what_is_not_declared_is_missing_and_not_zero() -> None:
    found = of_item(net_mass_kg=None, customs_value=None, origin=None, duty_regime_code=None)
    names = (
        "net_mass",
        "customs_value",
        "origin",
        "duty_regime_code",
        "package_count",
        "description",
        "seller",
    )
    assert [found[name] for name in names] == [None] * 7
    assert of_item(customs_value=Decimal(0))["customs_value"] == 0


def test_the_first_party_in_a_role_counts() -> None:
    found = of_header(parties=(party("seller", "S1"), party("seller", "S2")))
    assert found["seller"] == "S1"
    assert found["importer"] is None


def test_a_version_above_one_is_an_amendment() -> None:
    assert [of_header(version=v)["is_amendment"] for v in (1, 2)] == [False, True]
    assert of_header(version=3)["version"] == 3


def test_the_day_of_lodging_is_a_utc_day() -> None:
    assert of_header(lodged_at=at(1, 23.9))["lodged_day"] == at(1).toordinal()


def test_the_flow_is_a_word() -> None:
    assert of_header(flow=TradeFlow.TRANSIT)["flow"] == "transit"


def test_item_count_is_the_number_of_items() -> None:
    assert of_header(items=(item(1), item(2), item(3)))["item_count"] == 3
