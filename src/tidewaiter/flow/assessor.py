"""The assessor: everything that a decision needs, in memory, as of a position of the journal.

It is the flow from features to decision without a store: the service, a file, a replay and a
simulation all decide through it, so they decide alike.  Its state (history and pacing) is a fold
over the journal and the decisions; who commits, keeps it; who fails to commit, rebuilds it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from math import isfinite
from typing import Any, Final

import orjson

from tidewaiter.core.control import ControlResult
from tidewaiter.core.decision import Decision, HitRecord, StageRecord, UndecidedRecord, Versions, decision_id
from tidewaiter.core.declaration import Declaration, PartyRole
from tidewaiter.core.draw import DrawKey, Ticket, tickets_of
from tidewaiter.core.errors import Unavailable
from tidewaiter.core.features import REGISTRY, compute
from tidewaiter.core.features.registry import FeatureVector, Kind
from tidewaiter.core.history import History
from tidewaiter.core.rules.ruleset import RuleOutcome
from tidewaiter.core.scoring.contract import Contribution, Score, Scorer
from tidewaiter.core.selection.combine import select
from tidewaiter.core.selection.pacing import OfficeState, opened, recorded, start
from tidewaiter.core.selection.plan import Facts
from tidewaiter.core.selection.stages import Arm, Earlier, Inputs, RuleHit, Selection, Shadow
from tidewaiter.core.times import day_of
from tidewaiter.flow.content import Content
from tidewaiter.flow.telling import instructions, reasons

__all__ = ["Assessed", "Assessor", "Case", "EarlierDecision", "facts_of"]

#: Where a vector holds floating-point numbers: in a header, and in an item.
_HEADER_RATIOS: Final = tuple(at for at, f in enumerate(REGISTRY.header) if f.kind is Kind.RATIO)
_ITEM_RATIOS: Final = tuple(at for at, f in enumerate(REGISTRY.items) if f.kind is Kind.RATIO)


@dataclass(frozen=True, kw_only=True)
class EarlierDecision:
    """The decision on the version that a declaration amends."""

    declaration: Declaration
    lane: str
    arm: str
    inclusion_probability: float
    #: What it was drawn with.
    tickets: tuple[Ticket, ...]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One declaration version to decide on."""

    source: str
    declaration: Declaration
    #: The instant of the decision; never earlier than what history has seen already counts.
    at: datetime
    earlier: EarlierDecision | None = None
    #: The key with which its consignment was drawn first; None: the one in force.
    seen: str | None = None
    #: Of the keys that it is drawn with, those that were revealed, sorted.
    revealed: tuple[str, ...] = ()
    #: Results that were waiting for this declaration, with when they became known.
    waiting: tuple[tuple[ControlResult, datetime], ...] = ()
    #: What running challengers would do.
    shadows: tuple[Shadow, ...] = ()
    #: An older version than one that was decided: history keeps the newer one.
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Assessed:
    """A decision with what it was made from."""

    decision: Decision
    vector: FeatureVector
    #: Canonical bytes of the vector, the pacing state and the earlier decision: enough to decide again.
    inputs: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    """A case with what its declaration alone gives."""

    case: Case
    at: datetime
    #: Position of the declaration in the journal.
    journal: int
    vector: FeatureVector
    outcome: RuleOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chosen:
    """What was selected for a prepared case, and from what."""

    inputs: Inputs
    #: The pacing that decided it.
    before: OfficeState
    selection: Selection


