"""Where a condition is true, and where false: the plain evaluation over columns, for any rows.

A truth over rows is two masks that exclude each other; what is in neither is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tidewaiter.adapters.columns.encode import Coded, Columns, Numeric, Rows
from tidewaiter.core.features.registry import Registry
from tidewaiter.core.rules.classes import Codes, Numbers, feature_classes
from tidewaiter.core.rules.evaluate import COMPARE, Lists
from tidewaiter.core.rules.nodes import (
    AllOf,
    AnyOf,
    CompareFields,
    Comparison,
    ContainsAny,
    Leaf,
    Node,
    NoneOf,
    Not,
    leaves,
)
from tidewaiter.core.rules.terms import Demand

__all__ = ["Truth", "Truths", "number_classes"]

Mask = NDArray[np.bool_]


class Truth(NamedTuple):
    """By row: whether a condition is true, and whether it is false."""

    true: Mask
    false: Mask


def number_classes(classes: Numbers, column: Numeric, rows: Rows | slice) -> NDArray[np.intp]:
    """Return the class of each row; of a missing value, the number after the last class."""
    # A threshold that does not fit the column is above every value of it.
    cuts = np.array([cut for cut in classes.cuts if _fits(cut, column.values)], column.values.dtype)
    values = column.values[rows]
    at = np.searchsorted(cuts, values)
    found: NDArray[np.intp] = 2 * at
    if len(cuts):
        found += np.asarray(cuts[np.minimum(at, len(cuts) - 1)] == values, np.bool_)
    found[column.missing[rows]] = len(classes.masks)
    return found


def _fits(cut: Any, values: NDArray[Any]) -> bool:
    return values.dtype != np.int64 or cut < 2**63


class Truths:
    """Evaluates conditions over the rows of some columns; what it computes of a column it keeps.

    Threads may share it: at worst two compute the same and keep it twice.
    """

    def __init__(self, columns: Columns, registry: Registry, lists: Lists) -> None:
        self._columns = columns
        self._registry = registry
        self._lists = lists
        #: By literal of one coded feature: the answers for each distinct value, and for a missing one.
        self._answers: dict[Node, Truth] = {}
        #: By literal: which of the distinct values contain one of its texts, a bit each.
        self._found: dict[ContainsAny, NDArray[np.uint8]] = {}
        #: By a pair of coded features: each value of the second as a value of the first.
        self._translated: dict[tuple[str, str], NDArray[np.int32]] = {}

    def evaluate(self, node: Node, rows: Rows) -> Truth:
        """Return the truth of *node* on *rows*; KeyError when a feature has no column."""
        match node:
            case Not(inner):
                return Truth(*reversed(self.evaluate(inner, rows)))
            case AllOf(nodes):
                return _all((self.evaluate(inner, rows) for inner in nodes), len(rows))
            case AnyOf(nodes):
                return self.evaluate(Not(NoneOf(nodes)), rows)
            case NoneOf(nodes):
                return self.evaluate(AllOf(tuple(Not(inner) for inner in nodes)), rows)
            case CompareFields():
                return self._compared(node, rows)
            case ContainsAny():
                return self._contains(node, rows)
            case _:
                return self._literal(node, rows)

    def _literal(self, leaf: Leaf, rows: Rows) -> Truth:
        """Return the truth of a literal that can be looked up, by the class of each value."""
        column, kind = self._columns.column[leaf.feature], self._registry[leaf.feature].kind
        if isinstance(column, Coded) and leaf in self._answers:
            true, false = self._answers[leaf]
            return Truth(true[column.codes[rows]], false[column.codes[rows]])
        # Two terms, of which one needs the literal to be true, the other to be false: unknown leaves both.
        classes = feature_classes([Demand(node=leaf, true=1, false=2)], kind, self._lists, 3)
        if isinstance(classes, Codes):
            if not isinstance(column, Coded):
                raise TypeError(f"BUG: {leaf.feature} is not coded")
            masks = [classes.look_up(value) for value in (*column.values, None)]
            self._answers[leaf] = _of_masks(np.array(masks))
            return self._literal(leaf, rows)
        if not isinstance(column, Numeric):
            raise TypeError(f"BUG: {leaf.feature} is not numeric")
        by_class = np.array([*classes.masks, classes.missing])
        return _of_masks(by_class[number_classes(classes, column, rows)])

    def search(self, nodes: Iterable[Node]) -> None:
        """Search the texts of all literals in *nodes*, in one pass over each column."""
        by_feature: dict[str, list[ContainsAny]] = {}
        for leaf in (leaf for node in nodes for leaf in leaves(node)):
            if isinstance(leaf, ContainsAny) and leaf not in self._found:
                by_feature.setdefault(leaf.feature, []).append(leaf)
        for feature, asked in by_feature.items():
            column = self._columns.column[feature]
            if not isinstance(column, Coded):
                raise TypeError(f"BUG: {feature} is not coded")
            codes = _codes_with(column.values, sorted({text for leaf in asked for text in leaf.texts}))
            for leaf in asked:
                found = np.zeros(len(column.values), np.bool_)
                for text in leaf.texts:
                    found[codes[text]] = True
                self._found[leaf] = np.packbits(found, bitorder="little")

    def _contains(self, leaf: ContainsAny, rows: Rows) -> Truth:
        """Return where a text is found."""
        self.search([leaf])
        column = self._columns.column[leaf.feature]
        if not isinstance(column, Coded):
            raise TypeError(f"BUG: {leaf.feature} is not coded")
        codes = column.codes[rows]
        present = codes >= 0
        at = np.where(present, codes, 0)
        bits = self._found[leaf][at >> 3] >> (at & 7) if column.values else at
        true = present & ((bits & 1) != 0)
        return Truth(true, present & ~true)

    def _compared(self, leaf: CompareFields, rows: Rows) -> Truth:
        """Return the comparison of two features of the same kind."""
        one, two = self._columns.column[leaf.feature], self._columns.column[leaf.other]
        if isinstance(one, Coded) and isinstance(two, Coded):
            left, right = one.codes[rows], self._as_codes(leaf, one, two)[two.codes[rows]]
            known = (left >= 0) & (two.codes[rows] >= 0)
            same = left == right
            true = same if leaf.operator is Comparison.EQUAL else ~same
        elif isinstance(one, Numeric) and isinstance(two, Numeric):
            known = ~(one.missing[rows] | two.missing[rows])
            true = np.asarray(COMPARE[leaf.operator](one.values[rows], two.values[rows]), np.bool_)
        else:
            raise TypeError(f"BUG: {leaf.feature} and {leaf.other} are of different kinds")
        return Truth(known & true, known & ~true)

    def _as_codes(self, leaf: CompareFields, one: Coded, two: Coded) -> NDArray[np.int32]:
        """Return the values of *two* as codes of *one*; a value that *one* has not is -2."""
        key = leaf.feature, leaf.other
        if key not in self._translated:
            position = {value: code for code, value in enumerate(one.values)}
            codes = [position.get(value, -2) for value in two.values]
            self._translated[key] = np.array([*codes, -2], np.int32)
        return self._translated[key]


def _all(truths: Iterable[Truth], count: int) -> Truth:
    """Return the conjunction: true where all are, false where any is."""
    start = Truth(np.ones(count, np.bool_), np.zeros(count, np.bool_))
    return reduce(lambda one, two: Truth(one.true & two.true, one.false | two.false), truths, start)


def _of_masks(masks: NDArray[Any]) -> Truth:
    """Return the truth that masks of two terms say."""
    return Truth(masks == 1, masks == 2)


def _codes_with(values: Sequence[str], texts: Sequence[str]) -> Mapping[str, NDArray[np.intp]]:
    """Return, by text, the positions of the *values* that contain it (once for each time it is there)."""
    found = pl.Series(values, dtype=pl.String).str.extract_many(list(texts), overlapping=True)
    which = found.explode().drop_nulls().cast(pl.Enum(texts)).to_physical().to_numpy()
    at = np.repeat(np.arange(len(values)), found.list.len().to_numpy())[np.argsort(which, kind="stable")]
    ends = np.cumsum(np.bincount(which, minlength=len(texts)))
    return dict(zip(texts, np.split(at, ends[:-1]), strict=True))
