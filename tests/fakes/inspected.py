"""Inspected trade for tests of learning: goods whose irregularity follows known causes, and repeats.

A third of the declarations repeat earlier goods, with the same outcome.  New goods are irregular
more often when they depart from another country than that of origin, are light, are worth little
for their weight, belong to some headings, or come from some importers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import numpy as np

from tidewaiter.core.codes import Country, HsCode, Identifier
from tidewaiter.core.control import ControlKind, ControlResult, Finding, Irregularity, Outcome
from tidewaiter.core.declaration import Declaration, Item, Party, PartyRole, TradeFlow, Transport
from tidewaiter.core.features import compute
from tidewaiter.core.history import History
from tidewaiter.core.learning.labels import Example, example_of
from tidewaiter.core.times import day_of

__all__ = ["DAYS", "START", "Inspected", "examples_of", "flipped_from", "inspected_trade"]

START: Final = datetime(2025, 1, 1, 8, tzinfo=UTC)
DAYS: Final = 300
#: A result is known this long after the lodging.
DELAY: Final = timedelta(days=2)

_HEADINGS: Final = tuple(
    f"{chapter}{number:02d}" for chapter in (10, 28, 61, 62, 84, 85, 87, 94) for number in range(5)
)
_COUNTRIES: Final = ("BR", "CN", "DE", "GH", "IN", "NA", "TR")
_RATES: Final = ("0", "5", "8.5", "20")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """A declaration with its result."""

    declaration: Declaration
    result: ControlResult
    #: Probability that it was inspected, None in fully labelled history.
    inclusion: float | None = None
    random_arm: bool = False


def inspected_trade(count: int, seed: int = 1, *, repeats: float = 0.33) -> list[Inspected]:
    """Return *count* inspected declarations, evenly over ``DAYS`` days, in the order of lodging."""
    rng = np.random.default_rng(seed)
    pool: list[tuple[Item, Country, bool]] = []
    found = []
    for number in range(count):
        at = START + timedelta(days=DAYS * number / count)
        importer = int(rng.integers(40))
        lines = 1 if rng.random() < 0.85 else int(rng.integers(2, 4))
        departure: Country | None = None
        items, bad = [], []
        for line in range(lines):
            if lines == 1 and pool and rng.random() < repeats:
                item, departure, irregular = pool[int(rng.integers(len(pool)))]
            else:
                departure = departure or Country(str(rng.choice(_COUNTRIES)))
                item, irregular = _new_goods(rng, departure, importer)
                pool.append((item, departure, irregular))
            items.append(replace(item, number=line + 1))
            bad.append(irregular)
        declaration = Declaration(
            id=Identifier(f"D{number}"), flow=TradeFlow.IMPORT, office=Identifier(f"O{number % 3}"),
            lodged_at=at,
            departure_country=departure, items=tuple(items), transport=Transport(mode_code=Identifier("1")),
            parties=(
                Party(role=PartyRole.IMPORTER, id=Identifier(f"T{importer}")),
                Party(role=PartyRole.DECLARANT, id=Identifier(f"B{number % 7}")),
            ),
        )  # fmt: skip
        result = ControlResult(
            id=Identifier(f"C{number}"), declaration_id=declaration.id, kind=ControlKind.EXAMINATION,
            office=declaration.office, ended_at=at + DELAY,
            findings=tuple(_finding(item, irregular) for item, irregular in zip(items, bad, strict=True)),
        )  # fmt: skip
        found.append(Inspected(declaration=declaration, result=result))
    return found


def examples_of(trade: list[Inspected]) -> list[Example]:
    """Return the examples of *trade*, each with the features as history knew the world at its lodging."""
    history = History()
    found = []
    for entry in trade:
        declaration = entry.declaration
        vector = compute(declaration, history, declaration.lodged_at)
        history.observe_declaration(declaration, declaration.lodged_at)
        history.observe_result(entry.result, declaration, entry.result.ended_at)
        example = example_of(
            entry.result, declaration, vector,
            lodged_day=day_of(declaration.lodged_at), known_day=day_of(entry.result.ended_at),
            inclusion_probability=entry.inclusion, random_arm=entry.random_arm,
        )  # fmt: skip
        assert example is not None
        found.append(example)
    return found


def flipped_from(trade: list[Inspected], day: int) -> list[Inspected]:
    """Return *trade* with every result that is known on *day* (ordinal) or later turned round."""
    return [
        replace(entry, result=_turned(entry.result)) if day_of(entry.result.ended_at) >= day else entry
        for entry in trade
    ]


def _new_goods(rng: np.random.Generator, departure: Country, importer: int) -> tuple[Item, bool]:
    """Return an item that was never seen, and whether it is irregular."""
    place = int(rng.integers(len(_HEADINGS)))
    origin = departure if rng.random() < 0.8 else Country(str(rng.choice(_COUNTRIES)))
    mass = Decimal(str(round(float(np.exp(rng.normal(4.0, 1.5))), 1))) + Decimal("0.1")
    usual = 5.0 + 3.0 * place
    cheap = rng.random() < 0.15
    value = usual * float(mass) * (0.4 if cheap else float(np.exp(rng.normal(0.0, 0.1))))
    rate = str(rng.choice(_RATES))
    item = Item(
        number=1,
        hs_code=HsCode(f"{_HEADINGS[place]}{int(rng.integers(1, 4))}0"),
        origin=origin,
        net_mass_kg=mass,
        gross_mass_kg=mass * 2,
        customs_value=Decimal(str(round(value, 2))),
        duty_rate_percent=Decimal(rate),
        duty_regime_code=Identifier("FTA" if rate == "0" else "A"),
    )
    z = -2.2 + 1.5 * (origin != departure) + 2.0 * cheap + 1.2 * (place % 5 == 0) + 1.5 * (importer % 10 == 0)
    z -= 0.4 * (float(np.log(float(mass))) - 4.0)
    return item, bool(rng.random() < 1.0 / (1.0 + np.exp(-z)))


def _finding(item: Item, irregular: bool) -> Finding:
    """Return what the officer found: a false origin of light goods, too low a value of heavy ones."""
    if not irregular:
        return Finding(outcome=Outcome.COMPLIANT, item_number=item.number)
    light = item.net_mass_kg is not None and item.net_mass_kg < 50
    kind = Irregularity.FALSE_ORIGIN if light else Irregularity.UNDERVALUATION
    return Finding(
        outcome=Outcome.IRREGULAR,
        irregularity=kind,
        item_number=item.number,
        duty_effect=(item.customs_value or Decimal(0)) / 10,
    )


def _turned(result: ControlResult) -> ControlResult:
    """Return *result* with each outcome turned round."""
    turned: dict[Outcome, Any] = {Outcome.IRREGULAR: Outcome.COMPLIANT, Outcome.COMPLIANT: Outcome.IRREGULAR}
    findings = tuple(
        replace(finding, outcome=turned[finding.outcome], irregularity=None, duty_effect=None)
        for finding in result.findings
    )
    return replace(result, findings=findings)