class Assessor:
    """Decides on declarations, in order, and remembers them."""

    def __init__(
        self,
        *,
        content: Content,
        draw_key: DrawKey,
        scorer: Scorer | None,
        history: History | None = None,
        load_key: Callable[[str], DrawKey] | None = None,
    ) -> None:
        self.content = content
        #: The one in force.
        self.draw_key = draw_key
        self._load_key = load_key
        self.scorer = scorer
        self.history = history or History()
        #: Position of the journal up to which history is folded in.
        self.journal = 0
        self.offices: dict[str, OfficeState] = {}

    def assess(self, cases: Sequence[Case]) -> list[Assessed]:
        """Decide on *cases* in order; each sees all that came before it.

        Features are computed one after the other, because each declaration is history for the next;
        the model scores them all at once, because its answer depends on the features alone.
        """
        prepared = [self._prepare(case) for case in cases]
        scores = self._scores([entry.vector for entry in prepared])
        chosen: list[_Chosen] = []
        for entry, score in zip(prepared, scores, strict=True):
            made = self._choose(entry, score, self._office(entry))
            selection, plan, lanes = made.selection, self.content.plan, self.content.lanes
            self.offices[selection.office] = recorded(made.before, selection, plan, lanes)
            chosen.append(made)
        return self._told(prepared, chosen)

    def again(self, case: Case, position: int, vector: FeatureVector, before: OfficeState) -> Assessed:
        """Decide once more from a stored vector and pacing state; history is neither read nor changed."""
        entry = self._ruled(case, case.at, position, vector)
        return self._told([entry], [self._choose(entry, self._scores([vector])[0], before)])[0]

    def _choose(self, entry: _Prepared, score: Score | None, before: OfficeState) -> _Chosen:
        inputs = self._inputs(entry, score)
        return _Chosen(inputs=inputs, before=before, selection=select(inputs, before))

    def _told(self, prepared: Sequence[_Prepared], chosen: Sequence[_Chosen]) -> list[Assessed]:
        """Return the decisions, with reasons for those that somebody will read."""
        told = self._explained(prepared, chosen)
        return [
            self._assessed(entry, made, contributions)
            for entry, made, contributions in zip(prepared, chosen, told, strict=True)
        ]

    def _prepare(self, case: Case) -> _Prepared:
        """Compute the features of a case as of its instant, then let history have it."""
        at = max(case.at, self.history.last_at)
        vector = compute(case.declaration, self.history, at, source=case.source)
        self.history.observe_declaration(case.declaration, at, source=case.source)
        for result, known_at in case.waiting:
            self.history.observe_result(result, case.declaration, known_at, source=case.source)
        position = self.journal + 1
        self.journal = position + len(case.waiting)
        return self._ruled(case, at, position, vector)

    def _ruled(self, case: Case, at: datetime, position: int, vector: FeatureVector) -> _Prepared:
        outcome = self.content.rules.assess(case.declaration, vector, at.date())
        return _Prepared(case=case, at=at, journal=position, vector=vector, outcome=outcome)

    def _scores(self, vectors: Sequence[FeatureVector]) -> Sequence[Score | None]:
        """Score all vectors; without a model, or when it cannot answer, none has a score."""
        if self.scorer is None:
            return [None] * len(vectors)
        try:
            return self.scorer.score(vectors)
        except Unavailable:
            return [None] * len(vectors)

    def _explained(
        self, prepared: Sequence[_Prepared], chosen: Sequence[_Chosen]
    ) -> list[tuple[Contribution, ...]]:
        """Explain the scores of what was selected for control: the only ones that somebody reads."""
        lanes = self.content.lanes
        wanted = {
            i: made.inputs.score.leading for i, made in enumerate(chosen)
            if lanes[made.selection.lane].control and made.inputs.score is not None
        }  # fmt: skip
        told: list[tuple[Contribution, ...]] = [()] * len(prepared)
        if wanted and self.scorer is not None:
            explained = self.scorer.explain([prepared[i].vector for i in wanted], list(wanted.values()))
            for i, contributions in zip(wanted, explained, strict=True):
                told[i] = contributions
        return told

    def _office(self, entry: _Prepared) -> OfficeState:
        office = entry.case.declaration.office
        state = self.offices.get(office) or start(office)
        return opened(state, day_of(entry.at), self.content.plan, self.content.lanes)

    def _inputs(self, entry: _Prepared, score: Score | None) -> Inputs:
        declaration, earlier = entry.case.declaration, entry.case.earlier
        tickets = tickets_of(
            declaration,
            key_id=self.draw_key.id,
            seen=entry.case.seen,
            revealed=entry.case.revealed,
            amends=None if earlier is None else earlier.declaration,
            held=() if earlier is None else earlier.tickets,
        )
        return Inputs(
            facts=facts_of(declaration, day_of(entry.at)),
            hits=tuple(
                RuleHit(profile=hit.profile.code, lane=hit.profile.lane, share=float(hit.profile.share))
                for hit in entry.outcome.hits
            ),
            score=score,
            tickets=tickets,
            draw_keys={ticket.key_id: self._key(ticket.key_id) for ticket in tickets},
            plan=self.content.plan,
            lanes=self.content.lanes,
            earlier=None if earlier is None else _ratchet(earlier),
            shadows=entry.case.shadows,
        )

    def _epochs(self, case: Case) -> dict[str, Any]:
        """Return what the tickets depend on beside the key in force; empty when there is nothing else."""
        held = () if case.earlier is None else case.earlier.tickets
        keys = [ticket.key_id for ticket in held]
        if case.seen is None and not case.revealed and set(keys) <= {self.draw_key.id}:
            return {}
        return {"seen": case.seen, "revealed": case.revealed, "held": keys}

    def _key(self, key_id: str) -> DrawKey:
        """Return the draw key of this name; raises ConfigurationError when its file is missing."""
        if key_id == self.draw_key.id:
            return self.draw_key
        if self._load_key is None:
            raise ValueError(f"BUG: a ticket names the draw key {key_id!r}, and only one key is known")
        return self._load_key(key_id)

    def _assessed(self, entry: _Prepared, made: _Chosen, contributions: Sequence[Contribution]) -> Assessed:
        case, score, selection, content = entry.case, made.inputs.score, made.selection, self.content
        inputs = inputs_bytes(entry.vector, made.before, case.earlier, self._epochs(case))
        selected = content.lanes[selection.lane].control
        decision = Decision(
            id=decision_id(case.source, case.declaration.id, case.declaration.version),
            source=case.source,
            declaration_id=case.declaration.id,
            declaration_version=case.declaration.version,
            office=case.declaration.office,
            at=entry.at,
            journal=entry.journal,
            lane=selection.lane,
            arm=selection.arm.value,
            inclusion_probability=selection.inclusion_probability,
            lane_probability=selection.lane_probability,
            probability=None if score is None else score.probability,
            expected_revenue=None if score is None else score.expected_revenue,
            kinds={} if score is None else dict(score.kinds),
            hours=selection.hours,
            value_of_hour=selection.value_of_hour,
            stages=tuple(
                StageRecord(
                    stage=stage.stage.value,
                    lane=stage.lane,
                    probability=stage.probability,
                    selected=stage.hit,
                    detail=stage.detail,
                )
                for stage in selection.stages
            ),
            hits=_hit_records(entry.outcome),
            undecided=tuple(
                UndecidedRecord(profile=u.profile.code, missing=u.missing) for u in entry.outcome.undecided
            ),
            instructions=instructions(entry.outcome, selection) if selected else (),
            reasons=reasons(entry.outcome, selection, entry.vector, contributions) if selected else (),
            marks=(*case.marks, *(mark.value for mark in selection.marks)),
            consignment_keys=tuple(ticket.consignment.hex() for ticket in made.inputs.tickets),
            draw_keys=_draw_keys(made.inputs.tickets, self.draw_key.id),
            versions=Versions(
                lanes=content.versions["lanes"],
                checks=content.versions["checks"],
                rules=content.rules.version,
                plan=content.plan.version,
                features=REGISTRY.version,
                # The one that scored: a replay must not have one where there was none.
                model=None if self.scorer is None or score is None else self.scorer.version,
                draw_key=self.draw_key.id,
            ),
            inputs_sha256=sha256(inputs).hexdigest(),
        )  # fmt: skip
        return Assessed(decision=decision, vector=entry.vector, inputs=inputs)


