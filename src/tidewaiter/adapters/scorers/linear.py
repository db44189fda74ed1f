"""The smooth part of the general model: a ridge logistic on codes, each with its own curve over mass.

Every block of terms is a code, a curve, or a code times a curve.  A curve is piecewise linear
between knots.  The ridge pulls a code with few goods towards the codes that contain it (HS6 towards
HS4, HS2 and everything), which is what a tree does badly with a thousand headings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np

from tidewaiter.adapters.scorers.optimise import lbfgs
from tidewaiter.adapters.scorers.table import Booleans, Floats, Ints, Table

__all__ = ["Block", "Linear", "fit_linear"]

#: Strength of the ridge.  Chosen on new goods of later quarters within the training year; anything
#: between 4 and 16 serves alike.
RIDGE: Final = 8.0
#: Steps of the fit; from the thirtieth on the order of the scores stays.
_STEPS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block of terms."""

    #: Feature whose code selects the row of coefficients; None: one row for all.
    code: str | None = None
    codes: int = 1
    #: Feature on the curve; None: no curve.
    number: str | None = None
    #: On the scale of :func:`curve_scale`, ascending.
    knots: tuple[float, ...] = ()
    #: Scale of the terms: smaller is pulled harder towards zero.
    scale: float

    @property
    def size(self) -> int:
        """How many coefficients the block has."""
        return self.codes * max(len(self.knots), 1)

    @property
    def features(self) -> tuple[str, ...]:
        """The features that the block speaks of."""
        return tuple(name for name in (self.code, self.number) if name is not None)

    def terms(self, table: Table) -> tuple[Ints, Floats]:
        """Return the positions of the coefficients and their factors, items × 1 or 2; factor 0: no term."""
        row = np.zeros(len(table)) if self.code is None else table[f"={self.code}"]
        known = ~np.isnan(row)
        row_index = np.where(known, row, 0.0).astype(np.int64)
        if self.number is None:
            return row_index[:, None], (known * self.scale)[:, None]
        value = curve_scale(table[self.number])
        known &= ~np.isnan(value)
        left, share = _between(np.where(known, value, 0.0), np.asarray(self.knots))
        first = row_index * len(self.knots) + left
        factors = np.stack((1.0 - share, share), axis=1) * (known * self.scale)[:, None]
        return np.stack((first, first + 1), axis=1), factors


def curve_scale(value: Floats) -> Floats:
    """Return *value* on the scale of the knots: sign(x) log(1 + 100 |x|), which keeps zero and signs."""
    scaled: Floats = np.sign(value) * np.log1p(100.0 * np.abs(value))
    return scaled


