"""The registry of features: name, kind, unit, source and meaning of missing, for each of them.

A feature is one function in its family.  Its name is what rules, models, screens and stored
decisions call it, so a name is never given a second meaning.  A feature without unit, source,
meaning of missing or docstring does not load.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

__all__ = ["Feature", "FeatureVector", "Kind", "Registry", "Scope", "Value"]

#: What a feature may be.  An AMOUNT is an int of millionths (exact); None is *missing*.
Value: TypeAlias = str | int | float | bool | None


class Kind(StrEnum):
    """The type of a feature's value; there is no coercion between kinds."""

    #: A code: str, compared by equality, list and prefix.
    CODE = "code"
    #: Free text: str, NFC, upper case, single blanks.
    TEXT = "text"
    #: Money, mass, quantity or percent: int of millionths of the unit.
    AMOUNT = "amount"
    #: A ratio, distance or rate: float, finite.
    RATIO = "ratio"
    #: A count: int from 0.
    COUNT = "count"
    #: A truth: bool.
    FLAG = "flag"
    #: A day: int, proleptic ordinal of the UTC day.
    DAY = "day"


class Scope(StrEnum):
    """Whether a feature has one value per declaration or one per item."""

    HEADER = "header"
    ITEM = "item"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One registered feature."""

    name: str
    family: str
    kind: Kind
    scope: Scope
    #: Unit of the value, such as ``kg``, ``national currency / kg``, ``declarations``; ``-`` for codes.
    unit: str
    #: Where it comes from: element names of the declaration, or ``history``.
    source: str
    #: What None means, in words.
    missing: str
    #: First sentence of the docstring: what it says about the declaration.
    sentence: str
    #: HEADER: (context) -> Value.  ITEM: (context, item index from 0) -> Value.
    compute: Callable[..., Value]


@dataclass(frozen=True, slots=True)
class FeatureVector:
    """All feature values of one declaration, in the order of the registry.

    ``header[i]`` belongs to ``registry.header[i]``; ``items[k][j]`` to ``registry.items[j]`` of
    the k-th item.
    """

    header: tuple[Value, ...]
    items: tuple[tuple[Value, ...], ...]


class Registry:
    """An ordered, closed set of features."""

    def __init__(self, features: Sequence[Feature]) -> None:
        self._by_name = {feature.name: feature for feature in features}
        if len(self._by_name) != len(features):
            raise ValueError("BUG: two features have the same name")
        self.header = tuple(f for f in features if f.scope is Scope.HEADER)
        self.items = tuple(f for f in features if f.scope is Scope.ITEM)
        #: name -> (scope, position within that scope).
        self.position: Mapping[str, tuple[Scope, int]] = {
            **{f.name: (Scope.HEADER, i) for i, f in enumerate(self.header)},
            **{f.name: (Scope.ITEM, i) for i, f in enumerate(self.items)},
        }
        described = "\n".join(f"{f.name}|{f.kind}|{f.scope}|{f.unit}" for f in features)
        #: Short hash of names, kinds, scopes and units: a stored decision names the set it used.
        self.version = hashlib.sha256(described.encode()).hexdigest()[:12]

    def __getitem__(self, name: str) -> Feature:
        """Return the feature called *name*; KeyError when there is none."""
        return self._by_name[name]

    def __contains__(self, name: object) -> bool:
        """Tell whether there is a feature called *name*."""
        return name in self._by_name

    def __iter__(self) -> Iterator[Feature]:
        """Iterate over the features in their order."""
        return iter(self._by_name.values())

    def __len__(self) -> int:
        """Return the number of features."""
        return len(self._by_name)

    def value(self, vector: FeatureVector, name: str, item: int = 0) -> Value:
        """Return the value of feature *name* in *vector*, of the item with index *item* (from 0)."""
        scope, position = self.position[name]
        return vector.header[position] if scope is Scope.HEADER else vector.items[item][position]

    def as_mapping(self, vector: FeatureVector) -> dict[str, Any]:
        """Return *vector* with names, for people and for tests."""
        return {
            "header": {f.name: v for f, v in zip(self.header, vector.header, strict=True)},
            "items": [{f.name: v for f, v in zip(self.items, row, strict=True)} for row in vector.items],
        }
