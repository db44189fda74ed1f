"""The inspectors: able, not perfect, not quick, and one of them for sale when a test wants it.

All draws are keyed by the declaration and the control, so an inspection gives the same result in
whatever order inspections are made.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from math import exp
from statistics import NormalDist
from typing import Final

import numpy as np

from tidewaiter.core.codes import Identifier
from tidewaiter.core.control import ControlKind, ControlResult, Finding, Irregularity, Outcome
from tidewaiter.core.declaration import Declaration, Item
from tidewaiter.core.quantities import canonical
from tidewaiter.demo.country import PARTNERS, Country, duty_cents
from tidewaiter.demo.truth import ItemTruth, Truth

__all__ = ["DETECTION", "FALSE_POSITIVES", "INCONCLUSIVE", "LANE_CONTROLS", "OFFICERS", "Inspectorate"]

#: The control that a lane of the starter set stands for; a lane that is not here releases without one.
LANE_CONTROLS: Final = {
    "documents": ControlKind.DOCUMENTARY,
    "scan": ControlKind.SCAN,
    "examination": ControlKind.EXAMINATION,
    "audit_later": ControlKind.POST_CLEARANCE_AUDIT,
}
#: Probability that an officer of full skill finds what is there, by kind and control.
DETECTION: Final = {
    Irregularity.UNDERVALUATION: (0.55, 0.05, 0.65, 0.80),
    Irregularity.FALSE_ORIGIN: (0.50, 0.02, 0.60, 0.75),
    Irregularity.MISCLASSIFICATION: (0.35, 0.30, 0.92, 0.60),
    Irregularity.QUANTITY: (0.10, 0.50, 0.92, 0.30),
    Irregularity.DOCUMENTS: (0.95, 0.02, 0.90, 0.90),
}
#: Share of controls in which an officer reports what is not there, or cannot decide.
FALSE_POSITIVES: Final = 0.004
INCONCLUSIVE: Final = 0.025
#: Officers of each office.
OFFICERS: Final = 4
_CONTROLS: Final = tuple(ControlKind)
#: Risks that each control checks, in the order of ControlKind.
_PAPERS: Final = (
    Irregularity.UNDERVALUATION, Irregularity.FALSE_ORIGIN, Irregularity.MISCLASSIFICATION,
    Irregularity.DOCUMENTS,
)  # fmt: skip
_CHECKED: Final = (
    _PAPERS,
    (Irregularity.QUANTITY, Irregularity.MISCLASSIFICATION),
    (Irregularity.QUANTITY, *_PAPERS),
    _PAPERS,
)
#: Median hours from the selection to the end of the control, in the same order, and their spread.
_HOURS: Final = (5.0, 3.0, 18.0, 30 * 24.0)
_HOURS_SPREAD: Final = 0.7
#: What a corrupt officer still finds of those who do not pay, and the time that is spent.
_CORRUPT_SKILL: Final = 0.3
_CORRUPT_TIME: Final = 0.25


@dataclass(frozen=True, slots=True)
class _Draws:
    """Uniform draws for one control."""

    key: bytes
    control: str

    def uniform(self, purpose: str) -> float:
        """Return a number in [0, 1), the same for the same purpose."""
        digest = hashlib.blake2b(f"{self.control}|{purpose}".encode(), digest_size=8, key=self.key).digest()
        return (int.from_bytes(digest, "big") >> 11) / (1 << 53)


class Inspectorate:
    """All inspectors of the country."""

    def __init__(self, country: Country, seed: int, corrupt_officer: str | None = None) -> None:
        self._country = country
        self._key = f"inspectors {seed}".encode()
        self._corrupt = corrupt_officer
        self._goods = {line.code: position for position, line in enumerate(country.tariff)}
        self._partner = {partner.code: position for position, partner in enumerate(PARTNERS)}

    def skill(self, officer: str) -> float:
        """Return the skill of an honest *officer*, 0.8 to 1: it multiplies the chance to find something."""
        return 0.8 + 0.2 * _Draws(self._key, officer).uniform("skill")

    def inspect(
        self, declaration: Declaration, truth: Truth, lane: str | ControlKind, at: datetime
    ) -> tuple[ControlResult, datetime]:
        """Return the result of the control of *declaration* and the instant at which it becomes known.

        Raises ValueError for a lane without a control.
        """
        kind = LANE_CONTROLS[lane] if lane in LANE_CONTROLS else ControlKind(lane)
        position = _CONTROLS.index(kind)
        draws = _Draws(self._key, f"{declaration.id}|{declaration.version}|{kind}")
        officer = f"{declaration.office}-{int(draws.uniform('officer') * OFFICERS) + 1}"
        corrupt = officer == self._corrupt
        findings = self._findings(declaration, truth, position, draws, officer)
        spread = NormalDist(0, _HOURS_SPREAD).inv_cdf(0.001 + 0.998 * draws.uniform("time"))
        hours = _HOURS[position] * exp(spread)
        ended = at + timedelta(hours=hours * (_CORRUPT_TIME if corrupt else 1.0))
        effect = sum((finding.duty_effect or Decimal(0) for finding in findings), Decimal(0))
        irregular = any(finding.outcome is Outcome.IRREGULAR for finding in findings)
        result = ControlResult(
            id=Identifier(f"{declaration.id}-{declaration.version}-{kind.value[:1].upper()}"),
            declaration_id=declaration.id,
            declaration_version=declaration.version,
            kind=kind,
            office=declaration.office,
            officer=Identifier(officer),
            started_at=at,
            ended_at=ended,
            findings=findings,
            action_code=Identifier("duty_collected" if effect else "penalty" if irregular else "released"),
        )
        return result, ended + timedelta(minutes=5 + 175 * draws.uniform("record"))

    def _findings(
        self, declaration: Declaration, truth: Truth, position: int, draws: _Draws, officer: str
    ) -> tuple[Finding, ...]:
        """Return one finding per risk checked, and one per item for a risk that proved irregular."""
        corrupt = officer == self._corrupt
        skill = _CORRUPT_SKILL if corrupt else self.skill(officer)
        if corrupt and truth.scheme == "ring":
            skill = 0.0
        checked = _CHECKED[position]
        seen = {
            kind
            for kind in sorted(truth.kinds)
            if kind in checked and draws.uniform(f"find {kind}") < skill * DETECTION[kind][position]
        }
        doubtful = None
        if not seen and draws.uniform("doubt") < INCONCLUSIVE:
            doubtful = checked[int(draws.uniform("which") * len(checked))]
        findings: list[Finding] = []
        for item in truth.items:
            declared = declaration.items[item.number - 1]
            known: set[Irregularity] = set()
            for kind in sorted(item.kinds & seen):
                before = self._duty(declared, item, known)
                known.add(kind)
                effect = max(0, self._duty(declared, item, known) - before)
                findings.append(_finding(kind, declared, item, effect))
        if not seen and draws.uniform("mistake") < FALSE_POSITIVES:
            findings.append(_mistake(declaration))
        reported = {finding.irregularity for finding in findings}
        for kind in checked:
            if kind not in reported:
                outcome = Outcome.INCONCLUSIVE if kind is doubtful else Outcome.COMPLIANT
                findings.append(Finding(outcome=outcome, irregularity=kind))
        return tuple(findings)

    def _duty(self, declared: Item, item: ItemTruth, known: set[Irregularity]) -> int:
        """Return the duty in hundredths once the kinds *known* are put right."""
        value = declared.customs_value or Decimal(0)
        # Under-declared mass takes its value with it, so either finding restores the value.
        if known & {Irregularity.UNDERVALUATION, Irregularity.QUANTITY}:
            value = item.customs_value
        wrong_code = Irregularity.MISCLASSIFICATION in known
        wrong_origin = Irregularity.FALSE_ORIGIN in known
        goods = self._goods[item.hs_code if wrong_code else declared.hs_code]
        origin = self._partner.get(item.origin if wrong_origin else declared.origin or "")
        refused = wrong_origin or Irregularity.DOCUMENTS in known
        claim = item.preference if refused else declared.duty_regime_code not in {None, "A"}
        if origin is None or declared.duty_rate_percent is None:
            return 0
        rate = self._country.rate_of(np.array([goods]), np.array([origin]), np.array([claim]))
        return int(duty_cents(np.array([int(value * 100)]), rate)[0])


def _finding(kind: Irregularity, declared: Item, item: ItemTruth, effect_cents: int) -> Finding:
    """Return the finding of *kind* in an item, declared and found."""
    value = (_text(declared.customs_value), _text(item.customs_value))
    mass = (_text(declared.net_mass_kg), _text(item.net_mass_kg))
    elements = {
        Irregularity.UNDERVALUATION: ("customs_value", *value),
        Irregularity.FALSE_ORIGIN: ("origin", declared.origin, str(item.origin)),
        Irregularity.MISCLASSIFICATION: ("hs_code", str(declared.hs_code), str(item.hs_code)),
        Irregularity.QUANTITY: ("net_mass_kg", *mass),
        Irregularity.DOCUMENTS: ("documents", None, "missing"),
    }
    element, before, after = elements[kind]
    return Finding(
        outcome=Outcome.IRREGULAR,
        irregularity=kind,
        item_number=item.number,
        element=element,
        declared=before,
        found=after,
        duty_effect=Decimal(effect_cents).scaleb(-2),
    )


def _mistake(declaration: Declaration) -> Finding:
    """Return a finding without ground: a value raised by a twentieth."""
    item = declaration.items[0]
    value, duty = item.customs_value or Decimal(0), item.duty_amount or Decimal(0)
    return Finding(
        outcome=Outcome.IRREGULAR,
        irregularity=Irregularity.UNDERVALUATION,
        item_number=1,
        element="customs_value",
        declared=_text(value),
        found=_text((value * Decimal("1.05")).quantize(Decimal("0.01"))),
        duty_effect=(duty * Decimal("0.05")).quantize(Decimal("0.01")),
    )


def _text(value: Decimal | None) -> str | None:
    return None if value is None else canonical(value)
