"""The checks of an audit of draws, one decision at a time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tidewaiter.core.declaration import Declaration
from tidewaiter.core.draw import TICKETS_MAX, DrawKey, Ticket, consignment_key, material_key
from tidewaiter.core.draw.audit import domain_of, drawn_again, single_probability
from tidewaiter.core.selection.lanes import lanes_from_data
from tidewaiter.core.selection.plan import Plan
from tidewaiter.core.selection.plan_reading import plan_from_data
from tidewaiter.core.times import day_of
from tidewaiter.flow.assessor import facts_of
from tidewaiter.flow.ports import UnitOfWork

__all__ = ["Finding", "Plans", "Tally", "check_draws", "check_first", "check_identity", "check_probabilities"]

#: Findings that are told one by one; all are counted.
FINDINGS_MAX: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is not as it was promised."""

    #: ``commitment``, ``order``, ``seed``, ``identity``, ``epoch``, ``draw``, ``no-draw``,
    #: ``no-declaration``, ``plan``, ``probability``.
    code: str
    #: A decision, a declaration or an epoch.
    subject: str
    message: str


@dataclass(kw_only=True)
class Tally:
    """What is counted on the way."""

    decisions: int = 0
    draws: int = 0
    undetermined: int = 0
    findings: list[Finding] = field(default_factory=list)
    findings_count: int = 0
    #: (office or hour, name) -> hits, sum of p, sum of p(1 - p) of the random floor.
    cells: dict[tuple[str, str], tuple[int, float, float]] = field(default_factory=dict)
    #: (stage, detail) -> probabilities that it drew with.
    probabilities: dict[tuple[str, str], set[float]] = field(default_factory=dict)
    #: Identity of a consignment -> key that was in force at its first decision.
    first: dict[bytes, str] = field(default_factory=dict)
    #: Declarations that the random floor hit.
    hit: set[str] = field(default_factory=set)

    def find(self, code: str, subject: str, message: str) -> None:
        """Note a finding."""
        self.findings_count += 1
        if len(self.findings) < FINDINGS_MAX:
            self.findings.append(Finding(code=code, subject=subject, message=message))

    def count(self, by: str, name: str, hit: bool, probability: float) -> None:
        """Count a draw of the random floor in a cell."""
        hits, expected, variance = self.cells.get((by, name), (0, 0.0, 0.0))
        spread = probability * (1.0 - probability)
        self.cells[by, name] = hits + hit, expected + probability, variance + spread

    def by(self, kind: str) -> dict[str, tuple[int, float, float]]:
        """Return the cells of one kind."""
        return {name: cell for (by, name), cell in self.cells.items() if by == kind}


