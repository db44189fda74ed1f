"""The control result: what the officer checked, found and did, per risk, as a version.

A result is structured because a single "ok" teaches nothing (WCO: the inspection act).  Each
risk that was checked has its own outcome; a correction is a new version, never an overwrite.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from tidewaiter.core.codes import Identifier

__all__ = ["ACTIONS", "ControlKind", "ControlResult", "Finding", "Irregularity", "Outcome"]


class Outcome(StrEnum):
    """What the check of one risk showed."""

    COMPLIANT = "compliant"
    IRREGULAR = "irregular"
    #: Looked at, not decided (sample at the laboratory, query open): teaches nothing yet.
    INCONCLUSIVE = "inconclusive"


class Irregularity(StrEnum):
    """The kinds of irregularity (glossary: the error types to label)."""

    UNDERVALUATION = "undervaluation"
    OVERVALUATION = "overvaluation"
    MISCLASSIFICATION = "misclassification"
    MISDESCRIPTION = "misdescription"
    FALSE_ORIGIN = "false_origin"
    QUANTITY = "quantity"
    UNDECLARED_GOODS = "undeclared_goods"
    PROHIBITED_GOODS = "prohibited_goods"
    PROCEDURE_ABUSE = "procedure_abuse"
    SPLITTING = "splitting"
    DOCUMENTS = "documents"
    OTHER = "other"


class ControlKind(StrEnum):
    """The control that was made."""

    DOCUMENTARY = "documentary"
    SCAN = "scan"
    EXAMINATION = "examination"
    POST_CLEARANCE_AUDIT = "post_clearance_audit"


#: What a person can say was done; a declaration system has codes of its own.
ACTIONS: Final = ("released", "duty_collected", "penalty", "detained", "sampled", "seized", "referred")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The outcome for one risk that was checked."""

    outcome: Outcome
    #: The kind of irregularity that was checked for, or found; None: no particular one.
    irregularity: Irregularity | None = None
    #: Item number, from 1; None: the whole declaration.
    item_number: int | None = None
    #: The element at issue, such as ``customs_value``, with what was declared and what was found.
    element: str | None = None
    declared: str | None = None
    found: str | None = None
    #: Additional duty and tax that follows, national currency, from 0.
    duty_effect: Decimal | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlResult:
    """One version of the result of one control of one declaration."""

    #: Identity of the control in the sending system.
    id: Identifier
    #: From 1; a correction adds one.
    version: int = 1
    declaration_id: Identifier
    #: The version of the declaration that was controlled; None: the latest.
    declaration_version: int | None = None
    kind: ControlKind
    office: Identifier
    officer: Identifier | None = None
    started_at: datetime | None = None
    #: When the control ended, as the officer says.
    ended_at: datetime
    #: The end carries only a date.
    ended_on_date_only: bool = False
    #: One per risk checked; at least one.
    findings: tuple[Finding, ...]
    #: What was done: one of :data:`ACTIONS`, or a code of the sending system.
    action_code: Identifier | None = None

    @property
    def irregular(self) -> bool:
        """Whether any risk that was checked proved irregular."""
        return any(finding.outcome is Outcome.IRREGULAR for finding in self.findings)

    @property
    def conclusive(self) -> bool:
        """Whether the result teaches something: a finding is irregular, or all are compliant."""
        return self.irregular or all(finding.outcome is Outcome.COMPLIANT for finding in self.findings)

    @property
    def duty_effect(self) -> Decimal:
        """Return the additional duty and tax of all findings."""
        return sum((finding.duty_effect or Decimal(0) for finding in self.findings), Decimal(0))
