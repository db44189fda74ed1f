"""Measure predictability: what agents could foretell of the newest decisions from the older ones.

Two adversaries are trained: one that remembers for each agent its own lanes only, and one that
remembers the lanes of all.  A profile is predictable when the declarations that it had controlled
stand out, in the better forecast, from those that nobody controlled.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tidewaiter.core.errors import ConfigurationError, NotFound
from tidewaiter.core.features import REGISTRY
from tidewaiter.core.learning.predictability import Floats, Skill, Suggestion, expected_area, skill, suggested
from tidewaiter.flow.assessor import inputs_of
from tidewaiter.flow.content import content_in_force
from tidewaiter.flow.ports import Store, UnitOfWork
from tidewaiter.flow.ports.adversary import Adversary, Seen

__all__ = ["LIMIT", "MeasurePredictability", "OfProfile", "Predictability"]

#: The area that the policy should not exceed, unless the administration says otherwise.
LIMIT: Final = 0.75

#: Fewer decisions, or fewer controls among those that are foretold, show nothing.
_DECISIONS_MIN: Final = 1_000
_CONTROLLED_MIN: Final = 30
#: The newest part is foretold from the rest.
_FORETOLD: Final = 1 / 3


@dataclass(frozen=True, slots=True, kw_only=True)
class OfProfile:
    """How well the controls of one profile are foretold."""

    code: str
    #: Declarations in the foretold part that it hit.
    hits: int
    skill: Skill


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictability:
    """What agents could foretell, and what would stop them."""

    #: Each agent from its own lanes, and all of them together.
    alone: Skill
    pooled: Skill
    #: The area of whoever knew the probability of each declaration: no forecast can do better.
    all_knowing: float
    profiles: tuple[OfProfile, ...]
    limit: float
    #: None: the limit holds.
    suggestion: Suggestion | None


class MeasurePredictability:
    """The use case; reads only."""

    def __init__(self, *, store: Store, adversary: Adversary) -> None:
        self._store, self._adversary = store, adversary

    def __call__(self, limit: float = LIMIT) -> Predictability:
        """Measure the decisions on record, with the features in use, against *limit* (an area, 0.5 to 1).

        Raises NotFound when they are too few to show anything.
        """
        if not 0.5 < limit <= 1.0:
            raise ConfigurationError(f"A limit lies above 0.5, which is a coin, up to 1: {limit} does not.")
        with self._store.read() as uow:
            seen = list(_seen(uow))
        past = round(len(seen) * (1.0 - _FORETOLD))
        earlier, later = seen[:past], seen[past:]
        controlled = np.array([float(each.controlled) for each in later])
        if (
            len(seen) < _DECISIONS_MIN
            or not _CONTROLLED_MIN <= controlled.sum() <= len(later) - _CONTROLLED_MIN
        ):
            raise NotFound(
                f"There are {len(seen):,} decisions with the features in use, {controlled.sum():.0f} of the "
                f"newest {len(later):,} with a control; it takes {_DECISIONS_MIN:,}, and {_CONTROLLED_MIN} "
                "of either kind, to show who can foretell them."
            )
        usual = float(np.mean([each.controlled for each in earlier]))
        forecasts = {
            pooled: np.array(self._adversary.forecast(earlier, later, pooled=pooled))
            for pooled in (False, True)
        }
        skills = {pooled: _shown(skill(controlled, each, usual)) for pooled, each in forecasts.items()}
        probability = np.array([each.probability for each in later])
        best = max(skills, key=lambda pooled: skills[pooled].area)
        above = skills[best].area > limit
        return Predictability(
            alone=skills[False],
            pooled=skills[True],
            all_knowing=expected_area(probability, probability),
            profiles=_of_profiles(later, controlled, forecasts[best], usual),
            limit=limit,
            suggestion=suggested(forecasts[best], probability, limit) if above else None,
        )


def _of_profiles(
    later: Sequence[Seen], controlled: Floats, forecast: Floats, usual: float
) -> tuple[OfProfile, ...]:
    """Return the skill for each profile with controls enough, the most predictable first."""
    hits = Counter(code for each in later for code in each.hits)
    found = []
    for code in sorted(hits):
        its = np.array([code in each.hits for each in later])
        # What it had controlled against what nobody controlled; the controls of others are left out.
        kept = its | (controlled == 0.0)
        shown = skill(controlled[kept], forecast[kept], usual)
        if shown is not None and shown.controlled >= _CONTROLLED_MIN:
            found.append(OfProfile(code=code, hits=hits[code], skill=shown))
    return tuple(sorted(found, key=lambda each: -each.skill.area))


def _seen(uow: UnitOfWork) -> Iterator[Seen]:
    """Yield the decisions on first versions that were made with the features in use, in their order."""
    lanes, after = content_in_force(uow).lanes, 0
    declarant, importer = REGISTRY.position["declarant"][1], REGISTRY.position["importer"][1]
    while page := uow.decisions(after_rowid=after):
        for _, stored in page:
            evidence = json.loads(stored.evidence)
            if evidence["declaration_version"] != 1 or evidence["versions"]["features"] != REGISTRY.version:
                continue
            vector = inputs_of(stored.inputs)[0]
            agent = vector.header[declarant] or vector.header[importer]
            yield Seen(
                agent=None if agent is None else str(agent),
                vector=vector,
                controlled=evidence["lane"] in lanes and lanes[evidence["lane"]].control,
                probability=float(evidence["inclusion_probability"]),
                hits=tuple(hit["profile"] for hit in evidence["hits"]),
            )
        after = page[-1][0]


def _shown(found: Skill | None) -> Skill:
    if found is None:
        raise ValueError("BUG: both outcomes were counted, and one was not found")
    return found