class Plans:
    """The plans that decisions name, read once each."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._known: dict[tuple[str, str], Plan | None] = {}

    def of(self, versions: Mapping[str, Any]) -> Plan | None:
        """Return the plan of a decision, or None when nobody published it."""
        name = versions["lanes"], versions["plan"]
        if name not in self._known:
            lanes, plan = self._uow.published("lanes", name[0]), self._uow.published("plan", name[1])
            self._known[name] = (
                None
                if lanes is None or plan is None
                else plan_from_data(json.loads(plan.body), lanes_from_data(json.loads(lanes.body)))
            )
        return self._known[name]


def check_first(evidence: Mapping[str, Any], tickets: Sequence[Ticket], key_id: str, tally: Tally) -> bool:
    """Find a consignment that was drawn with another key than that of its first sight.

    Returns whether this decision is the first on its consignment.
    """
    if not tickets:
        tally.find("no-draw", evidence["id"], f"Decision {evidence['id']} was made without a draw.")
        return False
    key, identity = tickets[0]
    new = identity not in tally.first
    expected = tally.first.setdefault(identity, evidence["versions"]["draw_key"])
    if key != expected and key_id in (key, expected):
        told = f"Decision {evidence['id']} is drawn with the key {key}; its consignment was seen first with "
        tally.find("epoch", evidence["id"], f"{told}{expected}.")
    return new


def check_identity(
    evidence: Mapping[str, Any],
    tickets: Sequence[Ticket],
    listed: Mapping[tuple[str, int], Declaration],
    tally: Tally,
) -> None:
    """Find a draw over something else than the consignment that the declaration system knows."""
    declaration_id, version = evidence["declaration_id"], evidence["declaration_version"]
    declaration, before = listed[declaration_id, version], listed.get((declaration_id, version - 1))
    expected = {consignment_key(declaration)}
    if before is not None and material_key(declaration) != material_key(before):
        expected.add(material_key(declaration))
    drawn = {ticket.consignment for ticket in tickets}
    complete = expected <= drawn if version > 1 else expected == drawn
    if not complete and (version == 1 or len(tickets) < TICKETS_MAX):
        told = (
            f"Decision {evidence['id']} is not drawn over the consignment of declaration {declaration_id!r}, "
            f"version {version}, as the list has it."
        )
        tally.find("identity", evidence["id"], told)


def check_draws(
    evidence: Mapping[str, Any],
    tickets: Sequence[Ticket],
    keys: Mapping[str, DrawKey],
    plans: Plans,
    declaration: Declaration | None,
    new: bool,
    tally: Tally,
) -> None:
    """Make every draw of a decision again, and compare; *new*: the first on its consignment."""
    plan = plans.of(evidence["versions"])
    if plan is None:
        told = f"Decision {evidence['id']} names a plan or lanes that nobody published."
        tally.find("plan", evidence["id"], told)
        return
    floor = False
    for stage in evidence["stages"]:
        domain = domain_of(stage["stage"], stage["detail"])
        if domain is None:
            continue
        union, recorded = float(stage["probability"]), stage["selected"]
        again = drawn_again(keys, tickets, plan_id=plan.id, draws=plan.draws, domain=domain, union=union)
        if again is None:
            tally.undetermined += 1
        else:
            tally.draws += 1
            if again is not recorded:
                told = f"Decision {evidence['id']}, stage {stage['stage']}: recorded {_word(recorded)}, "
                tally.find("draw", evidence["id"], f"{told}drawn again {_word(again)}.")
        if stage["stage"] == "random":
            floor = True
            _count_floor(evidence, stage, new, tally)
            if declaration is not None:
                _check_floor(evidence, stage, len(tickets), plan, declaration, tally)
        _note_probability(evidence, stage, len(tickets), tally)
    if not floor:
        tally.find("no-draw", evidence["id"], f"Decision {evidence['id']} has no draw of the random floor.")


def _word(hit: bool) -> str:
    return "selected" if hit else "not selected"


def _count_floor(evidence: Mapping[str, Any], stage: Mapping[str, Any], new: bool, tally: Tally) -> None:
    """Count a draw of the random floor; a consignment that comes again is no new draw."""
    if stage["selected"]:
        tally.hit.add(evidence["declaration_id"])
    if new:
        tally.count("office", evidence["office"], stage["selected"], float(stage["probability"]))
        tally.count("hour", evidence["at"][11:13], stage["selected"], float(stage["probability"]))


def _note_probability(
    evidence: Mapping[str, Any], stage: Mapping[str, Any], tickets: int, tally: Tally
) -> None:
    """Note with what a stage drew whose probability the plan or a profile states; 0: no hours were left."""
    stated = stage["stage"] in ("random", "share") and "DEGRADED_FEATURES" not in evidence["marks"]
    probability = float(stage["probability"])
    if stated and tickets == 1 and probability > 0.0:
        drawn = tally.probabilities.setdefault((stage["stage"], stage["detail"]), set())
        drawn.add(probability)


def _check_floor(
    evidence: Mapping[str, Any],
    stage: Mapping[str, Any],
    tickets: int,
    plan: Plan,
    declaration: Declaration,
    tally: Tally,
) -> None:
    """Find a random floor that is another than the plan has for what the list says was declared."""
    stratum, _, probability = plan.random_floor.of(facts_of(declaration, day_of(declaration.lodged_at)))
    if "DEGRADED_FEATURES" in evidence["marks"]:
        probability = max(probability, plan.degraded.floor_without_history)
    drawn = single_probability(float(stage["probability"]), tickets)
    if stage["detail"] != stratum or abs(drawn - probability) > 1e-9:
        told = (
            f"Decision {evidence['id']}: the random floor of {stage['detail']!r} drew with {drawn:.6g}; the "
            f"plan has {probability:.6g} for {stratum!r}."
        )
        tally.find("probability", evidence["id"], told)


def check_probabilities(tally: Tally) -> None:
    """Find probabilities that changed within the epoch."""
    for (stage, detail), found in sorted(tally.probabilities.items()):
        if len(found) > 1:
            told = ", ".join(f"{probability:.6g}" for probability in sorted(found))
            tally.find(
                "probability", f"{stage} {detail}", f"{stage} {detail!r} drew with {told} in one epoch."
            )
