"""The replay evaluation: many conditions over many items, by the same masks of terms as the live one.

A column is reduced to classes of values; each class has one mask.  The terms lie in words of 64; for each
word only the features are read that its terms ask about, the most selective first, and only on rows
where something is left.  The work grows with rows and with words, hardly with rules.

Measured against other engines by ``bench/rules.py``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tidewaiter.adapters.columns.encode import Coded, Column, Columns, Numeric, Rows
from tidewaiter.adapters.columns.truth import Truths, number_classes
from tidewaiter.core.features.registry import Registry
from tidewaiter.core.rules.classes import Codes, Numbers, feature_classes
from tidewaiter.core.rules.evaluate import Lists
from tidewaiter.core.rules.nodes import Node
from tidewaiter.core.rules.terms import Terms, number_terms

__all__ = ["ColumnIndex", "Matches"]

#: Rows that are worked on at a time: their masks and classes fit the cache.
BLOCK: Final = 65_536
_WORD: Final = 64

Words = NDArray[np.uint64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    """Where conditions are not false, in one block of rows; by condition, then row, each pair once."""

    #: Position of the condition.
    conditions: NDArray[np.int64]
    #: The item, counted over all blocks.
    rows: NDArray[np.int64]
    #: Whether the condition is unknown there, not true.
    unknown: NDArray[np.bool_]


class _Feature(NamedTuple):
    """A feature that is looked up: the class of a row, and the masks of the classes."""

    column: Column
    #: Of a number: its thresholds.
    numbers: Numbers | None
    #: Of a code: the class of each distinct value, and of a missing one last.
    class_of_code: NDArray[np.intp]
    #: By word and class: the terms that are left possible.
    masks: Words
    #: By word: the terms that are open without it.
    open: Words
    #: The class of a missing value.
    missing: int

    def classes(self, first: int, last: int, rows: Rows | None) -> NDArray[np.intp]:
        """Return the classes of the block from *first* to before *last*, or of the *rows* of it."""
        if isinstance(self.column, Coded):
            codes = self.column.codes[first:last]
            return self.class_of_code[codes if rows is None else codes[rows]]
        if self.numbers is None:
            raise TypeError("BUG: a numeric column without thresholds")
        return number_classes(self.numbers, self.column, slice(first, last) if rows is None else rows + first)


class _Left(NamedTuple):
    """What is left of one word: rows of the block, their possible terms, and those that are open."""

    rows: Rows
    possible: Words
    opened: Words


class ColumnIndex:
    """Conditions that are asked together of columns."""

    def __init__(self, conditions: Sequence[Node], registry: Registry, lists: Lists) -> None:
        self._registry = registry
        self._lists = lists
        self._terms = number_terms(conditions, registry)
        self._owner = np.array(self._terms.owner, np.int64)

    def match(self, columns: Columns, *, threads: int = 1) -> Iterator[Matches]:
        """Iterate over the blocks of *columns*, in order, with the pairs that are not false.

        At most as many blocks as *threads* are worked on at a time, and as many wait to be taken, which
        bounds memory whatever matches.  KeyError when a feature has no column.
        """
        return _Run(self._terms, self._owner, columns, self._registry, self._lists).blocks(threads)


class _Run:
    """The index over some columns."""

    def __init__(
        self, terms: Terms, owner: NDArray[np.int64], columns: Columns, registry: Registry, lists: Lists
    ) -> None:
        self._terms, self._owner, self._columns = terms, owner, columns
        self._words = -(-len(terms.owner) // _WORD)
        self._truths = Truths(columns, registry, lists)
        self._truths.search(demand.node for demand in terms.late)
        self._features = []
        for name, demands in terms.single.items():
            classes = feature_classes(demands, registry[name].kind, lists, terms.every)
            self._features.append(_feature(columns.column[name], classes, self._words))
        self._late = [
            (demand.node, _split(demand.true, self._words), _split(demand.false, self._words))
            for demand in terms.late
        ]
        every = _split(terms.every, self._words)
        sample = [feature.classes(0, min(columns.rows, BLOCK), None) for feature in self._features]
        self._order = [self._ordered(word, every[word], sample) for word in range(self._words)]
        self._every = every

    def _ordered(self, word: int, every: np.uint64, sample: list[NDArray[np.intp]]) -> list[int]:
        """Return the features that *word* asks about, those that leave least of a sample first."""
        asked = []
        for at, (feature, classes) in enumerate(zip(self._features, sample, strict=True)):
            masks = feature.masks[word]
            if feature.open[word] or np.any(masks != every):
                left = np.bincount(classes, minlength=len(masks)) @ np.bitwise_count(masks)
                # A number costs a search, so codes go first.
                asked.append((isinstance(feature.column, Numeric), left, at))
        return [at for _, _, at in sorted(asked)]

    def blocks(self, threads: int) -> Iterator[Matches]:
        """Iterate over the blocks; numpy lets go of the interpreter, so that threads use as many cores."""
        ahead: deque[Future[Matches]] = deque()
        with ThreadPoolExecutor(threads) as pool:
            for first in range(0, self._columns.rows, BLOCK):
                ahead.append(pool.submit(self._block, first, min(first + BLOCK, self._columns.rows)))
                if len(ahead) == 2 * threads:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()

    def _block(self, first: int, last: int) -> Matches:
        classes: dict[int, NDArray[np.intp]] = {}
        keys = [np.empty(0, np.int64)]
        for word in range(self._words):
            left = self._looked_up(word, first, last, classes)
            left = self._asked_late(word, left, first)
            keys.append(self._keys(word, left))
        # A key is condition, row and *unknown*, so that of the terms of a condition the true one comes first.
        ordered = np.sort(np.concatenate(keys))
        pairs = ordered >> 1
        once = np.ones(len(pairs), np.bool_)
        once[1:] = pairs[1:] != pairs[:-1]
        pairs, unknown = pairs[once], (ordered[once] & 1).astype(np.bool_)
        return Matches(conditions=pairs // BLOCK, rows=pairs % BLOCK + first, unknown=unknown)

    def _looked_up(self, word: int, first: int, last: int, kept: dict[int, NDArray[np.intp]]) -> _Left:
        """Return what the values that can be looked up leave of *word*."""
        rows: Rows | None = None
        possible = np.full(last - first, self._every[word])
        for at in self._order[word]:
            feature = self._features[at]
            if rows is None or len(rows) * 4 > last - first:
                if at not in kept:
                    kept[at] = feature.classes(first, last, None)
                classes = kept[at] if rows is None else kept[at][rows]
            else:
                classes = kept[at][rows] if at in kept else feature.classes(first, last, rows)
            possible &= feature.masks[word].take(classes)
            here = np.flatnonzero(possible != 0)
            if len(here) * 2 < len(possible):
                possible = possible[here]
                rows = here if rows is None else rows[here]
        here = np.flatnonzero(possible != 0)
        rows, possible = (here if rows is None else rows[here]), possible[here]
        opened = np.zeros(len(rows), np.uint64)
        for at in self._order[word]:
            feature = self._features[at]
            if feature.open[word]:
                classes = kept[at][rows] if at in kept else feature.classes(first, last, rows)
                opened[classes == feature.missing] |= feature.open[word]
        return _Left(rows, possible, opened)

    def _asked_late(self, word: int, left: _Left, first: int) -> _Left:
        """Return what is left when the late questions are asked, each of the rows that still need it."""
        possible, opened = left.possible, left.opened
        for node, true, false in self._late:
            terms = true[word] | false[word]
            if not terms:
                continue
            here = np.flatnonzero((possible & terms) != 0)
            truth = self._truths.evaluate(node, left.rows[here] + first)
            possible[here[truth.true]] &= ~false[word]
            possible[here[truth.false]] &= ~true[word]
            opened[here[~(truth.true | truth.false)]] |= terms
        return _Left(left.rows, possible, opened)

    def _keys(self, word: int, left: _Left) -> NDArray[np.int64]:
        """Return the pairs that are left of *word*, as sortable numbers."""
        at, bit = np.divmod(np.flatnonzero(_bits(left.possible)), _WORD)
        unknown = left.opened[at] >> bit.astype(np.uint64) & np.uint64(1)
        condition = self._owner[word * _WORD + bit]
        keys: NDArray[np.int64] = (condition * BLOCK + left.rows[at]) << 1 | unknown.astype(np.int64)
        return keys


def _bits(words: Words) -> NDArray[np.bool_]:
    """Return the bits of all words, of each the lowest first."""
    return np.unpackbits(words.astype("<u8").view(np.uint8), bitorder="little").view(np.bool_)


def _split(mask: int, words: int) -> Words:
    """Return a mask of terms as words, the lowest first."""
    return np.frombuffer(mask.to_bytes(words * 8, "little"), "<u8").astype(np.uint64)


def _feature(column: Column, classes: Codes | Numbers, words: int) -> _Feature:
    """Return the masks of a feature by word, and the class of each distinct value of a code."""
    masks, of_code = _coded_masks(column, classes) if isinstance(classes, Codes) else (classes.masks, [])
    by_class = np.array([_split(mask, words) for mask in (*masks, classes.missing)], np.uint64)
    return _Feature(
        column=column,
        numbers=None if isinstance(classes, Codes) else classes,
        class_of_code=np.array([*of_code, len(masks)], np.intp),
        masks=np.ascontiguousarray(by_class.reshape(len(masks) + 1, words).T),
        open=_split(classes.open, words),
        missing=len(masks),
    )


def _coded_masks(column: Column, classes: Codes) -> tuple[list[int], list[int]]:
    """Return the masks of the classes that occur, and by code the position of its class among them."""
    if not isinstance(column, Coded):
        raise TypeError("BUG: a code has a numeric column")
    position: dict[int, int] = {}
    of_code = [position.setdefault(classes.classify(value), len(position)) for value in column.values]
    return [classes.mask(held) for held in position], of_code
