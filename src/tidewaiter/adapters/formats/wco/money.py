"""Amounts with their currency and masses with their unit: a field holds only its own."""

from __future__ import annotations

from typing import Any, Final

from tidewaiter.adapters.xml import Draft, Kind, Node
from tidewaiter.adapters.xml.draft import ValueFault

__all__ = ["amount_in", "in_kilograms", "national_currency"]

#: What the law wants in national currency, below an item.
_NATIONAL: Final = (
    "CustomsValueAmount", "Commodity/CustomsValueAmount", "StatisticalValueAmount",
    "Commodity/DutyTaxFee/Payment/TaxAssessedAmount",
)  # fmt: skip


def national_currency(declaration: Node, told: str | None) -> str | None:
    """Return the national currency: as *told*, else the one in which all values for customs are stated."""
    if told:
        return told
    items = declaration.all("GoodsShipment/GovernmentAgencyGoodsItem")
    amounts = [amount for item in items for path in _NATIONAL for amount in item.all(path) if amount.text]
    codes = {code for amount in amounts if (code := amount.attributes.get("currencyID"))}
    return codes.pop() if len(codes) == 1 else None


def amount_in(draft: Draft, amount: Node, currency: str | None, pointer: str) -> Any:
    """Return the amount of an element when it is in *currency*; another is left out and told.

    An amount without a currency is taken to be in the currency of its field.
    """
    stated = amount.attributes.get("currencyID")
    if stated and stated != currency:
        wanted = currency or "a national currency that is not known"
        draft.leave(amount, f"it is in {stated}, and its field is in {wanted}")
        return None
    draft.attribute(amount, "currencyID")
    return draft.convert(Kind.AMOUNT, amount, pointer)


def in_kilograms(draft: Draft, mass: Node, pointer: str) -> None:
    """Remember a fault when *mass* names another unit than the kilogram (UN/ECE Rec 20: KGM)."""
    unit = draft.attribute(mass, "unitCode")
    if unit not in {None, "KGM"}:
        sentence = f"is in {unit}; masses are in kilograms."
        draft.fault(ValueFault("unit-wrong", sentence, "Send kilograms, unit KGM."), mass, pointer)
