"""Count how often profiles match: those in force as they decided, those in shadow as they would have.

A profile in shadow is asked about decisions that were made, from the values that they were made from.  So it
has no effect on any lane and takes no time of a declaration, whatever it says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final, TypeAlias

import orjson

from tidewaiter.core.errors import InputError
from tidewaiter.core.features import REGISTRY
from tidewaiter.core.ledger import canonical_json
from tidewaiter.core.life_cycle import Stage, Version
from tidewaiter.core.profiles import Profile
from tidewaiter.core.retention import ERASED_BY
from tidewaiter.core.rules.ruleset import RuleSet
from tidewaiter.flow.assessor import inputs_of
from tidewaiter.flow.content import Content
from tidewaiter.flow.lives import all_versions, content_to_be, data_of, written
from tidewaiter.flow.ports import MessageFormat, Store, StoredDecision, UnitOfWork
from tidewaiter.flow.ports.profiles import Tally

__all__ = ["TallyMatches", "Trial"]

#: Decisions that are counted in one transaction.
_BATCH: Final = 500
#: Decisions that a submitted profile is tried on.
_TRIED_MAX: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How often a profile fired, and how often data were missing to tell."""

    matches: int
    undecided: int


#: What asks a profile about a decision with its evidence; None: it cannot be asked.
Ask: TypeAlias = Callable[[StoredDecision, Mapping[str, Any]], Answer | None]
#: Code, number, day, whether in shadow.
_Key: TypeAlias = tuple[str, int, date, bool]
_Counts: TypeAlias = dict[_Key, Answer]


class Trial:
    """Asks a profile about decisions that were made, from the values that they were made from."""

    def __init__(self, messages: MessageFormat) -> None:
        self._messages = messages

    def evidence(self, uow: UnitOfWork, profile: Profile, content: Content) -> bytes:
        """Return, as canonical JSON, what a profile would have found in the newest decisions.

        ``stricter`` are the matches whose lane was more lenient than that of the profile.
        """
        ask = self.asking(profile, content)
        told: Counter[str] = Counter(decisions=0, matches=0, undecided=0, stricter=0)
        days: list[str] = []
        for _, stored in uow.decisions(max(0, uow.tallied_upto() - _TRIED_MAX), _TRIED_MAX):
            evidence = orjson.loads(stored.evidence)
            answer = ask(stored, evidence)
            if answer is None:
                continue
            days = [days[0] if days else evidence["at"], evidence["at"]]
            told["decisions"] += 1
            told["matches"] += answer.matches
            told["undecided"] += answer.undecided
            lane = evidence["lane"]
            told["stricter"] += answer.matches and content.lanes.highest(profile.lane, lane) != lane
        return canonical_json({**told, "period": days, "rules": content.rules.version})

    def asking(self, profile: Profile, content: Content) -> Ask:
        """Return what asks *profile*, with the lists of *content*, about a decision.

        The days on which it is in force do not matter.  None is answered of a decision whose values were
        erased, or belong to another set of features.
        """
        rules = RuleSet([profile], content.rules.lists, REGISTRY, lanes=content.lanes.codes)

        def ask(stored: StoredDecision, evidence: Mapping[str, Any]) -> Answer | None:
            if ERASED_BY in evidence or evidence["versions"]["features"] != REGISTRY.version:
                return None
            vector, *_ = inputs_of(stored.inputs)
            declaration = self._messages.read_declaration(stored.declaration_body)
            outcome = rules.assess(declaration, vector, profile.valid_from)
            return Answer(matches=len(outcome.hits), undecided=len(outcome.undecided))

        return ask


class TallyMatches:
    """The use case; one process does it at a time."""

    def __init__(self, *, store: Store, trial: Trial) -> None:
        self._store = store
        self._trial = trial

    def step(self) -> bool:
        """Count the next decisions that are recorded; return whether there may be more."""
        with self._store.alone("tally") as ours:
            if not ours:
                return False
            with self._store.read() as uow:
                upto = uow.tallied_upto()
                found = uow.decisions(upto, _BATCH)
                counts = self._counted(uow, [stored for _, stored in found])
            if not found:
                return False
            with self._store.write() as uow:
                # The lock may have been lost while counting: who counted first is right.
                if uow.tallied_upto() == upto:
                    uow.add_tallies(_tallies(counts), found[-1][0])
        return len(found) == _BATCH

    def _counted(self, uow: UnitOfWork, decisions: Sequence[StoredDecision]) -> _Counts:
        """Return (code, number, day, in shadow) -> matches and undecided of some decisions."""
        counts: _Counts = {}
        numbers: dict[str, Mapping[str, int]] = {}
        shadows = self._shadows(uow) if decisions else []
        for stored in decisions:
            evidence = orjson.loads(stored.evidence)
            if ERASED_BY in evidence:
                continue
            at, rules = datetime.fromisoformat(evidence["at"]), evidence["versions"]["rules"]
            day = at.astimezone(UTC).date()
            for hit in evidence["hits"]:
                _add(counts, (hit["profile"], hit["version"], day, False), matches=1)
            for open_ in evidence["undecided"]:
                if rules not in numbers:
                    numbers[rules] = _numbers(uow, rules)
                code = open_["profile"]
                _add(counts, (code, numbers[rules][code], day, False), undecided=1)
            for version, ask in shadows:
                answer = ask(stored, evidence) if at >= version.since else None
                if answer is not None and (answer.matches or answer.undecided):
                    key = (version.code, version.number, day, True)
                    _add(counts, key, matches=answer.matches, undecided=answer.undecided)
        return counts

    def _shadows(self, uow: UnitOfWork) -> list[tuple[Version, Ask]]:
        """Return the versions in shadow, each with what asks it."""
        content = content_to_be(uow)
        found: list[tuple[Version, Ask]] = []
        for versions in all_versions(uow).values():
            for version in versions.values():
                if version.stage is not Stage.SHADOW:
                    continue
                try:
                    profile = written(data_of(uow, version), version.number, content)
                except InputError:
                    continue  # a list or a lane that it names is gone: it cannot go live either
                found.append((version, self._trial.asking(profile, content)))
        return found


def _numbers(uow: UnitOfWork, rules: str) -> Mapping[str, int]:
    """Return the version of each profile in a published rule set."""
    published = uow.published("rules", rules)
    if published is None:
        raise ValueError(f"BUG: a decision names the rules {rules!r}, which were never published")
    return {each["code"]: each["version"] for each in orjson.loads(published.body)["profiles"]}


def _add(counts: _Counts, key: _Key, *, matches: int = 0, undecided: int = 0) -> None:
    before = counts.get(key, Answer(matches=0, undecided=0))
    counts[key] = Answer(matches=before.matches + matches, undecided=before.undecided + undecided)


def _tallies(counts: _Counts) -> list[Tally]:
    return [
        Tally(code=code, number=number, day=day, shadow=shadow, matches=n.matches, undecided=n.undecided)
        for (code, number, day, shadow), n in sorted(counts.items())
    ]
