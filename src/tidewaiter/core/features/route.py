"""Family route: from where, through where, and whether that is usual."""

from __future__ import annotations

from typing import Final

from tidewaiter.core.features.context import Context
from tidewaiter.core.features.family import Family
from tidewaiter.core.features.registry import Kind, Value

__all__ = ["FAMILY"]

FAMILY: Final = Family("route")


@FAMILY.item(
    Kind.FLAG, unit="-", source="departure_country, origin", missing="departure or origin is not declared"
)
def departure_differs_from_origin(context: Context, index: int) -> Value:
    """Whether the goods depart from another country than that of their origin."""
    departure, origin = context.declaration.departure_country, context.declaration.items[index].origin
    return None if departure is None or origin is None else departure != origin


@FAMILY.item(
    Kind.FLAG, unit="-", source="transport.routing, origin", missing="routing or origin is not declared"
)
def routed_through_origin(context: Context, index: int) -> Value:
    """Whether the country of origin is departure or lies on the declared route."""
    routing, origin = context.declaration.transport.routing, context.declaration.items[index].origin
    if origin is None or not routing:
        return None
    return origin == context.declaration.departure_country or origin in routing


@FAMILY.header(
    Kind.COUNT, unit="countries", source="transport.routing", missing="never missing; 0 when none is declared"
)
def routing_count(context: Context) -> Value:
    """Through how many countries the goods were routed."""
    return len(context.declaration.transport.routing)


@FAMILY.header(
    Kind.COUNT, unit="countries", source="origin", missing="never missing; 0 when none is declared"
)
def origin_count(context: Context) -> Value:
    """How many different origins the items have."""
    return len({item.origin for item in context.declaration.items if item.origin is not None})


@FAMILY.header(
    Kind.FLAG,
    unit="-",
    source="transport.loading_place, departure_country",
    missing="place of loading or departure is not declared",
)
def loading_differs_from_departure(context: Context) -> Value:
    """Whether the place of loading (UN/LOCODE) lies in another country than that of departure."""
    place, departure = context.declaration.transport.loading_place, context.declaration.departure_country
    return None if place is None or departure is None else place[:2] != departure
