"""What a general model is made of: the features of every model, and those that the data bear out.

A feature beyond the first few is taken in only when it shows a difference in the training data:
noise costs a model on new goods more than it seems.  The test counts declarations, not items, as
the items of one declaration share its fate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from tidewaiter.adapters.scorers.linear import Block, curve_scale
from tidewaiter.adapters.scorers.table import Floats, Ints, Table
from tidewaiter.core.features.registry import Kind, Registry

__all__ = ["CODES", "TREE_CODES", "TREE_NUMBERS", "Recipe", "candidates", "informative", "recipe"]

#: Codes of every model, with the scale of their block in the smooth part.
_BLOCKS: Final = (
    (None, True, 1.0), ("hs2", False, 0.5), ("hs4", False, 0.8), ("hs6", False, 0.5), ("origin", False, 0.5),
    ("departure_country", False, 0.5), ("duty_rate", False, 0.3),
    ("departure_differs_from_origin", False, 0.5), ("net_mass_is_round", False, 0.4), ("hs2", True, 0.4),
    ("hs4", True, 0.4), ("origin", True, 0.48),
    ("departure_country", True, 0.3), ("duty_regime_code", True, 0.3), ("duty_rate", True, 0.3),
    ("departure_differs_from_origin", True, 0.4),
)  # fmt: skip
CODES: Final = tuple(dict.fromkeys(code for code, _, _ in _BLOCKS if code is not None))

#: The curve over mass, fine for all goods and coarse for those of one code, in kg.
_FINE_KG: Final = (0.04, 1.0, 4.5, 20.0, 90.0, 400.0, 1_800.0, 8_000.0, 60_000.0)
_COARSE_KG: Final = (0.13, 7.4, 150.0, 3_000.0, 60_000.0)

TREE_CODES: Final = ("hs2", "hs4", "origin", "departure_country", "duty_regime_code")
TREE_NUMBERS: Final = (
    "net_mass", "unit_value", "duty_rate", "customs_value_magnitude", "departure_differs_from_origin",
)  # fmt: skip

#: Scale of the blocks of features that were found informative.
_FOUND_SCALE: Final = 0.4
#: Probability with which a feature without any information would be kept.
_CHANCE: Final = 1e-2


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What a general model is made of."""

    blocks: tuple[Block, ...]
    #: Columns of the trees; ``=`` marks a code.
    columns: tuple[str, ...]


