"""The rule set: all profiles and lists that are in force together, with one version, and what they say.

The version is the SHA-256 of the canonical content, so two administrations with the same profiles
have the same version, in whatever order they were loaded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from tidewaiter.core.declaration import Declaration, TradeFlow
from tidewaiter.core.errors import ConfigurationError, Fault
from tidewaiter.core.features.registry import FeatureVector, Registry
from tidewaiter.core.ledger import canonical_json
from tidewaiter.core.plain import Reader, at, refuse
from tidewaiter.core.rules.check import check_set
from tidewaiter.core.rules.compiled import Compiled, compile_condition
from tidewaiter.core.rules.evaluate import Lists
from tidewaiter.core.rules.explain import Evidence, evidence, missing
from tidewaiter.core.rules.live import LiveIndex
from tidewaiter.core.rules.profile import (
    MissingMeans,
    NamedList,
    Profile,
    list_data,
    profile_data,
    read_list,
    read_profile,
)

__all__ = ["Hit", "RuleOutcome", "RuleSet", "Undecided", "ruleset_from_data"]

#: Changes when the meaning of the language changes, so that a version names one meaning.
_LANGUAGE: Final = 1
_PROFILES_MAX: Final = 10_000
#: Pairs of flow and office for which the profiles in force are remembered: an office is what a message says.
_PLACES_MAX: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A profile that fired."""

    profile: Profile
    #: Indexes, from 0, of the items on which it fired; empty when it reads the header alone.
    items: tuple[int, ...]
    #: The values that decided, item by item.
    evidence: tuple[Evidence, ...]
    #: It fired because data are missing (``unknown: fires``), on no item because it holds.
    on_missing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Undecided:
    """A profile that neither fired nor was excluded, because data are missing."""

    profile: Profile
    #: Indexes, from 0, of the items on which it is unknown; empty when it reads the header alone.
    items: tuple[int, ...]
    #: Names of the features whose absence leaves it open.
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleOutcome:
    """What the rules say about one declaration; both in the order of the rule set."""

    hits: tuple[Hit, ...]
    undecided: tuple[Undecided, ...]