class Linear:
    """A fitted ridge logistic: log-odds from blocks of terms."""

    def __init__(
        self, intercept: float, blocks: Sequence[Block], coefficients: Sequence[Floats], means: Floats
    ):
        self.intercept = intercept
        self.blocks = tuple(blocks)
        self.coefficients = tuple(coefficients)
        #: Mean contribution of each block over the training goods: what the contributions start from.
        self.means = means
        self._codes = tuple(dict.fromkeys(f"={block.code}" for block in blocks if block.code is not None))
        self._numbers = tuple(dict.fromkeys(block.number for block in blocks if block.number is not None))
        self._plain = _Plain(
            self, [i for i, b in enumerate(blocks) if b.code is not None and b.number is None]
        )
        self._curves = _Curves(self, [i for i, b in enumerate(blocks) if b.code is None])
        products: dict[tuple[str | None, tuple[float, ...]], list[int]] = {}
        for i, block in enumerate(blocks):
            if block.code is not None and block.number is not None:
                products.setdefault((block.number, block.knots), []).append(i)
        self._products = [_Products(self, chosen) for chosen in products.values()]

    def code_place(self, block: Block) -> int:
        """Return the place of the code of *block* among the codes that the model reads."""
        return self._codes.index(f"={block.code}")

    def number_place(self, block: Block) -> int:
        """Return the place of the number of *block* among the numbers that the model reads."""
        return self._numbers.index(str(block.number))

    def parts(self, table: Table) -> Floats:
        """Return the log-odds of each item that come from each block, items × blocks.

        The same as the terms of the blocks give, but for all blocks of one form at once: a single
        declaration would otherwise spend a millisecond in small steps.
        """
        found = np.zeros((len(table), len(self.blocks)))
        codes = table.columns(self._codes)
        known = ~np.isnan(codes)
        index = np.where(known, codes, 0.0).astype(np.int64)
        values = curve_scale(table.columns(self._numbers))
        self._curves.add(found, values)
        self._plain.add(found, index, known)
        for products in self._products:
            products.add(found, index, known, values)
        return found

    def log_odds(self, table: Table) -> Floats:
        """Return the log-odds of each item."""
        return self.total(self.parts(table))

    def total(self, parts: Floats) -> Floats:
        """Return the log-odds from the *parts*, added one by one: alike for one item and for many."""
        first = np.full((len(parts), 1), self.intercept)
        total: Floats = np.concatenate((first, parts), axis=1).cumsum(axis=1)[:, -1]
        return total

    def to_data(self) -> dict[str, Any]:
        """Return the model as plain data."""
        return {
            "intercept": self.intercept,
            "means": self.means.tolist(),
            "blocks": [
                {
                    "code": block.code,
                    "codes": block.codes,
                    "number": block.number,
                    "knots": list(block.knots),
                    "scale": block.scale,
                    "coefficients": coefficients.tolist(),
                }
                for block, coefficients in zip(self.blocks, self.coefficients, strict=True)
            ],
        }

    @staticmethod
    def from_data(data: Mapping[str, Any]) -> Linear:
        """Return the model that :meth:`to_data` wrote."""
        blocks = [
            Block(
                code=entry["code"], codes=entry["codes"], number=entry["number"],
                knots=tuple(entry["knots"]), scale=entry["scale"],
            )
            for entry in data["blocks"]
        ]  # fmt: skip
        coefficients = [np.array(entry["coefficients"], dtype=np.float64) for entry in data["blocks"]]
        return Linear(data["intercept"], blocks, coefficients, np.array(data["means"], dtype=np.float64))


class _Plain:
    """All blocks that are a code without a curve."""

    def __init__(self, model: Linear, chosen: Sequence[int]) -> None:
        self.chosen = list(chosen)
        blocks = [model.blocks[i] for i in chosen]
        self.codes = [model.code_place(block) for block in blocks]
        sizes = [len(model.coefficients[i]) for i in chosen]
        self.offsets = np.array([0, *np.cumsum(sizes)[:-1]] if sizes else [], dtype=np.int64)
        scaled = [model.coefficients[i] * model.blocks[i].scale for i in chosen]
        self.heights = np.concatenate(scaled) if scaled else np.zeros(0)

    def add(self, found: Floats, index: Ints, known: Booleans) -> None:
        """Write the parts of these blocks into their columns of *found*."""
        if self.chosen:
            found[:, self.chosen] = self.heights[index[:, self.codes] + self.offsets] * known[:, self.codes]


class _Curves:
    """All blocks that are a curve without a code, side by side: shorter ones end with their last knot."""

    def __init__(self, model: Linear, chosen: Sequence[int]) -> None:
        self.chosen = list(chosen)
        blocks = [model.blocks[i] for i in chosen]
        self.numbers = [model.number_place(block) for block in blocks]
        most = max((len(block.knots) for block in blocks), default=2)
        self.knots = np.array([[*b.knots, *[b.knots[-1]] * (most - len(b.knots))] for b in blocks]).reshape(
            -1, most
        )
        self.last = np.array([len(block.knots) - 2 for block in blocks], dtype=np.int64)
        self.heights = np.zeros_like(self.knots)
        for row, i in enumerate(chosen):
            self.heights[row, : len(model.coefficients[i])] = model.coefficients[i] * model.blocks[i].scale
        self.row = np.arange(len(blocks))

    def add(self, found: Floats, values: Floats) -> None:
        """Write the parts of these blocks into their columns of *found*."""
        if not self.chosen:
            return
        value = values[:, self.numbers]
        there = ~np.isnan(value)
        kept = _clipped(np.where(there, value, 0.0), self.knots[:, 0], self.knots[:, -1])
        passed = (kept[:, :, None] >= self.knots[None]).sum(axis=2) - 1
        left = np.minimum(passed, self.last)
        low, high = self.knots[self.row, left], self.knots[self.row, left + 1]
        share = (kept - low) / (high - low)
        height = (1.0 - share) * self.heights[self.row, left] + share * self.heights[self.row, left + 1]
        found[:, self.chosen] = height * there


