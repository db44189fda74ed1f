"""The decision: one immutable answer to one version of a declaration, with all that led to it.

A decision names the versions of everything it used and the position of the journal up to which
history was known, so it can be computed again and must come out the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Final

__all__ = ["Decision", "HitRecord", "Reason", "StageRecord", "UndecidedRecord", "Versions", "decision_id"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One true reason for the officer: a code with its parameters, and the English sentence."""

    code: str
    params: Mapping[str, str | int | float] = field(default_factory=dict)
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HitRecord:
    """A profile that matched, with the values that fired."""

    profile: str
    version: int
    #: Item numbers, from 1; empty for a condition on the header alone.
    items: tuple[int, ...]
    #: (feature, item number or 0 for the header, value).
    evidence: tuple[tuple[str, int, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UndecidedRecord:
    """A profile that could not be decided, with the features that were missing."""

    profile: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRecord:
    """One stage of the selection: what it could have chosen, with which probability, and whether it did."""

    stage: str
    lane: str
    #: Probability of this stage to select, given all that was known before its draw; 0 to 1.
    probability: float
    selected: bool
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """What was in force: content hashes, and names for keys."""

    lanes: str
    checks: str
    rules: str
    plan: str
    features: str
    #: None: no model was available.
    model: str | None
    draw_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision on one version of a declaration."""

    id: str
    source: str
    declaration_id: str
    declaration_version: int
    office: str
    #: The instant of the decision, aware; history counts what was known strictly before it.
    at: datetime
    #: Position of the declaration in the journal: history was everything before it.
    journal: int
    lane: str
    #: The first stage that selected: mandatory, share, random, model, exploration, … or none.
    arm: str
    #: Probability that any stage selects this declaration for a control, exact.
    inclusion_probability: float
    #: Probability that the lane is the one given, exact.
    lane_probability: float
    #: Calibrated probability of irregularity and expected revenue; None without a model.
    probability: float | None
    expected_revenue: float | None
    kinds: Mapping[str, float]
    #: Officer-hours or scanner slots that the lane costs.
    hours: float
    #: The steering price: the value of one more officer-hour at this office and moment; None: no price yet.
    value_of_hour: float | None
    stages: tuple[StageRecord, ...]
    hits: tuple[HitRecord, ...]
    undecided: tuple[UndecidedRecord, ...]
    #: Codes of the checks to make, in order.
    instructions: tuple[str, ...]
    #: At most four.
    reasons: tuple[Reason, ...]
    #: Degradations and warnings, such as ``DEGRADED_MODEL``.
    marks: tuple[str, ...]
    #: Hex digests of the consignment identities that the draws used.
    consignment_keys: tuple[str, ...]
    #: Name of the draw key of each of them; empty when all were drawn with that of `versions`.
    draw_keys: tuple[str, ...] = ()
    versions: Versions
    #: SHA-256 in hex of the inputs it was made from (feature vector, pacing, earlier decision).
    inputs_sha256: str

    def evidence(self) -> dict[str, Any]:
        """Return the decision as plain data for the record and the ledger."""
        data = _members(self)
        data["at"] = self.at.isoformat()
        if not self.draw_keys:  # most often; and what was recorded before there were epochs had none
            del data["draw_keys"]
        data["kinds"] = dict(self.kinds)
        data["versions"] = _members(self.versions)
        for name in _RECORDS:
            data[name] = tuple([_members(record) for record in data[name]])
        return data


#: The members that are tuples of records.
_RECORDS: Final = ("stages", "hits", "undecided", "reasons")
_NAMES: Final[Mapping[type, tuple[str, ...]]] = {
    kind: tuple(field.name for field in fields(kind))
    for kind in (Decision, HitRecord, Reason, StageRecord, UndecidedRecord, Versions)
}


def _members(record: object) -> dict[str, Any]:
    """Return the members of one record by name; what is inside them is taken over as it is.

    As ``dataclasses.asdict``, but nothing is copied: the record is frozen.
    """
    return {name: getattr(record, name) for name in _NAMES[type(record)]}


def decision_id(source: str, declaration_id: str, version: int) -> str:
    """Return the identity of the decision on a version of a declaration: one version, one decision."""
    digest = hashlib.sha256("\x1f".join(("decision", source, declaration_id, str(version))).encode())
    return f"D{digest.hexdigest()[:24]}"
