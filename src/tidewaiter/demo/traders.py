"""The traders: importers, brokers and sellers, joined by relations.

A relation is one line of business: an importer buys a few kinds of goods from a seller, through
a broker, by one route, again and again.  Declarations are drawn from relations, so history
repeats itself as it does in real customs, and a scheme is a property of relations.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tidewaiter.demo.country import OFFICES, PARTNERS, Country, Floats, Ints

__all__ = [
    "FLOWS", "POOL", "TERMS", "Flags", "Relations", "build_relations", "goods_near", "item_counts",
    "mean_items",
]  # fmt: skip

Flags = NDArray[np.bool_]

#: Goods of one relation, at most.
POOL: Final = 8
#: Directions of trade, by position.
FLOWS: Final = ("import", "export", "transit")
#: Delivery terms (Incoterms 2020).
TERMS: Final = ("CIF", "FOB", "EXW", "FCA", "DAP", "CFR")
#: Items of an ordinary declaration (1 to 12), and the logarithm of those of a groupage or retailer's.
_ORDINARY: Final = np.cumsum([0.48, 0.22, 0.12, 0.07, 0.04, 0.02, 0.015, 0.01, 0.01, 0.005, 0.005, 0.005])
_BROAD: Final = (2.45, 1.0)
_BROAD_SHARE: Final = 0.055
#: Mean number of items of an ordinary and of a broad declaration.
_ORDINARY_MEAN: Final = 2.32
_BROAD_MEAN: Final = 17.9


@dataclass(slots=True, kw_only=True)
class Relations:
    """All relations as columns; a row is one relation.  Built once, then not changed."""

    importer: Ints
    declarant: Ints
    seller: Ints
    carrier: Ints
    office: Ints
    origin: Ints
    departure: Ints
    flow: Ints
    sector: Ints
    #: Goods, (relations, POOL); the first ``pool_size`` are used.
    pool: Ints
    pool_size: Ints
    #: Takes goods of its whole sector, up to 500 items.
    broad: Flags
    #: A preference is claimed where the origin has one.
    claim: Flags
    aeo: Flags
    #: Sells stock lots and seconds: honest low prices.
    discount: Flags
    #: Logarithm of this relation's price level.
    quality: Floats
    terms: Ints
    #: Activity, relative; active on days ``first_day`` <= day < ``last_day``.
    weight: Floats
    first_day: Ints
    last_day: Ints
    #: Position in ``schemes.SCHEMES``, or -1: honest.
    scheme: Ints
    #: Probability that a declaration of this relation follows its scheme, 0 to 1.
    propensity: Floats
    #: What the scheme does: the share of value or mass that is declared, 0 to 1.
    style: Floats
    #: The origin that is claimed falsely.
    claimed_origin: Ints
    #: Group of brokers among which a ring spreads its declarations, or -1.
    ring: Ints

    def __len__(self) -> int:
        """Return the number of relations."""
        return len(self.importer)


def item_counts(broad: Flags, draw: Floats, normal: Floats) -> Ints:
    """Return the number of items of declarations, 1 to 500, from a uniform and a normal draw each."""
    ordinary = np.searchsorted(_ORDINARY[:-1], draw, side="right") + 1
    many = np.clip(np.exp(_BROAD[0] + _BROAD[1] * normal), 1, 500).astype(np.int64)
    return np.where(broad, many, ordinary)


def mean_items(relations: Relations, days: int) -> float:
    """Return the expected number of items of a declaration over *days*."""
    life = (relations.last_day - relations.first_day).clip(0) / days
    activity = relations.weight * life
    broad = float(activity[relations.broad].sum() / activity.sum())
    return broad * _BROAD_MEAN + (1 - broad) * _ORDINARY_MEAN


def goods_near(country: Country, anchor: Ints, offsets: Ints) -> Ints:
    """Return goods at *offsets* from *anchor* in the same sector (the tariff order is the nearness)."""
    place = np.empty(len(country.tariff), dtype=np.int64)
    place[country.sector_goods] = np.arange(len(country.tariff))
    sector = country.sector[anchor]
    low, high = country.sector_start[sector], country.sector_start[sector + 1] - 1
    found: Ints = country.sector_goods[np.clip(place[anchor] + offsets, low, high)]
    return found


def build_relations(country: Country, seed: int, declarations: int, days: int) -> tuple[Relations, int, int]:
    """Return honest relations for about *declarations* in *days*, the number of importers and of brokers."""
    generator = np.random.default_rng((seed, 2))
    rows = int(np.clip(declarations // 15, 300, 80_000))
    importers = rows // 2
    brokers = int(8 * declarations**0.25)
    importer = np.concatenate([np.arange(importers), generator.integers(0, importers, rows - importers)])
    sector = _pick(generator, np.bincount(country.sector).astype(float), importers)[importer]
    # Four fifths of a trader's declarations go through one broker; brokers differ in size.
    popular = generator.lognormal(0, 1, brokers)
    declarant = _pick(generator, popular, importers)[importer]
    stray = generator.random(rows) < 0.2
    declarant[stray] = _pick(generator, popular, int(stray.sum()))
    origin = _pick(generator, np.array([partner.weight for partner in PARTNERS]), rows)
    broad = generator.random(rows) < _BROAD_SHARE
    anchor, pool, size = _pools(country, generator, sector, broad)
    flow = _pick(generator, np.array([0.85, 0.10, 0.05]), rows)
    claim = (generator.random(rows) < 0.85) & (flow == 0)
    weight = generator.lognormal(0, 1.1, rows)
    aeo = (generator.random(importers) < 0.04)[importer]
    started = np.where(generator.random(importers) < 0.25, generator.integers(0, days, importers), 0)[
        importer
    ]
    late = np.where(generator.random(rows) < 0.15, generator.integers(0, days, rows), 0)
    relations = Relations(
        importer=importer,
        declarant=declarant,
        seller=_sellers(generator, sector, origin),
        carrier=generator.integers(0, 12, rows),
        office=_offices(country, generator, origin, anchor),
        origin=origin,
        departure=_departures(country, generator, origin, claim),
        flow=flow,
        sector=sector,
        pool=pool,
        pool_size=size,
        broad=broad,
        claim=claim,
        aeo=aeo,
        discount=(generator.random(rows) < 0.04) & ~aeo,
        quality=generator.normal(0, 0.18, importers)[importer] + generator.normal(0, 0.12, rows),
        terms=_pick(generator, np.array([0.35, 0.3, 0.1, 0.12, 0.05, 0.08]), rows),
        weight=weight * np.where(aeo, 3.0, 1.0),
        first_day=np.maximum(started, late),
        last_day=np.where(generator.random(rows) < 0.12, generator.integers(1, days + 1, rows), days),
        scheme=np.full(rows, -1),
        propensity=np.zeros(rows),
        style=np.ones(rows),
        claimed_origin=origin.copy(),
        ring=np.full(rows, -1),
    )
    relations.discount[relations.discount] &= country.rate[anchor[relations.discount]] > 0
    relations.quality[relations.discount] += np.log(
        generator.uniform(0.35, 0.65, int(relations.discount.sum()))
    )
    return relations, importers, brokers


def _pick(generator: np.random.Generator, weights: Floats, size: int) -> Ints:
    """Return *size* positions drawn with *weights*."""
    cumulative = np.cumsum(weights)
    found: Ints = np.searchsorted(cumulative, generator.random(size) * cumulative[-1], side="right")
    return found


def _pools(
    country: Country, generator: np.random.Generator, sector: Ints, broad: Flags
) -> tuple[Ints, Ints, Ints]:
    """Return the anchor goods, the pool and its size, for each relation."""
    rows = len(sector)
    low, high = country.sector_start[sector], country.sector_start[sector + 1]
    place = low + (generator.random(rows) * (high - low)).astype(np.int64)
    anchor = country.sector_goods[place]
    reach = np.where(broad, 30, 2)[:, None]
    offsets = np.rint(generator.uniform(-1, 1, (rows, POOL)) * reach).astype(np.int64)
    offsets[:, 0] = 0
    pool = goods_near(country, np.repeat(anchor[:, None], POOL, axis=1), offsets)
    size = np.where(broad, POOL, np.minimum(generator.geometric(0.4, rows), POOL))
    return anchor, pool, size


def _sellers(generator: np.random.Generator, sector: Ints, origin: Ints) -> Ints:
    """Return a seller for each relation: of one sector and country; some have many buyers."""
    _, trade, rows = np.unique(sector * len(PARTNERS) + origin, return_inverse=True, return_counts=True)
    sellers = rows * 3 // 4 + 1
    first = np.concatenate([[0], np.cumsum(sellers)[:-1]])
    found: Ints = first[trade] + (generator.random(len(sector)) ** 1.5 * sellers[trade]).astype(np.int64)
    return found


def _offices(country: Country, generator: np.random.Generator, origin: Ints, anchor: Ints) -> Ints:
    """Return the office: neighbours come by land, dear goods by air, parcels by post, the rest by sea."""
    draw, other = generator.random(len(origin)), generator.random(len(origin))
    code = {office.code: position for position, office in enumerate(OFFICES)}
    neighbour = country.agreement[origin] == 2
    price = country.price[anchor, origin]
    by_air = np.where(price > 250, 0.7, 0.1)
    sea = np.where(other < 0.85, code["PORT"], code["DRYP"])
    chosen = np.where(draw < by_air, code["AIRP"], np.where(draw > 0.93, code["POST"], sea))
    by_land = np.where(other < 0.7, code["LAND"], code["RAIL"])
    return np.where(neighbour & (draw < 0.8), by_land, chosen)


def _departures(country: Country, generator: np.random.Generator, origin: Ints, claim: Flags) -> Ints:
    """Return the country of departure: the origin, or one time in six a hub.

    Who claims a preference ships directly, as the agreements demand; one in thirty does not.
    """
    hubs = np.array([country.partner(code) for code in ("SG", "AE", "NL", "HK", "TR")])
    via = hubs[generator.integers(0, len(hubs), len(origin))]
    preferential = claim & (country.agreement[origin] > 0)
    return np.where(generator.random(len(origin)) < np.where(preferential, 0.03, 0.17), via, origin)
