"""The account of a decision: what it was made from, step by step, for analysts and auditors.

Everything is read from what is recorded, with the content of that day; only what each feature
contributed to the score is computed again, because it is not kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tidewaiter.core.control import ControlResult
from tidewaiter.core.errors import ConfigurationError, NotFound, Unavailable
from tidewaiter.core.features import REGISTRY
from tidewaiter.core.features.registry import FeatureVector, Kind
from tidewaiter.core.rules.profile import Profile
from tidewaiter.core.rules.words import phrase, sentence, shown
from tidewaiter.core.scoring.contract import Contribution, Scorer
from tidewaiter.core.selection.lanes import Lanes
from tidewaiter.core.selection.pacing import OfficeState, capacity_hours
from tidewaiter.core.selection.plan import Plan
from tidewaiter.flow.assessor import inputs_of
from tidewaiter.flow.content import content_in_force
from tidewaiter.flow.ports import MessageFormat, Store, UnitOfWork

__all__ = ["Account", "Accounts", "Fired", "PoolUse", "ValueRead"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueRead:
    """A value that decided whether a profile fired."""

    feature: str
    #: Its name in words.
    words: str
    #: Item number, from 1; 0: the header.
    item: int
    #: As people read it.
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fired:
    """A profile that fired, as it was written that day."""

    profile: Profile
    #: Its condition as a sentence.
    condition: str
    items: tuple[int, ...]
    values: tuple[ValueRead, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolUse:
    """How much of a day's capacity was used before the decision; controls, or hours."""

    pool: str
    used: float
    capacity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One decision, explained."""

    evidence: Mapping[str, Any]
    #: The declaration version that was decided on, as plain data.
    declaration: Mapping[str, Any]
    lanes: Lanes
    #: How many profiles were in force, whatever they said.
    profiles: int
    fired: tuple[Fired, ...]
    #: (code, title, names in words of what was missing).
    undecided: tuple[tuple[str, str, tuple[str, ...]], ...]
    #: What moved the score, strongest first; None: it cannot be computed again here.
    contributions: tuple[Contribution, ...] | None
    #: Declarations that the office had that day before this one.
    arrivals: int
    pools: tuple[PoolUse, ...]
    #: All versions, in the order of recording.
    results: tuple[ControlResult, ...]


class Accounts:
    """The use case; it changes nothing."""

    def __init__(self, *, store: Store, messages: MessageFormat, load_model: Callable[[str], Scorer]) -> None:
        self._store = store
        self._messages = messages
        self._load_model = load_model

    def of(self, decision_id: str) -> Account:
        """Return the account of a decision; whoever calls has asked whether it may be read.

        Raises NotFound, or Unavailable when content that it was made with is not recorded.
        """
        with self._store.read() as uow:
            stored = uow.decision(decision_id)
            if stored is None:
                raise NotFound(f"There is no decision {decision_id!r}.")
            evidence = json.loads(stored.evidence)
            content = content_in_force(uow, evidence["versions"])
            results = self._results(uow, evidence)
        vector, before, _, _ = inputs_of(stored.inputs)
        profiles = {profile.code: profile for profile in content.rules.profiles}
        return Account(
            evidence=evidence,
            declaration=json.loads(stored.declaration_body),
            lanes=content.lanes,
            profiles=len(profiles),
            fired=tuple(_fired(hit, profiles) for hit in evidence["hits"]),
            undecided=tuple(
                (each["profile"], profiles[each["profile"]].title, tuple(map(phrase, each["missing"])))
                for each in evidence["undecided"]
            ),
            contributions=self._contributions(evidence["versions"], vector),
            arrivals=before.arrivals,
            pools=_pools(before, content.plan),
            results=results,
        )

    def _results(self, uow: UnitOfWork, evidence: Mapping[str, Any]) -> tuple[ControlResult, ...]:
        found = uow.results_of(evidence["source"], evidence["declaration_id"])
        return tuple(self._messages.read_control_result(each.body) for each in found)

    def _contributions(
        self, versions: Mapping[str, Any], vector: FeatureVector
    ) -> tuple[Contribution, ...] | None:
        """Return what moved the score; None when there was none, or the model is no more what it was."""
        if versions["model"] is None or versions["features"] != REGISTRY.version:
            return None
        try:
            model = self._load_model(versions["model"])
            told = model.explain([vector], [model.score([vector])[0].leading])[0]
        except (ConfigurationError, Unavailable):
            return None
        return tuple(sorted(told, key=lambda each: -abs(each.log_odds)))


def _fired(hit: Mapping[str, Any], profiles: Mapping[str, Profile]) -> Fired:
    profile = profiles[hit["profile"]]
    return Fired(
        profile=profile,
        condition=sentence(profile.when, REGISTRY),
        items=tuple(hit["items"]),
        values=_values(hit["evidence"]),
    )


def _values(evidence: Sequence[Sequence[Any]]) -> tuple[ValueRead, ...]:
    return tuple(
        ValueRead(
            feature=name,
            words=phrase(name),
            item=item,
            value=_in_words(name, value),
        )
        for name, item, value in evidence
    )


def _in_words(name: str, value: Any) -> str:
    """Return a value as people read it; the record keeps ratios as text, and this release may not know it."""
    if name not in REGISTRY:
        return str(value)
    kind = REGISTRY[name].kind
    return shown(kind, float(value) if kind is Kind.RATIO and value is not None else value)


def _pools(before: OfficeState, plan: Plan) -> tuple[PoolUse, ...]:
    """Return what the office could do that day, and what it had used of it."""
    capacity = plan.capacity.of(before.office)
    return tuple(
        PoolUse(pool=pool, used=before.used.get(pool, 0.0), capacity=capacity_hours(before, capacity, pool))
        for pool in capacity.pools
    )