class _Products:
    """All blocks that are a code times one curve."""

    def __init__(self, model: Linear, chosen: Sequence[int]) -> None:
        self.plain = _Plain(model, chosen)
        first = model.blocks[chosen[0]]
        self.number = model.number_place(first)
        self.knots = np.asarray(first.knots)

    def add(self, found: Floats, index: Ints, known: Booleans, values: Floats) -> None:
        """Write the parts of these blocks into their columns of *found*."""
        plain, value = self.plain, values[:, self.number]
        there = ~np.isnan(value)
        left, share = _between(np.where(there, value, 0.0), self.knots)
        place = index[:, plain.codes] * len(self.knots) + plain.offsets + left[:, None]
        height = (1.0 - share)[:, None] * plain.heights[place] + share[:, None] * plain.heights[place + 1]
        found[:, plain.chosen] = height * (known[:, plain.codes] & there[:, None])


def _clipped(value: Floats, low: Floats, high: Floats) -> Floats:
    """Return what ``np.clip`` does, in a third of its time for a few values."""
    found: Floats = np.minimum(np.maximum(value, low), high)
    return found


def _between(value: Floats, knots: Floats) -> tuple[Ints, Floats]:
    """Return the knot left of each value and how far the value is on the way to the next, 0 to 1."""
    kept = _clipped(value, knots[0], knots[-1])
    left = np.minimum(np.searchsorted(knots, kept, side="right") - 1, len(knots) - 2)
    return left, (kept - knots[left]) / (knots[left + 1] - knots[left])


def fit_linear(table: Table, label: Floats, weight: Floats, blocks: Sequence[Block]) -> Linear:
    """Fit the ridge logistic on *label* (0 to 1) with *weight*; both classes must occur."""
    from scipy.sparse import csr_matrix

    offsets = np.concatenate(([0], np.cumsum([block.size for block in blocks])))
    terms = [block.terms(table) for block in blocks]
    places = np.concatenate([p + offset for (p, _), offset in zip(terms, offsets, strict=False)], axis=1)
    factors = np.concatenate([f for _, f in terms], axis=1)
    ends = np.arange(len(table) + 1) * places.shape[1]
    design = csr_matrix((factors.ravel(), places.ravel(), ends), shape=(len(table), int(offsets[-1])))
    transposed = design.T.tocsr()
    usual = float((label * weight).sum() / weight.sum())
    base = float(np.log(usual / (1.0 - usual)))

    def loss(parameters: Floats) -> tuple[float, Floats]:
        z = base + parameters[0] + design @ parameters[1:]
        value = (weight * (np.logaddexp(0.0, z) - label * z)).sum()
        pull = weight * (1.0 / (1.0 + np.exp(-z)) - label)
        gradient = np.concatenate(([pull.sum()], transposed @ pull + RIDGE * parameters[1:]))
        return float(value + 0.5 * RIDGE * (parameters[1:] ** 2).sum()), gradient

    start = np.zeros(int(offsets[-1]) + 1)
    found = lbfgs(loss, start, steps=_STEPS)
    coefficients = [found[1 + a : 1 + b] for a, b in pairwise(offsets.tolist())]
    model = Linear(base + float(found[0]), blocks, coefficients, np.zeros(len(blocks)))
    means = np.average(model.parts(table), axis=0, weights=weight)
    return Linear(model.intercept, blocks, coefficients, means)
