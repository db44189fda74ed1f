"""Declarations and results for the tests of history and features, small enough to read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from tidewaiter.core.control import ControlKind, ControlResult, Finding, Outcome
from tidewaiter.core.declaration import Declaration, Item, Party, PartyRole, TradeFlow

START = datetime(2024, 1, 1, tzinfo=UTC)


def at(day: float, hour: float = 0) -> datetime:
    """Return the instant *day* days and *hour* hours after the first of January 2024."""
    return START + timedelta(days=day, hours=hour)


def party(role: str, identifier: str | None = None, **fields: Any) -> Party:
    """Return a party in *role*."""
    return Party(role=PartyRole(role), id=identifier, **fields)


def item(number: int = 1, hs_code: str = "610910", **fields: Any) -> Item:
    """Return a shirt of cotton from China: 10 kg for 100, at a duty of 8 %, unless told otherwise."""
    usual = {
        "origin": "CN",
        "net_mass_kg": Decimal(10),
        "customs_value": Decimal(100),
        "duty_regime_code": "A",
        "duty_rate_percent": Decimal(8),
    }
    return Item(number=number, hs_code=hs_code, **(usual | fields))


def declaration(identifier: str = "E1", **fields: Any) -> Declaration:
    """Return an import of one item by importer I1 through declarant D1, unless told otherwise."""
    usual = {
        "flow": TradeFlow.IMPORT,
        "office": "P1",
        "lodged_at": START,
        "departure_country": "CN",
        "parties": (party("importer", "I1"), party("declarant", "D1")),
        "items": (item(),),
    }
    return Declaration(id=identifier, **(usual | fields))


def finding(outcome: str = "irregular", **fields: Any) -> Finding:
    """Return a finding."""
    return Finding(outcome=Outcome(outcome), **fields)


def result(
    *findings: Finding, identifier: str = "C1", version: int = 1, declaration_id: str = "E1"
) -> ControlResult:
    """Return the result of an examination with *findings*; irregular as a whole when none is given."""
    return ControlResult(
        id=identifier,
        version=version,
        declaration_id=declaration_id,
        kind=ControlKind.EXAMINATION,
        office="P1",
        ended_at=START,
        findings=findings or (finding(),),
    )


@dataclass(frozen=True, kw_only=True)
class Declared:
    """A declaration version that arrives."""

    declaration: Declaration
    at: datetime
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class Resulted:
    """A result version that arrives."""

    result: ControlResult
    declaration: Declaration
    known_at: datetime
    source: str = ""


Event = Declared | Resulted
