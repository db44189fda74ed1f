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
from tidewaiter.core.rules.evaluate import Lists, Row, Truth, present
from tidewaiter.core.rules.nodes import Node, features_of
from tidewaiter.core.rules.terms import bits, number_terms

__all__ = ["LiveIndex", "Match"]

#: Values of one feature whose mask is remembered; then all are forgotten, so that memory stays bounded.
_REMEMBERED_MAX: Final = 10_000


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
    """A question that is asked only for a term that is left, and the answer that the term needs."""

    #: Number of the question: several terms may ask the same.
    number: int
    test: Test
    needed: bool


class _Stage:
    """What is read of the header, or of an item."""

    def __init__(self) -> None:
        #: (position of the value, its mask, terms that are open without it), those of most terms first.
        self.fields: list[tuple[int, _LookUp, int]] = []
        #: The same for numbers, with the terms that read them first: they are looked up only for these.
        self.numbers: list[tuple[int, int, _LookUp, int]] = []
        #: What is asked last, by the bit of the term that asks, and the mask of these terms.
        self.late: dict[int, list[_Late]] = {}
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
        left = possible & self.late_terms
        if left:
            excluded, late_open = self._ask_late(left, header, item)
            return possible & ~excluded, opened | late_open
        return possible, opened

    def _ask_late(self, left: int, header: Row, item: Row) -> tuple[int, int]:
        """Return which of the terms *left* the late answers exclude, and which they leave open."""
        excluded = opened = 0
        answers: dict[int, Truth] = {}
        for bit in bits(left):
            for number, test, needed in self.late[bit]:
                truth = (
                    answers[number] if number in answers else answers.setdefault(number, test(header, item))
                )
                if truth is None:
                    opened |= 1 << bit
                elif truth is not needed:
                    excluded |= 1 << bit
                    break
        return excluded, opened


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
        for number, demand in enumerate(self._terms.late):
            names = features_of(demand.node)
            on_header = all(registry.position[name][0] is Scope.HEADER for name in names)
            stage = self._header if on_header else self._item
            stage.late_terms |= demand.terms
            test = compile_condition(demand.node, registry, lists).test
            for bit in bits(demand.terms):
                # A term may need both answers: it is unknown or false.
                for needed, terms in ((True, demand.true), (False, demand.false)):
                    if terms >> bit & 1:
                        stage.late.setdefault(bit, []).append(_Late(number, test, needed))

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
        held = {owner[bit] for bit in bits(true)}
        unknown = {owner[bit] for bit in bits(possible & opened)} - held if possible & opened else ()
        for condition in held:
            match = matches.get(condition) or matches.setdefault(condition, Match(condition, [], []))
            match.true.append(index)
        for condition in unknown:
            match = matches.get(condition) or matches.setdefault(condition, Match(condition, [], []))
            match.unknown.append(index)
