"""The fraud schemes: who follows which one, how often, and how deep.

Each scheme is a set of relations with a propensity.  Honest errors are a scheme of their own
(``error``), and honest low prices exist beside them, so that neither a low unit value nor an
irregular finding is by itself a sign of intent.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, Final

import numpy as np

from tidewaiter.demo.country import Country, Floats, Ints
from tidewaiter.demo.traders import POOL, TERMS, Flags, Relations, goods_near

__all__ = ["CORRIDOR_DEPARTURE", "SCHEMES", "Plot", "Scheme", "plant_schemes", "scheme_number"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """One way of cheating."""

    name: str
    #: Share of all irregular declarations (for ``corridor`` while it runs), 0 to 1.
    share: float
    #: Probability that a declaration of its relations is irregular, 0 to 1.
    propensity: float
    #: What is declared of the true value or mass: lowest and highest share, 0 to 1.
    style: tuple[float, float] = (1.0, 1.0)


#: All schemes; their positions are the numbers in the columns of the demo country.
SCHEMES: Final = (
    Scheme(name="error", share=0.14, propensity=0.0),
    Scheme(name="undervaluation", share=0.20, propensity=0.60, style=(0.35, 0.75)),
    Scheme(name="misclassification", share=0.145, propensity=0.60),
    Scheme(name="false_origin", share=0.11, propensity=0.65),
    Scheme(name="quantity", share=0.10, propensity=0.55, style=(0.40, 0.75)),
    Scheme(name="ring", share=0.11, propensity=0.70, style=(0.48, 0.54)),
    Scheme(name="phoenix", share=0.07, propensity=0.75, style=(0.35, 0.60)),
    Scheme(name="adaptive", share=0.05, propensity=0.65),
    Scheme(name="corridor", share=0.15, propensity=0.90),
)
#: Where the goods of the new corridor are loaded.
CORRIDOR_DEPARTURE: Final = "AE"
#: Brokers of a ring.
_RING_SIZE: Final = 3


def scheme_number(name: str) -> int:
    """Return the position of the scheme *name*; ValueError when there is none."""
    return [scheme.name for scheme in SCHEMES].index(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """What the schemes need to know beside the relations."""

    #: Brokers of each ring, (rings, 3).
    ring_brokers: Ints
    #: Brokers that watch the lanes of their declarations and adapt.
    adaptive_brokers: Ints
    #: Importers that come back under new identities: from this number on, to the next.
    phoenix_first: int
    phoenix_end: int
    #: Base probability of an honest error in a declaration.
    error_rate: float


def plant_schemes(
    country: Country, relations: Relations, seed: int, days: int, new_scheme_day: int, irregular_share: float,
    importers: int, brokers: int,
) -> tuple[Relations, Plot]:  # fmt: skip
    """Turn honest relations into schemes; return the relations, extended, and the plot.

    A scheme gets as much activity as makes its expected share of all declarations exact.
    """
    generator = np.random.default_rng((seed, 3))
    life = (relations.last_day - relations.first_day).clip(0) / days
    activity = float((relations.weight * life).sum())
    free = generator.permutation(
        np.flatnonzero((relations.flow == 0) & ~relations.aeo & ~relations.broad & (life > 0.3))
    )
    order = generator.permutation(brokers)
    rings = max(1, brokers // 60)
    plot = Plot(
        ring_brokers=order[: rings * _RING_SIZE].reshape(rings, _RING_SIZE),
        adaptive_brokers=order[rings * _RING_SIZE : rings * _RING_SIZE + max(2, brokers // 40)],
        phoenix_first=importers,
        phoenix_end=importers,
        # New traders err more often (see shipments), which makes about a fifth of all errors.
        error_rate=irregular_share * SCHEMES[0].share / 1.25,
    )
    taken = 0
    for number, scheme in enumerate(SCHEMES[1:-1], start=1):
        target = activity * irregular_share * scheme.share / scheme.propensity
        count = int(np.clip(round(target / (activity / len(relations))), 4, len(free) // 8))
        rows = free[taken : taken + count]
        taken += count
        _plant(country, relations, generator, number, rows, plot)
        if scheme.name == "phoenix":
            relations.importer[rows] = importers + np.arange(count)
            relations.first_day[rows], relations.last_day[rows] = 0, days
            plot = replace(plot, phoenix_end=importers + count)
        lived = (relations.last_day[rows] - relations.first_day[rows]) / days
        noise = generator.lognormal(0, 0.5, count)
        relations.weight[rows] = noise * target / float((noise * lived).sum())
    span = (days - new_scheme_day) / days
    activity_target = activity * irregular_share * SCHEMES[-1].share * span / SCHEMES[-1].propensity
    templates = free[taken : taken + max(6, len(relations) // 60)]
    extended = _with_corridor(
        country, relations, generator, templates, new_scheme_day, days, plot.phoenix_end
    )
    rows = np.arange(len(relations), len(extended))
    lived = (days - extended.first_day[rows]) / days
    if len(rows) and lived.sum() > 0:
        extended.weight[rows] = activity_target / float(lived.sum())
    return extended, plot


def _columns(relations: Relations) -> dict[str, Any]:
    """Return the columns of *relations* by name."""
    return {column.name: getattr(relations, column.name) for column in fields(relations)}


def _plant(
    country: Country,
    relations: Relations,
    generator: np.random.Generator,
    number: int,
    rows: Ints,
    plot: Plot,
) -> None:
    """Make *rows* follow scheme *number*: goods on which it pays, its style, its brokers."""
    scheme = SCHEMES[number]
    count = len(rows)
    relations.scheme[rows] = number
    relations.propensity[rows] = scheme.propensity
    relations.style[rows] = generator.uniform(*scheme.style, count)
    relations.claim[rows] = False
    relations.discount[rows] = False
    relations.quality[rows] = generator.normal(0, 0.2, count)
    pays = country.rate >= 100
    if scheme.name == "misclassification":
        pays &= country.lower >= 0
    _restock(country, relations, generator, rows, pays)
    if scheme.name == "false_origin":
        true = np.array([country.partner(code) for code in ("CN", "CN", "IN", "BD", "PK", "TH")])
        claimed = np.array([country.partner(code) for code in ("TR", "IT", "PL", "ES", "EG", "MA")])
        relations.origin[rows] = true[generator.integers(0, len(true), count)]
        relations.claimed_origin[rows] = claimed[generator.integers(0, len(claimed), count)]
        through = np.where(
            generator.random(count) < 0.5, relations.origin[rows], relations.claimed_origin[rows]
        )
        relations.departure[rows] = through
    if scheme.name == "ring":
        relations.ring[rows] = generator.integers(0, len(plot.ring_brokers), count)
        relations.declarant[rows] = plot.ring_brokers[relations.ring[rows], 0]
        relations.terms[rows] = TERMS.index("EXW")
    if scheme.name == "adaptive":
        brokers = plot.adaptive_brokers
        relations.declarant[rows] = brokers[np.arange(count) % len(brokers)]


def _restock(
    country: Country, relations: Relations, generator: np.random.Generator, rows: Ints, pays: Flags
) -> None:
    """Give *rows* goods for which cheating pays, the more often the higher the duty."""
    chance: Floats = np.cumsum(country.rate * pays).astype(float)
    anchor = np.searchsorted(chance, generator.random(len(rows)) * chance[-1], side="right")
    offsets = generator.integers(-2, 3, (len(rows), POOL))
    pool = goods_near(country, np.repeat(anchor[:, None], POOL, axis=1), offsets)
    pool = np.where(pays[pool], pool, anchor[:, None])
    pool[:, 0] = anchor
    relations.pool[rows] = pool
    relations.sector[rows] = country.sector[anchor]


def _with_corridor(
    country: Country, relations: Relations, generator: np.random.Generator, templates: Ints, start: int,
    days: int, next_importer: int,
) -> Relations:  # fmt: skip
    """Return the relations with those of the new corridor behind them.

    Finished footwear declared as its parts, loaded at one place, sold by a handful of sellers
    nobody has seen before, by sea and by air; half of the importers are new too.
    """
    count = len(templates)
    added = {name: column[templates].copy() for name, column in _columns(relations).items()}
    # One heading is finished, the other its parts: lower[] leads from the first to the second.
    finished = np.array([p for p, line in enumerate(country.tariff) if line.code[:4] == "6403"])
    added["pool"] = finished[generator.integers(0, len(finished), (count, POOL))]
    added["sector"] = country.sector[added["pool"][:, 0]]
    added["scheme"] = np.full(count, len(SCHEMES) - 1)
    added["propensity"] = np.full(count, SCHEMES[-1].propensity)
    added["style"] = generator.uniform(*SCHEMES[-1].style, count)
    added["quality"] = generator.normal(0, 0.15, count)
    added["claim"] = added["discount"] = np.zeros(count, dtype=bool)
    added["seller"] = int(relations.seller.max()) + 1 + generator.integers(0, max(3, count // 4), count)
    added["importer"] = np.where(
        np.arange(count) % 2 == 0, next_importer + np.arange(count), added["importer"]
    )
    added["origin"] = np.full(count, country.partner("CN"))
    added["departure"] = np.full(count, country.partner(CORRIDOR_DEPARTURE))
    added["office"] = np.arange(count) // 2 % 2
    # It begins with a few and spreads within two months.
    spread = min(60, max(1, (days - start) // 3))
    joined = start + np.sort(generator.integers(0, spread, count))
    joined[: max(2, count // 4)] = start
    added["first_day"], added["last_day"] = joined, np.full(count, days)
    columns = _columns(relations)
    return Relations(**{name: np.concatenate([columns[name], added[name]]) for name in columns})
