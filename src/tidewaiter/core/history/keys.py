"""For whom history counts: the families of keys, once per declaration or once per item.

Each family counts what was declared and, of that, what was controlled and found irregular.  A key
is a text; fixed-width codes come first, so that two different keys never make the same text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tidewaiter.core.declaration import Declaration, Item, PartyRole
from tidewaiter.core.history.measures import millionths, normalised

__all__ = ["HEADER_KEYS", "ITEM_KEYS", "RESULT_WINDOWS", "KeyFamily", "header_keys", "item_keys", "party_key"]

#: Windows of results, in days, besides all time.
RESULT_WINDOWS: Final = (90, 365)

#: Separates parts that may have any printable character.
_GAP: Final = "\x1f"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFamily:
    """One family of keys."""

    #: First part of the names of its features.
    name: str
    #: What two declarations or items with the same key share, in words.
    shared: str
    #: Elements of the declaration that make the key.
    source: str
    #: Windows of declared counts, in days, besides all time.
    windows: tuple[int, ...] = (365,)


_PARTY_WINDOWS: Final = (7, 30, 90, 365)

#: Counted once per declaration, in this order.
HEADER_KEYS: Final = (
    KeyFamily(
        name="importer", shared="the same importer", source="parties (importer)", windows=_PARTY_WINDOWS
    ),
    KeyFamily(
        name="declarant", shared="the same declarant", source="parties (declarant)", windows=_PARTY_WINDOWS
    ),
    KeyFamily(name="seller", shared="the same seller", source="parties (seller)", windows=_PARTY_WINDOWS),
    KeyFamily(
        name="exporter", shared="the same exporter", source="parties (exporter)", windows=_PARTY_WINDOWS
    ),
    KeyFamily(name="office", shared="the same office", source="office"),
    KeyFamily(
        name="importer_declarant",
        shared="the same importer and declarant",
        source="parties (importer, declarant)",
    ),
)

#: Counted once per item, in this order.
ITEM_KEYS: Final = (
    KeyFamily(
        name="goods",
        shared="the same goods (HS6, departure, origin, duty rate, duty regime and net mass)",
        source="hs_code, departure_country, origin, duty_rate_percent, duty_regime_code, net_mass_kg",
    ),
    KeyFamily(name="hs6", shared="the same HS6", source="hs_code"),
    KeyFamily(name="hs6_origin", shared="the same HS6 and origin", source="hs_code, origin"),
    KeyFamily(name="hs4_origin", shared="the same HS4 and origin", source="hs_code, origin"),
    KeyFamily(name="hs4_departure", shared="the same HS4 and departure", source="hs_code, departure_country"),
    KeyFamily(name="importer_hs4", shared="the same importer and HS4", source="parties (importer), hs_code"),
    KeyFamily(
        name="declarant_hs4", shared="the same declarant and HS4", source="parties (declarant), hs_code"
    ),
    KeyFamily(name="seller_hs4", shared="the same seller and HS4", source="parties (seller), hs_code"),
    KeyFamily(
        name="importer_origin", shared="the same importer and origin", source="parties (importer), origin"
    ),
)


def party_key(declaration: Declaration, role: PartyRole) -> str | None:
    """Return what names the party in *role*: its identifier, else its normalised name and country, else None.

    Foreign sellers and exporters often have a name only.  A name never equals an identifier,
    because it begins with a character that an identifier cannot have.
    """
    party = declaration.party(role)
    if party is None:
        return None
    if party.id is not None:
        return party.id
    name = normalised(party.name)
    return None if name is None else f"{_GAP}{name}{_GAP}{party.country or ''}"


def header_keys(declaration: Declaration) -> tuple[str | None, ...]:
    """Return the key of each family of ``HEADER_KEYS``; None where an element of it is missing."""
    importer = party_key(declaration, PartyRole.IMPORTER)
    declarant = party_key(declaration, PartyRole.DECLARANT)
    return (
        importer,
        declarant,
        party_key(declaration, PartyRole.SELLER),
        party_key(declaration, PartyRole.EXPORTER),
        declaration.office,
        None if importer is None or declarant is None else f"{importer}{_GAP}{_GAP}{declarant}",
    )


def item_keys(
    declaration: Declaration, item: Item, parties: tuple[str | None, ...]
) -> tuple[str | None, ...]:
    """Return the key of each family of ``ITEM_KEYS``; None where an element of it is missing.

    *parties* is what :func:`header_keys` returned.  The same goods need a net mass; a departure,
    origin, rate or regime that is missing is part of what is the same.
    """
    importer, declarant, seller = parties[:3]
    hs6, hs4 = item.hs_code[:6], item.hs_code[:4]
    origin, departure = item.origin, declaration.departure_country
    return (
        _goods_key(item, departure),
        hs6,
        None if origin is None else hs6 + origin,
        None if origin is None else hs4 + origin,
        None if departure is None else hs4 + departure,
        None if importer is None else hs4 + importer,
        None if declarant is None else hs4 + declarant,
        None if seller is None else hs4 + seller,
        None if origin is None or importer is None else origin + importer,
    )


def _goods_key(item: Item, departure: str | None) -> str | None:
    """Return the key of the same goods."""
    mass = millionths(item.net_mass_kg)
    if mass is None:
        return None
    rate = millionths(item.duty_rate_percent)
    parts = (
        item.hs_code[:6],
        departure or "",
        item.origin or "",
        str(rate),
        item.duty_regime_code or "",
        str(mass),
    )
    return _GAP.join(parts)