class RuleSet:
    """Profiles with their lists, compiled for a registry of features.

    *lanes* are the codes of the lanes from the most lenient to the strictest; hits come strictest
    lane first, then by code.  A lane that is not named comes last.

    Raises:
        ConfigurationError: when a profile does not make sense for the registry and the lists.

    """

    def __init__(
        self,
        profiles: Iterable[Profile],
        lists: Mapping[str, NamedList] | Iterable[NamedList],
        registry: Registry,
        *,
        lanes: Sequence[str] = (),
    ) -> None:
        named = tuple(lists.values() if isinstance(lists, Mapping) else lists)
        strictness = {code: position for position, code in enumerate(lanes)}
        self.profiles: tuple[Profile, ...] = tuple(
            sorted(profiles, key=lambda profile: (-strictness.get(profile.lane, -1), profile.code))
        )
        faults = check_set(self.profiles, named, registry)
        if faults:
            raise ConfigurationError(
                "The rule set cannot be used; correct the profiles named here.", faults=faults
            )
        self.lists: Mapping[str, NamedList] = {
            entry.code: entry for entry in sorted(named, key=lambda n: n.code)
        }
        self.registry = registry
        #: By list: its entries.
        self.entries: Lists = {code: entry.entries for code, entry in self.lists.items()}
        self._compiled: tuple[Compiled, ...] = tuple(
            compile_condition(profile.when, registry, self.entries) for profile in self.profiles
        )
        self._index = LiveIndex([profile.when for profile in self.profiles], registry, self.entries)
        #: A day, and by flow and office the mask of the profiles in force on it.
        self._remembered: tuple[date, dict[tuple[TradeFlow, str], int]] = (date.min, {})
        #: Content hash, 24 hexadecimal digits.
        self.version = hashlib.sha256(self.canonical()).hexdigest()[:24]

    def to_data(self) -> dict[str, Any]:
        """Return the content as plain data, in an order of its own."""
        return {
            "language": _LANGUAGE,
            "lists": [list_data(self.lists[code]) for code in sorted(self.lists)],
            "profiles": [profile_data(profile) for profile in sorted(self.profiles, key=lambda p: p.code)],
        }

    def canonical(self) -> bytes:
        """Return the content as canonical JSON; :func:`ruleset_from_data` reads it again."""
        return canonical_json(self.to_data())

    def assess(self, declaration: Declaration, vector: FeatureVector, on: date) -> RuleOutcome:
        """Return the profiles that fire on *declaration* on the day *on*, and those left undecided.

        A profile fires when its condition is true on any item (on the header, when it reads nothing
        else); it is undecided when it is true on none and unknown on some.
        """
        hits: list[Hit] = []
        undecided: list[Undecided] = []
        among = self._in_force(declaration.flow, declaration.office, on)
        for position, held, unknown in self._index.match(vector, among):
            profile, condition = self.profiles[position], self._compiled[position]
            if held or profile.unknown is MissingMeans.FIRES:
                hits.append(self._hit(profile, condition, held, unknown, vector))
            else:
                undecided.append(self._undecided(profile, condition, unknown, vector))
        return RuleOutcome(hits=tuple(hits), undecided=tuple(undecided))

    def _in_force(self, flow: TradeFlow, office: str, on: date) -> int:
        """Return the mask of the profiles in force, remembered for the flows and offices of a day."""
        day, by_place = self._remembered
        if day != on:
            by_place = {}
            self._remembered = on, by_place
        mask = by_place.get((flow, office))
        if mask is None:
            if len(by_place) >= _PLACES_MAX:
                by_place.clear()
            mask = by_place[flow, office] = self._index.among(
                position
                for position, profile in enumerate(self.profiles)
                if profile.applies(flow, office, on)
            )
        return mask

    def _hit(
        self,
        profile: Profile,
        condition: Compiled,
        held: list[int],
        unknown: list[int],
        vector: FeatureVector,
    ) -> Hit:
        """Return the hit with its evidence; unknown items belong to it when unknown means that it fires."""
        items = sorted([*held, *unknown]) if profile.unknown is MissingMeans.FIRES else held
        found: dict[Evidence, None] = {}
        for index in items:
            item = vector.items[index]
            found.update(dict.fromkeys(evidence(condition, self.registry, vector.header, item, index)))
        return Hit(
            profile=profile,
            items=() if condition.header_only else tuple(items),
            evidence=tuple(found),
            on_missing=not held,
        )

    def _undecided(
        self, profile: Profile, condition: Compiled, unknown: list[int], vector: FeatureVector
    ) -> Undecided:
        """Return the undecided profile with the features that are missing."""
        named: dict[str, None] = {}
        for index in unknown:
            absent = missing(condition, self.registry, vector.header, vector.items[index])
            named.update(dict.fromkeys(absent))
        items = () if condition.header_only else tuple(unknown)
        return Undecided(profile=profile, items=items, missing=tuple(named))


def ruleset_from_data(data: object, registry: Registry, *, lanes: Sequence[str] = ()) -> RuleSet:
    """Return the rule set that :meth:`RuleSet.to_data` wrote.

    Raises:
        ConfigurationError: with every fault and its place.

    """
    faults: list[Fault] = []
    top = Reader(data, "", faults)
    top.integer("language", at_least=_LANGUAGE, at_most=_LANGUAGE)
    lists = [
        read_list(entry, at("/lists", index), faults)
        for index, entry in enumerate(top.listed("lists", at_least=0, at_most=_PROFILES_MAX))
    ]
    profiles = [
        read_profile(entry, at("/profiles", index), faults)
        for index, entry in enumerate(top.listed("profiles", at_least=0, at_most=_PROFILES_MAX))
    ]
    top.close()
    refuse("rule set", faults)
    return RuleSet(
        [profile for profile in profiles if profile is not None],
        [entry for entry in lists if entry is not None],
        registry,
        lanes=lanes,
    )
