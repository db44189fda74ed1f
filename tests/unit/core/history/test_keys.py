"""Keys: what two declarations or items must share to be counted together."""

from __future__ import annotations

from decimal import Decimal

from tests.unit.core.history.events import declaration, item, party
from tidewaiter.core.declaration import Declaration, Item, PartyRole
from tidewaiter.core.history.keys import HEADER_KEYS, ITEM_KEYS, header_keys, item_keys, party_key


def of_header(whole: Declaration) -> dict[str, str | None]:
    """Return the keys of the header by family."""
    return dict(zip((f.name for f in HEADER_KEYS), header_keys(whole), strict=True))


def of_item(whole: Declaration, part: Item) -> dict[str, str | None]:
    """Return the keys of an item by family."""
    return dict(zip((f.name for f in ITEM_KEYS), item_keys(whole, part, header_keys(whole)), strict=True))


def test_a_party_is_known_by_its_identifier_whatever_its_name() -> None:
    one = declaration(parties=(party("seller", "S1", name="Acme"),))
    other = declaration(parties=(party("seller", "S1", name="Acme Ltd"),))
    assert of_header(one)["seller"] == of_header(other)["seller"] == "S1"


def test_a_party_without_identifier_is_known_by_name_and_country() -> None:
    def key(name: str | None, country: str | None = "CN") -> str | None:
        return party_key(
            declaration(parties=(party("seller", name=name, country=country),)), PartyRole.SELLER
        )

    assert key("Acme  ltd") == key("ACME LTD")
    assert key("Acme Ltd") != key("Acme Ltd", "VN")
    assert key("Acme Ltd", None) is not None
    assert key(None) is None
    assert key(" ") is None


def test_a_name_is_never_taken_for_an_identifier() -> None:
    by_name = declaration(parties=(party("seller", name="S1"),))
    assert of_header(by_name)["seller"] != "S1"


def test_without_an_importer_there_is_no_key_that_needs_one() -> None:
    whole = declaration(parties=(party("declarant", "D1"),))
    assert [name for name, key in of_header(whole).items() if key is None] == [
        "importer", "seller", "exporter", "importer_declarant",
    ]  # fmt: skip
    missing = [name for name, key in of_item(whole, item()).items() if key is None]
    assert missing == ["importer_hs4", "seller_hs4", "importer_origin"]


def test_the_same_goods_share_six_digits_route_duty_and_mass() -> None:
    whole = declaration()
    goods = of_item(whole, item())["goods"]
    same = item(hs_code="6109100001", net_mass_kg=Decimal("10.0"), customs_value=Decimal(7), description="x")
    assert of_item(whole, same)["goods"] == goods
    for change in (
        {"hs_code": "610990"},
        {"origin": "VN"},
        {"origin": None},
        {"duty_rate_percent": Decimal(0)},
        {"duty_rate_percent": None},
        {"duty_regime_code": "C"},
        {"net_mass_kg": Decimal("10.000001")},
    ):
        assert of_item(whole, item(**change))["goods"] != goods, change
    assert of_item(declaration(departure_country="HK"), item())["goods"] != goods
    assert of_item(whole, item(net_mass_kg=None))["goods"] is None


def test_keys_of_goods_cut_the_commodity_code_at_four_or_six_digits() -> None:
    keys = of_item(declaration(), item(hs_code="6109100001"))
    assert (keys["hs6"], keys["hs6_origin"], keys["hs4_origin"]) == ("610910", "610910CN", "6109CN")
    assert (keys["importer_hs4"], keys["importer_origin"]) == ("6109I1", "CNI1")
    keys = of_item(declaration(departure_country=None), item(origin=None))
    assert [name for name, key in keys.items() if key is None] == [
        "hs6_origin", "hs4_origin", "hs4_departure", "seller_hs4", "importer_origin",
    ]  # fmt: skip
