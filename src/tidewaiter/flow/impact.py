"""What a profile that somebody is writing would have found in the newest decisions.

Each decision is asked with the values that it was made from, so nothing is known that was not known
then.  The newest decisions are kept ready in memory, parsed, for whoever writes asks again and again.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import orjson

from tidewaiter.core.declaration import Declaration, PartyRole
from tidewaiter.core.features import REGISTRY, FeatureVector
from tidewaiter.core.learning.impact import Impact, Row, impact
from tidewaiter.core.profiles import Profile
from tidewaiter.core.retention import ERASED_BY
from tidewaiter.core.rules.nodes import AllOf, Node
from tidewaiter.core.rules.profile import MissingMeans
from tidewaiter.core.rules.ruleset import Hit, RuleSet
from tidewaiter.core.selection.stages import Arm
from tidewaiter.flow.assessor import inputs_of
from tidewaiter.flow.content import Content
from tidewaiter.flow.lives import content_to_be, written
from tidewaiter.flow.ports import MessageFormat, Store, StoredDecision, UnitOfWork

__all__ = ["DECISIONS_MAX", "Judge", "Preview"]

#: So many of the newest decisions are asked, and no more: the answer comes while somebody types.
DECISIONS_MAX: Final = 2_000
_PAGE: Final = 500
#: What stands for the papers that are not written yet; they decide nothing here.
_PAPERS: Final[Mapping[str, Any]] = {
    "code": "new_profile", "title": "-", "description": "-", "owner": "-", "reference": "-",
    "officer_text": "-",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a profile would have found, and what it was asked about."""

    profile: Profile
    #: One condition for each step, in the order of the form.
    steps: Sequence[Node]
    impact: Impact
    #: Hours a day of the lane of the profile, by office of `impact`; None: not known there.
    capacity: Mapping[str, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """A decision that was made, parsed once."""

    position: int
    decision_id: str
    source: str
    at: datetime
    declaration: Declaration
    vector: FeatureVector
    lane: str
    arm: str
    inclusion: float
    hits: frozenset[str]


class Judge:
    """The use case; it writes nothing.  One process keeps its own decisions ready."""

    def __init__(self, *, store: Store, messages: MessageFormat) -> None:
        self._store = store
        self._messages = messages
        self._turn = threading.Lock()
        self._kept: deque[_Seen] = deque(maxlen=DECISIONS_MAX)
        self._upto = 0

    def __call__(self, data: Mapping[str, Any]) -> Preview:
        """Return what the profile that *data* write would have found; papers that are missing do not matter.

        Raises InputError with every fault of the rest.
        """
        with self._store.read() as uow:
            content = content_to_be(uow)
            profile = written(_with_papers(data, content), 1, content)
            steps = profile.when.nodes if isinstance(profile.when, AllOf) else (profile.when,)
            newest = self._newest(uow)
            seen = [each for each in newest if _concerned(profile, each.declaration)]
            asked = zip(_Asking(profile, steps, content).rows(seen), seen, strict=True)
            rows = [
                self._with_result(uow, row, each)
                for row, each in asked
                # What is kept ready may have been erased since; of what does not match nothing is told.
                if not (row.matches and _is_erased(uow, row))
            ]
        # Days without a declaration of these flows and offices are days, too.
        days = (newest[-1].at.date() - newest[0].at.date()).days + 1 if newest else 1
        found = impact(rows, share=float(profile.share), days=days)
        return Preview(
            profile=profile,
            steps=steps,
            impact=found,
            capacity={each.office: _capacity(content, profile.lane, each.office) for each in found.offices},
        )

    def _newest(self, uow: UnitOfWork) -> Sequence[_Seen]:
        """Return the newest decisions, oldest first; what is new since the last time is read now."""
        with self._turn:
            after = max(self._upto, uow.decisions_end() - DECISIONS_MAX)
            while found := uow.decisions(after, _PAGE):
                self._kept.extend(
                    seen for position, stored in found if (seen := self._parsed(position, stored)) is not None
                )
                self._upto = after = found[-1][0]
            return list(self._kept)

    def _parsed(self, position: int, stored: StoredDecision) -> _Seen | None:
        """Return a decision as it is kept; None: its values were erased, or of another set of features."""
        evidence = orjson.loads(stored.evidence)
        if ERASED_BY in evidence or evidence["versions"]["features"] != REGISTRY.version:
            return None
        vector, *_ = inputs_of(stored.inputs)
        return _Seen(
            position=position,
            decision_id=evidence["id"],
            source=evidence["source"],
            at=datetime.fromisoformat(evidence["at"]),
            declaration=self._messages.read_declaration(stored.declaration_body),
            vector=vector,
            lane=evidence["lane"],
            arm=evidence["arm"],
            inclusion=float(evidence["inclusion_probability"]),
            hits=frozenset(hit["profile"] for hit in evidence["hits"]),
        )

    def _with_result(self, uow: UnitOfWork, row: Row, seen: _Seen) -> Row:
        """Return *row* with what control results say of it; what was not selected has none."""
        if seen.arm == Arm.NONE:
            return row
        newest: dict[str, bytes] = {}
        for result in uow.results_of(seen.source, str(seen.declaration.id)):
            newest[result.control_id] = result.body
        results = [self._messages.read_control_result(body) for body in newest.values()]
        conclusive = [result for result in results if result.conclusive]
        if not conclusive:
            return row
        irregular = any(result.irregular for result in conclusive)
        return replace(row, irregular=irregular, duty=float(sum(result.duty_effect for result in conclusive)))


class _Asking:
    """A profile and its steps, ready to be asked about decisions."""

    def __init__(self, profile: Profile, steps: Sequence[Node], content: Content) -> None:
        self._lanes, self._profile = content.lanes, profile
        self._lane = content.lanes[profile.lane]
        # Each step with all before it is a profile of its own; they are asked together.
        prefixes = [
            replace(
                profile,
                code=f"step_{at}",
                when=profile.when if at == len(steps) else AllOf(tuple(steps[:at])),
                unknown=MissingMeans.UNDECIDED,
            )
            for at in range(1, len(steps) + 1)
        ]
        self._names = [prefix.code for prefix in prefixes]
        self._rules = RuleSet(prefixes, content.rules.lists, REGISTRY, lanes=content.lanes.codes)

    def rows(self, seen: Sequence[_Seen]) -> list[Row]:
        """Return a row for each decision, without results."""
        return [self._row(each) for each in seen]

    def _row(self, seen: _Seen) -> Row:
        declaration, profile = seen.declaration, self._profile
        outcome = self._rules.assess(declaration, seen.vector, profile.valid_from)
        hits = {hit.profile.code: hit for hit in outcome.hits}
        unknown = {each.profile.code for each in outcome.undecided}
        steps = tuple(True if name in hits else None if name in unknown else False for name in self._names)
        whole = hits.get(self._names[-1])
        lane = self._lane
        importers = [party for party in declaration.parties if party.role is PartyRole.IMPORTER]
        return Row(
            decision_id=seen.decision_id,
            declaration_id=str(declaration.id),
            office=str(declaration.office),
            at=seen.at,
            importer=str(importers[0].id) if importers and importers[0].id is not None else None,
            lane=seen.lane,
            milder=self._lanes.highest(profile.lane, seen.lane) != seen.lane,
            hours=lane.hours_per_declaration + lane.hours_per_item * len(declaration.items),
            drawn=seen.arm == Arm.RANDOM,
            inclusion=seen.inclusion if seen.inclusion > 0 else None,
            others=seen.hits - {profile.code},
            steps=steps,
            matches=steps[-1] is True or (steps[-1] is None and profile.unknown is MissingMeans.FIRES),
            irregular=None,
            duty=0.0,
            values=() if whole is None else _values(whole),
        )


def _capacity(content: Content, lane: str, office: str) -> float | None:
    """Return the hours a day that an office has for a lane."""
    there = content.plan.capacity.of(office)
    pool = there.pool(content.lanes[lane])
    return None if there.hours is None or pool is None else there.hours[pool]


def _values(hit: Hit) -> tuple[tuple[str, int, object], ...]:
    return tuple(
        (read.feature, 0 if read.item is None else read.item + 1, read.value) for read in hit.evidence
    )


def _is_erased(uow: UnitOfWork, row: Row) -> bool:
    stored = uow.decision(row.decision_id)
    return stored is None or ERASED_BY in orjson.loads(stored.evidence)


def _concerned(profile: Profile, declaration: Declaration) -> bool:
    """Tell whether a declaration is of the flows and offices of a profile."""
    return profile.applies(declaration.flow, str(declaration.office), profile.valid_from)


def _with_papers(data: Mapping[str, Any], content: Content) -> Mapping[str, Any]:
    """Return *data* with something in the place of papers that nobody has written yet."""
    missing = {name: value for name, value in _PAPERS.items() if not data.get(name)}
    if not data.get("checks"):
        missing["checks"] = [next(iter(content.checks))]
    return {**data, **missing}