def candidates(registry: Registry) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the codes and the numbers that are kept where they are informative.

    Identifiers are for memory; results, and counts of the same goods, too: on goods that are
    new they say nothing, so a model that must judge new goods shall not lean on them.
    """
    codes, numbers = [], []
    for feature in registry:
        name, family, kind = feature.name, feature.family, feature.kind
        if name in CODES or name in TREE_CODES or name in TREE_NUMBERS or name in _NEVER:
            continue
        if kind is Kind.CODE and (name in _CODES_IF_INFORMATIVE or family in {"value", "weight"}):
            codes.append(name)
        elif kind in {Kind.RATIO, Kind.COUNT, Kind.FLAG, Kind.AMOUNT}:
            past = family == "history"
            if not past or (not name.startswith("goods_") and name.endswith(_PAST_ENDS)):
                numbers.append(name)
    return tuple(codes), tuple(numbers)


_NEVER: Final = frozenset({"item_number", "version", "invoice_amount", "invoice_price"})
_PAST_ENDS: Final = (
    "_declared_7",
    "_declared_30",
    "_declared_90",
    "_declared_365",
    "_days_since_first",
    "_today",
)
_CODES_IF_INFORMATIVE: Final = frozenset({
    "office", "flow", "type_code", "procedure_code", "transaction_nature_code", "goods_use_code",
    "payment_method_code", "delivery_terms_code", "invoice_currency", "transport_mode",
    "transport_means_nationality", "loading_place", "exporter_country", "seller_country", "origin_proof_code",
    "supplementary_unit", "package_code", "valuation_method_code", "item_procedure_code", "duty_regime_code",
})  # fmt: skip


def recipe(table: Table, label: Floats, codes: Mapping[str, int], numbers: Sequence[str]) -> Recipe:
    """Return what to make the model of, given the goods to learn from.

    *codes* are all codes with the size of their vocabulary; *numbers* those to be tried.
    """
    tried = [name for name in codes if name not in CODES and name not in TREE_CODES]
    spread = _design_effect(label, table.owner)
    kept_codes = [name for name in tried if informative(table[f"={name}"], label, spread, code=True)]
    told = [name for name in numbers if informative(table[name], label, spread, code=False)]
    kept_numbers = _different(table, told)
    blocks = [
        Block(
            code=code,
            codes=1 if code is None else codes[code],
            number="net_mass" if curve else None,
            knots=_on_scale(_FINE_KG if code is None else _COARSE_KG) if curve else (),
            scale=scale,
        )
        for code, curve, scale in _BLOCKS
    ]
    blocks += [Block(code=name, codes=codes[name], scale=_FOUND_SCALE) for name in kept_codes]
    for name in kept_numbers:
        knots = _quantile_knots(table[name])
        if len(knots) > 1:
            blocks.append(Block(number=name, knots=knots, scale=_FOUND_SCALE))
    columns = (
        *(f"={name}" for name in (*TREE_CODES, *kept_codes)),
        *dict.fromkeys((*TREE_NUMBERS, *kept_numbers)),
    )
    return Recipe(blocks=tuple(block for block in blocks if block.codes), columns=columns)


def _different(table: Table, numbers: Sequence[str]) -> list[str]:
    """Return *numbers* without those that order the goods as another one does."""
    kept: list[str] = []
    seen = {_deciles(table[name]).tobytes() for name in TREE_NUMBERS}
    for name in numbers:
        order = _deciles(table[name]).tobytes()
        if order not in seen:
            seen.add(order)
            kept.append(name)
    return kept


def informative(column: Floats, label: Floats, spread: float = 1.0, *, code: bool) -> bool:
    """Tell whether the share of irregular goods differs between the values of *column* (chi-square test).

    Numbers are cut at their deciles; missing is a value of its own; rare codes are put together.
    *spread* is the design effect: by how much more shares vary than those of independent items.
    """
    from scipy.stats import chi2

    group = np.nan_to_num(column, nan=-1.0).astype(np.int64) if code else _deciles(column)
    _, group = np.unique(group, return_inverse=True)
    count = np.bincount(group)
    group = np.where(count[group] < 30, len(count), group)
    _, group = np.unique(group, return_inverse=True)
    count = np.bincount(group)
    usual = float(label.mean())
    if len(count) < 2 or not 0.0 < usual < 1.0:
        return False
    found = np.bincount(group, label)
    statistic = ((found - count * usual) ** 2 / (count * usual * (1.0 - usual))).sum()
    return bool(chi2.sf(statistic / spread, len(count) - 1) < _CHANCE)


def _design_effect(label: Floats, owner: Ints) -> float:
    """Return by how much the labels of one declaration's items vary more than independent ones, from 1."""
    _, group = np.unique(owner, return_inverse=True)
    count = np.bincount(group)
    usual = float(label.mean())
    beyond = np.bincount(group, label) - count * usual
    return max(1.0, float((beyond * beyond).sum() / max(len(label) * usual * (1.0 - usual), 1e-12)))


def _deciles(column: Floats) -> Any:
    known = ~np.isnan(column)
    if not known.any():
        return np.zeros(len(column), dtype=np.int64)
    edges = np.unique(np.quantile(column[known], np.linspace(0.1, 0.9, 9)))
    return np.where(known, np.searchsorted(edges, column, side="left"), -1)


def _quantile_knots(column: Floats) -> tuple[float, ...]:
    known = column[~np.isnan(column)]
    spread = np.quantile(curve_scale(known), (0.01, 0.25, 0.5, 0.75, 0.99))
    return tuple(float(knot) for knot in np.unique(spread))


def _on_scale(knots: Sequence[float]) -> tuple[float, ...]:
    return tuple(float(knot) for knot in curve_scale(np.array(knots)))
