"""Family value: what the goods are said to be worth, against what is usual, and what is at stake."""

from __future__ import annotations

from math import log10
from typing import Final

from tidewaiter.core.features.context import Context
from tidewaiter.core.features.family import Family
from tidewaiter.core.features.registry import Kind, Value
from tidewaiter.core.history.measures import MILLION, middle_of_step, millionths
from tidewaiter.core.history.reference import LEVELS, distance

__all__ = ["FAMILY"]

FAMILY: Final = Family("value")

_NO_UNIT_VALUE: Final = "customs value or net mass is not declared, or the mass is zero"
_NO_REFERENCE: Final = "fewer than 10 values in the past 365 days on every level"
_USUAL: Final = "history by hs_code, origin"


@FAMILY.item(
    Kind.RATIO, unit="national currency / kg", source="customs_value, net_mass_kg", missing=_NO_UNIT_VALUE
)
def unit_value(context: Context, index: int) -> Value:
    """Customs value per kg of net mass."""
    value = context.measures[index].unit_value
    return None if value is None else value / MILLION


@FAMILY.item(Kind.RATIO, unit="national currency / kg", source=_USUAL, missing=_NO_REFERENCE)
def unit_value_reference(context: Context, index: int) -> Value:
    """Median customs value per kg of the past 365 days, of HS6 and origin, else of HS6, HS4 or HS2."""
    usual = context.measures[index].usual_unit_value
    return None if usual is None else middle_of_step(usual.median) / MILLION


@FAMILY.item(
    Kind.RATIO,
    unit="-",
    source=f"customs_value, net_mass_kg; {_USUAL}",
    missing=f"{_NO_UNIT_VALUE}; or {_NO_REFERENCE}",
)
def unit_value_ratio(context: Context, index: int) -> Value:
    """Unit value divided by its reference; far below 1 is suspicious."""
    measures = context.measures[index]
    if measures.unit_value is None or measures.usual_unit_value is None:
        return None
    return measures.unit_value / middle_of_step(measures.usual_unit_value.median)


@FAMILY.item(
    Kind.RATIO,
    unit="robust standard deviations",
    source=f"customs_value, net_mass_kg; {_USUAL}",
    missing=f"{_NO_UNIT_VALUE}; the value is zero; or {_NO_REFERENCE}",
)
def unit_value_distance(context: Context, index: int) -> Value:
    """How far the unit value lies from its reference on a logarithmic scale; far below 0 is suspicious."""
    measures = context.measures[index]
    if measures.unit_value_step is None or measures.usual_unit_value is None:
        return None
    return distance(measures.unit_value_step, measures.usual_unit_value)


@FAMILY.item(Kind.COUNT, unit="items", source=_USUAL, missing="never missing; 0 when there is no reference")
def unit_value_reference_count(context: Context, index: int) -> Value:
    """How many items of the past 365 days the reference unit value rests on."""
    usual = context.measures[index].usual_unit_value
    return 0 if usual is None else usual.values


@FAMILY.item(Kind.CODE, unit="-", source=_USUAL, missing=_NO_REFERENCE)
def unit_value_reference_level(context: Context, index: int) -> Value:
    """The level of the reference unit value: hs6_origin, hs6, hs4 or hs2."""
    usual = context.measures[index].usual_unit_value
    return None if usual is None else LEVELS[usual.level]


@FAMILY.item(
    Kind.AMOUNT,
    unit="national currency",
    source="customs_value, duty_rate_percent",
    missing="customs value or duty rate is not declared",
)
def duty_at_stake(context: Context, index: int) -> Value:
    """Ad valorem duty on the declared value: customs value times duty rate."""
    measures = context.measures[index]
    if measures.customs_value is None or measures.duty_rate is None:
        return None
    return measures.customs_value * measures.duty_rate // (100 * MILLION)


@FAMILY.item(
    Kind.RATIO,
    unit="-",
    source="duty_amount, customs_value",
    missing="duty or customs value is not declared, or the value is zero",
)
def duty_share(context: Context, index: int) -> Value:
    """Duty and tax declared, divided by the customs value."""
    duty = millionths(context.declaration.items[index].duty_amount)
    value = context.measures[index].customs_value
    return None if duty is None or not value else duty / value


@FAMILY.item(
    Kind.RATIO,
    unit="national currency / package",
    source="customs_value, package_count",
    missing="customs value or packages are not declared, or there are no packages",
)
def value_per_package(context: Context, index: int) -> Value:
    """Customs value per package."""
    value, packages = context.measures[index].customs_value, context.declaration.items[index].package_count
    return None if value is None or not packages else value / (packages * MILLION)


@FAMILY.item(
    Kind.FLAG,
    unit="-",
    source="customs_value, invoice_price",
    missing="neither customs value nor invoice price is declared",
)
def price_is_zero(context: Context, index: int) -> Value:
    """Whether the customs value or the invoice price is declared as zero."""
    item = context.declaration.items[index]
    declared = [amount for amount in (item.customs_value, item.invoice_price) if amount is not None]
    return any(amount == 0 for amount in declared) if declared else None


@FAMILY.item(
    Kind.RATIO,
    unit="powers of ten of the national currency",
    source="customs_value",
    missing="customs value is not declared",
)
def customs_value_magnitude(context: Context, index: int) -> Value:
    """Decimal logarithm of one plus the customs value: the size of the item's value."""
    value = context.measures[index].customs_value
    # Rounded, because the last bits of a logarithm differ between machines.
    return None if value is None else round(log10(1 + value / MILLION), 9)


@FAMILY.header(
    Kind.AMOUNT, unit="national currency", source="customs_value", missing="an item has no customs value"
)
def declaration_customs_value(context: Context) -> Value:
    """Customs value of all items."""
    return _customs_value(context)


@FAMILY.item(
    Kind.RATIO,
    unit="-",
    source="customs_value",
    missing="an item has no customs value, or all are zero",
)
def value_share(context: Context, index: int) -> Value:
    """Share of the item in the customs value of the declaration, 0 to 1."""
    total, value = _customs_value(context), context.measures[index].customs_value
    return None if not total or value is None else value / total


@FAMILY.header(
    Kind.RATIO,
    unit="-",
    source="freight_amount, customs_value",
    missing="freight or the customs value of an item is not declared, or the value is zero",
)
def freight_share(context: Context) -> Value:
    """Freight divided by the customs value of all items."""
    freight, total = millionths(context.declaration.freight_amount), _customs_value(context)
    return None if freight is None or not total else freight / total


def _customs_value(context: Context) -> int | None:
    """Return the customs value of all items in millionths; None when one is missing."""
    total = 0
    for measures in context.measures:
        if measures.customs_value is None:
            return None
        total += measures.customs_value
    return total
