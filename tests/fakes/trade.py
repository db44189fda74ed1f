"""Declarations and control results for tests: single ones by number, and a stream of the demo country."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, Final

from tests.fakes.site import START
from tidewaiter.core.codes import Country, HsCode, Identifier
from tidewaiter.core.control import ControlKind, ControlResult, Finding, Irregularity, Outcome
from tidewaiter.core.declaration import Declaration, Item, Party, PartyRole, TradeFlow, Transport
from tidewaiter.demo import World

__all__ = ["CLEAN", "START", "amended", "declaration", "irregular", "item", "result", "result_for", "stream"]

_HEADINGS: Final = ("0901", "2523", "3004", "6109", "8471", "8517", "8703", "9403")
_ORIGINS: Final = ("BR", "CN", "DE", "GH", "IN", "TR")


def declaration(number: int, **changes: Any) -> Declaration:
    """Return an import declaration; its trader, goods and hour follow from *number*."""
    heading = _HEADINGS[number % len(_HEADINGS)]
    values: dict[str, Any] = {
        "id": Identifier(f"D{number}"),
        "flow": TradeFlow.IMPORT,
        "office": Identifier("PORT"),
        "lodged_at": START + timedelta(minutes=5 * number),
        "procedure_code": Identifier("4000"),
        "departure_country": Country(_ORIGINS[number % len(_ORIGINS)]),
        "parties": (
            Party(role=PartyRole.IMPORTER, id=Identifier(f"T{number % 5}"), aeo=False),
            Party(role=PartyRole.SELLER, id=Identifier(f"S{number % 3}")),
            Party(role=PartyRole.DECLARANT, id=Identifier("B1")),
        ),
        "transport": Transport(mode_code=Identifier("1"), document_id=Identifier(f"BL{number}")),
        "items": (item(1, heading=heading, number=number),),
    }
    return Declaration(**{**values, **changes})


def amended(of: Declaration, **changes: Any) -> Declaration:
    """Return the next version of a declaration, lodged ten minutes later, with changes."""
    later = of.lodged_at + timedelta(minutes=10)
    return replace(of, **{"version": of.version + 1, "lodged_at": later, **changes})


def item(position: int, *, heading: str = "8517", number: int = 0, **changes: Any) -> Item:
    """Return an item with mass and value."""
    values: dict[str, Any] = {
        "number": position,
        "hs_code": HsCode(f"{heading}10"),
        "origin": Country(_ORIGINS[number % len(_ORIGINS)]),
        "net_mass_kg": Decimal(100 + number % 7),
        "gross_mass_kg": Decimal(120 + number % 7),
        "customs_value": Decimal(5000 + 100 * (number % 11)),
        "duty_rate_percent": Decimal(12),
        "duty_amount": Decimal(600),
        "valuation_method_code": Identifier("1"),
    }
    return Item(**{**values, **changes})


def result(number: int, version: int = 1, **changes: Any) -> ControlResult:
    """Return the result of the control of declaration *number*, two hours after its lodging: irregular."""
    values: dict[str, Any] = {
        "id": Identifier(f"C{number}"),
        "version": version,
        "declaration_id": Identifier(f"D{number}"),
        "kind": ControlKind.EXAMINATION,
        "office": Identifier("PORT"),
        "ended_at": START + timedelta(minutes=5 * number + 120),
        "findings": (irregular(),),
    }
    return ControlResult(**{**values, **changes})


#: Nothing was found.
CLEAN: Final = Finding(outcome=Outcome.COMPLIANT)


def irregular(item_number: int | None = None) -> Finding:
    """Return a finding of undervaluation."""
    return Finding(
        outcome=Outcome.IRREGULAR,
        irregularity=Irregularity.UNDERVALUATION,
        item_number=item_number,
        duty_effect=Decimal(250),
    )


def result_for(
    of: Declaration, *, number: int = 0, version: int = 1, bad: bool, ended_at: datetime
) -> ControlResult:
    """Return a result of the control of any declaration."""
    return ControlResult(
        id=Identifier(f"C-{of.id}-{number}"),
        version=version,
        declaration_id=of.id,
        kind=ControlKind.DOCUMENTARY,
        office=of.office,
        ended_at=ended_at,
        findings=(irregular(),) if bad else (CLEAN,),
    )


@cache
def stream(seed: int = 3, *, size: int = 900, days: int = 40) -> tuple[Declaration, ...]:
    """Return the declarations of a small demo country, amendments and resubmissions among them."""
    return tuple(World(seed=seed, size=size, days=days, start=date(2026, 6, 1)).declarations())
