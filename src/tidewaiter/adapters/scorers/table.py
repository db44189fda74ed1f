"""Feature vectors of many declarations as one table of numbers, one row an item.

A code becomes its position in a vocabulary that is saved with the model; a code that the model has
never met is missing.  Amounts are in their unit again, missing values are NaN.  One row takes a few
microseconds, so that a single declaration is as cheap as its share of a batch.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tidewaiter.core.features.registry import FeatureVector, Kind, Registry, Scope, Value

__all__ = [
    "AGE_MAX_DAYS",
    "Booleans",
    "Encoder",
    "Floats",
    "Ints",
    "Table",
    "Vocabulary",
    "ever_there",
    "value_reader",
    "vocabulary_of",
]

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Booleans: TypeAlias = NDArray[np.bool_]
Vocabulary: TypeAlias = tuple[str | int | bool, ...]

_MILLIONTH: Final = 1e-6

#: Ages are told apart up to here: beyond, an age says how long history is, not how new a trader is.
AGE_MAX_DAYS: Final = 90.0


@dataclass(frozen=True)
class Table:
    """Rows of items with named columns."""

    #: Items × columns.
    matrix: Floats
    #: Column name -> position.
    position: Mapping[str, int]
    #: Index of the declaration that each item belongs to.
    owner: Ints
    #: Index of the first item of each declaration.
    start: Ints
    #: Positions of names that were asked for together, kept: a single row spends half its time on them.
    asked: dict[tuple[str, ...], Ints] = field(default_factory=dict)

    def __len__(self) -> int:
        """Return the number of items."""
        return len(self.matrix)

    def __getitem__(self, name: str) -> Floats:
        """Return the column called *name*."""
        return self.matrix[:, self.position[name]]

    def columns(self, names: tuple[str, ...]) -> Floats:
        """Return the named columns, in order, as a matrix."""
        places = self.asked.get(names)
        if places is None:
            places = self.asked[names] = np.array([self.position[name] for name in names], dtype=np.int64)
        return self.matrix.take(places, axis=1)

    def rows(self, chosen: Ints) -> Table:
        """Return the *chosen* items; declarations are not kept together."""
        return Table(self.matrix[chosen], self.position, self.owner[chosen], self.start, self.asked)


class Encoder:
    """Turns feature vectors into a table: some features as numbers, some as codes, some as both.

    The column of a feature as a code is called ``=name``.
    """

    def __init__(
        self, registry: Registry, numbers: Iterable[str], vocabularies: Mapping[str, Vocabulary]
    ) -> None:
        self.registry = registry
        self.numbers = tuple(numbers)
        self.vocabularies = dict(vocabularies)
        header = self._part(Scope.HEADER)
        item = self._part(Scope.ITEM)
        names = (*header.names, *item.names)
        self.position = {name: i for i, name in enumerate(names)}
        self._read_header, self._read_item = header.read, item.read
        numbers_at = [(i, name) for i, name in enumerate(names) if name[0] != "="]
        amounts = [i for i, name in numbers_at if registry[name].kind is Kind.AMOUNT]
        ages = [i for i, name in numbers_at if name.endswith("_days_since_first")]
        self._amounts: Ints = np.array(amounts, dtype=np.int64)
        self._ages: Ints = np.array(ages, dtype=np.int64)
        self._asked: dict[tuple[str, ...], Ints] = {}

    def table(self, vectors: Sequence[FeatureVector]) -> Table:
        """Return the table of *vectors*, in order."""
        header, item = self._read_header, self._read_item
        rows: list[list[Any]] = []
        for vector in vectors:
            common = header(vector.header)
            rows += [common + item(values) for values in vector.items]
        matrix = np.array(rows, dtype=np.float64).reshape(len(rows), len(self.position))
        matrix[:, self._amounts] *= _MILLIONTH
        matrix[:, self._ages] = np.minimum(matrix[:, self._ages], AGE_MAX_DAYS)
        counts = np.array([len(vector.items) for vector in vectors], dtype=np.int64)
        start = np.concatenate(([0], np.cumsum(counts)[:-1])) if len(counts) else counts
        owner = np.repeat(np.arange(len(counts)), counts)
        return Table(matrix, self.position, owner, start, self._asked)

    def _part(self, scope: Scope) -> _Part:
        place = self.registry.position
        numbers = [name for name in self.numbers if place[name][0] is scope]
        codes = [name for name in self.vocabularies if place[name][0] is scope]
        where = {name: {value: float(i) for i, value in enumerate(self.vocabularies[name])} for name in codes}
        lookups = [(where[name].get, place[name][1]) for name in codes]
        pick = _picker([place[name][1] for name in numbers])

        def read(values: tuple[Value, ...]) -> list[Any]:
            row: list[Any] = [get(values[i]) for get, i in lookups]  # type: ignore[arg-type]
            row += pick(values)
            return row

        return _Part((*(f"={name}" for name in codes), *numbers), read)


@dataclass(frozen=True)
class _Part:
    """How the header, or one item, becomes a piece of a row."""

    names: tuple[str, ...]
    read: Callable[[tuple[Value, ...]], list[Any]]


def _picker(positions: Sequence[int]) -> Callable[[tuple[Value, ...]], Sequence[Value]]:
    """Return the function that picks *positions* from the values; always a sequence."""
    if len(positions) == 1:
        return lambda values: (values[positions[0]],)
    return itemgetter(*positions) if positions else lambda _: ()


def value_reader(registry: Registry, name: str) -> Callable[[FeatureVector], list[Value]]:
    """Return the function that gives the value of feature *name* for every item of a vector."""
    scope, place = registry.position[name]
    if scope is Scope.HEADER:
        return lambda vector: [vector.header[place]] * len(vector.items)
    return lambda vector: [values[place] for values in vector.items]


def vocabulary_of(
    registry: Registry, name: str, places: Sequence[tuple[FeatureVector, int]], least: int = 2
) -> Vocabulary:
    """Return the values of feature *name* that occur at least *least* times, in order.

    *places* are items: vectors with an index.  A code met once tells a model nothing that would hold
    again.
    """
    scope, place = registry.position[name]
    if scope is Scope.HEADER:
        counts = Counter([vector.header[place] for vector, _ in places])
    else:
        counts = Counter([vector.items[item][place] for vector, item in places])
    counts.pop(None, None)
    found: list[Any] = [value for value, count in counts.items() if count >= least]
    return tuple(sorted(found))


def ever_there(registry: Registry, name: str, places: Sequence[tuple[FeatureVector, int]]) -> bool:
    """Tell whether feature *name* has a value for any of the items in *places*."""
    scope, place = registry.position[name]
    if scope is Scope.HEADER:
        return any(vector.header[place] is not None for vector, _ in places)
    return any(vector.items[item][place] is not None for vector, item in places)
