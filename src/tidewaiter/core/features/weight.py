"""Family weight: masses against each other, against packages, and against what is usual."""

from __future__ import annotations

from typing import Final

from tidewaiter.core.features.context import Context
from tidewaiter.core.features.family import Family
from tidewaiter.core.features.registry import Kind, Value
from tidewaiter.core.history.measures import MILLION, millionths, step_of
from tidewaiter.core.history.reference import distance

__all__ = ["FAMILY"]

FAMILY: Final = Family("weight")

#: A weighed mass is rarely a multiple of this; an estimated one often is.
_ROUND_KG: Final = 10


@FAMILY.item(
    Kind.RATIO,
    unit="-",
    source="gross_mass_kg, net_mass_kg",
    missing="gross or net mass of the item is not declared, or the net mass is zero",
)
def gross_net_ratio(context: Context, index: int) -> Value:
    """Gross mass divided by net mass of the item; below 1 is impossible."""
    gross, net = millionths(context.declaration.items[index].gross_mass_kg), context.measures[index].net_mass
    return None if gross is None or not net else gross / net


@FAMILY.header(
    Kind.FLAG,
    unit="-",
    source="net_mass_kg, gross_mass_kg of the declaration",
    missing="the gross mass of the declaration or the net mass of an item is not declared",
)
def net_exceeds_gross(context: Context) -> Value:
    """Whether the net masses of the items add up to more than the gross mass of the declaration."""
    gross = millionths(context.declaration.gross_mass_kg)
    masses = [measures.net_mass for measures in context.measures]
    known = [mass for mass in masses if mass is not None]
    return None if gross is None or len(known) < len(masses) else sum(known) > gross


@FAMILY.item(
    Kind.RATIO,
    unit="kg / package",
    source="net_mass_kg, package_count",
    missing="net mass or packages are not declared, or there are no packages",
)
def mass_per_package(context: Context, index: int) -> Value:
    """Net mass per package."""
    mass, packages = context.measures[index].net_mass, context.declaration.items[index].package_count
    return None if mass is None or not packages else mass / (packages * MILLION)


@FAMILY.item(Kind.FLAG, unit="-", source="net_mass_kg", missing="net mass is not declared")
def net_mass_is_round(context: Context, index: int) -> Value:
    """Whether the net mass is a whole multiple of 10 kg, as an estimate often is."""
    mass = context.measures[index].net_mass
    return None if mass is None else mass > 0 and mass % (_ROUND_KG * MILLION) == 0


@FAMILY.item(
    Kind.RATIO,
    unit="kg / supplementary unit",
    source="net_mass_kg, supplementary_quantity",
    missing="net mass or supplementary quantity is not declared, or the quantity is zero",
)
def unit_mass(context: Context, index: int) -> Value:
    """Net mass per supplementary unit."""
    value = context.measures[index].unit_mass
    return None if value is None else value / MILLION


@FAMILY.item(
    Kind.RATIO,
    unit="robust standard deviations",
    source="net_mass_kg, supplementary_quantity; history by hs_code, supplementary_unit",
    missing="mass, quantity or unit is not declared, or fewer than 10 values in the past 365 days",
)
def unit_mass_distance(context: Context, index: int) -> Value:
    """How far the net mass per supplementary unit lies from the usual of the HS6, on a logarithmic scale."""
    measures = context.measures[index]
    step = step_of(measures.unit_mass)
    return (
        None if step is None or measures.usual_unit_mass is None else distance(step, measures.usual_unit_mass)
    )