def facts_of(declaration: Declaration, day: int) -> Facts:
    """Return what selection asks of a declaration that is decided on *day* (ordinal)."""
    importer = declaration.party(PartyRole.IMPORTER)
    return Facts(
        flow=declaration.flow.value,
        office=declaration.office,
        item_count=len(declaration.items),
        day=day,
        aeo=None if importer is None else importer.aeo,
        procedure=declaration.procedure_code,
    )


def _draw_keys(tickets: Sequence[Ticket], in_force: str) -> tuple[str, ...]:
    """Return the key of each ticket, or nothing when all have the one in force."""
    names = tuple(ticket.key_id for ticket in tickets)
    return () if set(names) == {in_force} else names


def _ratchet(earlier: EarlierDecision) -> Earlier:
    return Earlier(
        lane=earlier.lane, arm=Arm(earlier.arm), inclusion_probability=earlier.inclusion_probability
    )


def _hit_records(outcome: RuleOutcome) -> tuple[HitRecord, ...]:
    return tuple(
        HitRecord(
            profile=hit.profile.code,
            version=hit.profile.version,
            items=tuple(index + 1 for index in hit.items),
            evidence=tuple(
                (read.feature, 0 if read.item is None else read.item + 1, read.value) for read in hit.evidence
            ),
        )
        for hit in outcome.hits
    )


def inputs_bytes(
    vector: FeatureVector,
    before: OfficeState,
    earlier: EarlierDecision | None,
    epochs: Mapping[str, Any] | None = None,
) -> bytes:
    """Return what a decision was made from, as bytes that :func:`inputs_of` reads back exactly.

    *epochs* are left out where all draws are made with the one key in force: they tell nothing then.
    """
    data: dict[str, Any] = {
        "vector": [vector.header, vector.items],
        # The distributions only price the next arrivals: what decided this one is kept.
        "pacing": replace(before, values={}, needs={}).to_data(),
        "earlier": None
        if earlier is None
        else {
            "version": earlier.declaration.version,
            "lane": earlier.lane,
            "arm": earlier.arm,
            "inclusion_probability": earlier.inclusion_probability,
            "consignment_keys": [ticket.consignment.hex() for ticket in earlier.tickets],
        },
    }
    if epochs:
        data["epochs"] = epochs
    for ratios, rows in ((_HEADER_RATIOS, (vector.header,)), (_ITEM_RATIOS, vector.items)):
        for row in rows:
            if not isfinite(sum([value for at in ratios if isinstance(value := row[at], float)])):
                raise ValueError("BUG: a feature that is not finite reached the evidence")
    try:
        return orjson.dumps(data)
    except TypeError:  # an amount of more than 64 bits
        return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def inputs_of(
    body: bytes,
) -> tuple[FeatureVector, OfficeState, dict[str, Any] | None, dict[str, Any]]:
    """Return vector, pacing state, earlier decision and epochs that :func:`inputs_bytes` wrote."""
    data = json.loads(body)
    header, items = data["vector"]
    vector = FeatureVector(header=tuple(header), items=tuple(tuple(row) for row in items))
    return vector, OfficeState.from_data(data["pacing"]), data["earlier"], data.get("epochs", {})
