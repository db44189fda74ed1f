"""The live evaluation: all conditions together on one declaration, by masks of their terms.

Each value that is read leaves some terms possible; what is left after all of them holds, or is unknown
where it reads something missing.  The cost hardly grows with the number of conditions.  The answers are
those of `evaluate`, which a property test asserts; why a condition holds is asked of `explain`, for hits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from tidewaiter.core.features.registry import FeatureVector, Registry, Scope
from tidewaiter.core.rules.classes import Codes, feature_classes
from tidewaiter.core.rules.compiled import Test, compile_condition
from tidewaiter.core.rules.evaluate import Lists, Row, present
from tidewaiter.core.rules.nodes import Node, features_of
from tidewaiter.core.rules.terms import number_terms

__all__ = ["LiveIndex", "Match"]

#: Values of one feature whose mask is remembered; then all are forgotten, so that memory stays bounded.
_REMEMBERED_MAX: Final = 50_000


class Match(NamedTuple):
    """What one condition says about one declaration."""

    #: Position of the condition in the index.
    condition: int
    #: Indexes, from 0, of the items on which it is true, and on which it is unknown.  A condition that
    #: reads the header alone is asked on item 0.
    true: list[int]
    unknown: list[int]


class _Memory(dict[Any, int]):
    """The mask of each value that was seen."""

    def __init__(self, classes: Codes) -> None:
        super().__init__()
        self._look_up = classes.look_up

    def __missing__(self, value: Any) -> int:
        if len(self) >= _REMEMBERED_MAX:
            self.clear()
        mask = self[value] = self._look_up(value)
        return mask


_LookUp: TypeAlias = Callable[[Any], int]


class _Late(NamedTuple):
    """A question that is asked only while a term that needs the answer is left."""

    terms: int
    test: Test
    #: Terms that the answer true, and the answer false, excludes.
    if_true: int
    if_false: int


class _Stage:
    """What is read of the header, or of an item."""

    def __init__(self) -> None:
        #: (position of the value, its mask, terms that are open without it), those of most terms first.
        self.fields: list[tuple[int, _LookUp, int]] = []
        #: The same for numbers, with the terms that read them first: they are looked up only for these.
        self.numbers: list[tuple[int, int, _LookUp, int]] = []
        self.late: list[_Late] = []
        self.late_terms = 0

    def narrow(self, row: Row, header: Row, item: Row, possible: int) -> tuple[int, int]:
        """Return which of the terms *possible* are left after this stage, and which are open at most."""
        opened = 0
        for position, look_up, terms_open in self.fields:
            value = row[position]
            possible &= look_up(value)
            if value is None:
                opened |= terms_open
        for terms, position, look_up, terms_open in self.numbers:
            if possible & terms:
                value = present(row[position])
                possible &= look_up(value)
                if value is None:
                    opened |= terms_open
        if possible & self.late_terms:
            for terms, test, if_true, if_false in self.late:
                if possible & terms:
                    truth = test(header, item)
                    if truth is None:
                        opened |= terms
                    else:
                        possible &= ~(if_true if truth else if_false)
        return possible, opened


class LiveIndex:
    """Conditions that are asked together; it is not changed after it is made, but for what it remembers."""

    def __init__(self, conditions: Sequence[Node], registry: Registry, lists: Lists) -> None:
        self._terms = number_terms(conditions, registry)
        self._header, self._item = _Stage(), _Stage()
        every = self._terms.every
        by_use = sorted(self._terms.single.items(), key=lambda entry: -len(entry[1]))
        for name, demands in by_use:
            scope, position = registry.position[name]
            stage = self._header if scope is Scope.HEADER else self._item
            classes = feature_classes(demands, registry[name].kind, lists, every)
            if isinstance(classes, Codes):
                stage.fields.append((position, _Memory(classes).__getitem__, classes.open))
            else:
                stage.numbers.append((classes.terms, position, classes.look_up, classes.open))
        for demand in self._terms.late:
            on_header = all(registry.position[name][0] is Scope.HEADER for name in features_of(demand.node))
            stage = self._header if on_header else self._item
            test = compile_condition(demand.node, registry, lists).test
            stage.late.append(_Late(demand.terms, test, demand.false, demand.true))
            stage.late_terms |= demand.terms

    def among(self, conditions: Iterable[int]) -> int:
        """Return the mask with which :meth:`match` asks only the *conditions*, named by position."""
        mask = 0
        for condition in conditions:
            mask |= self._terms.of_condition[condition]
        return mask

    def match(self, vector: FeatureVector, among: int) -> list[Match]:
        """Return the conditions of *among* that are not false on every item of *vector*, by position."""
        header = vector.header
        first = vector.items[0] if vector.items else ()
        on_header, opened = self._header.narrow(header, header, first, among)
        if not on_header:
            return []
        matches: dict[int, Match] = {}
        narrow = self._item.narrow
        for index, item in enumerate(vector.items):
            possible, opened_here = narrow(item, header, item, on_header)
            if possible:
                self._note(index, possible, opened | opened_here, matches)
            if not index:
                on_header &= ~self._terms.header_only
        return [matches[condition] for condition in sorted(matches)]

    def _note(self, index: int, possible: int, opened: int, matches: dict[int, Match]) -> None:
        """Note the item *index* for the conditions of the terms that are left there."""
        owner = self._terms.owner
        true = possible & ~opened
        held = {owner[bit] for bit in _bits(true)}
        unknown = {owner[bit] for bit in _bits(possible & opened)} - held if possible & opened else ()
        for condition in held:
            match = matches.get(condition) or matches.setdefault(condition, Match(condition, [], []))
            match.true.append(index)
        for condition in unknown:
            match = matches.get(condition) or matches.setdefault(condition, Match(condition, [], []))
            match.unknown.append(index)


def _bits(mask: int) -> Iterable[int]:
    """Iterate over the numbers of the bits that are set."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
